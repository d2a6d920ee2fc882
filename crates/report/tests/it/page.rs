//! The page of a run and its charts.

use flagrace_report::analysis::{Margins, analyse};
use flagrace_report::chart;
use flagrace_report::data::{Outcome, Point, Run, Sample, Scenario, Timeline};
use flagrace_report::document::{Block, Table};
use flagrace_report::metric;
use flagrace_report::page::{html, page};
use roxmltree::{Document, Node};
use rstest::rstest;

use crate::{planted, timeline};

const MIB: f64 = 1024.0 * 1024.0;

/// A name that would be markup if unescaped.
const HOSTILE: &str = "async<script>alert(1)</script>\"'&amp;--></style>";

/// Adds a scenario in which the second engine takes 0.8 times the time of the first.
fn add(run: &mut Run, name: &str, x: Option<f64>, engines: &[&str]) {
    let point = x.map(|x| Point {
        series: "concurrency".to_owned(),
        axis: "requests at a time".to_owned(),
        x,
    });
    let scenario = Scenario {
        point,
        ..planted::scenario(name, engines)
    };
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
        "aria-label=\"With no delay, async-bare took 0.80",
        "Timeline of each request. seq: 20 files",
        "By concurrency, async takes 0.80",
        "Memory by concurrency: threads-bare from 1.00 MiB to 100 MiB at 100",
        "<details class=\"all\">",
        "<table>",
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
#[case("verdict", "faster", "faster", "")]
#[case("ratio", "faster 0.80x [0.79, 0.81]", "faster 0.80x", "[0.79, 0.81]")]
fn a_table_has_the_verdict_beside_the_name(
    #[case] head: &str,
    #[case] cell: &str,
    #[case] text: &str,
    #[case] interval: &str,
) {
    let table = Block::Table(Table {
        heads: ["engine", "time", head].map(str::to_owned).into(),
        words: &[0],
        rows: vec![["async", "8 ms", cell].map(str::to_owned).into()],
    });
    let html = html(&[table]).into_string();
    let document = Document::parse(&html).unwrap();
    let elements = document.descendants().filter(Node::is_element);
    let texts: Vec<&str> = elements.filter_map(|node| node.text()).collect();
    let mut expected = vec!["engine", head, "time", "async", text, interval, "8 ms"];
    expected.retain(|text| !text.is_empty());
    assert_eq!(texts, expected);
}

fn svg(block: Option<Block>) -> String {
    match block {
        Some(Block::Figure { svg, .. }) => svg,
        other => panic!("{other:?}"),
    }
}

/// The positions, along one axis, of the matching shapes.
fn places(svg: &Document<'_>, attribute: &str, fits: impl Fn(Node<'_, '_>) -> bool) -> Vec<f64> {
    let shapes = svg.descendants().filter(|node| fits(*node));
    let text = shapes.filter_map(|node| node.attribute(attribute));
    text.filter_map(|text| text.trim_end_matches('%').parse().ok())
        .collect()
}

#[rstest]
#[case(chart::ratio, ["0.8x"; 3])]
#[case(chart::memory, ["1", "10", "100"])]
fn dots_match_the_axes(
    #[case] chart: fn(&[flagrace_report::analysis::Analysis]) -> Option<Block>,
    #[case] rows: [&str; 3],
) {
    let mut run = run();
    run.scenarios.retain(|scenario| scenario.name != "bare");
    let svg = svg(chart(&analyse(&run, Margins::default())));
    let svg = Document::parse(&svg).unwrap();
    let dots = |attribute| places(&svg, attribute, |node| node.has_tag_name("circle"));
    let labels = |text: &str, attribute| places(&svg, attribute, |node| node.text() == Some(text));
    let decades: Vec<f64> = dots("cx").windows(2).map(|two| two[1] - two[0]).collect();
    assert!((decades[0] - decades[1]).abs() < 0.1, "{decades:?}");
    for (nth, column) in ["1", "10", "100"].into_iter().enumerate() {
        assert!(labels(column, "x").contains(&dots("cx")[nth]), "{column}");
        let row = dots("cy")[nth] + 4.0;
        let near = |label: &f64| (label - row).abs() < 0.1;
        assert!(
            labels(rows[nth], "y").iter().any(near),
            "{} is not at {row}",
            rows[nth]
        );
    }
}

#[test]
fn the_noise_is_a_band_around_one() {
    let mut run = run();
    for trial in run.trials.iter_mut().filter(|trial| trial.control) {
        if let Outcome::Measured(Sample(numbers)) = &mut trial.outcome {
            let wall = numbers.get_mut(metric::WALL).unwrap();
            *wall *= if trial.round % 2 == 0 { 1.05 } else { 0.95 };
        }
    }
    let svg = svg(chart::ratio(&analyse(&run, Margins::default())));
    let svg = Document::parse(&svg).unwrap();
    let label = |text: &str| places(&svg, "y", |node| node.text() == Some(text))[0] - 4.0;
    let (one, lower) = (label("1x"), label("0.9x"));
    let band = |node: Node<'_, '_>| node.attribute("class") == Some("noise");
    // The legend has the first one.
    let (top, height) = (places(&svg, "y", band)[1], places(&svg, "height", band)[1]);
    let half = (lower - one) / 2.0;
    assert!((one - half - top).abs() < 0.1, "{one} {half} {top}");
    assert!((height - 2.0 * half).abs() < 0.1, "{half} {height}");
}

#[test]
fn charts_by_concurrency_need_two_points_and_threads_as_the_baseline() {
    let mut run = run();
    for x in [1000.0, 3000.0] {
        add(
            &mut run,
            &format!("concurrency-{x}"),
            Some(x),
            &["seq", "async-bare"],
        );
    }
    let analyses = analyse(&run, Margins::default());
    let ratio = |scenarios| chart::ratio(&analyses[scenarios]);
    assert!(ratio(1..4).is_some() && ratio(1..3).is_some());
    assert_eq!((ratio(0..2), ratio(4..6)), (None, None));
}
