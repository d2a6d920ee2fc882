//! The options for work of one's own: a list of URLs in place of flags, and https.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use flagrace_core::{Setup, Tls, UrlList};

use crate::args::size;
use crate::server::Place;
use crate::urls;
use crate::usage::Usage;

/// Work of one's own.
#[derive(clap::Args)]
pub struct Own {
    /// Download the URLs in FILE, one in each line, in place of flags; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = [
        "codes", "all", "every", "metadata", "server", "delay", "error_rate", "seed",
    ])]
    urls: Option<PathBuf>,
    /// For https, trust the certificates in FILE (PEM) beside the public authorities
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The largest body that is read: bytes, or a size such as 500k or 1MiB
    #[arg(long, value_name = "SIZE", default_value = "1MiB", value_parser = size)]
    max_body: u64,
}

impl Own {
    /// The list of URLs, if there is one.
    pub fn list(&self) -> anyhow::Result<Option<Arc<UrlList>>> {
        let urls = self.urls.as_deref().map(urls::read).transpose()?;
        Ok(urls.map(|urls| Arc::new(urls.list)))
    }

    /// The default setup, with what was asked for, and with https only where it is needed: its
    /// set-up takes time.
    pub fn setup(&self, list: Option<&UrlList>, place: &Place) -> anyhow::Result<Setup> {
        let tls = match (list, place) {
            (Some(list), _) => list.needs_tls().then(Arc::default),
            (None, Place::Url(base_url)) => base_url.is_https().then(Arc::default),
            (None, Place::Label(..)) => None,
        };
        let tls = match &self.ca {
            None => tls,
            Some(_) if tls.is_none() && list.is_none() => {
                return Err(Usage::error(
                    "--ca is for https, and nothing is asked for over https: \
                     give it with --urls, or with --server https://...",
                ));
            }
            // It is read, and its mistakes are told, whether the list needs it or not.
            Some(path) => tls.and(Some(Arc::new(read_authorities(path)?))),
        };
        Ok(Setup {
            max_body: self.max_body,
            tls,
            ..Setup::default()
        })
    }
}

fn read_authorities(path: &Path) -> anyhow::Result<Tls> {
    let name = path.display();
    let pem = fs::read(path).with_context(|| format!("cannot read the certificates in {name}"))?;
    Tls::from_pem(&pem).with_context(|| name.to_string())
}
