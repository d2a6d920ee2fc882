//! Keeps a comparison while it is measured: each round as soon as it is over.
//!
//! Whatever ends the program costs at most the round under way, and what was in the folder
//! before makes way only for a round that is over: a scenario for its own next measurement,
//! and a comparison of other source or of another machine, which is put aside.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::file::{self, FILE, Line};
use super::raw::{Comparison, Scenario, Timeline, Trial};
use crate::error::Error;
use crate::folder::understood;
use crate::run::Meta;

/// The folder, in that of a run, of the comparison that made way for another one.
pub const BEFORE: &str = "before";

/// A comparison that is being measured.
#[derive(Debug)]
pub struct Writer {
    folder: PathBuf,
    /// What the file holds, once there is a round to be kept.
    kept: Comparison,
    /// Whether the file that is there is none to go on with.
    is_other: bool,
    /// The file, from the first round on.
    file: Option<File>,
    /// A scenario that has no round yet.
    next: Option<Scenario>,
    /// The scenarios that have.
    measured: Vec<String>,
}

impl Writer {
    /// Goes on with what the folder holds of other scenarios, if that was measured on the same
    /// machine with the same source. Nothing is written yet, but the folder is made.
    ///
    /// # Errors
    ///
    /// Where the folder cannot be made, or its file not be read.
    pub fn new(folder: &Path, meta: Meta) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(Error::write(folder))?;
        let before = understood(file::read(folder))?;
        let (kept, is_other) = match before {
            Some(old) if old.meta.same_run(&meta) => (Comparison { meta, ..old }, false),
            other => {
                // One that cannot be understood may be of another version.
                let is_there = folder.join(FILE).exists();
                let nothing = other.is_some_and(|old| old.trials.is_empty());
                let kept = Comparison {
                    meta,
                    scenarios: Vec::new(),
                    trials: Vec::new(),
                    timelines: Vec::new(),
                };
                (kept, is_there && !nothing)
            }
        };
        Ok(Self {
            folder: folder.to_path_buf(),
            kept,
            is_other,
            file: None,
            next: None,
            measured: Vec::new(),
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
        if let Some(scenario) = self.next.take() {
            return self.replace(scenario, trials);
        }
        self.kept.trials.extend_from_slice(trials);
        self.add(trials.iter().cloned().map(Line::Trial))
    }

    /// Keeps the course of a download.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn timeline(&mut self, timeline: &Timeline) -> Result<(), Error> {
        self.kept.timelines.push(timeline.clone());
        self.add([Line::Timeline(timeline.clone())].into_iter())
    }

    /// The scenarios of which a round was kept.
    #[must_use]
    pub fn measured(&self) -> &[String] {
        &self.measured
    }

    /// Where the comparison is that made way for this one, if any did.
    #[must_use]
    pub fn aside(&self) -> Option<PathBuf> {
        let made_way = self.is_other && !self.measured.is_empty();
        made_way.then(|| self.folder.join(BEFORE))
    }

    /// Writes the file anew, with a scenario whose first round is over in place of what there
    /// was of it.
    fn replace(&mut self, scenario: Scenario, trials: &[Trial]) -> Result<(), Error> {
        if self.is_other && self.measured.is_empty() {
            let aside = self.folder.join(BEFORE);
            fs::create_dir_all(&aside).map_err(Error::write(&aside))?;
            let aside = aside.join(FILE);
            fs::copy(self.folder.join(FILE), &aside).map_err(Error::write(&aside))?;
        }
        let name = scenario.name.clone();
        let kept = &mut self.kept;
        kept.scenarios.retain(|scenario| scenario.name != name);
        kept.trials.retain(|trial| trial.scenario != name);
        kept.timelines.retain(|timeline| timeline.scenario != name);
        kept.scenarios.push(scenario);
        kept.trials.extend_from_slice(trials);
        self.file = Some(file::begin(&self.folder, kept)?);
        self.measured.push(name);
        Ok(())
    }

    fn add(&mut self, lines: impl Iterator<Item = Line>) -> Result<(), Error> {
        match &mut self.file {
            Some(file) => file::add(file, &self.folder.join(FILE), lines),
            // Before the first round there is nothing to add it to, and the first brings it.
            None => Ok(()),
        }
    }
}
