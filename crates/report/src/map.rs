//! The map: where the model matters on a machine, and whether held-out cells agree.
//!
//! A held-out cell is a workload that was chosen before the calibration and measured by the rule
//! for verdicts. Its prediction holds if
//!
//! - waiting: threads and tasks took equal time;
//! - cores full: the measured ratio is within 10 % of the predicted one;
//! - server full: the server was the limit, or the ratio is within 5 % of 1.
//!
//! In the knee there is no claim.

use std::ops::RangeInclusive;

use maud::{Markup, html};

use crate::analysis::{Analysis, Margins, Verdict, analyse};
use crate::data::Run;
use crate::document::{Block, Table};
use crate::format;
use crate::law::{CALIBRATION, Cell, ENGINES, Law, Prediction, Region};
use crate::metric;
use crate::stats;
use crate::svg::{self, percent, round};

/// The series of held-out cells.
pub const SERIES: &str = "map";

/// A held-out cell: its prediction and its measurement.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The scenario's name.
    pub name: String,
    /// The workload.
    pub cell: Cell,
    /// The prediction.
    pub prediction: Prediction,
    /// The measured time of each of [`ENGINES`], if it succeeded.
    pub times_s: [Option<f64>; 3],
    /// The measured ratio of `async-bare` to `threads-bare`.
    pub ratio: f64,
    /// The verdict on it.
    pub verdict: Verdict,
    /// Whether the prediction held; `None` in the knee, or if the measurement does not decide.
    pub held: Option<bool>,
}

impl Check {
    /// The result in words.
    pub fn words(&self) -> &'static str {
        match self.held {
            Some(true) => "held",
            Some(false) => "not held",
            None if self.prediction.region == Region::Knee => "no claim",
            None => "undecided",
        }
    }
}

/// Compares each held-out cell of a run with its prediction. Without a calibration there are none,
/// and a cell whose trials failed is left out.
pub fn checks(run: &Run) -> Vec<Check> {
    let Some(law) = Law::of(run) else {
        return Vec::new();
    };
    let check = |analysis: &Analysis| {
        let work = &analysis.scenario.workload;
        let is_cell = |series: &str| series == SERIES;
        (analysis.scenario.point.as_ref()).filter(|point| is_cell(&point.series))?;
        let cell = Cell {
            requests: work.requests,
            concurrency: work.concurrency,
            delay_s: work.delay_s?,
            cpu_s: work.cpu_s,
            cores: work.client_cores.unwrap_or(run.meta.cores),
        };
        let ratio = analysis.row(ENGINES[1])?.ratios.get(metric::WALL)?;
        let prediction = law.predict(&cell, work.server_here);
        Some(Check {
            name: analysis.scenario.name.clone(),
            times_s: ENGINES.map(|engine| analysis.row(engine)?.median(metric::WALL)),
            held: held(&prediction, ratio.median, ratio.verdict),
            ratio: ratio.median,
            verdict: ratio.verdict,
            cell,
            prediction,
        })
    };
    let analyses = analyse(run, Margins::default());
    analyses.iter().filter_map(check).collect()
}

/// By the rules at the top of this file.
fn held(prediction: &Prediction, ratio: f64, verdict: Verdict) -> Option<bool> {
    let within = |margin: f64, of: f64| (ratio / of).ln().abs() <= margin.ln_1p();
    match (prediction.region, verdict) {
        (Region::Knee, _) => None,
        (Region::Full, _) => Some(within(0.1, prediction.ratio())),
        (Region::Server, _) => Some(verdict == Verdict::Server || within(0.05, 1.0)),
        (Region::Waiting, Verdict::Equal) => Some(true),
        (Region::Waiting, Verdict::Less | Verdict::More) => Some(false),
        (Region::Waiting, _) if within(0.05, 1.0) => None,
        (Region::Waiting, _) => Some(false),
    }
}

