//! Timelines as pictures and as traces: byte for byte where it was looked at, and sound
//! whatever is drawn.
//!
//! Where a change is meant, see `golden.rs`.

use std::collections::BTreeMap;

use crate::golden::same_as_golden;
use flagrace_report::comparison::{Span, Timeline};
use flagrace_report::timeline::{Detail, Waterfall, trace, waterfall};
use proptest::prelude::*;
use serde_json::Value;

/// Flags of 50 ms, so many at a time.
fn planted(engine: &str, flags: usize, at_a_time: usize) -> Timeline {
    let span = |index: usize| {
        let start = (index / at_a_time) as f64 * 0.054 + (index % at_a_time) as f64 * 0.0001;
        Span {
            label: format!("F{index}"),
            status: "ok".to_owned(),
            started_s: Some(start),
            first_byte_s: Some(start + 0.050),
            body_read_s: Some(start + 0.0515),
            saved_s: Some(start + 0.0535),
            finished_s: start + 0.0536,
        }
    };
    Timeline {
        scenario: "planted".to_owned(),
        engine: engine.to_owned(),
        spans: (0..flags).map(span).collect(),
    }
}

/// One of each end.
fn with_failures() -> Timeline {
    let mut timeline = planted("threads", 8, 2);
    let end = |span: &mut Span, status: &str| {
        status.clone_into(&mut span.status);
        (span.body_read_s, span.saved_s) = (None, None);
    };
    end(&mut timeline.spans[1], "not found");
    end(&mut timeline.spans[2], "HTTP 418 I'm a teapot");
    end(&mut timeline.spans[4], "no <response> & no reason");
    timeline.spans[4].first_byte_s = None;
    end(&mut timeline.spans[6], "cancelled");
    end(&mut timeline.spans[7], "cancelled");
    (timeline.spans[7].started_s, timeline.spans[7].first_byte_s) = (None, None);
    timeline
}

/// As tasks do with metadata: a third flag begins before one of the first two has ended.
fn with_two_requests() -> Timeline {
    let mut timeline = planted("async", 6, 2);
    for span in &mut timeline.spans[..2] {
        span.body_read_s = Some(span.first_byte_s.unwrap() + 0.060);
        span.saved_s = Some(span.body_read_s.unwrap() + 0.001);
        span.finished_s = span.saved_s.unwrap() + 0.0001;
    }
    timeline
}

fn draw(timelines: &[&Timeline]) -> String {
    waterfall(&Waterfall {
        title: "Planted <flags> & more",
        two_requests: false,
        timelines,
    })
}

#[test]
fn each_form_is_as_it_was_when_last_looked_at() {
    let (seq, threads) = (planted("seq", 20, 1), planted("threads", 20, 5));
    let wall = planted("async", 20, 20);
    let engines = [&seq, &threads, &wall];
    same_as_golden("timeline/engines.svg", &draw(&engines));
    let failures = with_failures();
    same_as_golden("timeline/failures.svg", &draw(&[&failures]));
    let two = with_two_requests();
    let two_requests = waterfall(&Waterfall {
        title: "Two requests for each flag",
        two_requests: true,
        timelines: &[&two],
    });
    same_as_golden("timeline/two-requests.svg", &two_requests);
    let detail = Detail {
        url: "http://127.0.0.1:8000/flags/f0/f0.gif".to_owned(),
        bytes: 1234,
        cause: Some("planted".to_owned()),
    };
    same_as_golden(
        "timeline/failures.json",
        &trace(&failures, &[detail], false),
    );
    same_as_golden("timeline/two-requests.json", &trace(&two, &[], true));
}

/// The boxes of all paths: left, top, width and height.
fn boxes(svg: &str) -> Vec<[f64; 4]> {
    let paths = svg
        .lines()
        .filter(|line| line.starts_with("<path fill=\"#"));
    let numbers = paths.flat_map(|line| line.split(" d=\"").nth(1).unwrap().split('M').skip(1));
    numbers
        .map(|one| {
            let numbers = one.split([' ', 'h', 'v']);
            let numbers: Vec<f64> = numbers.take(4).map(|n| n.parse().unwrap()).collect();
            numbers.try_into().unwrap()
        })
        .collect()
}

#[test]
fn a_picture_is_never_higher_than_a_page_and_says_what_it_leaves_out() {
    let height = |svg: &str| -> f64 {
        let height = svg.split(" height=\"").nth(1).unwrap();
        height.split('"').next().unwrap().parse().unwrap()
    };
    let rows = |svg: &str| svg.matches("<g><title>").count();
    for (flags, drawn, told) in [
        (0, 0, None),
        (20, 20, None),
        (259, 259, None),
        (1040, 1040, None),
        (1041, 521, Some("here is every 2nd.")),
        (5000, 1000, Some("here is every 5th.")),
    ] {
        let svg = draw(&[&planted("async", flags, 20)]);
        assert_eq!(rows(&svg), drawn, "{flags}");
        assert!(height(&svg) <= 1240.0, "{flags}: {}", height(&svg));
        assert_eq!(
            svg.contains("There are too many"),
            told.is_some(),
            "{flags}"
        );
        assert!(svg.contains(told.unwrap_or_default()), "{flags}");
        assert!(svg.contains(&format!("async: {flags} flags")), "{flags}");
        // A label where it can be read, and none on top of another.
        assert_eq!(
            svg.contains(">F0</text>"),
            (1..60).contains(&flags),
            "{flags}"
        );
    }
}

