//! The page of a run and its charts.

use flagrace_report::analysis::{Margins, analyse};
use flagrace_report::chart;
use flagrace_report::data::{Run, Scenario, Timeline};
use flagrace_report::document::{Block, Table};
use flagrace_report::metric;
use flagrace_report::page::{html, page};
use roxmltree::Document;
use rstest::rstest;

use crate::{planted, timeline};

const MIB: f64 = 1024.0 * 1024.0;

/// A name that would be markup if unescaped.
const HOSTILE: &str = "async<script>alert(1)</script>\"'&amp;--></style>";

/// Adds a scenario in which the second engine takes 0.8 times the time of the first.
fn add(run: &mut Run, name: &str, x: Option<f64>, engines: &[&str]) {
    let point = x.and_then(|x| planted::point("concurrency", "requests at a time", x));
    let mut scenario = Scenario {
        point,
        ..planted::scenario(name, engines)
    };
    scenario.workload.delay_s = Some(x.map_or(0.0, |_| 0.1));
    let baseline = engines[0].to_owned();
    planted::add(run, scenario, |_, engine, _| {
        let wall = if engine == baseline { 0.1 } else { 0.08 };
        Some(planted::with(wall, metric::MEMORY, x.unwrap_or(8.0) * MIB))
    });
}

fn run() -> Run {
    let mut run = planted::empty();
    run.meta.cpu = "<b>CPU</b>".to_owned();
    let engines = ["threads-bare", "async-bare", HOSTILE];
    add(&mut run, "bare", None, &engines);
    for x in [1.0, 10.0, 100.0] {
        add(
            &mut run,
            &format!("concurrency-{x}"),
            Some(x),
            &engines[..2],
        );
    }
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
    let at = |text| {
        page.find(text)
            .unwrap_or_else(|| panic!("no {text:?} in {page}"))
    };
    let order = [
        "<h1>",
        "p class=\"answer\"",
        "I fetch 200 URLs",
        "<table>",
        "Timeline of each request. seq: 20 files",
        "Memory by concurrency: threads-bare from 1.00 MiB to 100 MiB at 100",
        "<details class=\"all\">",
    ];
    let places: Vec<usize> = order.into_iter().map(at).collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn names_stay_text_and_nothing_is_loaded() {
    let page = page(&run(), Margins::default());
    assert!(page.contains("async&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(page.contains("&lt;b&gt;CPU&lt;/b&gt;"));
    for refused in ["<script", "<b>", " src=", "@import", "url("] {
        assert!(!page.contains(refused), "{refused}");
    }
    let count = |text| page.matches(text).count();
    assert_eq!(count("</style>"), count("<style>"));
}

#[rstest]
#[case("verdict", "faster")]
#[case("ratio", "faster 0.80x [0.79, 0.81]")]
fn a_table_has_the_verdict_beside_the_name(#[case] head: &str, #[case] cell: &str) {
    let table = Block::Table(Table {
        heads: ["engine", "time", head].map(str::to_owned).into(),
        words: &[0],
        rows: vec![["async", "8 ms", cell].map(str::to_owned).into()],
    });
    let html = html(&[table]).into_string();
    let order = ["engine", head, "time", "async", "faster", "8 ms"];
    let places: Vec<usize> = order.map(|text| html.find(text).unwrap()).into();
    assert!(places.is_sorted(), "{html}");
}

#[test]
fn a_chart_by_concurrency_needs_two_points() {
    let analyses = analyse(&run(), Margins::default());
    assert_eq!(chart::memory(&analyses[0..2]), None);
    let memory = chart::memory(&analyses[1..3]);
    assert!(matches!(memory, Some(Block::Figure { svg, .. }) if Document::parse(&svg).is_ok()));
}
