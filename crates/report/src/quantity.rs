//! What a group measures.

use serde::{Deserialize, Serialize};

/// What the samples of a group are amounts of. Of either, less is better.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Quantity {
    /// Wall time; samples are in seconds, and above 0, as nothing takes no time.
    #[default]
    Time,
    /// Memory; samples are in bytes. 0 is one of them: what is measured may fit into
    /// a page that was already there.
    Memory,
}

impl Quantity {
    /// The unit of the samples.
    fn unit(self) -> &'static str {
        match self {
            Self::Time => "s",
            Self::Memory => "B",
        }
    }

    /// Whether it need not be named in a raw file: times are what files of before
    /// there was a choice hold.
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Why a number cannot be a sample, if it cannot.
    pub(crate) fn refusal(self, sample: f64) -> Option<String> {
        let (in_range, rule) = match self {
            Self::Time => (sample > 0.0, "a time is finite and above 0"),
            Self::Memory => (sample >= 0.0, "memory is finite and not below 0"),
        };
        let refused = !(sample.is_finite() && in_range);
        refused.then(|| format!("a sample of {sample} {}; {rule}", self.unit()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_may_be_nothing_and_time_may_not() {
        let refused = |quantity: Quantity, sample| quantity.refusal(sample).is_some();
        for sample in [-1.0, -5e-324, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(refused(Quantity::Time, sample), "{sample} s");
            assert!(refused(Quantity::Memory, sample), "{sample} B");
        }
        assert!(refused(Quantity::Time, 0.0) && !refused(Quantity::Memory, 0.0));
        for sample in [5e-324, 1.5, 1e12] {
            assert!(!refused(Quantity::Time, sample), "{sample} s");
            assert!(!refused(Quantity::Memory, sample), "{sample} B");
        }
        assert_eq!(
            Quantity::Memory.refusal(-1.5).unwrap(),
            "a sample of -1.5 B; memory is finite and not below 0"
        );
        assert_eq!(
            Quantity::Time.refusal(0.0).unwrap(),
            "a sample of 0 s; a time is finite and above 0"
        );
    }
}
