//! The conventions of the tables, on planted numbers.

use crate::common::{cell, group, memory};
use flagrace_report::table::{Table, build};
use flagrace_report::{Cell, Group, Quantity};

fn table(cells: Vec<Cell>) -> Table {
    build(&group("planted", "Planted", "delay, ms", cells))
}

#[test]
fn columns_have_a_fixed_order_and_rows_follow_their_number() {
    let table = table(vec![
        cell("rayon-default", "50", 1.0, 0.01),
        cell("async", "disk", 1.0, 0.01),
        cell("async-multi", "memory", 1.0, 0.01),
        cell("rayon", "100", 1.0, 0.01),
        cell("seq", "5", 1.0, 0.01),
        cell("threads", "5", 1.0, 0.01),
    ]);
    assert_eq!(
        table.engines,
        [
            "seq",
            "threads",
            "rayon",
            "async",
            "async-multi",
            "rayon-default"
        ]
    );
    let rows: Vec<&str> = table.rows.iter().map(|row| row.scenario.as_str()).collect();
    assert_eq!(rows, ["5", "50", "100", "disk", "memory"]);
}

#[test]
fn the_columns_of_other_groups_have_their_order_too() {
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
fn a_ratio_below_one_is_faster_than_seq() {
    let table = table(vec![
        cell("threads", "10", 0.025, 0.01),
        cell("seq", "10", 0.100, 0.01),
        cell("rayon", "10", 0.200, 0.01),
        cell("threads", "50", 0.025, 0.01),
    ]);
    assert_eq!(table.baseline.as_deref(), Some("seq"));
    let ratios: Vec<Option<f64>> = table.entries().map(|(_, _, entry)| entry.ratio).collect();
    assert_eq!(
        ratios,
        // Where the baseline was not measured there is no ratio to it.
        [Some(1.0), Some(0.25), Some(2.0), None]
    );
}

#[test]
fn without_seq_the_first_column_is_the_baseline() {
    let table = table(vec![
        cell("async", "1", 0.05, 0.01),
        cell("threads", "1", 0.1, 0.01),
    ]);
    assert_eq!(table.baseline.as_deref(), Some("threads"));
    let ratios: Vec<Option<f64>> = table.entries().map(|(_, _, entry)| entry.ratio).collect();
    assert_eq!(ratios, [Some(1.0), Some(0.5)]);
    assert_eq!(build(&group("empty", "", "", Vec::new())).baseline, None);
}

#[test]
fn a_group_may_name_its_own_baseline() {
    let baseline = |name: Option<&str>, engines: &[&str]| {
        let cells = engines.iter().map(|engine| cell(engine, "1", 1.0, 0.01));
        let table = build(&Group {
            baseline: name.map(ToOwned::to_owned),
            ..group("planted", "Planted", "x", cells.collect())
        });
        table.baseline.unwrap()
    };
    assert_eq!(baseline(Some("async"), &["seq", "async"]), "async");
    assert_eq!(baseline(Some("task"), &["thread", "task"]), "task");
    assert_eq!(baseline(None, &["thread", "task"]), "thread");
    // Named but not measured: as if none were named.
    assert_eq!(baseline(Some("task"), &["threads", "seq"]), "seq");
    assert_eq!(baseline(Some("task"), &["async", "threads"]), "threads");
}

#[test]
fn ratios_are_to_the_baseline_that_is_named() {
    let cells = vec![
        cell("seq", "1", 0.1, 0.01),
        cell("async", "1", 0.025, 0.01),
        cell("seq", "2", 0.1, 0.01),
    ];
    let table = build(&Group {
        baseline: Some("async".to_owned()),
        ..group("planted", "Planted", "x", cells)
    });
    let ratios: Vec<Option<f64>> = table.entries().map(|(_, _, entry)| entry.ratio).collect();
    assert_eq!(ratios, [Some(4.0), Some(1.0), None]);
}

#[test]
fn nothing_is_a_multiple_of_no_memory() {
    let of_bytes = |cells| {
        build(&Group {
            quantity: Quantity::Memory,
            ..group("planted", "Planted", "x", cells)
        })
    };
    let ratios = |cells| -> Vec<Option<f64>> {
        let table = of_bytes(cells);
        table.entries().map(|(_, _, one)| one.ratio).collect()
    };
    let [none, page] = [0.0, 4096.0].map(|bytes| move |engine| cell(engine, "1", bytes, 0.0));
    assert_eq!(ratios(vec![none("thread"), page("task")]), [None, None]);
    let of_a_page = ratios(vec![page("thread"), none("task")]);
    assert_eq!(of_a_page, [Some(1.0), Some(0.0)]);
}
