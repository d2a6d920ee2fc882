//! Keeps a comparison while it is measured: each round as soon as it is over.
//!
//! Whatever ends the program costs at most the round under way. What was in the folder before
//! makes way for the first round that is over.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::file::{self, FILE, Line};
use super::raw::{Comparison, Scenario, Timeline, Trial};
use crate::error::Error;
use crate::run::Meta;

/// A comparison that is being measured.
#[derive(Debug)]
pub struct Writer {
    folder: PathBuf,
    kept: Comparison,
    /// The file, from the first round on.
    file: Option<File>,
    /// A scenario that has no round yet.
    next: Option<Scenario>,
}

impl Writer {
    /// Makes the folder. Nothing is written to it yet.
    ///
    /// # Errors
    ///
    /// Where the folder cannot be made.
    pub fn new(folder: &Path, meta: Meta) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(Error::write(folder))?;
        let kept = Comparison {
            meta,
            scenarios: Vec::new(),
            trials: Vec::new(),
            timelines: Vec::new(),
        };
        Ok(Self {
            folder: folder.to_path_buf(),
            kept,
            file: None,
            next: None,
        })
    }

    /// A scenario begins.
    pub fn scenario(&mut self, scenario: Scenario) {
        self.next = Some(scenario);
    }

    /// Keeps the trials of a round.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn trials(&mut self, trials: &[Trial]) -> Result<(), Error> {
        let mut lines = Vec::new();
        if let Some(scenario) = self.next.take() {
            self.kept.scenarios.push(scenario.clone());
            lines.push(Line::Scenario(scenario));
        }
        self.kept.trials.extend_from_slice(trials);
        lines.extend(trials.iter().cloned().map(Line::Trial));
        self.add(lines)
    }

    /// Keeps the course of a download.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn timeline(&mut self, timeline: Timeline) -> Result<(), Error> {
        self.kept.timelines.push(timeline.clone());
        self.add(vec![Line::Timeline(timeline)])
    }

    /// What is kept.
    #[must_use]
    pub fn kept(&self) -> &Comparison {
        &self.kept
    }

    /// Adds lines to the file, which the first of them replace.
    fn add(&mut self, lines: Vec<Line>) -> Result<(), Error> {
        match &mut self.file {
            Some(file) => file::add(file, &self.folder.join(FILE), lines.into_iter()),
            None => {
                self.file = Some(file::begin(&self.folder, &self.kept)?);
                Ok(())
            }
        }
    }
}