#[test]
fn a_staircase_short_walls_and_a_wall() {
    /// Where the waiting begins, in each row from the top.
    fn starts(svg: &str) -> Vec<f64> {
        let rows = svg.split("<g><title>").skip(1);
        rows.map(|row| {
            let waiting = row.lines().find(|line| line.contains("#56b4e9")).unwrap();
            boxes(waiting)[0][0]
        })
        .collect()
    }
    let flags = |at_a_time| starts(&draw(&[&planted("any", 20, at_a_time)]));
    let staircase = flags(1);
    assert!(staircase.windows(2).all(|two| two[1] - two[0] > 40.0));
    let wall = flags(20);
    assert!(wall.iter().all(|start| start - wall[0] < 40.0), "{wall:?}");
    let waves = flags(5);
    let steps = waves.windows(2).filter(|two| two[1] - two[0] > 40.0);
    assert_eq!(steps.count(), 3);
}

prop_compose! {
    /// A flag whose steps make sense or not.
    fn any_span()(
        status in prop::sample::select(vec!["ok", "not found", "cancelled", "<failed>\u{1}"]),
        steps in prop::collection::vec(prop::option::weighted(0.8, 0.0f64..0.02), 4),
        finished_s in 0.0f64..0.025,
        label in "[A-Z&<>\"]{0,20}",
    ) -> Span {
        Span {
            label, status: status.to_owned(), finished_s,
            started_s: steps[0], first_byte_s: steps[1], body_read_s: steps[2], saved_s: steps[3],
        }
    }
}

fn any_timeline() -> impl Strategy<Value = Timeline> {
    prop::collection::vec(any_span(), 0..60).prop_map(|spans| Timeline {
        scenario: "any".to_owned(),
        engine: "any".to_owned(),
        spans,
    })
}

/// The complete events of each thread, in the order of the file.
fn complete(trace: &Value) -> BTreeMap<u64, Vec<(&str, u64, u64)>> {
    let mut threads: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for event in trace["traceEvents"].as_array().unwrap() {
        if event["ph"] == "X" {
            let from = event["ts"].as_u64().unwrap();
            let to = from + event["dur"].as_u64().unwrap();
            let of_thread = threads.entry(event["tid"].as_u64().unwrap()).or_default();
            of_thread.push((event["cat"].as_str().unwrap(), from, to));
        }
    }
    threads
}

proptest! {
    #[test]
    fn whatever_is_drawn_lies_on_the_sheet(timeline in any_timeline(), several in any::<bool>()) {
        let other = planted("other", 30, 3);
        let both = [&timeline, &other];
        let svg = draw(if several { &both } else { &both[..1] });
        prop_assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        let height: f64 = svg.split(['"']).nth(7).unwrap().parse().unwrap();
        for [x, y, width, tall] in boxes(&svg) {
            prop_assert!(x >= 0.0 && width >= 0.0 && x + width <= 937.0, "{x} {width}");
            prop_assert!(y >= 0.0 && tall >= 0.0 && y + tall <= height, "{y} {tall}");
        }
        // Words are no marks: what opens closes.
        prop_assert_eq!(svg.matches("<g>").count(), svg.matches("</g>").count());
        prop_assert!(!svg.contains("<failed>"));
        let controls = svg.chars().filter(|c| c.is_control() && *c != '\n').count();
        prop_assert_eq!(controls, 0);
    }

    #[test]
    fn each_flag_is_in_the_first_free_row_and_phases_lie_in_their_flag(timeline in any_timeline()) {
        let trace: Value = serde_json::from_str(&trace(&timeline, &[], false)).unwrap();
        let mut flags = 0;
        let process = &trace["traceEvents"][0]["pid"];
        let rows = complete(&trace);
        for (&thread, events) in &rows {
            // Perfetto would call it the main thread, which a row is not.
            prop_assert_ne!(process, &Value::from(thread));
            let (mut flag, mut phase) = ((0, 0), 0);
            for &(kind, from, to) in events {
                if kind == "flag" {
                    prop_assert!(from >= flag.1, "it begins at {from}, before {}", flag.1);
                    for (row, others) in rows.range(..thread) {
                        let busy = others.iter().any(|other| other.1 <= from && from <= other.2);
                        prop_assert!(busy, "row {row} is free at {from}");
                    }
                    (flag, phase) = ((from, to), from);
                    flags += 1;
                } else {
                    prop_assert!(from >= phase && from < to && to <= flag.1, "{from} {to} {flag:?}");
                    phase = to;
                }
            }
        }
        let events = trace["traceEvents"].as_array().unwrap();
        let late = events.iter().filter(|event| event["ph"] == "i").count();
        prop_assert_eq!(flags + late, timeline.spans.len());
        for name in ["queued", "under way"] {
            let counts = events.iter().filter(|event| event["ph"] == "C" && event["name"] == name);
            let counts: Vec<i64> =
                counts.map(|event| event["args"]["flags"].as_i64().unwrap()).collect();
            prop_assert!(counts.iter().all(|&count| count >= 0), "{name}: {counts:?}");
            prop_assert_eq!(counts.last(), Some(&0));
        }
    }
}
