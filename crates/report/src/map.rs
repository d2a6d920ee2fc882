//! The map: where the model matters on a machine, and whether held-out cells agree.
//!
//! A held-out cell is a workload that was chosen before the calibration. docs/METHODOLOGY.md says
//! when its prediction holds. A cell whose trials failed does not hold.

use maud::{Markup, PreEscaped, html};

use crate::analysis::{Analysis, FULL, Margins, Row, SERVER_FULL, Verdict, analyse};
use crate::data::Run;
use crate::document::{Block, Figure, Table};
use crate::law::{Cell, ENGINES, Law, Predicted, Prediction, Region};
use crate::svg::{self, percent, round};
use crate::{format, metric, stats};

/// The series of held-out cells.
pub const SERIES: &str = "map";

/// A held-out cell: its prediction and its measurement.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    pub cell: Cell,
    pub prediction: Prediction,
    /// The measured time, processor time and memory of each of [`ENGINES`], if it succeeded.
    pub measured: [[Option<f64>; 3]; 3],
    /// The measured ratio of tasks to `threads-bare`.
    pub ratio: Option<f64>,
    /// Whether the prediction held; `None` in the knee, or if the measurement does not decide.
    pub held: Option<bool>,
}

/// Compares each held-out cell of a run with its prediction. Without a calibration there are none.
pub fn checks(run: &Run) -> Vec<Check> {
    let Some(law) = Law::of(run) else {
        return Vec::new();
    };
    let check = |analysis: &Analysis| {
        let work = &analysis.scenario.workload;
        (analysis.scenario.point.as_ref()).filter(|point| point.series == SERIES)?;
        let delay_s = work.delay_s?;
        let waves_s = delay_s * work.requests.div_ceil(work.concurrency.max(1)) as f64;
        let cell = Cell {
            requests: work.requests,
            concurrency: work.concurrency,
            delay_s,
            spread_s: work.ideal_s.map_or(0.0, |ideal| ideal - waves_s),
            cpu_s: work.cpu_s,
            cores: work.client_cores.unwrap_or(run.meta.cores),
        };
        let prediction = law.predict(&cell, work.server_here);
        let rows = ENGINES.map(|engine| analysis.row(engine));
        let keys = [metric::WALL, metric::CPU, metric::MEMORY];
        Some(Check {
            measured: rows.map(|row| keys.map(|key| row?.median(key))),
            held: held(&prediction, rows[0], rows[prediction.tasks]),
            ratio: rows[prediction.tasks]
                .and_then(|row| Some(row.ratios.get(metric::WALL)?.median)),
            cell,
            prediction,
        })
    };
    let analyses = analyse(run, Margins::default());
    analyses.iter().filter_map(check).collect()
}

/// By the rules in docs/METHODOLOGY.md, "Was it right?".
fn held(prediction: &Prediction, threads: Option<&Row>, tasks: Option<&Row>) -> Option<bool> {
    let ratio = tasks.and_then(|row| row.ratios.get(metric::WALL));
    let (Some(threads), Some(tasks), Some(ratio)) = (threads, tasks, ratio) else {
        return Some(false);
    };
    let busy = |row: &Row, key| row.median(key).unwrap_or(0.0);
    let full =
        |row| busy(row, metric::CLIENT_BUSY) > FULL || busy(row, metric::SERVER_BUSY) > SERVER_FULL;
    let within = |margin: f64, of: f64| (ratio.median / of).ln().abs() <= margin.ln_1p();
    match (prediction.region, ratio.verdict) {
        (Region::Knee, _) => None,
        (Region::Full, _) => {
            let predicted = prediction.ratio();
            let same = predicted.ln().abs() <= 0.05_f64.ln_1p();
            let side = same || (predicted < 1.0) == (ratio.median < 1.0);
            let busy = busy(threads, metric::CLIENT_BUSY) >= 0.9;
            Some(busy && side && within(0.1, predicted))
        }
        (Region::Server, verdict) => Some(verdict == Verdict::Server || within(0.05, 1.0)),
        (Region::Waiting, _) if full(threads) || full(tasks) => Some(false),
        (Region::Waiting, Verdict::Equal) => Some(true),
        (Region::Waiting, Verdict::Less | Verdict::More) => Some(false),
        (Region::Waiting, _) => (!within(0.05, 1.0)).then_some(false),
    }
}

