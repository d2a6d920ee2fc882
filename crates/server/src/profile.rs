//! Deliberate delays and faults.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use flagrace_core::CountryCode;
use serde::{Deserialize, Serialize};

/// How the server behaves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// The delay of a delayed flag, before each of its responses.
    pub delay: Delay,
    /// The share of delayed flags, from 0 to 1.
    pub delayed: f64,
    /// The share of flags answered with 418, from 0 to 1.
    pub error_rate: f64,
    /// The seed that selects these flags.
    pub seed: u64,
    /// The size of every image in bytes, instead of its own.
    pub body: Option<u64>,
    /// Holds back all responses until this many requests are in flight at once, then none. With it,
    /// tests prove a client's concurrency without a clock; a client with less waits forever.
    #[serde(skip)]
    pub gate: u64,
    /// Faults of single flags, which take precedence over `error_rate`.
    #[serde(skip)]
    pub faults: BTreeMap<CountryCode, Fault>,
}

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
}

/// A fault of one flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A response with this status code instead of 200.
    Status(u16),
    /// These bytes instead of a response, as they are.
    Raw(&'static str, Then),
    /// The image is valid, but this is its `metadata.json`.
    Metadata(&'static str),
}

/// What happens to the connection after raw bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// It is closed (FIN).
    Close,
    /// It is reset (RST).
    Reset,
    /// It stays open, and nothing more is sent.
    Hold,
    /// It stays open, and this follows again and again, each time after this pause.
    Repeat(&'static str, Duration),
}

impl Fault {
    /// Resets the connection instead of responding.
    pub const RESET: Self = Self::Raw("", Then::Reset);
    /// No response at all.
    pub const STALL: Self = Self::Raw("", Then::Hold);
    /// Closes the connection in the middle of the body.
    pub const CUT: Self = Self::Raw(
        "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nGIF89a",
        Then::Close,
    );
    /// The metadata are not JSON.
    pub const BAD_METADATA: Self = Self::Metadata("{\"country\": ");
}

/// The behaviour for one flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The delay before each response.
    pub delay: Duration,
    /// The fault, if any.
    pub fault: Option<Fault>,
}

impl Profile {
    /// The profile with this label, in upper or lower case: the servers of Fluent Python's first
    /// edition. LOCAL answers at once, DELAY after half a second; ERROR answers a quarter of the
    /// flags with an error and delays half of all by half a second.
    pub fn labelled(label: &str) -> Option<Self> {
        let half_a_second = Delay::fixed(Duration::from_millis(500));
        match label.to_ascii_uppercase().as_str() {
            "LOCAL" => Some(Self::default()),
            "DELAY" => Some(Self::delayed_by(half_a_second)),
            "ERROR" => Some(Self {
                delay: half_a_second,
                delayed: 0.5,
                error_rate: 0.25,
                ..Self::default()
            }),
            _ => None,
        }
    }

    /// Delays every flag, without faults.
    pub fn delayed_by(delay: Delay) -> Self {
        Self {
            delay,
            delayed: 1.0,
            ..Self::default()
        }
    }

    /// The behaviour for this flag, the same for every request.
    pub fn plan(&self, code: CountryCode) -> Plan {
        // Independent of each other.
        let [delayed, point, refused] = [1, 2, 3].map(|draw| unit_interval(self.seed, draw, code));
        let Delay { min, max } = self.delay;
        let delay = match delayed < self.delayed {
            true => min + (max - min).mul_f64(point),
            false => Duration::ZERO,
        };
        let refused = refused < self.error_rate;
        let teapot = refused.then_some(Fault::Status(418));
        let fault = self.faults.get(&code).copied().or(teapot);
        Plan { delay, fault }
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

/// A pseudorandom number in [0, 1) that depends only on the arguments.
fn unit_interval(seed: u64, draw: u64, code: CountryCode) -> f64 {
    let [first, second] = [0, 1].map(|i| u64::from(code.as_str().as_bytes()[i]));
    let key = draw << 16 | first << 8 | second;
    // An f64 holds 53 bits exactly.
    (mix(mix(seed).wrapping_add(key)) >> 11) as f64 / (1u64 << 53) as f64
}

/// The step and finalizer of SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom
/// Number Generators", OOPSLA 2014). A library's generator may change its output between versions.
fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// The first outputs of Sebastiano Vigna's reference implementation from state 1234567, which
    /// advances by the constant at each step.
    #[test]
    fn splitmix_gives_its_published_numbers() {
        assert_eq!(mix(1_234_567), 6_457_827_717_110_365_317);
        let second = 1_234_567u64.wrapping_add(0x9e37_79b9_7f4a_7c15);
        assert_eq!(mix(second), 3_203_168_211_198_807_973);
    }

    #[test]
    fn shares_and_delays_are_right_and_independent_for_any_seed() {
        let mut last = Vec::new();
        for seed in 0..50 {
            let profile = Profile {
                seed,
                delay: "500ms..5s".parse().unwrap(),
                ..Profile::labelled("error").unwrap()
            };
            let every = CountryCode::every();
            let plans: Vec<_> = every.map(|code| profile.plan(code)).collect();
            assert_ne!(plans, last);
            let share = |is: fn(&Plan) -> bool| {
                plans.iter().filter(|plan| is(plan)).count() as f64 / plans.len() as f64
            };
            let refused = share(|plan| plan.fault == Some(Fault::Status(418)));
            let delayed = share(|plan| !plan.delay.is_zero());
            let both = share(|plan| plan.fault.is_some() && !plan.delay.is_zero());
            // Five standard deviations of a share of 676.
            assert!((refused - 0.25).abs() < 0.084, "{refused} at seed {seed}");
            assert!((delayed - 0.50).abs() < 0.097, "{delayed} at seed {seed}");
            assert!((both - 0.125).abs() < 0.064, "{both} at seed {seed}");
            let delays = plans.iter().map(|plan| plan.delay.as_millis());
            let delays = delays.filter(|&delay| delay > 0);
            let (min, max) = (delays.clone().min(), delays.max());
            assert!((500..600).contains(&min.unwrap()), "{min:?} at {seed}");
            assert!((4900..=5000).contains(&max.unwrap()), "{max:?} at {seed}");
            last = plans;
        }
    }

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
