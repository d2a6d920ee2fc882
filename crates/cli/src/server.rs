//! The options that shape a server, and the server that `get` downloads from.

use std::str::FromStr;

use anyhow::Context;
use flagrace_core::{BaseUrl, tls};
use flagrace_server::{Delay, LABELS, Profile, ServerProcess};

use crate::urls::can_ask;
use crate::usage::Usage;

/// How the server departs from its profile.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Knobs {
    /// Wait this long before each answer: 50ms, or a range such as 500ms..5s
    #[arg(long, value_name = "TIME")]
    pub delay: Option<Delay>,
    /// Answer this share of the flags with 418, from 0 to 1
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub error_rate: Option<f64>,
    /// Decides which flags are delayed and refused; the same seed, the same flags
    #[arg(long)]
    pub seed: Option<u64>,
}

impl Knobs {
    /// The profile with these changes. A delay that is asked for holds for every flag,
    /// unless the profile delays some of them only.
    pub fn shape(&self, mut profile: Profile) -> Profile {
        if let Some(delay) = self.delay {
            profile.delay = delay;
            if profile.delayed == 0.0 {
                profile.delayed = 1.0;
            }
        }
        profile.error_rate = self.error_rate.unwrap_or(profile.error_rate);
        profile.seed = self.seed.unwrap_or(profile.seed);
        profile
    }

    /// A server somewhere else is not ours to shape.
    pub fn fit(&self, place: &Place) -> anyhow::Result<()> {
        let shapes = self.delay.is_some() || self.error_rate.is_some() || self.seed.is_some();
        if matches!(place, Place::Url(_)) && shapes {
            return Err(Usage::error(
                "--delay, --error-rate and --seed shape a server that is started here: \
                 with an address, give them to that server",
            ));
        }
        Ok(())
    }
}

/// Where `get` downloads from.
#[derive(Clone, Debug)]
pub enum Place {
    /// A server of our own, with the profile of this label.
    Label(String, Profile),
    /// A server somewhere.
    Url(BaseUrl),
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains("://") {
            return address(text).map(Self::Url);
        }
        let profile = Profile::labelled(text).ok_or_else(|| {
            let labels = LABELS.join(", ");
            format!("there is no such server: a server is one of {labels}, or an address such as http://127.0.0.1:8000/flags")
        })?;
        Ok(Self::Label(text.to_ascii_uppercase(), profile))
    }
}

/// The address of a server, which this build can ask.
pub fn address(text: &str) -> Result<BaseUrl, String> {
    let url: BaseUrl = text.parse().map_err(|error| format!("{error}"))?;
    match can_ask(url.is_https()) {
        true => Ok(url),
        false => Err(tls::WITHOUT.to_owned()),
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("a share is a number from 0 to 1, such as 0.25".to_owned()),
    }
}

/// How a server behaves, in a few words.
pub fn describe(profile: &Profile) -> String {
    let mut words = match profile.delayed {
        _ if profile.delay.max.is_zero() => "no delay".to_owned(),
        1.0 => format!("{} of delay", profile.delay),
        share => format!("{} of delay for {:.0} %", profile.delay, share * 100.0),
    };
    if profile.error_rate > 0.0 {
        words += &format!(
            ", errors for {} %",
            (profile.error_rate * 1e6).round() / 1e4
        );
    }
    words
}

/// The server that is downloaded from, kept running while this lives.
pub struct Source {
    /// `LOCAL`, say; `URL` for a server somewhere.
    pub label: String,
    /// Where the flags are.
    pub base_url: BaseUrl,
    process: Option<ServerProcess>,
}

impl Source {
    /// Starts the server, where it is one of ours. It gets a process of its own: what
    /// the download costs must not be mixed with what serving costs.
    pub fn open(place: &Place, knobs: &Knobs) -> anyhow::Result<Self> {
        Ok(match place {
            Place::Url(base_url) => Self {
                label: "URL".to_owned(),
                base_url: base_url.clone(),
                process: None,
            },
            Place::Label(label, profile) => {
                let process = ServerProcess::start(&knobs.shape(profile.clone()))
                    .context("cannot start the flag server")?;
                Self {
                    label: label.clone(),
                    base_url: process.base_url(),
                    process: Some(process),
                }
            }
        })
    }

    /// What the server has seen, where it is ours and can be asked.
    pub fn stats(&mut self) -> Option<flagrace_server::Stats> {
        self.process.as_mut()?.take_stats().ok()
    }
}
