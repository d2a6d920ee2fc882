//! Options for flag servers: the URL of a running one, or the behaviour of one to start.

use std::str::FromStr;

use anyhow::Context;
use flagrace_core::BaseUrl;
use flagrace_server::{Delay, Profile, ServerProcess};

use crate::args::size;

#[derive(clap::Args, Clone, Debug, Default, PartialEq)]
pub struct Knobs {
    /// Delay each response by a time or a range, such as 50ms or 500ms..5s
    #[arg(long, value_name = "TIME")]
    delay: Option<Delay>,
    /// Answer this share of the flags with 418, from 0 to 1
    #[arg(long, value_name = "SHARE", value_parser = share)]
    error_rate: Option<f64>,
    /// Seed that selects the flags to delay and to answer with 418
    #[arg(long)]
    seed: Option<u64>,
    /// Size of every image, such as 1MiB, instead of its own
    #[arg(long, value_name = "SIZE", value_parser = size)]
    body: Option<u64>,
}

impl Knobs {
    /// Applies the changes. A delay applies to every flag unless the profile delays only some.
    pub fn shape(&self, mut profile: Profile) -> Profile {
        if let Some(delay) = self.delay {
            profile.delay = delay;
            if profile.delayed == 0.0 {
                profile.delayed = 1.0;
            }
        }
        profile.error_rate = self.error_rate.unwrap_or(profile.error_rate);
        profile.seed = self.seed.unwrap_or(profile.seed);
        profile.body = self.body.or(profile.body);
        profile
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("expected a number from 0 to 1, such as 0.25".to_owned()),
    }
}

/// Starts a server in its own process, so that its cost is separate from the download's.
pub fn start(profile: &Profile) -> anyhow::Result<ServerProcess> {
    ServerProcess::start(profile).context("cannot start the flag server")
}

#[derive(Clone, Debug)]
pub enum Place {
    /// A server to start for the download, by the label of its profile.
    Label(String, Profile),
    Url(BaseUrl),
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains("://") {
            let url = text.parse::<BaseUrl>().map(Self::Url);
            return url.map_err(|error| error.to_string());
        }
        match Profile::labelled(text) {
            Some(profile) => Ok(Self::Label(text.to_ascii_uppercase(), profile)),
            None => Err(
                "expected one of LOCAL, DELAY, ERROR, or a URL such as http://127.0.0.1:8000/flags"
                    .to_owned(),
            ),
        }
    }
}
