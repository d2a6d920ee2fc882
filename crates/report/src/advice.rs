//! What a prediction means for a workload: a table, and which model to take and why.

use crate::analysis::Analysis;
use crate::document::{Block, Table};
use crate::law::{Cell, Prediction, Region};
use crate::{format, metric, sentence, tables};

/// A prediction and the advice; or the measurement, with its numbers below the predicted ones.
pub fn document(prediction: &Prediction, cell: &Cell, measured: Option<&Analysis>) -> Vec<Block> {
    let mut rows = Vec::new();
    let (least, most) = prediction.region.band();
    for one in &prediction.models {
        let [low, high] = [least, most].map(|by| format::seconds(by * one.time_s));
        rows.push(vec![
            one.engine.clone(),
            format::seconds(one.time_s),
            format::seconds(one.cpu_s),
            format::bytes(one.memory_bytes),
            format!("{low} to {high}"),
        ]);
        if let Some(row) = measured.and_then(|analysis| analysis.row(&one.engine)) {
            let keys = [metric::WALL, metric::CPU, metric::MEMORY];
            let cells = keys.map(|key| tables::median(row, key));
            rows.push([vec!["- measured".to_owned()], cells.to_vec()].concat());
        }
    }
    let heads = ["engine", "time", "CPU", "memory", "time within"];
    let tasks = measured.and_then(|analysis| Some((analysis, analysis.row("async-bare")?)));
    vec![
        Block::Text(format!("Region: {}.", prediction.region.words())),
        Block::Table(Table::new(&heads, &[0], rows)),
        Block::Text(match tasks {
            Some((all, row)) => format!("Measured here: async-bare {}.", sentence::took(all, row)),
            None => advice(prediction, cell),
        }),
    ]
}

fn advice(prediction: &Prediction, cell: &Cell) -> String {
    let [threads, tasks, multi] = &prediction.models;
    let over = |one: f64, other: f64| format::digits(one / other);
    let computing = cell.cpu_s * cell.requests as f64 / threads.cpu_s;
    let why = match prediction.region {
        Region::Full | Region::Knee if computing > 0.5 => {
            let alone = match cell.cores {
                1 => String::new(),
                _ => format!(
                    " async-bare has one core and takes {} times the time of threads-bare.",
                    over(tasks.time_s, threads.time_s)
                ),
            };
            return format!(
                "Take threads, or tasks with a pool for the computing (the engine hybrid): on an \
                 event loop, {} of computing holds up all other tasks.{alone}",
                format::delay(cell.cpu_s),
            );
        }
        Region::Full => {
            let by_time = [tasks, threads, multi].into_iter();
            let best = by_time.min_by(|a, b| a.time_s.total_cmp(&b.time_s));
            let best = best.unwrap_or(threads);
            let other = if best == threads { multi } else { threads };
            return format!(
                "Take {}: the cores are full, so less work is less time. It takes {} times the \
                 time of {}, with {} times the processor time.",
                best.engine,
                over(best.time_s, other.time_s),
                other.engine,
                over(best.cpu_s, other.cpu_s),
            );
        }
        Region::Waiting if cell.concurrency.min(cell.requests) >= 1_000 => {
            "Take tasks: the time is the same, but each thread takes about 20 KiB more in the \
             kernel, and Linux allows about 16,000 of them"
        }
        Region::Knee => {
            "Take the code that you find simpler: near the knee small things decide the time"
        }
        _ => "Take the code that you find simpler: the time is the same",
    };
    let computing = match cell.cpu_s > 0.0 {
        true => " Tasks should leave the computing to a pool: it holds up all others.",
        false => "",
    };
    format!(
        "{why}. async-bare takes {} times the processor time of threads-bare and {} times the \
         memory ({} instead of {}).{computing}",
        over(tasks.cpu_s, threads.cpu_s),
        over(tasks.memory_bytes, threads.memory_bytes),
        format::bytes(tasks.memory_bytes),
        format::bytes(threads.memory_bytes),
    )
}