/// How well the law predicted: "The region was right in 15 of 16 cells outside the knee; ...".
fn sentence(checks: &[Check]) -> String {
    let outside = || (checks.iter()).filter(|one| one.prediction.region != Region::Knee);
    let right = outside().filter(|one| one.held == Some(true)).count();
    let open = outside().filter(|one| one.held.is_none()).count();
    let decided = outside().count() - open;
    let undecided = match open {
        0 => String::new(),
        open => format!(" ({open} more undecided)"),
    };
    let off = |measured: f64, predicted: f64| (measured / predicted).ln().abs();
    let equal = outside().filter(|one| one.ratio.is_some_and(|ratio| off(ratio, 1.0) < 0.05));
    let full = outside().filter(|one| one.prediction.region == Region::Full);
    let ratios = full.filter_map(|one| Some(off(one.ratio?, one.prediction.ratio())));
    let errors = |which: usize| -> Vec<f64> {
        let pairs = outside().flat_map(|one| one.measured.iter().zip(&one.prediction.models));
        let error = |(measured, model): (&[Option<f64>; 3], &Predicted)| {
            let predicted = [model.time_s, model.cpu_s, model.memory_bytes];
            Some(off(measured[which]?, predicted[which]))
        };
        pairs.filter_map(error).collect()
    };
    let median = |errors: Vec<f64>| {
        let all = stats::summarise(&errors);
        all.map_or("–".to_owned(), |all| format::share(all.median.exp_m1()))
    };
    let ratio = median(ratios.collect());
    let [time, cpu, memory] = [0, 1, 2].map(|which| median(errors(which)));
    format!(
        "The region was right in {right} of {decided} cells outside the knee{undecided}; to call \
         all of them equal would have been right in {}. The median errors: the ratio, with cores \
         full, {ratio}; time {time}, processor time {cpu}, memory {memory}.",
        equal.count(),
    )
}

pub fn table(run: &Run) -> Vec<Block> {
    let checks = checks(run);
    if checks.is_empty() {
        return Vec::new();
    }
    let heads = "at a time, delay, computing, region, predicted, measured, \
                 predicted ratio, measured ratio, result";
    let heads: Vec<&str> = heads.split(", ").collect();
    let time = |seconds| match seconds {
        0.0 => "0".to_owned(),
        seconds => format::seconds(seconds),
    };
    let rows = checks.iter().map(|check| {
        let (cell, prediction) = (&check.cell, &check.prediction);
        let result = match check.held {
            Some(true) => "held",
            Some(false) => "not held",
            None if prediction.region == Region::Knee => "no claim",
            None => "undecided",
        };
        vec![
            format::count(cell.concurrency as f64),
            time(cell.delay_s),
            time(cell.cpu_s),
            short(prediction.region).to_owned(),
            format::seconds(prediction.models[0].time_s),
            check.measured[0][0].map_or("–".to_owned(), format::seconds),
            format::ratio(prediction.ratio()),
            check.ratio.map_or("–".to_owned(), format::ratio),
            result.to_owned(),
        ]
    });
    let [threads, tasks, _] = ENGINES;
    let about = format!("Times are those of {threads}, ratios those of {tasks} to it.");
    vec![
        Block::Text(sentence(&checks)),
        Block::Text(about),
        Block::Table(Table::new(&heads, &[3, 8], rows.collect())),
    ]
}

/// The computing of each panel, and its title.
const PANELS: [(f64, &str); 3] = [
    (0.0, "no computing"),
    (100e-6, "0.1 ms computing"),
    (1e-3, "1 ms computing"),
];

/// In pixels: the top of the panels, the height of three decades of delay, and that of no delay.
const TOP: f64 = 88.0;
const DELAYS: f64 = 240.0;
const NO_DELAY: f64 = 40.0;
const BOTTOM: f64 = TOP + DELAYS + NO_DELAY;

/// Steps of the borders: in a panel's width, and in a delay's height.
const COLUMNS: usize = 240;
const ROWS: usize = 160;

