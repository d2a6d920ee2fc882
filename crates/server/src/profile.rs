//! How the server behaves: how slow it is, and what goes wrong.

use std::collections::BTreeMap;
use std::time::Duration;

use flagrace_core::CountryCode;
use serde::{Deserialize, Serialize};

use crate::Delay;

/// How the server behaves. All of it is decided by the seed and a flag's code alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// How long a delayed flag waits, in front of each of its answers.
    pub delay: Delay,
    /// The share of flags that is delayed, from 0 to 1.
    pub delayed: f64,
    /// The share of flags that is answered with 418, from 0 to 1.
    pub error_rate: f64,
    /// Decides which flags those are.
    pub seed: u64,
    /// Nothing is answered until this many requests are in flight at once; from then on
    /// everything is. A client that can never have so many waits for ever. It is how a
    /// test proves a concurrency without a clock; 0 and 1 hold nothing back.
    #[serde(skip)]
    pub gate: u64,
    /// What goes wrong with single flags, whatever the shares say.
    #[serde(skip)]
    pub faults: BTreeMap<CountryCode, Fault>,
}

/// What can go wrong with one flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An answer with this status code instead of 200.
    Status(u16),
    /// The connection is reset before an answer.
    Reset,
    /// The connection is closed in the middle of the image.
    Cut,
    /// No answer ever comes.
    Stall,
    /// The image is followed by zeros, up to this many bytes in all.
    Oversized(usize),
    /// The image is sound, its `metadata.json` is not JSON.
    BadMetadata,
}

/// What one flag will meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The wait in front of each answer.
    pub delay: Duration,
    /// What goes wrong, if anything.
    pub fault: Option<Fault>,
}

/// The labels of the profiles that have one.
pub const LABELS: [&str; 3] = ["LOCAL", "DELAY", "ERROR"];

impl Profile {
    /// The profile with this label, in either case: the servers of Fluent Python's first
    /// edition. LOCAL answers at once, DELAY after half a second, and ERROR refuses a
    /// quarter of the flags and delays half of them by half a second.
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

    /// Every flag is delayed, and nothing goes wrong.
    pub fn delayed_by(delay: Delay) -> Self {
        Self {
            delay,
            delayed: 1.0,
            ..Self::default()
        }
    }

    /// What this flag will meet, however often and in whatever order it is asked for.
    pub fn plan(&self, code: CountryCode) -> Plan {
        let draw = |purpose| unit_interval(self.seed, purpose, code);
        let delay = if draw(Purpose::Delayed) < self.delayed {
            self.delay.at(draw(Purpose::HowLong))
        } else {
            Duration::ZERO
        };
        let refused = draw(Purpose::Refused) < self.error_rate;
        let teapot = refused.then_some(Fault::Status(418));
        let fault = self.faults.get(&code).copied().or(teapot);
        Plan { delay, fault }
    }
}

/// Keeps the draws for one flag independent of each other.
#[derive(Clone, Copy)]
enum Purpose {
    Delayed = 1,
    HowLong = 2,
    Refused = 3,
}

/// A number in [0, 1) that looks random and depends on nothing but its arguments.
fn unit_interval(seed: u64, purpose: Purpose, code: CountryCode) -> f64 {
    let [first, second] = [0, 1].map(|i| u64::from(code.as_str().as_bytes()[i]));
    let key = (purpose as u64) << 16 | first << 8 | second;
    // 53 bits are as many as an f64 holds exactly.
    (mix(mix(seed).wrapping_add(key)) >> 11) as f64 / (1u64 << 53) as f64
}

/// The step and finalizer of SplitMix64 (Steele, Lea and Flood, "Fast Splittable
/// Pseudorandom Number Generators", OOPSLA 2014). A generator from a library would do as
/// well today, but may give other numbers in its next version.
fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plans(profile: &Profile) -> Vec<Plan> {
        let every = CountryCode::every();
        every.map(|code| profile.plan(code)).collect()
    }

    fn share(profile: &Profile, is: impl Fn(&Plan) -> bool) -> f64 {
        let plans = plans(profile);
        plans.iter().filter(|plan| is(plan)).count() as f64 / 676.0
    }

    #[test]
    fn splitmix_gives_its_published_numbers() {
        // The first outputs of SplitMix64 from state 1234567, from Sebastiano Vigna's
        // reference implementation; the state advances by the constant at each step.
        assert_eq!(mix(1_234_567), 6_457_827_717_110_365_317);
        let second = 1_234_567u64.wrapping_add(0x9e37_79b9_7f4a_7c15);
        assert_eq!(mix(second), 3_203_168_211_198_807_973);
    }

    #[test]
    fn shares_are_about_what_they_say_for_any_seed() {
        for seed in 0..50 {
            let profile = Profile {
                seed,
                ..Profile::labelled("error").unwrap()
            };
            let refused = share(&profile, |plan| plan.fault == Some(Fault::Status(418)));
            let delayed = share(&profile, |plan| !plan.delay.is_zero());
            // Five standard deviations of a share among 676.
            assert!((refused - 0.25).abs() < 0.084, "{refused} at seed {seed}");
            assert!((delayed - 0.50).abs() < 0.097, "{delayed} at seed {seed}");
        }
    }

    #[test]
    fn refusal_and_delay_are_independent() {
        let profile = Profile::labelled("ERROR").unwrap();
        let both = share(&profile, |plan| {
            plan.fault.is_some() && !plan.delay.is_zero()
        });
        assert!((both - 0.125).abs() < 0.05, "{both}");
    }

    #[test]
    fn a_range_of_delays_is_used_from_end_to_end() {
        let range = Delay {
            min: Duration::from_millis(500),
            max: Duration::from_secs(5),
        };
        let profile = Profile::delayed_by(range);
        let plans = plans(&profile);
        let delays: Vec<_> = plans.iter().map(|plan| plan.delay).collect();
        assert!(delays.iter().all(|d| (range.min..=range.max).contains(d)));
        assert!(delays.iter().min().unwrap() < &Duration::from_millis(600));
        assert!(delays.iter().max().unwrap() > &Duration::from_millis(4900));
    }

    #[test]
    fn another_seed_is_another_choice() {
        let [first, again, other] = [7, 7, 8].map(|seed| {
            plans(&Profile {
                seed,
                ..Profile::labelled("ERROR").unwrap()
            })
        });
        assert_eq!(first, again);
        assert_ne!(first, other);
    }

    #[test]
    fn every_label_has_a_profile() {
        for label in LABELS {
            assert!(Profile::labelled(label).is_some());
        }
        assert!(Profile::labelled("REMOTE").is_none());
    }
}
