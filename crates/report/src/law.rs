//! The law: what threads and tasks will take for a workload, from a calibration of the machine.
//!
//! N requests, C at a time, wait D for the server; each takes s of the client's processor time, on k
//! cores. With W = ceil(N / C) waves, of which the last has R requests, the law predicts
//!
//! ```text
//! T = D' + max(s, R b) + (W - 1) max(D' + s, C b)        D' = D + what a round trip takes beyond D and s
//! ```
//!
//! where b is the time between two answers: s / k, or the server's time if that is longer. s is
//! measured without a delay at several C, and with one at several D / C, the time between two
//! answers; and interpolated in the logarithm. docs/METHODOLOGY.md says why.

use crate::analysis::{Analysis, Margins, Row, analyse};
use crate::data::Run;
use crate::metric;

/// The engines of the law.
pub const ENGINES: [&str; 3] = ["threads-bare", "async-bare", "async-multi-bare"];

/// Models whose predicted times differ by no more are predicted to take the same time.
const SAME: f64 = 1.05;

/// A workload to predict: the server waits `delay_s` before each answer, and the client computes
/// `cpu_s` on each body. `async-bare` uses one of the client's cores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    pub requests: usize,
    pub concurrency: usize,
    pub delay_s: f64,
    /// How much later than after W x D the last answer comes, because delays vary.
    pub spread_s: f64,
    pub cpu_s: f64,
    pub cores: usize,
}

/// What limits a workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Region {
    /// The delay: all models take the same time.
    Waiting,
    /// Delay and cores are close to each other: no promise.
    Knee,
    /// The client's cores: less work per request is less time.
    Full,
    /// The server's cores, before the client's: all models take the same time.
    Server,
}

impl Region {
    pub fn words(self) -> &'static str {
        match self {
            Self::Waiting => "waiting: same time",
            Self::Knee => "knee",
            Self::Full => "cores full: less work wins",
            Self::Server => "server full: same time",
        }
    }

    /// As factors of the predicted time: 9 of 10 times measured in a recorded map, over all regions,
    /// are between them. A test checks this.
    pub fn band(self) -> (f64, f64) {
        match self {
            Self::Waiting => (0.9, 1.1),
            Self::Knee => (0.6, 1.6),
            Self::Full => (0.8, 1.3),
            Self::Server => (0.6, 1.3),
        }
    }
}

/// The prediction for one engine. The time is that of the download once all connections are open.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicted {
    pub engine: String,
    pub time_s: f64,
    pub cpu_s: f64,
    pub memory_bytes: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    pub region: Region,
    /// The engines in the order of [`ENGINES`].
    pub models: [Predicted; 3],
    /// The index of the tasks that are compared with threads: on as many cores.
    pub tasks: usize,
}

impl Prediction {
    /// The time of tasks over that of `threads-bare`.
    pub fn ratio(&self) -> f64 {
        self.models[self.tasks].time_s / self.models[0].time_s
    }
}

/// A number by another, sorted by that.
type Curve = Vec<(f64, f64)>;

/// The costs of an engine. Of two curves, the first is without a delay, by concurrency; the second
/// with one, by the time between two answers.
#[derive(Debug, Clone, PartialEq)]
struct Model {
    engine: &'static str,
    /// The client's processor time per request.
    client: [Curve; 2],
    /// The server's processor time per request, which is less if they come faster.
    server: [Curve; 2],
    memory: Curve,
}

/// What requests cost on one machine, by which it predicts.
#[derive(Debug, Clone, PartialEq)]
pub struct Law {
    models: [Model; 3],
    /// What a round trip takes beyond the delay and the client's processor time, without a delay and
    /// with one.
    trip_s: [f64; 2],
    cores: usize,
}

/// What limits one model.
struct Load {
    /// How long each request waits.
    wait_s: f64,
    /// How long the busiest cores take for as many requests as are in flight.
    pass_s: f64,
    /// Whether these cores are the server's.
    by_server: bool,
    predicted: Predicted,
}

impl Law {
    /// The law from a run's calibration scenarios. `None` unless they measured each of [`ENGINES`]
    /// without and with a delay.
    pub fn of(run: &Run) -> Option<Self> {
        let mut all = analyse(run, Margins::default());
        all.retain(|one| {
            one.scenario.name.starts_with("calibrate-") && one.scenario.workload.delay_s.is_some()
        });
        let waits = |one: &Analysis| one.scenario.workload.delay_s > Some(0.0);
        let (waiting, full): (Vec<_>, Vec<_>) = all.into_iter().partition(waits);
        let model = |engine| {
            let both = |of: &dyn Fn(&Row, &Analysis) -> Option<f64>| {
                let curve = |part: &[Analysis]| curve(part, |one| of(one.row(engine)?, one));
                Some([curve(&full)?, curve(&waiting)?])
            };
            Some(Model {
                engine,
                client: both(&client_s)?,
                server: both(&server_s)?,
                memory: curve(&full, |one| one.row(engine)?.median(metric::MEMORY))?,
            })
        };
        let [threads, tasks, multi] = ENGINES.map(model);
        Some(Self {
            models: [threads?, tasks?, multi?],
            trip_s: [trip_s(&full)?, trip_s(&waiting)?],
            cores: run.meta.cores,
        })
    }

