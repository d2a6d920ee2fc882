//! Delays of responses.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The delay of a response: fixed, or drawn uniformly for each flag from a range.
///
/// tokio's timer and the event loop each round up to a millisecond, so a response is about 1.2 ms
/// late and never early.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delay {
    /// The shortest.
    pub min: Duration,
    /// The longest.
    pub max: Duration,
}

/// Short enough never to overflow a timer.
const LONGEST: Duration = Duration::from_secs(3600);

impl Delay {
    /// A fixed delay.
    pub const fn fixed(delay: Duration) -> Self {
        Self {
            min: delay,
            max: delay,
        }
    }

    /// The delay at a point of the range, from 0 to 1.
    pub fn at(self, point: f64) -> Duration {
        self.min + (self.max - self.min).mul_f64(point.clamp(0.0, 1.0))
    }
}

impl FromStr for Delay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let example = "a delay is like 50ms, or a range like 500ms..5s";
        let wrong = |why: &dyn fmt::Display| format!("'{text}' is not a delay: {why}; {example}");
        let parse = |part: &str| match humantime::parse_duration(part) {
            Ok(delay) if delay > LONGEST => Err(wrong(&"it is longer than an hour")),
            Ok(delay) => Ok(delay),
            Err(error) => Err(wrong(&error)),
        };
        let (min, max) = text.split_once("..").unwrap_or((text, text));
        let (min, max) = (parse(min)?, parse(max)?);
        if min > max {
            return Err(wrong(&"it ends before it begins"));
        }
        Ok(Self { min, max })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("", "empty")]
    #[case("fast", "number")]
    #[case("5s..1s", "ends before")]
    #[case("2h", "hour")]
    fn errors_name_text_and_cause(#[case] text: &str, #[case] why: &str) {
        let error = text.parse::<Delay>().unwrap_err();
        assert!(error.contains(&format!("'{text}'")), "{error}");
        assert!(error.contains(why), "{error}");
    }
}