/// How well the law predicted: "The region was right in 15 of 16 cells outside the knee".
fn sentence(checks: &[Check]) -> String {
    let outside = || (checks.iter()).filter(|one| one.prediction.region != Region::Knee);
    let decided: Vec<bool> = outside().filter_map(|one| one.held).collect();
    let right = decided.iter().filter(|held| **held).count();
    let open = match outside().count() - decided.len() {
        0 => String::new(),
        more => format!(" ({more} more undecided)"),
    };
    let off = |measured: f64, predicted: f64| (measured / predicted).ln().abs();
    let ratios = outside().map(|one| off(one.ratio, one.prediction.ratio()));
    let times = outside().flat_map(|one| {
        let models = one.times_s.iter().zip(&one.prediction.models);
        models.filter_map(|(time, model)| Some(off((*time)?, model.time_s)))
    });
    let median = |errors: Vec<f64>| {
        stats::summarise(&errors).map_or("–".to_owned(), |all| format::share(all.median.exp_m1()))
    };
    let [ratio, time] = [ratios.collect(), times.collect()].map(median);
    format!(
        "The region was right in {right} of {} cells outside the knee{open}; there the ratio was \
         off by a median of {ratio}, the time by {time}.",
        decided.len()
    )
}

/// How well the law predicted the held-out cells, in a sentence and a table.
pub fn table(run: &Run) -> Vec<Block> {
    let checks = checks(run);
    if checks.is_empty() {
        return Vec::new();
    }
    let heads = [
        "cell",
        "requests",
        "at a time",
        "delay",
        "computing",
        "region",
        "predicted",
        "measured",
        "predicted ratio",
        "measured ratio",
        "result",
    ];
    let rows = checks.iter().map(|check| {
        let measured = check.times_s[0].map_or("–".to_owned(), format::seconds);
        vec![
            check.name.clone(),
            format::count(check.cell.requests as f64),
            format::count(check.cell.concurrency as f64),
            format::delay(check.cell.delay_s),
            format::delay(check.cell.cpu_s),
            check.prediction.region.words().to_owned(),
            format::seconds(check.prediction.models[0].time_s),
            measured,
            format::ratio(check.prediction.ratio()),
            format::ratio(check.ratio),
            check.words().to_owned(),
        ]
    });
    vec![
        Block::Text(sentence(&checks)),
        Block::Text(format!(
            "Times are those of {}, ratios those of {} to it.",
            ENGINES[0], ENGINES[1]
        )),
        Block::Table(Table {
            heads: heads.map(str::to_owned).to_vec(),
            words: &[0, 5, 10],
            rows: rows.collect(),
        }),
    ]
}

/// The computing of each panel.
const PANELS: [f64; 3] = [0.0, 100e-6, 1e-3];

/// Heights in pixels: the plot's top, a decade of delay, and the band without delay.
const TOP: f64 = 88.0;
const DECADE: f64 = 80.0;
const BAND: f64 = 40.0;
const BOTTOM: f64 = TOP + 3.0 * DECADE + 4.0 + BAND;

/// The left end of a panel and its width, as percentages of the picture's.
fn left(panel: usize) -> f64 {
    11.0 + 30.0 * panel as f64
}
const BROAD: f64 = 28.5;

/// The number of waves for which borders are drawn.
const WAVES: usize = 10;

/// The regions at one concurrency.
struct Column {
    /// From 0 at concurrency 1 to 1 at 10,000.
    x: f64,
    /// In decades of the delay from 1 ms: below the first the cores are full, from the second on
    /// they wait.
    borders: [f64; 2],
    /// The region below the borders.
    below: Region,
    /// The region without a delay.
    still: Region,
}

fn columns(law: &Law, cpu_s: f64, cores: usize) -> Vec<Column> {
    let mut at: Vec<usize> = (0..=80)
        .map(|nth| 10f64.powf(f64::from(nth) / 20.0).round() as usize)
        .collect();
    at.dedup();
    let column = |concurrency: usize| {
        let region = |delay_s| {
            let requests = WAVES * concurrency;
            let cell = Cell {
                requests,
                concurrency,
                delay_s,
                cpu_s,
                cores,
            };
            law.predict(&cell, true).region
        };
        let delayed = |decades: f64| region(1e-3 * 10f64.powf(decades));
        let is_below = |region| matches!(region, Region::Full | Region::Server);
        Column {
            x: (concurrency as f64).log10() / 4.0,
            borders: [
                border(0.0..=3.0, |decades| !is_below(delayed(decades))),
                border(0.0..=3.0, |decades| delayed(decades) == Region::Waiting),
            ],
            below: match delayed(0.0) {
                Region::Server => Region::Server,
                _ => Region::Full,
            },
            still: region(0.0),
        }
    };
    at.into_iter().map(column).collect()
}

