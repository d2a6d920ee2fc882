//! Options and values shared by several verbs, and their errors.

use std::fmt::Display;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use bytesize::ByteSize;
use flagrace_core::{CountryCode, Setup, Tls, UrlList, tls};

/// A wrong argument, as opposed to a failure of the system or the network: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(String);

impl Usage {
    /// Creates an error of one line: what is wrong, and what would be right.
    pub fn error(line: impl Display) -> anyhow::Error {
        Self(line.to_string()).into()
    }
}

/// The limits of a download, and the certificates that it trusts.
#[derive(clap::Args, Clone, Debug)]
pub struct Network {
    /// Requests in flight at a time
    #[arg(short, long, short_alias = 'm', aliases = ["max-req", "max_req"], value_name = "N",
        value_parser = at_least_one, default_value_t = Setup::default().concurrency)]
    pub concurrency: usize,
    /// Time limit of each request
    #[arg(long, value_name = "TIME", value_parser = some_time, default_value = "30s")]
    pub timeout: Duration,
    /// Largest body to accept, such as 500kB or 1MiB
    #[arg(long, value_name = "SIZE", value_parser = size, default_value = "1MiB")]
    pub max_body: u64,
    /// PEM file of extra CA certificates to trust
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

impl Network {
    /// The setup of an engine for this many items. TLS takes time to set up, so only https gets it,
    /// in a build with that feature.
    pub fn setup(&self, items: usize, https: bool) -> anyhow::Result<Setup> {
        ensure!(cfg!(feature = "https") || !https, tls::WITHOUT);
        let tls = match &self.ca {
            Some(_) if !https => {
                return Err(Usage::error("--ca is for https, but no URL is https"));
            }
            Some(path) => {
                let name = path.display();
                let pem = fs::read(path);
                let pem = pem.with_context(|| format!("cannot read the certificates in {name}"))?;
                Some(Arc::new(Tls::from_pem(&pem).context(name.to_string())?))
            }
            None => https.then(Arc::default),
        };
        Ok(Setup {
            concurrency: self.concurrency.min(items),
            connect_timeout: self.timeout.min(Setup::default().connect_timeout),
            request_timeout: self.timeout,
            max_body: self.max_body,
            tls,
        })
    }
}

pub struct Urls {
    pub text: String,
    pub list: UrlList,
}

impl Urls {
    /// Reads the list in a file; `-` is standard input.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let (name, text) = if path == Path::new("-") {
            ("standard input".to_owned(), io::read_to_string(io::stdin()))
        } else {
            (path.display().to_string(), fs::read_to_string(path))
        };
        let text = text.with_context(|| format!("cannot read the URLs in {name}"))?;
        let list = UrlList::parse(&text).context(name)?;
        Ok(Self { text, list })
    }
}

pub fn built_in() -> Vec<CountryCode> {
    let codes = flagrace_catalog::all().iter();
    codes.filter_map(|flag| flag.code.parse().ok()).collect()
}

pub fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("expected a whole number, at least 1".to_owned()),
        Ok(number) => Ok(number),
    }
}

/// Parses a size of up to 1 GiB: a body is kept in memory as a whole.
pub fn size(text: &str) -> Result<u64, String> {
    match text.parse::<ByteSize>() {
        Ok(ByteSize(bytes @ 1..=0x4000_0000)) => Ok(bytes),
        _ => Err("expected a size such as 500kB or 1MiB, at most 1GiB".to_owned()),
    }
}

/// Parses a time such as `500ms`: above zero, and at most a day, so that adding it to an instant
/// cannot overflow.
pub fn some_time(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(time) if !time.is_zero() && time <= Duration::from_secs(86_400) => Ok(time),
        _ => Err("expected a time such as 500ms or 30s, at most 1day".to_owned()),
    }
}
