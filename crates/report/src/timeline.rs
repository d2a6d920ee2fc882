//! One download, request by request, as a picture.
//!
//! It is a pure function of a [`Timeline`]. Each flag is *queued* until the engine takes it up,
//! then *waiting* for the response head, *receiving* the body, and *saving* it. With metadata, the
//! second request is part of *receiving*. `seq` is a staircase, and flags in flight together are a
//! wall.
//!
//! # What it is not
//!
//! It is not a statistic: it shows one download, and the next may look different.

use maud::{Markup, html};

use crate::data::{Run, Scenario, Span, Timeline};
use crate::document::Figure;
use crate::format;
use crate::svg::{self, Axis, Scale, percent, round};

const PHASES: [&str; 3] = ["waiting", "receiving", "saving"];

/// The maximum height of all lanes in pixels, and so their maximum number: of more flags, some are
/// left out.
const HIGHEST: usize = 1000;

/// The minimum height of a lane with its flag's label, and the status of a failure.
const LABELLED: usize = 14;

/// A flag with its steps in order: each no earlier than the previous, none after the end.
struct Lane<'a> {
    span: &'a Span,
    /// When the engine took it up, if ever.
    started: Option<f64>,
    /// Each phase, from the end of the previous one. The last phase of a failed flag is the one in
    /// which it failed.
    phases: Vec<(&'static str, f64, f64)>,
    end: f64,
}

impl<'a> Lane<'a> {
    fn of(span: &'a Span) -> Self {
        let end = span.finished_s.max(0.0);
        let started = span.started_s.map(|started| started.clamp(0.0, end));
        let mut phases = Vec::new();
        if let Some(mut at) = started {
            let steps = [span.first_byte_s, span.body_read_s, span.saved_s];
            for (phase, done) in PHASES.into_iter().zip(steps) {
                let to = done.map_or(end, |done| done.clamp(at, end));
                phases.push((phase, at, to));
                if done.is_none() {
                    break;
                }
                at = to;
            }
        }
        Self {
            span,
            started,
            phases,
            end,
        }
    }

    fn is_ok(&self) -> bool {
        self.span.status == "ok"
    }
}

/// The flags in the order in which the engine took them up; flags never started are last.
fn lanes(timeline: &Timeline) -> Vec<Lane<'_>> {
    let mut lanes: Vec<Lane<'_>> = timeline.spans.iter().map(Lane::of).collect();
    lanes.sort_by(|a, b| a.end.total_cmp(&b.end));
    let started = |lane: &Lane<'_>| lane.started.unwrap_or(f64::INFINITY);
    lanes.sort_by(|a, b| started(a).total_cmp(&started(b)));
    lanes
}

