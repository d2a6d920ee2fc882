//! The map: where the model matters on one machine, and whether held-out cells agree.

use crate::analysis::Verdict;
use crate::data::Run;
use crate::document::Block;
use crate::law::{Cell, Prediction};

/// The series of held-out cells.
pub const SERIES: &str = "map";

/// A held-out cell: prediction and measurement.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The scenario's name.
    pub name: String,
    /// The workload.
    pub cell: Cell,
    /// The prediction.
    pub prediction: Prediction,
    /// The measured time of each engine of the prediction, if it was measured.
    pub times_s: Vec<Option<f64>>,
    /// The measured ratio of `async-bare` to `threads-bare`.
    pub ratio: f64,
    /// The verdict on it.
    pub verdict: Verdict,
    /// Whether the prediction held; `None` in the knee, or if the measurement does not decide.
    pub held: Option<bool>,
}

/// Compares each held-out cell of a run with its prediction.
pub fn checks(_run: &Run) -> Vec<Check> {
    Vec::new()
}

/// The map as a picture; `None` if the run has no calibration.
pub fn figure(_run: &Run) -> Option<Block> {
    None
}

/// How well the law predicted, in a sentence and a table.
pub fn table(_run: &Run) -> Vec<Block> {
    Vec::new()
}
