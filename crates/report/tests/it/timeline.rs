//! Timelines as pictures.

use flagrace_report::data::{Span, Timeline};
use flagrace_report::timeline::figure;
use roxmltree::{Document, Node};
use rstest::rstest;

/// Flags that each wait 100 ms, receive 50 ms and save 50 ms, this many at a time.
pub fn planted(flags: usize, at_a_time: usize) -> Timeline {
    let span = |index: usize| {
        let start = (index / at_a_time) as f64 * 0.2;
        Span {
            label: format!("F{index}"),
            status: "ok".to_owned(),
            started_s: Some(start),
            first_byte_s: Some(start + 0.1),
            body_read_s: Some(start + 0.15),
            saved_s: Some(start + 0.2),
            finished_s: start + 0.2,
        }
    };
    Timeline {
        scenario: "planted".to_owned(),
        engine: "any".to_owned(),
        spans: (0..flags).map(span).collect(),
    }
}

fn number(node: Node<'_, '_>, name: &str) -> f64 {
    let text = node.attribute(name).unwrap();
    text.trim_end_matches('%').parse().unwrap()
}

fn all<'a>(svg: &'a Document<'_>, class: &str) -> Vec<Node<'a, 'a>> {
    let named = |node: &Node<'_, '_>| node.attribute("class") == Some(class);
    svg.descendants().filter(named).collect()
}

#[rstest]
#[case(1, &[0.0, 0.2, 0.4, 0.6])]
#[case(2, &[0.0, 0.0, 0.2, 0.2])]
#[case(4, &[0.0, 0.0, 0.0, 0.0])]
fn phases_match_the_axis(#[case] at_a_time: usize, #[case] starts: &[f64]) {
    let svg = figure(&[&planted(4, at_a_time)]);
    assert!(svg.contains(&format!(", {at_a_time} at a time")));
    let svg = Document::parse(&svg).unwrap();
    // The ticks are labelled with their time.
    let tick = |label: &str| {
        let is = |node: &Node<'_, '_>| node.text() == Some(label);
        number(svg.descendants().find(is).unwrap(), "x")
    };
    let (zero, later) = (tick("0 ms"), tick("200 ms"));
    let x = |time: f64| zero + time / 0.2 * (later - zero);
    for (phase, from, to) in [
        ("waiting", 0.0, 0.1),
        ("receiving", 0.1, 0.15),
        ("saving", 0.15, 0.2),
    ] {
        // The legend has the first one.
        let bars = &all(&svg, phase)[1..];
        assert_eq!(bars.len(), starts.len());
        for (bar, start) in bars.iter().zip(starts) {
            let (left, width) = (number(*bar, "x"), number(*bar, "width"));
            let off = [left - x(start + from), left + width - x(start + to)];
            assert!(off.iter().all(|off| off.abs() < 0.05), "{phase}: {off:?}");
        }
    }
}

#[test]
fn failures_are_marked_and_counted() {
    let mut timeline = planted(3, 1);
    "HTTP 418".clone_into(&mut timeline.spans[1].status);
    "cancelled".clone_into(&mut timeline.spans[2].status);
    timeline.spans[2].started_s = None;
    let svg = figure(&[&timeline]);
    let svg = Document::parse(&svg).unwrap();
    let told: Vec<&str> = all(&svg, "failed").iter().filter_map(Node::text).collect();
    assert_eq!(told, ["HTTP 418", "cancelled"]);
    let alt = svg.root_element().attribute("aria-label").unwrap();
    assert!(alt.contains("3 files") && alt.contains("2 failed"), "{alt}");
}

#[rstest]
#[case(0, 0)]
#[case(259, 259)]
#[case(1000, 1000)]
#[case(1001, 501)]
#[case(5000, 1000)]
fn a_picture_has_at_most_a_thousand_lanes(#[case] flags: usize, #[case] lanes: usize) {
    let svg = figure(&[&planted(flags, 20)]);
    assert_eq!(svg.matches("<g>").count(), lanes);
    assert_eq!(svg.contains("One file of every"), lanes < flags);
    let height = number(Document::parse(&svg).unwrap().root_element(), "height");
    assert!(height < 1200.0, "{height}");
}

/// Checks that a picture is XML, and that its bars stay on the sheet.
pub fn stays_on_the_sheet(svg: &str) {
    let svg = Document::parse(svg).unwrap();
    let height = number(svg.root_element(), "height");
    let lanes = svg.descendants().filter(|node| node.has_tag_name("g"));
    let shapes = lanes.flat_map(|lane| lane.children());
    for bar in shapes.filter(|node| node.has_tag_name("rect")) {
        let [x, y] = ["x", "y"].map(|name| number(bar, name));
        let [width, high] = ["width", "height"].map(|name| number(bar, name));
        assert!(x >= 0.0 && width >= 0.0 && x + width <= 100.0, "{bar:?}");
        assert!(y >= 0.0 && high > 0.0 && y + high <= height, "{bar:?}");
    }
}
