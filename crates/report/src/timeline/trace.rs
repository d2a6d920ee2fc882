//! The trace: what Perfetto (ui.perfetto.dev) and Chrome (chrome://tracing) open.
//!
//! The format is the Trace Event Format, as JSON. A row is a thread, numbered from 1; a flag
//! is a complete event (`X`) in it, and its phases are complete events inside. How many flags
//! are queued and under way are counters: as events of their own 5,000 queued flags would be
//! 5,000 rows.
//!
//! Times are in whole microseconds, and each moment is rounded once: an event that ended a
//! fraction after the one that holds it would be shown elsewhere, or not at all.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::course::{self, Course, Flag};
use crate::comparison::Timeline;

/// What is known of a flag besides its course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// Where it was asked for.
    pub url: String,
    /// The size of the image, in bytes; 0 where none was read whole.
    pub bytes: u64,
    /// The cause, where it failed and there is more to say than its status.
    pub cause: Option<String>,
}

/// The process that the events belong to: there is one, the engine. It has the number of no row:
/// Perfetto calls the thread with the number of its process the main thread.
const PROCESS: u32 = 0;

/// Writes a download as a trace. The details are those of the spans, in their order, or
/// there are none.
#[must_use]
pub fn trace(timeline: &Timeline, details: &[Detail], two_requests: bool) -> String {
    let args = |flag: &Flag<'_>| {
        let mut args = Map::new();
        args.insert("status".to_owned(), flag.span.status.clone().into());
        let queued = flag.course.started.unwrap_or(flag.course.end);
        args.insert("queued_us".to_owned(), micros(queued).into());
        if let Some(detail) = details.get(flag.index) {
            args.insert("url".to_owned(), detail.url.clone().into());
            args.insert("bytes".to_owned(), detail.bytes.into());
            if let Some(cause) = &detail.cause {
                args.insert("cause".to_owned(), cause.clone().into());
            }
        }
        Value::Object(args)
    };

    let (rows, late) = rows(timeline);
    let mut events = vec![metadata(
        "process_name",
        0,
        json!({"name": timeline.engine}),
    )];
    for (index, row) in rows.iter().enumerate() {
        let thread = index + 1;
        events.extend(thread_events(thread, &format!("row {thread}")));
        for flag in row {
            let Flag { span, course, .. } = flag;
            let start = course.started.unwrap_or_default();
            let whole = (micros(start), micros(course.end));
            events.push(complete(&span.label, "flag", thread, whole, args(flag)));
            for &(phase, from, to) in &course.phases {
                let (from, to) = (micros(from), micros(to));
                // One of no length would lie beside the flag that it is a part of.
                if from < to {
                    let name = phase.name(two_requests);
                    events.push(complete(name, "phase", thread, (from, to), json!({})));
                }
            }
        }
    }
    if !late.is_empty() {
        let thread = rows.len() + 1;
        events.extend(thread_events(thread, "never begun"));
        events.extend(late.iter().map(|flag| {
            json!({
                "name": flag.span.label, "cat": "flag", "ph": "i", "s": "t", "pid": PROCESS,
                "tid": thread, "ts": micros(flag.course.end), "args": args(flag),
            })
        }));
    }
    events.extend(counters(timeline));

    // A line for each event: it can be looked at, and searched.
    let lines: Vec<String> = events.iter().map(Value::to_string).collect();
    format!(
        "{{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n{}\n]}}\n",
        lines.join(",\n")
    )
}

/// The flags in rows, each in the first that is free when its turn comes; and those whose
/// turn never came.
fn rows(timeline: &Timeline) -> (Vec<Vec<Flag<'_>>>, Vec<Flag<'_>>) {
    let (mut rows, mut late) = (Vec::<Vec<Flag<'_>>>::new(), Vec::new());
    for flag in course::in_order(timeline) {
        let Some(started) = flag.course.started else {
            late.push(flag);
            continue;
        };
        let is_free =
            |row: &&mut Vec<Flag<'_>>| row.last().is_none_or(|last| last.course.end <= started);
        match rows.iter_mut().find(is_free) {
            Some(row) => row.push(flag),
            None => rows.push(vec![flag]),
        }
    }
    (rows, late)
}

/// Seconds to the nearest microsecond.
fn micros(seconds: f64) -> u64 {
    (seconds * 1e6).round() as u64
}

/// A name for a process or a thread.
fn metadata(name: &str, thread: usize, args: Value) -> Value {
    json!({"name": name, "ph": "M", "pid": PROCESS, "tid": thread, "args": args})
}

/// A thread's name and its place below the others.
fn thread_events(thread: usize, name: &str) -> [Value; 2] {
    [
        metadata("thread_name", thread, json!({"name": name})),
        metadata("thread_sort_index", thread, json!({"sort_index": thread})),
    ]
}

fn complete(name: &str, kind: &str, thread: usize, (from, to): (u64, u64), args: Value) -> Value {
    json!({
        "name": name, "cat": kind, "ph": "X", "pid": PROCESS, "tid": thread,
        "ts": from, "dur": to - from, "args": args,
    })
}

/// How many flags are queued and under way, whenever that changes.
fn counters(timeline: &Timeline) -> Vec<Value> {
    let mut changes: BTreeMap<u64, (i64, i64)> = BTreeMap::new();
    changes.entry(0).or_default().0 += timeline.spans.len() as i64;
    for course in timeline.spans.iter().map(Course::of) {
        let turn = changes.entry(micros(course.started.unwrap_or(course.end)));
        let (queued, under_way) = turn.or_default();
        *queued -= 1;
        if course.started.is_some() {
            *under_way += 1;
            changes.entry(micros(course.end)).or_default().1 -= 1;
        }
    }
    let (mut queued, mut under_way) = (0, 0);
    let count = |name: &str, at: u64, flags: i64| json!({"name": name, "ph": "C", "pid": PROCESS, "tid": 0, "ts": at, "args": {"flags": flags}});
    (changes.iter())
        .flat_map(|(&at, change)| {
            queued += change.0;
            under_way += change.1;
            [
                count("queued", at, queued),
                count("under way", at, under_way),
            ]
        })
        .collect()
}
