//! The course of one download for each engine: not timed, to be looked at.

use std::sync::Arc;

use anyhow::Context;
use flagrace_core::{Job, Memory, Setup};
use flagrace_report::comparison::{Timeline, Writer};

use super::counts::Server;
use super::scenarios::Scenario;
use crate::output::timeline::span;

/// Downloads once with each engine, in this process, and keeps when each step was done.
/// An engine that fails has no timeline; its trials have told why.
pub fn keep(scenario: &Scenario, server: &Server, writer: &mut Writer) -> anyhow::Result<()> {
    let (Some(base_url), Some(codes)) = (server.base_url(), scenario.codes()) else {
        return Ok(());
    };
    let setup = Setup {
        tls: base_url.is_https().then(Arc::default),
        ..Setup::with_concurrency(scenario.concurrency.min(codes.len()))
    };
    for &engine in &scenario.engines {
        let job = Job {
            metadata: scenario.metadata,
            store: Arc::new(Memory::default()),
            ..Job::new(base_url.clone(), codes.clone())
        };
        let name = engine.name();
        let built = engine.build(&setup);
        let built = built.with_context(|| format!("cannot build {name} for its timeline"))?;
        let report = built.download_many(&job)?;
        writer.timeline(Timeline {
            scenario: scenario.name.clone(),
            engine: name,
            spans: report
                .outcomes
                .iter()
                .map(|outcome| span(&job, outcome))
                .collect(),
        })?;
    }
    Ok(())
}