/// Where a condition begins to hold that holds from some number on.
fn border(range: RangeInclusive<f64>, holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = range.into_inner();
    if holds(low) {
        return low;
    }
    for _ in 0..20 {
        let middle = (low + high) / 2.0;
        *(if holds(middle) { &mut high } else { &mut low }) = middle;
    }
    high
}

/// The map as a picture; `None` if the run has no calibration.
pub fn figure(run: &Run) -> Option<Block> {
    let law = Law::of(run)?;
    let checks = checks(run);
    let is_part = |name: &str| name.starts_with(CALIBRATION);
    let pinned = (run.scenarios.iter())
        .filter(|one| is_part(&one.name))
        .find_map(|one| one.workload.client_cores);
    let cores = pinned.unwrap_or(run.meta.cores);
    let mut shapes = vec![html! {
        text.head x="0" y="18" { "Where threads or tasks matter" }
        @for (x, held, name) in [
            (1.0, Some(true), "prediction held"),
            (30.0, Some(false), "did not hold"),
            (56.0, None, "no claim, or undecided"),
        ] {
            (mark(x, 36.0, held, name))
            text x=(percent(x)) dx="12" y="40" { (name) }
        }
        text.faint x="0" y=(TOP - 12.0) { "delay" }
        @for (decades, label) in [(3.0, "1 s"), (2.0, "100 ms"), (1.0, "10 ms"), (0.0, "1 ms")] {
            text.faint x="0" y=(height(decades) + 4.0) { (label) }
        }
        text.faint x="0" y=(BOTTOM - BAND / 2.0 + 4.0) { "0" }
        text.faint.middle x="55%" y=(BOTTOM + 36.0) { "requests at a time" }
        text.faint x="0" y=(BOTTOM + 56.0) { (shared(cores, run.meta.cores)) }
    }];
    for (nth, cpu_s) in PANELS.into_iter().enumerate() {
        let columns = columns(&law, cpu_s, cores);
        let inside = checks
            .iter()
            .filter(|one| (one.cell.cpu_s - cpu_s).abs() < 1e-9);
        shapes.push(panel(left(nth), cpu_s, &columns));
        shapes.extend(inside.map(|check| {
            let cell = &check.cell;
            let x = (cell.concurrency as f64).log10().clamp(0.0, 4.0) / 4.0;
            let y = match cell.delay_s {
                0.0 => BOTTOM - BAND + 12.0,
                delay_s => height((delay_s / 1e-3).log10().clamp(0.0, 3.0)),
            };
            let title = format!("{}: {}", check.name, check.words());
            mark(left(nth) + x * BROAD, y, check.held, &title)
        }));
    }
    let told = match checks.is_empty() {
        true => String::new(),
        false => format!(" {}", sentence(&checks)),
    };
    let alt = format!(
        "Map of concurrency by server delay, without computing, with 0.1 ms and with 1 ms: with \
         a long delay the cores wait and threads and tasks take the same time; with a high \
         concurrency and a short delay the cores are full, and less work per request wins, or \
         the server is full.{told}"
    );
    Some(Block::Figure {
        svg: svg::sheet(BOTTOM + 64.0, &alt, &shapes),
        alt,
        file: "map.svg".to_owned(),
    })
}

fn height(decades: f64) -> f64 {
    round(TOP + (3.0 - decades) * DECADE)
}

fn shared(client: usize, machine: usize) -> String {
    let cores = |number| format!("{number} core{}", if number == 1 { "" } else { "s" });
    match machine.saturating_sub(client) {
        0 => format!("Client and server share {}.", cores(machine)),
        server => format!("The client has {}, the server {server}.", cores(client)),
    }
}

