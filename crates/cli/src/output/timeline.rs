//! The timeline of a download, as files: a picture and a trace.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

use anyhow::Context;
use flagrace_core::{Job, Outcome, Report};
use flagrace_measure::span;
use flagrace_report::data::Timeline;
use flagrace_report::timeline::{self, Detail};

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

impl Wanted {
    /// Checks that the files can be written, before the download. Their content stays until
    /// there is something to replace it.
    pub fn check(&self) -> anyhow::Result<()> {
        for path in [&self.timeline, &self.trace].into_iter().flatten() {
            let file = OpenOptions::new().append(true).create(true).open(path);
            file.with_context(|| cannot_write(path))?;
        }
        Ok(())
    }

    /// Writes the files of a job, also of one that was cancelled.
    pub fn write(&self, engine: &str, job: &Job, report: &Report) -> anyhow::Result<()> {
        if self.timeline.is_none() && self.trace.is_none() {
            return Ok(());
        }
        let timeline = Timeline {
            scenario: "get".to_owned(),
            engine: engine.to_owned(),
            spans: report.outcomes.iter().map(|one| span(job, one)).collect(),
        };
        if let Some(path) = &self.timeline {
            let picture = timeline::figure(&[&timeline]);
            fs::write(path, picture).with_context(|| cannot_write(path))?;
        }
        if let Some(path) = &self.trace {
            let detail = |outcome: &Outcome| Detail {
                url: job.url(outcome.item),
                bytes: outcome.bytes,
                cause: outcome.detail.as_deref().map(str::to_owned),
            };
            let details: Vec<_> = report.outcomes.iter().map(detail).collect();
            let trace = timeline::trace(&timeline, &details);
            fs::write(path, trace).with_context(|| cannot_write(path))?;
        }
        Ok(())
    }
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}", path.display())
}