    /// Predicts a workload. `here`: the flag server is on this machine, on the cores that the client
    /// leaves to it, and may be the limit.
    pub fn predict(&self, cell: &Cell, here: bool) -> Prediction {
        let loads = self.models.each_ref();
        let loads = loads.map(|model| self.load(model, cell, here));
        let tasks = if cell.cores > 1 { 2 } else { 1 };
        let compared = || [&loads[0], &loads[tasks]].into_iter();
        let times = || compared().map(|one| one.predicted.time_s);
        let same = times().fold(0.0, f64::max) <= SAME * times().fold(f64::INFINITY, f64::min);
        let region = match cell.delay_s == 0.0 {
            // One after another without a delay: client and server take turns.
            true if cell.concurrency == 1 => Region::Knee,
            false if same && compared().all(|one| one.pass_s <= one.wait_s) => Region::Waiting,
            _ if compared().any(|one| one.pass_s < 2.0 * one.wait_s) => Region::Knee,
            _ if compared().all(|one| one.by_server) => Region::Server,
            _ => Region::Full,
        };
        Prediction {
            region,
            tasks,
            models: loads.map(|load| load.predicted),
        }
    }

    fn load(&self, model: &Model, cell: &Cell, here: bool) -> Load {
        let delayed = usize::from(cell.delay_s > 0.0);
        let requests = cell.requests.max(1);
        let concurrency = cell.concurrency.clamp(1, requests);
        let waves = requests.div_ceil(concurrency);
        let last = (requests - (waves - 1) * concurrency) as f64;
        let in_flight = concurrency as f64;
        let alone = model.engine == "async-bare";
        // A request computes on one core.
        let cores = (if alone { 1 } else { cell.cores }).clamp(1, concurrency);
        let full_s = at(&model.client[0], in_flight) + cell.cpu_s;
        let client_s = full_s / cores as f64;
        let gap_s = (cell.delay_s / in_flight).max(client_s);
        let now = |curves: &[Curve; 2]| at(&curves[delayed], [in_flight, gap_s][delayed]);
        let (idle_s, served_s) = (now(&model.client) + cell.cpu_s, now(&model.server));
        let server_s = match self.cores.saturating_sub(cell.cores) {
            _ if !here => 0.0,
            // The client's work is on the same cores.
            0 => (full_s + served_s) / self.cores as f64,
            left => served_s / left as f64,
        };
        let between_s = client_s.max(server_s);
        // The flag server's answers are late; another server's delay was measured.
        let trip_s = self.trip_s[if here { delayed } else { 0 }];
        let (wait_s, pass_s) = (cell.delay_s + trip_s, in_flight * between_s);
        let wave_s = pass_s.max(wait_s + idle_s);
        let last_s = idle_s.max(last * between_s);
        let spread_s = if wave_s > pass_s { cell.spread_s } else { 0.0 };
        // The busier a core, the less it sleeps between answers.
        let awake = (2.0 * in_flight * client_s / wave_s - 1.0).clamp(0.0, 1.0);
        let (least, most) = (model.memory[0], model.memory[model.memory.len() - 1]);
        let each = (most.1 - least.1) / (most.0 - least.0).max(1.0);
        Load {
            wait_s,
            pass_s,
            by_server: server_s > client_s && self.cores > cell.cores,
            predicted: Predicted {
                engine: model.engine.to_owned(),
                time_s: wait_s + last_s + (waves - 1) as f64 * wave_s + spread_s,
                cpu_s: requests as f64 * (idle_s + awake * (full_s - idle_s)),
                memory_bytes: least.1 + each * (in_flight - least.0),
            },
        }
    }
}

fn client_s(row: &Row, analysis: &Analysis) -> Option<f64> {
    Some(row.median(metric::CPU)? / analysis.scenario.workload.requests as f64)
}

/// What a wave takes beyond the delay and the client's processor time for one request: the mean over
/// the engines.
fn trip_s(analyses: &[Analysis]) -> Option<f64> {
    // One at a time, no request waits for a core.
    let concurrency = |one: &&Analysis| one.scenario.workload.concurrency;
    let analysis = analyses.iter().min_by_key(concurrency)?;
    let work = &analysis.scenario.workload;
    let waves = work.requests.div_ceil(work.concurrency.max(1)) as f64;
    let trip_s = |engine| {
        let row = analysis.row(engine)?;
        Some(row.median("download_s")? / waves - work.delay_s? - client_s(row, analysis)?)
    };
    let all: Option<f64> = ENGINES.into_iter().map(trip_s).sum();
    Some((all? / ENGINES.len() as f64).max(0.0))
}

/// The server's processor time per request; 0 if the system does not report it.
fn server_s(row: &Row, analysis: &Analysis) -> Option<f64> {
    let requests = analysis.scenario.workload.requests as f64;
    Some(row.median("server_s").unwrap_or(0.0) / requests)
}

/// A number of each scenario that has it, by concurrency or by the time between two answers; `None`
/// if none has.
fn curve(analyses: &[Analysis], of: impl Fn(&Analysis) -> Option<f64>) -> Option<Curve> {
    let point = |one: &Analysis| {
        let work = &one.scenario.workload;
        let concurrency = work.concurrency as f64;
        let delay_s = work.delay_s.filter(|delay| *delay > 0.0);
        let x = delay_s.map_or(concurrency, |delay| delay / concurrency);
        Some((x, of(one)?))
    };
    let mut points: Curve = analyses.iter().filter_map(point).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    (!points.is_empty()).then_some(points)
}

/// Linear in ln x between measured points, constant outside.
fn at(curve: &[(f64, f64)], x: f64) -> f64 {
    let above = curve.partition_point(|(at, _)| *at < x);
    let low = curve[above.saturating_sub(1)];
    let high = curve[above.min(curve.len() - 1)];
    if high.0 <= low.0 {
        return low.1;
    }
    low.1 + (x / low.0).ln() / (high.0 / low.0).ln() * (high.1 - low.1)
}