/// The most flags in flight: each takes the place of one that has ended, or a new one.
fn most_in_flight(lanes: &[Lane<'_>]) -> usize {
    let mut ends: Vec<f64> = Vec::new();
    for (lane, started) in lanes.iter().filter_map(|lane| Some((lane, lane.started?))) {
        match ends.iter_mut().find(|end| **end <= started) {
            Some(end) => *end = lane.end,
            None => ends.push(lane.end),
        }
    }
    ends.len()
}

/// The timelines of `seq`, `threads` and `async` as a picture, from the first scenario with at
/// least two of them.
pub fn engines(run: &Run) -> Option<Figure> {
    let of = |scenario: &Scenario| -> Vec<&Timeline> {
        let find = |engine| {
            let is = |one: &&Timeline| one.scenario == scenario.name && one.engine == engine;
            run.timelines.iter().find(is)
        };
        let engines = ["seq", "threads", "async"];
        engines.into_iter().filter_map(find).collect()
    };
    let mut found = run.scenarios.iter().map(of);
    let timelines = found.find(|timelines| timelines.len() > 1)?;
    Some(Figure {
        svg: figure(&timelines),
        alt: alt(&timelines),
        file: "timeline.svg".to_owned(),
    })
}

/// Draws downloads below each other on one time axis: a lane per flag.
pub fn figure(timelines: &[&Timeline]) -> String {
    let panels: Vec<Vec<Lane<'_>>> = timelines.iter().map(|one| lanes(one)).collect();
    let lanes = || panels.iter().flatten();
    let every = lanes().count().div_ceil(HIGHEST).max(1);
    let tallest = if panels.len() > 1 { 8 } else { 18 };
    let height = (HIGHEST * every / lanes().count().max(1)).clamp(1, tallest);
    let end = lanes().map(|lane| lane.end).fold(0.0, f64::max);
    let axis = Axis {
        // An empty download also has an axis.
        scale: Scale::Linear(if end > 0.0 { end } else { 1e-3 }),
        from: if height < LABELLED { 1.0 } else { 10.0 },
        to: 97.0,
    };

    let mut entries = vec![("queued", "queued")];
    entries.extend(PHASES.map(|phase| (phase, phase)));
    if lanes().any(|lane| !lane.is_ok()) {
        entries.push(("failed", "failed"));
    }
    let (legend, used) = svg::legend(4, &entries);
    let top = used + 4.0;
    let mut bottom = top;
    let mut body = Vec::new();
    for (timeline, lanes) in timelines.iter().zip(&panels) {
        body.push(html! { text.head x="1%" y=(bottom + 22.0) { (heading(timeline)) } });
        bottom += 30.0;
        for lane in lanes.iter().step_by(every) {
            body.push(draw(lane, axis, bottom, height as f64));
            bottom += height as f64;
        }
        bottom += 8.0;
    }
    let (per_second, unit) = match end {
        end if end >= 1.0 => (1.0, "s"),
        end if end >= 1e-3 => (1e3, "ms"),
        _ => (1e6, "µs"),
    };
    let shapes = html! {
        (legend)
        (axis.columns(top, bottom, |seconds| format!("{} {unit}", round(seconds * per_second))))
        @for shape in body { (shape) }
        @if every > 1 {
            text.faint x="1%" y=(bottom + 38.0) {
                "One file of every " (every) " is drawn: there are too many."
            }
        }
    };
    let foot = if every > 1 { 48.0 } else { 28.0 };
    svg::sheet(bottom + foot, &alt(timelines), &[shapes])
}

fn draw(lane: &Lane<'_>, axis: Axis, top: f64, height: f64) -> Markup {
    let (high, middle) = (height - (height / 6.0).floor(), top + height / 2.0);
    let bar = |class: &str, from: f64, to: f64, y: f64, high: f64| {
        let (x, end) = (axis.at(from), axis.at(to));
        html! {
            rect class=(class) x=(percent(x)) width=(percent(round(end - x))) y=(y) height=(high) {}
        }
    };
    let thin = (height / 5.0).max(1.0);
    let end = percent(axis.at(lane.end));
    let labelled = height >= LABELLED as f64;
    html! {
        g {
            title { (words(lane)) }
            (bar("queued", 0.0, lane.started.unwrap_or(lane.end), middle - thin / 2.0, thin))
            @for (phase, from, to) in &lane.phases {
                @if to > from { (bar(phase, *from, *to, top, high)) }
            }
            @if !lane.is_ok() {
                circle.failed cx=(end) cy=(middle) r=((height / 4.0).clamp(2.0, 4.0)) {}
                @if labelled {
                    // Behind the lane, if there is room.
                    @let (anchor, dx) = if axis.at(lane.end) < 60.0 { ("start", 8) } else { ("end", -8) };
                    text.failed x=(end) dx=(dx) y=(middle + 4.0) text-anchor=(anchor) {
                        (lane.span.status)
                    }
                }
            }
            @if labelled {
                text.faint x="1%" y=(middle + 4.0) { (format!("{:.12}", lane.span.label)) }
            }
        }
    }
}

fn heading(timeline: &Timeline) -> String {
    let lanes = lanes(timeline);
    let end = lanes.iter().map(|lane| lane.end).fold(0.0, f64::max);
    let (engine, files, at_a_time) = (&timeline.engine, lanes.len(), most_in_flight(&lanes));
    let (s, time) = (if files == 1 { "" } else { "s" }, format::seconds(end));
    let failed = match lanes.iter().filter(|lane| !lane.is_ok()).count() {
        0 => String::new(),
        failed => format!(", {failed} failed"),
    };
    format!("{engine}: {files} file{s} in {time}, {at_a_time} at a time{failed}")
}

fn alt(timelines: &[&Timeline]) -> String {
    let headings: Vec<String> = timelines.iter().map(|timeline| heading(timeline)).collect();
    format!("Timeline of each request. {}.", headings.join("; "))
}

fn words(lane: &Lane<'_>) -> String {
    let mut words = format!("{}: {}", lane.span.label, lane.span.status);
    match lane.started {
        Some(started) => words += &format!("; queued {}", format::seconds(started)),
        None => words += "; never started",
    }
    for (phase, from, to) in &lane.phases {
        words += &format!(", {phase} {}", format::seconds(to - from));
    }
    words
}
