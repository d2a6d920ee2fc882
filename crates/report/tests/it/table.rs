//! The conventions of the tables, on planted numbers.

use crate::common::{cell, group, memory};
use flagrace_report::table::{Table, build};
use flagrace_report::{Cell, Group, Quantity};

fn table(cells: Vec<Cell>) -> Table {
    build(&group("planted", "Planted", "delay, ms", cells))
}

fn ratios(table: &Table) -> Vec<Option<f64>> {
    table.entries().map(|(_, _, entry)| entry.ratio).collect()
}

#[test]
fn rows_follow_their_number() {
    let table = table(vec![
        cell("rayon-default", "50", 1.0, 0.01),
        cell("async", "disk", 1.0, 0.01),
        cell("async-multi", "memory", 1.0, 0.01),
        cell("rayon", "100", 1.0, 0.01),
        cell("seq", "5", 1.0, 0.01),
        cell("threads", "5", 1.0, 0.01),
    ]);
    let rows: Vec<&str> = table.rows.iter().map(|row| row.scenario.as_str()).collect();
    assert_eq!(rows, ["5", "50", "100", "disk", "memory"]);
}

#[test]
fn columns_have_a_fixed_order_and_then_follow_their_name() {
    let order = [
        "seq",
        "threads",
        "rayon",
        "async",
        "thread",
        "task",
        "another",
        "async-multi",
    ];
    let mut by_name = order;
    by_name.sort_unstable();
    let cells = by_name.map(|engine| cell(engine, "1", 1.0, 0.01));
    assert_eq!(table(cells.to_vec()).engines, order);
}

#[test]
fn rows_that_are_labels_keep_the_order_of_measuring() {
    let table = build(&memory());
    assert_eq!(table.quantity, Quantity::Memory);
    assert_eq!(table.engines, ["thread", "task"]);
    let rows: Vec<(&str, Option<f64>)> = (table.rows.iter())
        .map(|row| (row.scenario.as_str(), row.x))
        .collect();
    assert_eq!(
        rows,
        [
            ("100 threads or tasks", None),
            (
                "10000 threads or tasks, with a stack or a future of their own",
                None
            ),
            ("10 threads or tasks", None),
            ("1 thread or task", None),
        ]
    );
}

#[test]
fn ratios_are_to_the_baseline_and_below_one_is_faster() {
    let mut planted = group("planted", "Planted", "delay, ms", Vec::new());
    planted.cells = vec![
        cell("threads", "10", 0.025, 0.01),
        cell("seq", "10", 0.100, 0.01),
        cell("rayon", "10", 0.200, 0.01),
        cell("threads", "50", 0.025, 0.01),
    ];
    // Where the baseline was not measured there is no ratio to it.
    let to_seq = [Some(1.0), Some(0.25), Some(2.0), None];
    assert_eq!(ratios(&build(&planted)), to_seq);
    planted.baseline = Some("threads".to_owned());
    let to_threads = [Some(4.0), Some(1.0), Some(8.0), Some(1.0)];
    assert_eq!(ratios(&build(&planted)), to_threads);
}

#[test]
fn a_group_may_name_its_own_baseline() {
    let baseline = |name: Option<&str>, engines: &[&str]| {
        let cells = engines.iter().map(|engine| cell(engine, "1", 1.0, 0.01));
        let table = build(&Group {
            baseline: name.map(ToOwned::to_owned),
            ..group("planted", "Planted", "x", cells.collect())
        });
        table.baseline
    };
    let is = |name: &str| Some(name.to_owned());
    assert_eq!(baseline(Some("async"), &["seq", "async"]), is("async"));
    assert_eq!(baseline(Some("task"), &["thread", "task"]), is("task"));
    assert_eq!(baseline(None, &["threads", "seq"]), is("seq"));
    assert_eq!(baseline(None, &["async", "threads"]), is("threads"));
    // Named but not measured: as if none were named.
    assert_eq!(baseline(Some("task"), &["threads", "seq"]), is("seq"));
    assert_eq!(baseline(None, &[]), None);
}

#[test]
fn nothing_is_a_multiple_of_no_memory() {
    let of_bytes = |thread, task| {
        let cells = [("thread", thread), ("task", task)];
        let cells = cells.map(|(engine, bytes)| cell(engine, "1", bytes, 0.0));
        ratios(&build(&Group {
            quantity: Quantity::Memory,
            ..group("planted", "Planted", "x", cells.to_vec())
        }))
    };
    assert_eq!(of_bytes(0.0, 4096.0), [None, None]);
    assert_eq!(of_bytes(4096.0, 0.0), [Some(1.0), Some(0.0)]);
}
