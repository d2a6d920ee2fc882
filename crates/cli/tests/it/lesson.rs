//! `flagrace lesson`.

use crate::common::{row, run, shown};

/// The output of a lesson, in which no line of prose or table is wider than a terminal.
fn lesson(name: &str) -> String {
    let text = shown(&run(&format!("lesson {name}")));
    assert!(!text.contains(['\u{1b}', '\r']), "{text:?}");
    for line in text.lines().filter(|line| !line.starts_with(['+', '-'])) {
        assert!(line.chars().count() <= 80, "{line:?}");
    }
    text
}

#[test]
fn lost_saves_counts_the_saves_that_are_lost() {
    let text = lesson("lost-saves");
    let row = |name| -> Vec<u32> {
        let cells = row(&text, name).into_iter();
        cells.map(|cell| cell.parse().unwrap()).collect()
    };
    // ok, then, end, lost
    assert_eq!(row("awaited call, exit"), [59, 59, 59, 0], "{text}");
    assert_eq!(row("forgotten call, drop")[2..], [59, 1], "{text}");
    for name in ["forgotten call, exit", "forgotten task, drop"] {
        let row = row(name);
        assert_eq!((row[0], row[3]), (60, 60 - row[2]), "{text}");
    }
}

#[test]
fn callbacks_lists_the_flags_of_a_forgotten_callback() {
    let text = lesson("callbacks");
    for (name, cells) in [
        ("await", "20 20 17 3"),
        ("callbacks", "20 20 17 3"),
        ("callbacks, one forgotten", "20 17 17 0 BR JP VN"),
    ] {
        assert_eq!(row(&text, name).join(" "), cells, "{text}");
    }
}

#[test]
fn bare_shows_the_difference_and_its_cost() {
    let text = lesson("bare");
    for changed in ["-            self.read(", "+            self.read("] {
        assert!(text.lines().any(|line| line.starts_with(changed)), "{text}");
    }
    assert!(text.lines().count() < 90, "more than two screens: {text}");
    let names = "threads-bare async-bare thread-per-request task-per-request";
    for name in names.split(' ') {
        let cells = row(&text, name);
        let [requests, processor, _switches] = cells[..] else {
            panic!("{cells:?}");
        };
        let processor = processor.strip_suffix(" µs").unwrap();
        let positive = |cell: &str| cell.parse::<f64>().unwrap() > 0.0;
        assert!(positive(requests) && positive(processor), "{text}");
    }
}
