//! The timeline of a download, as files: a picture and a trace.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use flagrace_core::{Job, Origin, Outcome, Report};
use flagrace_report::comparison::{Span, Timeline};
use flagrace_report::timeline::{self, Detail, Waterfall};

/// The files to write.
#[derive(clap::Args)]
pub struct Wanted {
    /// Draw the timeline of each flag as SVG: queued, waiting, receiving, saving
    #[arg(long, value_name = "FILE")]
    timeline: Option<PathBuf>,
    /// Write the same as a trace for ui.perfetto.dev
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
}

/// The files, open.
pub struct Files {
    picture: Option<Target>,
    trace: Option<Target>,
}

impl Wanted {
    /// Opens the files before the download, so that a wrong path costs none. Their content stays
    /// until there is something to replace it.
    pub fn open(&self) -> anyhow::Result<Files> {
        let open = |path: &Option<PathBuf>| path.as_deref().map(Target::open).transpose();
        Ok(Files {
            picture: open(&self.timeline)?,
            trace: open(&self.trace)?,
        })
    }
}

impl Files {
    /// Writes the timeline of a job, also of one that was cancelled.
    pub fn write(self, engine: &str, job: &Job, report: &Report) -> anyhow::Result<()> {
        if self.picture.is_none() && self.trace.is_none() {
            return Ok(());
        }
        let timeline = Timeline {
            scenario: "get".to_owned(),
            engine: engine.to_owned(),
            spans: report.outcomes.iter().map(|one| span(job, one)).collect(),
        };
        if let Some(target) = self.picture {
            target.write(&timeline::waterfall(&Waterfall {
                title: &match &job.origin {
                    Origin::Flags(base_url) => format!("Downloading from {base_url}"),
                    Origin::Urls(_) => format!("Downloading {} URLs", job.items.len()),
                },
                two_requests: job.metadata,
                timelines: &[&timeline],
            }))?;
        }
        if let Some(target) = self.trace {
            let detail = |outcome: &Outcome| Detail {
                url: job.url(outcome.item),
                bytes: outcome.bytes,
                cause: outcome.detail.as_deref().map(str::to_owned),
            };
            let details: Vec<_> = report.outcomes.iter().map(detail).collect();
            target.write(&timeline::trace(&timeline, &details, job.metadata))?;
        }
        Ok(())
    }
}

/// The timing of one item, as reports store it.
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

/// A file that will be written.
struct Target {
    path: PathBuf,
    file: File,
}

impl Target {
    fn open(path: &Path) -> anyhow::Result<Self> {
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(false).open(path);
        Ok(Self {
            path: path.to_owned(),
            file: file.with_context(|| format!("cannot write {}", path.display()))?,
        })
    }

    fn write(mut self, text: &str) -> anyhow::Result<()> {
        // A pipe or a terminal has no length.
        let is_file = self.file.metadata().is_ok_and(|about| about.is_file());
        let cut = if is_file {
            self.file.set_len(0)
        } else {
            Ok(())
        };
        cut.and_then(|()| self.file.write_all(text.as_bytes()))
            .with_context(|| format!("cannot write {}", self.path.display()))
    }
}
