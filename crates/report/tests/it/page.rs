//! The page of a run.

use flagrace_report::analysis::Margins;
use flagrace_report::data::{Outcome, Run, Timeline};
use flagrace_report::document::{Block, Table};
use flagrace_report::page::{html, page};
use rstest::rstest;

use crate::documents::{answering, plant};
use crate::timeline;

/// A name that would be markup if unescaped.
const HOSTILE: &str = "async<script>alert(1)</script>\"'&amp;--></style>";

pub fn run() -> Run {
    let mut run = answering();
    run.meta.cpu = "<b>CPU</b>".to_owned();
    plant(&mut run, HOSTILE, 0.0, &["threads-bare", HOSTILE]);
    run.trials.last_mut().unwrap().outcome = Outcome::Failed(HOSTILE.to_owned());
    for engine in ["async", "threads", "seq"] {
        run.timelines.push(Timeline {
            scenario: "bare".to_owned(),
            engine: engine.to_owned(),
            ..timeline::planted(20, 5)
        });
    }
    run
}

#[test]
fn the_answer_comes_first_then_pictures_then_all_tables_folded() {
    let page = page(&run(), Margins::default());
    let at = |text: &'static str| page.find(text).ok_or(text).unwrap();
    let order = [
        "<h1>",
        "p class=\"answer\"",
        "I fetch 200 URLs",
        "<table>",
        "Timeline of each request. seq: 20 files",
        "Memory by concurrency: threads-bare from 3.49 MiB to 255 MiB at 10,000",
        "<details class=\"all\">",
        "failed in 1 of 20 rounds: async&lt;script&gt;alert(1)&lt;/script&gt;",
    ];
    let places: Vec<usize> = order.into_iter().map(at).collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[rstest]
#[case("verdict", "faster")]
#[case("ratio", "faster 0.80x [0.79, 0.81]")]
fn a_table_has_the_verdict_beside_the_name(#[case] head: &str, #[case] cell: &str) {
    let row = ["async", "8 ms", cell].map(str::to_owned).into();
    let table = Table::new(&["engine", "time", head], &[0], vec![row]);
    let html = html(&[Block::Table(table)]).into_string();
    let order = ["engine", head, "time", "async", "faster", "8 ms"];
    let places: Vec<usize> = order.map(|text| html.find(text).unwrap()).into();
    assert!(places.is_sorted(), "{html}");
}
