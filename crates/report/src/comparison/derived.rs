//! The files that are made from a comparison.

use super::export::{csv, markdown};
use super::raw::{Comparison, Scenario, Timeline};
use super::{Findings, findings};
use crate::error::Error;
use crate::html;
use crate::plot;
use crate::run::Run;
use crate::timeline::{Waterfall, waterfall};

/// What such a file is made from.
#[derive(Debug)]
pub struct Material<'a> {
    /// The trials.
    pub comparison: &'a Comparison,
    /// What they allow to be said.
    pub findings: Findings,
    /// criterion's run of the same source on the same machine, where the folder has one.
    pub run: Option<&'a Run>,
}

/// Makes a file's text, or `None` where there is nothing that it could show. It is a pure
/// function: the same material gives the same bytes.
pub type Make = fn(&Material<'_>) -> Result<Option<String>, Error>;

/// The page among them, which has everything.
pub const PAGE: &str = "index.html";

/// The files that stand beside `compare.jsonl`, and what makes each of them.
pub const DERIVED: [(&str, Make); 6] = [
    ("compare.md", |from| {
        Ok(Some(markdown(from.comparison, &from.findings)))
    }),
    ("compare.csv", |from| csv(&from.findings).map(Some)),
    ("scaling-concurrency.svg", |from| {
        Ok(scaling(from, "concurrency"))
    }),
    ("scaling-flags.svg", |from| Ok(scaling(from, "flags"))),
    ("timelines.svg", |from| Ok(courses(from.comparison))),
    (PAGE, |from| Ok(Some(html::page(from)))),
];

/// The course of a download for each engine, in the scenario that shows most of it: the one
/// with most flags to wait for their turn. The page has those of all scenarios.
fn courses(comparison: &Comparison) -> Option<String> {
    let has_course = |scenario: &&Scenario| {
        let mut all = comparison.timelines.iter();
        all.any(|one| one.scenario == scenario.name)
    };
    let waves = |scenario: &&Scenario| scenario.flags.div_ceil(scenario.concurrency.max(1));
    let with_course = comparison.scenarios.iter().filter(has_course);
    let scenario = with_course.max_by_key(waves)?;
    let all = comparison.timelines.iter();
    let timelines: Vec<&Timeline> = all.filter(|one| one.scenario == scenario.name).collect();
    Some(waterfall(&Waterfall {
        title: &scenario.title,
        two_requests: scenario.command.contains("--metadata"),
        timelines: &timelines,
    }))
}

/// The curves of a family, where the comparison has it. The page has those of all families.
fn scaling(from: &Material<'_>, family: &str) -> Option<String> {
    let families = &from.findings.families;
    let curves = families.iter().find(|curves| curves.family == family)?;
    plot::draw(&from.comparison.meta, curves)
}

impl<'a> Material<'a> {
    /// The material of a comparison, and of the run beside it. A run of other source or of
    /// another machine is none of it.
    #[must_use]
    pub fn new(comparison: &'a Comparison, run: Option<&'a Run>) -> Self {
        Self {
            findings: findings(comparison),
            run: run.filter(|run| run.meta.same_run(&comparison.meta)),
            comparison,
        }
    }
}
