//! Work of one's own: a list of URLs in place of the scenarios.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use flagrace_core::DEFAULT_CONCURRENCY;
use flagrace_server::Profile;

use super::scenarios::{Scenario, Work};
use crate::args::{StoreKind, at_least_one, size, some_time};
use crate::engine::Engine;
use crate::output::text::count;
use crate::urls::{self, Urls};

/// Those of the default comparison, unless --engine says otherwise.
const ENGINES: [Engine; 4] = [Engine::Threads, Engine::Seq, Engine::Rayon, Engine::Async];

/// How often, unless `--rounds` says so: somebody's service has other things to do.
const ROUNDS: usize = 10;

/// How long a trial may take.
const PATIENCE: Duration = Duration::from_secs(600);

/// Work of one's own.
#[derive(clap::Args)]
pub struct Own {
    /// Compare on the URLs in FILE, one in each line, in place of the scenarios; - is standard
    /// input. Each trial downloads all of them once, into memory
    #[arg(long, value_name = "FILE", conflicts_with_all = ["scenario", "server", "scenarios", "list"])]
    urls: Option<PathBuf>,
    /// At most N requests at a time, for --urls
    #[arg(short, long, value_name = "N", value_parser = at_least_one,
        default_value_t = DEFAULT_CONCURRENCY, requires = "urls")]
    max_req: usize,
    /// For https, trust the certificates in FILE (PEM) beside the public authorities
    #[arg(long, value_name = "FILE", requires = "urls")]
    ca: Option<PathBuf>,
    /// The largest body that is read: bytes, or a size such as 500k or 1MiB [default: 1MiB]
    #[arg(long, value_name = "SIZE", value_parser = size, requires = "urls")]
    max_body: Option<u64>,
    /// How long to wait for each request [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = some_time, requires = "urls")]
    timeout: Option<Duration>,
}

impl Own {
    /// The list that is named.
    pub fn read(&self) -> anyhow::Result<Option<Urls>> {
        self.urls.as_deref().map(urls::read).transpose()
    }

    /// The scenario that it makes.
    pub fn scenario(&self, urls: &Urls) -> Scenario {
        let n = urls.list.items().count();
        let concurrency = self.max_req.min(n);
        Scenario {
            name: "urls".to_owned(),
            title: format!("{} of one's own, {concurrency} at a time", count(n, "URL")),
            family: None,
            work: Work::Urls(n),
            concurrency,
            profile: Profile::default(),
            metadata: false,
            store: StoreKind::Memory,
            engines: ENGINES.to_vec(),
            rounds: ROUNDS,
            timeline: false,
            patience: PATIENCE,
        }
    }

    /// What each trial is told of it. The list is copied to where every trial can read it:
    /// standard input can be read once.
    pub fn arguments(&self, urls: &Urls, folder: &Path) -> anyhow::Result<Vec<String>> {
        let copy = folder.join("urls");
        fs::write(&copy, &urls.text).context("cannot copy the list of URLs")?;
        let mut arguments = vec!["--urls".to_owned(), copy.to_string_lossy().into_owned()];
        if let Some(path) = &self.ca {
            arguments.extend(["--ca".to_owned(), path.to_string_lossy().into_owned()]);
        }
        if let Some(bytes) = self.max_body {
            arguments.extend(["--max-body".to_owned(), bytes.to_string()]);
        }
        if let Some(time) = self.timeout {
            let time = humantime::format_duration(time).to_string();
            arguments.extend(["--timeout".to_owned(), time]);
        }
        Ok(arguments)
    }
}
