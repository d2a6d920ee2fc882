//! The timeline of a download, as files: a picture and a trace.

use std::path::PathBuf;

use flagrace_core::{Job, Outcome, Report};
use flagrace_measure::span;
use flagrace_report::data::Timeline;
use flagrace_report::timeline::{self, Detail};

use super::{check_files, write_file};

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
    pub fn check(&self) -> anyhow::Result<()> {
        check_files([&self.timeline, &self.trace])
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
            write_file(path, timeline::figure(&[&timeline]))?;
        }
        if let Some(path) = &self.trace {
            let detail = |outcome: &Outcome| Detail {
                url: job.url(outcome.item),
                bytes: outcome.bytes,
                cause: outcome.detail.clone().map(String::from),
            };
            let details: Vec<_> = report.outcomes.iter().map(detail).collect();
            write_file(path, timeline::trace(&timeline, &details))?;
        }
        Ok(())
    }
}