/// The map as a picture; `None` if the run has no calibration, or no held-out cell.
pub fn figure(run: &Run) -> Option<Figure> {
    let (law, checks) = (Law::of(run)?, checks(run));
    let cores = checks.first()?.cell.cores;
    let mut shapes = vec![html! {
        style { (PreEscaped(include_str!("map.css"))) }
        text.head x="0" y="18" { "Where threads or tasks matter: predicted and measured" }
        @for (x, held, name) in [(1.0, Some(true), "held"), (18.0, Some(false), "did not hold"),
            (40.0, None, "no claim, or undecided")] {
            (mark(x, 36.0, held))
            text x=(percent(x)) dx="12" y="40" { (name) }
        }
        text.faint x="0" y=(TOP - 12.0) { "delay" }
        @for (decades, label) in
            [(0.0, "1 s"), (1.0, "100 ms"), (2.0, "10 ms"), (3.0, "1 ms"), (3.4, "0")] {
            text.faint x="0" y=(round(TOP + decades * DELAYS / 3.0 + 4.0)) { (label) }
        }
        text.faint.middle x="55%" y=(BOTTOM + 36.0) { "requests at a time" }
        text.faint x="0" y=(BOTTOM + 56.0) { "The client has " (cores) " of " (run.meta.cores) " cores." }
    }];
    for (nth, (cpu_s, title)) in PANELS.into_iter().enumerate() {
        // A panel and the gap after it have 30 % of the width.
        let at = |share: f64| round(11.0 + 30.0 * nth as f64 + 28.5 * share);
        shapes.push(panel(at, title, |concurrency, delay_s| {
            let cell = Cell {
                requests: 10 * concurrency,
                concurrency,
                delay_s,
                spread_s: 0.0,
                cpu_s,
                cores,
            };
            law.predict(&cell, true).region
        }));
        let is_here = |check: &&Check| (check.cell.cpu_s - cpu_s).abs() < 1e-9;
        shapes.extend(checks.iter().filter(is_here).map(|check| {
            let x = ((check.cell.concurrency as f64).log10() / 4.0).clamp(0.0, 1.0);
            let y = match check.cell.delay_s {
                0.0 => DELAYS + 14.0,
                delay_s => (-delay_s.log10() / 3.0).clamp(0.0, 1.0) * DELAYS,
            };
            mark(at(x), TOP + y, check.held)
        }));
    }
    let alt = format!(
        "Map of concurrency by delay, for no computing, 0.1 ms and 1 ms: with a long delay the \
         cores wait, and threads and tasks take the same time; with a high concurrency and a \
         short delay the cores are full and less work wins, or the server is full. {}",
        sentence(&checks)
    );
    Some(Figure {
        svg: svg::sheet(BOTTOM + 64.0, &alt, &shapes),
        alt,
        file: "map.svg".to_owned(),
    })
}

/// A panel with its regions, each with its name in the middle.
fn panel(at: impl Fn(f64) -> f64, title: &str, region: impl Fn(usize, f64) -> Region) -> Markup {
    let mut shapes = [Region::Waiting, Region::Knee, Region::Full, Region::Server]
        .map(|region| (region, String::new(), Vec::new()));
    for row in 0..=ROWS {
        let last = row == ROWS;
        let (top, height, delay_s) = match row as f64 * DELAYS / ROWS as f64 {
            _ if last => (DELAYS + 4.0, NO_DELAY - 4.0, 0.0),
            top => (top, DELAYS / ROWS as f64, 10f64.powf(-3.0 * top / DELAYS)),
        };
        let regions = (0..COLUMNS).map(|column| {
            let concurrency = 10f64.powf(4.0 * column as f64 / COLUMNS as f64);
            region(concurrency.round() as usize, delay_s)
        });
        let regions: Vec<Region> = regions.collect();
        let mut x = 0;
        for run in regions.chunk_by(|a, b| a == b) {
            let wide = run.len();
            for (_, path, places) in shapes.iter_mut().filter(|one| one.0 == run[0]) {
                *path += &format!("M{x} {top}h{wide}v{height}h-{wide}z");
                let middle = (2 * x + wide) as f64 / (2 * COLUMNS) as f64;
                places.extend(vec![(middle, top); if last { 0 } else { wide }]);
            }
            x += wide;
        }
    }
    html! {
        text.head x=(percent(at(0.0))) y=(TOP - 12.0) { (title) }
        svg x=(percent(at(0.0))) y=(TOP) width="28.5%" height=(DELAYS + NO_DELAY)
            viewBox=(format!("0 0 {COLUMNS} {}", DELAYS + NO_DELAY)) preserveAspectRatio="none" {
            @for (region, path, _) in &shapes {
                path class=(format!("{region:?}").to_lowercase()) d=(path) {}
            }
        }
        @for (region, _, places) in &shapes {
            @if let Some((x, y)) = places.get(places.len() / 2) {
                @for (nth, line) in region.words().split(": ").enumerate() {
                    text.middle x=(percent(at(*x))) y=(TOP + y + 16.0 * nth as f64) { (line) }
                }
            }
        }
        text.end x=(percent(at(0.98))) y=(BOTTOM - 7.0) {
            (short(region(10_000, 0.0)))
        }
        @for (share, label, anchor) in
            [(0.0, "1", "start"), (0.5, "100", "middle"), (1.0, "10,000", "end")] {
            text.faint x=(percent(at(share))) y=(BOTTOM + 18.0) text-anchor=(anchor) { (label) }
        }
    }
}

/// The name of a region, without what follows from it.
fn short(region: Region) -> &'static str {
    let words = region.words();
    words.split_once(": ").map_or(words, |(name, _)| name)
}

/// A dot, a cross or a ring.
fn mark(x: f64, y: f64, held: Option<bool>) -> Markup {
    html! {
        svg.mark x=(percent(x)) y=(round(y)) overflow="visible" {
            @match held {
                Some(true) => circle r="4.5" {},
                Some(false) => path.cross d="M-5-5 5 5M-5 5 5-5" {},
                None => circle.ring r="4" {},
            }
        }
    }
}
