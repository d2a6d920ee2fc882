//! The law: what threads and tasks will take for a workload, from a calibration of the machine.
//!
//! N requests, C at a time, wait D for the server; each takes s of the client's processor time, on k
//! cores. With W = ceil(N / C) waves, of which the last has R requests, the law predicts
//!
//! ```text
//! T = D' + R b + (W - 1) max(D' + s, C b)        D' = D + what a round trip takes beyond D and s
//! ```
//!
//! where b is the time between two answers: s / k, or the server's time if that is longer. While
//! C b is at most D', the cores wait and every model takes the same time. From C b = 2 D' the cores
//! are full, and less work per request is less time. Between is the knee, without a promise.
//!
//! s rises with C, and is higher if the core sleeps between answers. So it is measured at several
//! C, both without and with a delay, and interpolated in ln C.

use crate::analysis::{Analysis, Margins, analyse};
use crate::data::Run;
use crate::metric;

/// The names of calibration scenarios begin with this.
pub(crate) const CALIBRATION: &str = "calibrate-";

/// The engines of the law.
pub const ENGINES: [&str; 3] = ["threads-bare", "async-bare", "async-multi-bare"];

/// Models whose predicted times differ by no more are predicted to take the same time.
const SAME: f64 = 1.05;

/// A workload to predict.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// The number of requests.
    pub requests: usize,
    /// The maximum number of requests in flight.
    pub concurrency: usize,
    /// How long the server waits before each answer.
    pub delay_s: f64,
    /// The processor time to compute on each body.
    pub cpu_s: f64,
    /// The cores of the client. `async-bare` uses one of them.
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
    /// The region in a few words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Waiting => "waiting: same time",
            Self::Knee => "knee: no promise",
            Self::Full => "cores full: less work wins",
            Self::Server => "server full: same time",
        }
    }

    /// The predicted time times these factors has the measured time in 9 of 10 cells of the
    /// recorded maps, which a test checks.
    pub fn band(self) -> (f64, f64) {
        match self {
            Self::Waiting => (0.9, 1.1),
            Self::Knee => (0.6, 1.6),
            Self::Full | Self::Server => (0.85, 1.15),
        }
    }
}

/// The prediction for one engine.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicted {
    /// The engine's name.
    pub engine: String,
    /// The time of the download, once all connections are open.
    pub time_s: f64,
    /// The client's processor time.
    pub cpu_s: f64,
    /// The client's peak resident memory.
    pub memory_bytes: f64,
    /// The error band of the time, as factors.
    pub band: (f64, f64),
}

/// The prediction for a workload.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// What limits it.
    pub region: Region,
    /// With a longer delay than this, every model waits.
    pub knee_s: f64,
    /// The engines in the order of [`ENGINES`].
    pub models: Vec<Predicted>,
}

impl Prediction {
    /// The prediction for an engine.
    pub fn of(&self, engine: &str) -> Option<&Predicted> {
        self.models.iter().find(|one| one.engine == engine)
    }

    /// The time of `async-bare` over that of `threads-bare`.
    pub fn ratio(&self) -> f64 {
        self.models[1].time_s / self.models[0].time_s
    }
}

/// A number by concurrency, sorted: linear in ln C between measured points, constant outside.
#[derive(Debug, Clone, PartialEq)]
struct Curve(Vec<(f64, f64)>);

impl Curve {
    /// The number in each scenario; `None` if none has it.
    fn of(analyses: &[Analysis], number: impl Fn(&Analysis) -> Option<f64>) -> Option<Self> {
        let point = |one: &Analysis| Some((one.scenario.workload.concurrency as f64, number(one)?));
        let mut points: Vec<_> = analyses.iter().filter_map(point).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        (!points.is_empty()).then_some(Self(points))
    }

    fn at(&self, concurrency: f64) -> f64 {
        let above = self.0.partition_point(|(at, _)| *at < concurrency);
        let low = self.0[above.saturating_sub(1)];
        let high = self.0[above.min(self.0.len() - 1)];
        if low.0 == high.0 {
            return low.1;
        }
        let share = (concurrency / low.0).ln() / (high.0 / low.0).ln();
        low.1 + share * (high.1 - low.1)
    }
}

/// What a request costs, either without a delay or with one.
#[derive(Debug, Clone, PartialEq)]
struct Costs {
    /// The client's processor time.
    client: Curve,
    /// What a round trip takes beyond the delay and the client's processor time.
    trip_s: f64,
}

impl Costs {
    fn of(analyses: &[Analysis], engine: &str) -> Option<Self> {
        let client = Curve::of(analyses, |one| {
            let requests = one.scenario.workload.requests as f64;
            Some(one.row(engine)?.median(metric::CPU)? / requests)
        })?;
        let trips = Curve::of(analyses, |one| {
            let work = &one.scenario.workload;
            let waves = work.requests.div_ceil(work.concurrency.max(1)) as f64;
            let trip = one.row(engine)?.median("download_s")? / waves - work.delay_s?;
            Some(trip - client.at(work.concurrency as f64))
        })?;
        // With the lowest concurrency, nothing waits for a processor.
        let trip_s = trips.0[0].1.max(0.0);
        Some(Self { client, trip_s })
    }
}

/// The server's processor time per request, the mean over engines; 0 if the system does not say.
fn server_s(analysis: &Analysis) -> Option<f64> {
    let known = analysis.rows.iter().filter(|row| !row.control);
    let times = known.map(|row| row.median("server_s").unwrap_or(0.0));
    let requests = analysis.scenario.workload.requests * analysis.scenario.engines.len();
    Some(times.sum::<f64>() / requests.max(1) as f64)
}

