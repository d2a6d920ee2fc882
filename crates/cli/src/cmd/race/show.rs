//! What is seen of a race: a bar for each engine, or a line when it is done.

use std::io::{self, Write as _};
use std::sync::Arc;

use flagrace_core::{Failure, NoObserver, Observer, Outcome, Status};
use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};

use super::results::Finish;
use crate::output::aside::{can_draw, tell};

/// What is seen of a race: a bar for each engine on a terminal, none elsewhere.
pub struct Show(Vec<ProgressBar>);

impl Show {
    /// For these engines, each of which downloads so many flags.
    pub fn new(engines: &[&str], flags: usize) -> Self {
        if !can_draw() {
            return Self(Vec::new());
        }
        // A bar is drawn when one of its flags is done. A steady tick would be one more
        // thread for each engine.
        let all = MultiProgress::new();
        let bars = engines.iter().map(|engine| {
            let bar = all.add(ProgressBar::hidden());
            bar.set_length(flags as u64);
            bar.set_style(style("cyan", None));
            bar.set_prefix((*engine).to_owned());
            bar.tick();
            bar
        });
        Self(bars.collect())
    }

    /// Who moves the engine's bar.
    pub fn observer(&self, index: usize) -> Arc<dyn Observer> {
        match self.0.get(index) {
            Some(bar) => Arc::new(Moves(bar.clone())),
            None => Arc::new(NoObserver),
        }
    }

    /// The engine runs: its time begins.
    pub fn starts(&self, index: usize) {
        if let Some(bar) = self.0.get(index) {
            bar.reset_elapsed();
        }
    }

    /// The engine is done, or was stopped: its bar stands still from now on.
    pub fn ends(&self, index: usize, finish: &Finish) {
        let Finish {
            engine, seconds, ..
        } = finish;
        if let Some(bar) = self.0.get(index) {
            let colour = if finish.was_stopped() {
                "yellow"
            } else if finish.has_nothing() {
                "red"
            } else {
                "green"
            };
            bar.set_style(style(colour, Some((finish.answered(), *seconds))));
            bar.abandon();
            return;
        }
        let (done, of) = (finish.done(), finish.tally.total());
        let how = if finish.was_stopped() {
            format!("was stopped after {seconds:.2} s, with {done} of {of} flags done")
        } else if finish.has_nothing() {
            format!("failed after {seconds:.2} s: it has none of {of} flags")
        } else {
            format!("finished after {seconds:.2} s")
        };
        // A reader who has left is told of at the end; the race goes on.
        let _ = writeln!(io::stdout(), "{engine} {how}");
    }

    /// The engine could not run.
    pub fn fails(&self, index: usize) {
        if let Some(bar) = self.0.get(index) {
            bar.set_style(style("red", None));
            bar.abandon();
        }
    }

    /// The bars stay as they are, and what comes next stands below them.
    pub fn close(&self) {
        if !self.0.is_empty() {
            tell("");
        }
    }
}

/// Moves a bar.
struct Moves(ProgressBar);

impl Observer for Moves {
    fn finished(&self, outcome: &Outcome) {
        // After Ctrl-C the bar shows how far it came.
        if outcome.status != Status::Failed(Failure::Cancelled) {
            self.0.inc(1);
        }
    }
}

/// A bar with its numbers, which are fixed once the engine is done.
fn style(colour: &str, fixed: Option<(usize, f64)>) -> ProgressStyle {
    let numbers = move |state: &ProgressState| {
        fixed.unwrap_or_else(|| (state.pos() as usize, state.elapsed().as_secs_f64()))
    };
    let template = format!(
        "{{prefix:15}} {{wide_bar:.{colour}}} {{pos:>4}}/{{len}} {{rate:>7}} flags/s {{time:>6}}"
    );
    // The template is a constant but for the colour, and a test looks at what it draws.
    let style = ProgressStyle::with_template(&template);
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    // Writing to the line of a bar does not fail.
    style
        .with_key(
            "rate",
            move |state: &ProgressState, line: &mut dyn std::fmt::Write| {
                let (flags, seconds) = numbers(state);
                let _ = write!(line, "{:.1}", rate(flags, seconds));
            },
        )
        .with_key(
            "time",
            move |state: &ProgressState, line: &mut dyn std::fmt::Write| {
                let _ = write!(line, "{:.1} s", numbers(state).1);
            },
        )
}

/// Flags in a second; none in no time.
pub fn rate(flags: usize, seconds: f64) -> f64 {
    if seconds > 0.0 {
        flags as f64 / seconds
    } else {
        0.0
    }
}
