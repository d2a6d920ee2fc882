//! The course of a download, as files: a picture, and a trace.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use flagrace_core::{Job, Outcome, Report};
use flagrace_report::data::{Span, Timeline};
use flagrace_report::timeline::{self, Detail};

use crate::usage::Usage;

/// What is to be written, and where to.
#[derive(clap::Args)]
pub struct Wanted {
    /// Draw the course of the download as an SVG: queued, waiting, receiving, saving
    #[arg(long, value_name = "FILE")]
    timeline: Option<PathBuf>,
    /// Write the course of the download as a trace, which ui.perfetto.dev opens
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
}

/// The files, open.
pub struct Files {
    picture: Option<Target>,
    trace: Option<Target>,
}

impl Wanted {
    /// Opens the files before anything is downloaded: a path that cannot be written is told
    /// of while nothing is lost. What is in them stays until there is something to replace it.
    pub fn open(&self) -> anyhow::Result<Files> {
        if self.timeline.is_some() && self.timeline == self.trace {
            return Err(Usage::error(
                "--timeline and --trace are the same file: a picture and a trace need one each",
            ));
        }
        Ok(Files {
            picture: self.timeline.as_deref().map(Target::open).transpose()?,
            trace: self.trace.as_deref().map(Target::open).transpose()?,
        })
    }
}

impl Files {
    /// Writes what became of a job: all that was done, where it was cancelled.
    pub fn write(self, engine: &str, job: &Job, report: &Report) -> anyhow::Result<()> {
        let Self { picture, trace } = self;
        if picture.is_none() && trace.is_none() {
            return Ok(());
        }
        let timeline = Timeline {
            scenario: "get".to_owned(),
            engine: engine.to_owned(),
            spans: report.outcomes.iter().map(|one| span(job, one)).collect(),
        };
        if let Some(target) = picture {
            target.write(&timeline::figure(&[&timeline]))?;
        }
        if let Some(target) = trace {
            let details: Vec<_> = (report.outcomes.iter())
                .map(|outcome| detail(job, outcome))
                .collect();
            target.write(&timeline::trace(&timeline, &details))?;
        }
        Ok(())
    }
}

/// The course of a flag, in the form of the reports.
pub fn span(job: &Job, outcome: &Outcome) -> Span {
    let timing = outcome.timing;
    let seconds = |time: Option<Duration>| time.map(|time| time.as_secs_f64());
    Span {
        label: job.label(outcome.item).into_owned(),
        status: outcome.status.to_string(),
        started_s: seconds(timing.started),
        first_byte_s: seconds(timing.first_byte),
        body_read_s: seconds(timing.body_read),
        saved_s: seconds(timing.saved),
        finished_s: timing.finished.as_secs_f64(),
    }
}

fn detail(job: &Job, outcome: &Outcome) -> Detail {
    Detail {
        url: job.url(outcome.item),
        bytes: outcome.bytes,
        cause: outcome.detail.as_deref().map(str::to_owned),
    }
}

/// A file that will be written.
struct Target {
    path: PathBuf,
    file: File,
}

impl Target {
    fn open(path: &Path) -> anyhow::Result<Self> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .with_context(|| cannot_write(path))?;
        Ok(Self {
            path: path.to_owned(),
            file,
        })
    }

    fn write(mut self, text: &str) -> anyhow::Result<()> {
        // A pipe or a terminal has no length.
        if self.file.metadata().is_ok_and(|about| about.is_file()) {
            self.file
                .set_len(0)
                .with_context(|| cannot_write(&self.path))?;
        }
        self.file
            .write_all(text.as_bytes())
            .with_context(|| cannot_write(&self.path))
    }
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}", path.display())
}