/// The costs of an engine.
#[derive(Debug, Clone, PartialEq)]
struct Model {
    engine: &'static str,
    full: Costs,
    waiting: Costs,
    /// Memory of the process, and of each connection.
    memory: (f64, f64),
}

/// What requests cost on one machine, by which it predicts.
#[derive(Debug, Clone, PartialEq)]
pub struct Law {
    models: Vec<Model>,
    /// The server's processor time per request, without a delay and with one.
    server: [Curve; 2],
    /// The cores of the machine.
    cores: usize,
}

/// What limits one model.
struct Load {
    /// What each request waits.
    wait_s: f64,
    /// The time in which as many requests as are in flight pass through the busiest cores.
    pass_s: f64,
    /// Whether these are the server's.
    by_server: bool,
    time_s: f64,
    cpu_s: f64,
}

impl Law {
    /// The law from a run's calibration scenarios. `None` unless they measured each of [`ENGINES`]
    /// without and with a delay.
    pub fn of(run: &Run) -> Option<Self> {
        let is_part = |name: &str| name.starts_with(CALIBRATION);
        let mut part = Run::new(run.meta.clone());
        let scenarios = run.scenarios.iter().filter(|one| is_part(&one.name));
        part.scenarios = scenarios.cloned().collect();
        let trials = run.trials.iter().filter(|one| is_part(&one.scenario));
        part.trials = trials.cloned().collect();
        let (full, waiting): (Vec<_>, Vec<_>) = analyse(&part, Margins::default())
            .into_iter()
            .filter(|one| one.scenario.workload.delay_s.is_some())
            .partition(|one| one.scenario.workload.delay_s == Some(0.0));
        let model = |engine| {
            let memory = Curve::of(&full, |one| one.row(engine)?.median(metric::MEMORY))?.0;
            let (first, last) = (memory.first()?, memory.last()?);
            let each = (last.1 - first.1) / (last.0 - first.0).max(1.0);
            Some(Model {
                engine,
                full: Costs::of(&full, engine)?,
                waiting: Costs::of(&waiting, engine)?,
                memory: (first.1 - each * first.0, each),
            })
        };
        Some(Self {
            models: ENGINES.into_iter().map(model).collect::<Option<_>>()?,
            server: [Curve::of(&full, server_s)?, Curve::of(&waiting, server_s)?],
            cores: run.meta.cores,
        })
    }

    /// Predicts a workload. `here`: the flag server is on this machine, on the cores that the client
    /// leaves to it, and may be the limit.
    pub fn predict(&self, cell: &Cell, here: bool) -> Prediction {
        let load = |model| self.load(model, cell, here);
        let loads: Vec<Load> = self.models.iter().map(load).collect();
        let times = || loads.iter().map(|one| one.time_s);
        let same = times().fold(0.0, f64::max) <= SAME * times().fold(f64::INFINITY, f64::min);
        let region = match cell.delay_s == 0.0 {
            // One after another without a delay: client and server take turns.
            true if cell.concurrency == 1 => Region::Knee,
            false if same && loads.iter().all(|one| one.pass_s <= one.wait_s) => Region::Waiting,
            _ if loads.iter().any(|one| one.pass_s < 2.0 * one.wait_s) => Region::Knee,
            _ if loads.iter().all(|one| one.by_server) => Region::Server,
            _ => Region::Full,
        };
        let in_flight = cell.concurrency.min(cell.requests) as f64;
        let models = self
            .models
            .iter()
            .zip(&loads)
            .map(|(model, load)| Predicted {
                engine: model.engine.to_owned(),
                time_s: load.time_s,
                cpu_s: load.cpu_s,
                memory_bytes: model.memory.0 + model.memory.1 * in_flight,
                band: region.band(),
            });
        let knee = |load: &Load| load.pass_s - load.wait_s + cell.delay_s;
        Prediction {
            region,
            knee_s: loads.iter().map(knee).fold(0.0, f64::max),
            models: models.collect(),
        }
    }

    fn load(&self, model: &Model, cell: &Cell, here: bool) -> Load {
        let delayed = cell.delay_s > 0.0;
        let costs = if delayed { &model.waiting } else { &model.full };
        let requests = cell.requests.max(1);
        let concurrency = cell.concurrency.clamp(1, requests);
        let waves = requests.div_ceil(concurrency);
        let last = (requests - (waves - 1) * concurrency) as f64;
        let in_flight = concurrency as f64;
        let cores = if model.engine == "async-bare" {
            1
        } else {
            cell.cores
        };
        // A request computes on one core.
        let cores = cores.clamp(1, concurrency) as f64;
        let [full_s, idle_s] =
            [&model.full, costs].map(|one| one.client.at(in_flight) + cell.cpu_s);
        let server_s = self.server[usize::from(delayed)].at(in_flight);
        let client_s = full_s / cores;
        let (between_s, by_server) = match self.cores.saturating_sub(cell.cores) {
            _ if !here => (client_s, false),
            // Both share all cores.
            0 => (client_s.max((full_s + server_s) / self.cores as f64), false),
            left => (
                client_s.max(server_s / left as f64),
                server_s / left as f64 > client_s,
            ),
        };
        let (wait_s, pass_s) = (cell.delay_s + costs.trip_s, in_flight * between_s);
        let wave_s = pass_s.max(wait_s + idle_s);
        // Cores sleep less between answers the busier they are.
        let busy = in_flight * client_s / wave_s;
        let awake = (2.0 * busy - 1.0).clamp(0.0, 1.0);
        Load {
            wait_s,
            pass_s,
            by_server,
            time_s: wait_s + idle_s.max(last * between_s) + (waves - 1) as f64 * wave_s,
            cpu_s: requests as f64 * (idle_s + awake * (full_s - idle_s)),
        }
    }
}
