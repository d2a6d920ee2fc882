//! What a prediction means for a workload: a table, and which model to take and why.

use crate::analysis::Analysis;
use crate::document::{Block, Table};
use crate::law::{Cell, Prediction, Region};
use crate::{format, metric};

/// The numbers of a model: predicted, and measured below if they are.
const SHOWN: [&str; 3] = [metric::WALL, metric::CPU, metric::MEMORY];

/// A prediction as a table, with measured numbers below the predicted ones if there are any.
pub fn document(prediction: &Prediction, cell: &Cell, measured: Option<&Analysis>) -> Vec<Block> {
    let mut rows = Vec::new();
    for one in &prediction.models {
        let [low, high] = [one.band.0, one.band.1].map(|by| format::seconds(by * one.time_s));
        let threads = match &*one.engine {
            "threads-bare" => cell.concurrency.min(cell.requests) + 1,
            "async-bare" => 1,
            _ => cell.cores + 1,
        };
        rows.push(vec![
            one.engine.clone(),
            format::seconds(one.time_s),
            format::seconds(one.cpu_s),
            format::bytes(one.memory_bytes),
            format::count(threads as f64),
            format!("{low} to {high}"),
        ]);
        if let Some(row) = measured.and_then(|analysis| analysis.row(&one.engine)) {
            let shown = SHOWN.map(|key| row.median(key).map(|median| metric::text(key, median)));
            let shown = shown.map(Option::unwrap_or_default);
            rows.push([&["- measured".to_owned()], &shown[..]].concat());
        }
    }
    let heads = ["engine", "time", "CPU", "memory", "threads", "time within"];
    vec![
        Block::Text(format!("Region: {}.", prediction.region.words())),
        Block::Table(Table {
            heads: heads.map(str::to_owned).into(),
            words: &[0],
            rows,
        }),
    ]
}

/// Which model to take, and why.
pub fn advice(prediction: &Prediction, cell: &Cell) -> String {
    let [threads, tasks, multi] = &prediction.models[..] else {
        return String::new();
    };
    let over = |one: f64, other: f64| format::digits(one / other);
    let computing = cell.cpu_s * cell.requests as f64 / threads.cpu_s;
    let pool = format!(
        "on an event loop, {} of computing hold up all other tasks",
        format::delay(cell.cpu_s)
    );
    match prediction.region {
        Region::Full | Region::Knee if computing > 0.5 => format!(
            "Take threads, or tasks with a pool for the computing (the engine hybrid): {pool}. \
             async-bare has one core and takes {} times the time of threads-bare.",
            over(tasks.time_s, threads.time_s),
        ),
        Region::Full => {
            let by_time = [tasks, threads, multi].into_iter();
            let best = by_time.min_by(|a, b| a.time_s.total_cmp(&b.time_s));
            let best = best.unwrap_or(threads);
            let other = if best == threads { multi } else { threads };
            format!(
                "Take {}: the cores are full, so less work is less time. It takes {} times the \
                 time of {}, with {} times the processor time.",
                best.engine,
                over(best.time_s, other.time_s),
                other.engine,
                over(best.cpu_s, other.cpu_s),
            )
        }
        Region::Waiting if cell.concurrency.min(cell.requests) >= 1_000 => format!(
            "Take tasks: the time is the same, but threads take {} of memory and tasks {}, and \
             systems limit the number of threads.",
            format::bytes(threads.memory_bytes),
            format::bytes(tasks.memory_bytes),
        ),
        region => format!(
            "Take the code that you find simpler: {}. Tasks (async-bare) take {} times the \
             processor time of threads and {} times the memory{}.",
            match region {
                Region::Knee => "near the knee small things decide the time",
                _ => "the time is the same",
            },
            over(tasks.cpu_s, threads.cpu_s),
            over(tasks.memory_bytes, threads.memory_bytes),
            match cell.cpu_s > 0.0 {
                true => format!(". But {pool}"),
                false => String::new(),
            },
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::{ENGINES, Predicted};

    #[test]
    fn advice_names_a_model_and_the_reason() {
        let said = |region: Region, concurrency, cpu_s| {
            let (requests, delay_s, cores) = (10_000, 0.0, 2);
            let model = |(engine, s): (&str, f64)| Predicted {
                engine: engine.to_owned(),
                time_s: 1e4 * (s + cpu_s),
                cpu_s: 1e4 * (s + cpu_s),
                memory_bytes: 1e12 * s,
                band: region.band(),
            };
            let models = ENGINES.into_iter().zip([25e-6, 18e-6, 20e-6]).map(model);
            let prediction = Prediction {
                region,
                knee_s: 0.0,
                models: models.collect(),
            };
            let cell = Cell {
                requests,
                concurrency,
                delay_s,
                cpu_s,
                cores,
            };
            advice(&prediction, &cell)
        };
        for (said, expected) in [
            (
                said(Region::Waiting, 20, 0.0),
                "simpler: the time is the same. Tasks",
            ),
            (
                said(Region::Waiting, 20, 0.001),
                "memory. But on an event loop, 1 ms",
            ),
            (
                said(Region::Waiting, 10_000, 0.0),
                "Take tasks: the time is the same, but",
            ),
            (
                said(Region::Full, 20, 0.02),
                "a pool for the computing (the engine hybrid)",
            ),
            (
                said(Region::Full, 20, 0.0),
                "Take async-bare: the cores are full",
            ),
            (said(Region::Knee, 20, 0.0), "simpler: near the knee"),
        ] {
            assert!(said.contains(expected), "{said}");
        }
    }
}
