//! What the steps of a flag say, and in which order the flags had their turns.

use crate::comparison::{Span, Timeline};

/// What a flag is doing, once its turn has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// The request was sent, and there is no head of an answer yet.
    Waiting,
    /// The head is there, the body is not.
    Receiving,
    /// The body is there, and the store has not kept it yet.
    Saving,
}

impl Phase {
    pub(super) const ALL: [Self; 3] = [Self::Waiting, Self::Receiving, Self::Saving];

    /// Its name. With two requests for each flag the second one, and what is read of it,
    /// lies between the first head and the last body.
    pub(super) fn name(self, two_requests: bool) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Receiving if two_requests => "receiving, and asking for the metadata",
            Self::Receiving => "receiving",
            Self::Saving => "saving",
        }
    }
}

/// What became of a flag, as far as a picture tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Ok,
    NotFound,
    Cancelled,
    Failed,
}

impl Fate {
    /// All but the usual one.
    pub(super) const MARKED: [Self; 3] = [Self::NotFound, Self::Failed, Self::Cancelled];

    fn of(status: &str) -> Self {
        match status {
            "ok" => Self::Ok,
            "not found" => Self::NotFound,
            "cancelled" => Self::Cancelled,
            _ => Self::Failed,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NotFound => "not found",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }
}

/// The course of one flag, put right: no step is before the one above it, and none is
/// outside the flag. Times are in seconds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Course {
    /// Its turn came, if it did.
    pub(super) started: Option<f64>,
    /// What it did then: each phase from the end of the one before it. Where the flag
    /// failed, the last one is the phase in which it did.
    pub(super) phases: Vec<(Phase, f64, f64)>,
    /// The outcome was known.
    pub(super) end: f64,
    pub(super) fate: Fate,
}

impl Course {
    pub(super) fn of(span: &Span) -> Self {
        let end = sound(span.finished_s);
        let started = span.started_s.map(|started| sound(started).min(end));
        let mut phases = Vec::new();
        let mut at = started.unwrap_or(end);
        let steps = [span.first_byte_s, span.body_read_s, span.saved_s];
        for (index, (phase, done)) in Phase::ALL.into_iter().zip(steps).enumerate() {
            match done {
                _ if started.is_none() => {}
                Some(done) => {
                    let done = sound(done).clamp(at, end);
                    phases.push((phase, at, done));
                    at = done;
                }
                // A step that was not noted although a later one was: they are one.
                None if steps[index..].iter().any(Option::is_some) => {}
                None => {
                    phases.push((phase, at, end));
                    break;
                }
            }
        }
        Self {
            started,
            phases,
            end,
            fate: Fate::of(&span.status),
        }
    }

    /// How long it was in this phase.
    pub(super) fn time_in(&self, phase: Phase) -> Option<f64> {
        let mut phases = self.phases.iter();
        let (_, from, to) = phases.find(|(one, ..)| *one == phase)?;
        Some(to - from)
    }
}

/// A time that can be drawn.
fn sound(time: f64) -> f64 {
    if time.is_finite() { time.max(0.0) } else { 0.0 }
}

/// A flag of a timeline.
#[derive(Debug)]
pub(super) struct Flag<'a> {
    /// Its place among the spans.
    pub(super) index: usize,
    pub(super) span: &'a Span,
    pub(super) course: Course,
}

/// The flags in the order of their turns; those that never had one come last.
pub(super) fn in_order(timeline: &Timeline) -> Vec<Flag<'_>> {
    let mut flags: Vec<_> = (timeline.spans.iter().enumerate())
        .map(|(index, span)| Flag {
            index,
            span,
            course: Course::of(span),
        })
        .collect();
    flags.sort_by(|a, b| {
        let turn = |flag: &Flag<'_>| flag.course.started.unwrap_or(f64::INFINITY);
        (turn(a).total_cmp(&turn(b)))
            .then(a.course.end.total_cmp(&b.course.end))
            .then_with(|| a.span.label.cmp(&b.span.label))
    });
    flags
}

/// The most flags that had a turn and no outcome at one moment.
pub(super) fn most_at_a_time(timeline: &Timeline) -> usize {
    let mut moments = Vec::new();
    for span in &timeline.spans {
        let course = Course::of(span);
        if let Some(started) = course.started {
            moments.extend([(started, 1), (course.end, -1)]);
        }
    }
    // Who leaves at the moment in which another comes has left.
    moments.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut now: isize = 0;
    let counts = moments.iter().map(|(_, change)| {
        now += change;
        now
    });
    counts.max().unwrap_or(0).unsigned_abs()
}