/// The regions of one panel, with their names and the labels of the axis.
fn panel(left: f64, cpu_s: f64, columns: &[Column]) -> Markup {
    let title = match cpu_s {
        0.0 => "no computing".to_owned(),
        _ => format!("{} computing", format::delay(cpu_s)),
    };
    let (x, width) = (percent(left), percent(BROAD));
    let at = |share: f64| percent(round(left + share * BROAD));
    let waits: Vec<_> = columns.iter().map(|one| (one.x, one.borders[1])).collect();
    // Where the knee is at a certain height.
    let knee = |one: &&Column| one.borders[0] <= 1.8 && one.borders[1] > 1.8;
    let knee: Vec<f64> = columns.iter().filter(knee).map(|one| one.x).collect();
    let knee = knee
        .first()
        .zip(knee.last())
        .map(|(from, to)| (from + to) / 2.0);
    html! {
        text.head x=(x) y=(TOP - 12.0) { (title) }
        // In the units of a decade, to be stretched.
        svg x=(x) y=(TOP) width=(width) height=(3.0 * DECADE) viewBox="0 0 400 300"
            preserveAspectRatio="none" {
            rect.waits width="400" height="300" {}
            path.knee d=(area(&waits)) {}
            @for (class, run) in runs(columns, |one| class(one.below)) {
                @let run: Vec<_> = run.iter().map(|one| (one.x, one.borders[0])).collect();
                path.(class) d=(area(&run)) {}
            }
        }
        svg x=(x) y=(BOTTOM - BAND) width=(width) height=(BAND) viewBox="0 0 400 40"
            preserveAspectRatio="none" {
            @for (class, run) in runs(columns, |one| class(one.still)) {
                @if let [first, .., last] = &run[..] {
                    rect.(class) x=(round(first.x * 400.0)) height="40"
                        width=(round((last.x - first.x) * 400.0)) {}
                }
            }
        }
        (name(Region::Waiting, "", &at(0.03), TOP + 18.0))
        @if let Some(middle) = knee {
            text.middle x=(at(middle)) y=(height(1.8) + 4.0) { "knee" }
        }
        @if let Some(last) = columns.last() {
            (name(last.below, "end", &at(0.97), TOP + 3.0 * DECADE - 24.0))
            @let word = last.still.words().split(": ").next();
            text.end x=(at(0.97)) y=(BOTTOM - 8.0) { (word.unwrap_or_default()) }
        }
        @for (share, label, anchor) in
            [(0.0, "1", "start"), (0.5, "100", "middle"), (1.0, "10,000", "end")] {
            text.faint x=(at(share)) y=(BOTTOM + 18.0) text-anchor=(anchor) { (label) }
        }
    }
}

fn class(region: Region) -> &'static str {
    match region {
        Region::Waiting => "waits",
        Region::Knee => "knee",
        Region::Full => "full",
        Region::Server => "server",
    }
}

/// The name of a region, in up to two lines.
fn name(region: Region, class: &str, x: &str, y: f64) -> Markup {
    let lines = region.words().split(": ").enumerate();
    html! {
        @for (nth, line) in lines {
            text.(class) x=(x) y=(y + 16.0 * nth as f64) { (line) }
        }
    }
}

/// Neighbours of the same class; each run ends with the first column of the next.
fn runs(
    columns: &[Column],
    class: impl Fn(&Column) -> &'static str,
) -> Vec<(&'static str, Vec<&Column>)> {
    let mut runs: Vec<(&str, Vec<&Column>)> = Vec::new();
    for column in columns {
        if let Some((_, run)) = runs.last_mut() {
            run.push(column);
        }
        if runs.last().is_none_or(|(last, _)| *last != class(column)) {
            runs.push((class(column), vec![column]));
        }
    }
    runs
}

/// A path around all below a curve.
fn area(curve: &[(f64, f64)]) -> String {
    let point = |(x, decades): &(f64, f64)| {
        format!("L{} {}", round(x * 400.0), round(300.0 - decades * 100.0))
    };
    let ends = [curve.first(), curve.last()].map(|end| end.map_or(0.0, |(x, _)| x * 400.0));
    let curve: String = curve.iter().map(point).collect();
    format!("M{} 300{curve}L{} 300Z", round(ends[0]), round(ends[1]))
}

/// A dot, a cross or a ring, with a title for a mouse.
fn mark(x: f64, y: f64, held: Option<bool>, title: &str) -> Markup {
    html! {
        svg.mark x=(percent(round(x))) y=(y) overflow="visible" {
            title { (title) }
            @match held {
                Some(true) => circle r="4.5" {},
                Some(false) => path.cross d="M-5-5 5 5M-5 5 5-5" {},
                None => circle.ring r="4" {},
            }
        }
    }
}
