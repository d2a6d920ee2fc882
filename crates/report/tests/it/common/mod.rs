//! Runs with planted numbers, for the tests.

pub mod compare;

use flagrace_report::{Cell, Group, Meta, Quantity, Run};

/// The machine and the moment of every planted run.
pub fn meta() -> Meta {
    Meta {
        date: "2025-01-31T12:00:00Z".to_owned(),
        command: "cargo bench".to_owned(),
        quick: false,
        revision: "0123456789abcdef0123456789abcdef01234567".to_owned(),
        dirty: false,
        lock_hash: "fedcba9876543210".to_owned(),
        rustc: "rustc 1.88.0".to_owned(),
        version: "0.1.0".to_owned(),
        host: "Desk.example".to_owned(),
        os: "Debian GNU/Linux 13".to_owned(),
        kernel: "6.12.0".to_owned(),
        cpu: "Planted CPU @ 3 GHz".to_owned(),
        cores: 2,
        memory_kib: 8 * 1024 * 1024,
        server: "a process of its own, same machine, 127.0.0.1".to_owned(),
    }
}

/// Ten samples whose median is `median` and whose interval reaches `apart` of it
/// to either side. Sorted they step evenly; here they stand in another order.
pub fn samples(median: f64, apart: f64) -> Vec<f64> {
    // Ranks 2 and 9 lie 3.5 steps from the middle.
    let step = median * apart / 3.5;
    [4.5, -4.5, 0.5, 3.5, -1.5, 2.5, -3.5, 1.5, -2.5, -0.5]
        .map(|steps| median + steps * step)
        .to_vec()
}

/// A cell of ten samples; where the label is a number it is the x.
pub fn cell(engine: &str, scenario: &str, median: f64, apart: f64) -> Cell {
    Cell {
        engine: engine.to_owned(),
        scenario: scenario.to_owned(),
        x: scenario.parse().ok(),
        samples: samples(median, apart),
    }
}

/// A group of such cells.
pub fn group(name: &str, title: &str, axis: &str, cells: Vec<Cell>) -> Group {
    Group {
        name: name.to_owned(),
        title: title.to_owned(),
        scenario_axis: axis.to_owned(),
        quantity: Quantity::Time,
        baseline: None,
        flags: 20,
        note: String::new(),
        cells,
    }
}

/// A group of bytes whose scenarios are labels, measured in an order that no sorting
/// would give, and whose baseline is not the one that it would have by itself.
pub fn memory() -> Group {
    let unit = "10000 threads or tasks, with a stack or a future of their own";
    let mut one = [
        cell("task", "1 thread or task", 0.0, 0.0),
        cell("thread", "1 thread or task", 8192.0, 0.0),
    ];
    // A page in some samples, none in most: a median of 0 with an interval.
    one[0].samples[..2].fill(4096.0);
    let rest = [
        cell("task", "100 threads or tasks", 409.6, 0.02),
        cell("thread", "100 threads or tasks", 66_437.12, 0.02),
        cell("task", unit, 3_500_000.0, 0.02),
        cell("thread", unit, 3_530_000.0, 0.02),
        cell("thread", "10 threads or tasks", 10_240.0, 0.02),
    ];
    Group {
        flags: 0,
        quantity: Quantity::Memory,
        baseline: Some("task".to_owned()),
        note: "What the process takes for each of them.".to_owned(),
        ..group(
            "memory",
            "Memory of a thread and of a task",
            "how many",
            rest.into_iter().chain(one).collect(),
        )
    }
}

/// A whole run, with the groups that a recorded one must have.
pub fn run() -> Run {
    let latency = [
        ("async", [0.00105, 0.01142, 0.05163]),
        ("rayon", [0.00184, 0.01135, 0.05149]),
        ("seq", [0.00203, 0.21630, 1.01660]),
        ("threads", [0.00171, 0.01131, 0.05151]),
    ];
    let mut cells = Vec::new();
    for (engine, medians) in latency {
        for (delay, median) in ["50", "0", "10"]
            .iter()
            .zip([medians[2], medians[0], medians[1]])
        {
            cells.push(cell(engine, delay, median, 0.02));
        }
    }
    let latency = group(
        "latency",
        "Latency: 20 flags, 20 at a time",
        "server delay, ms",
        cells,
    );

    let concurrency = [
        ("async", [2.71, 0.553, 0.146, 0.0342, 0.0211]),
        ("rayon", [2.68, 0.549, 0.145, 0.0351, 0.0522]),
        ("rayon-default", [1.37, 1.37, 1.36, 1.38, 1.37]),
        ("threads", [2.68, 0.547, 0.146, 0.0344, 0.0291]),
    ];
    let mut cells = Vec::new();
    for (engine, medians) in concurrency {
        for (at_once, median) in ["1", "5", "20", "100", "1000"].iter().zip(medians) {
            cells.push(cell(engine, at_once, median, 0.015));
        }
    }
    let concurrency = Group {
        flags: 259,
        note: "The plan asks for at most as many downloads at once as there are flags.".to_owned(),
        ..group(
            "concurrency",
            "Concurrency: all flags, server delay 10 ms",
            "downloads at once",
            cells,
        )
    };

    let save = group(
        "save",
        "Saving: 20 flags, 20 at a time, no delay",
        "saved to",
        vec![
            cell("seq", "memory", 0.00203, 0.01),
            cell("async", "memory", 0.00105, 0.01),
            cell("seq", "disk", 0.00443, 0.05),
            cell("async", "disk", 0.00310, 0.05),
        ],
    );
    let single = |name: &str, title: &str, scale: f64| {
        group(
            name,
            title,
            "scenario",
            vec![
                cell("seq", name, 2.0 * scale, 0.01),
                cell("threads", name, 1.5 * scale, 0.01),
            ],
        )
    };
    let mut setup = single("setup", "Building each engine", 25e-6);
    setup.flags = 0;
    let spinner = single("spinner", "One thread against one task", 25e-6);
    let overhead = single("overhead", "The measuring itself", 0.001);
    let groups = vec![
        latency,
        concurrency,
        save,
        setup,
        spinner,
        memory(),
        overhead,
    ];
    Run::new(meta(), groups)
}
