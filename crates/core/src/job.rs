//! What is to be downloaded.

use std::sync::Arc;

use crate::{BaseUrl, Cancel, CountryCode, NoObserver, Null, Observer, Store};

/// What is to be downloaded: the input of [`Downloader`](crate::Downloader).
///
/// A clone is a handful of reference counts, because a pool or a runtime wants a job that
/// it owns.
#[derive(Clone)]
pub struct Job {
    /// Where the flags are: `{base_url}/{cc}/{cc}.gif`.
    pub base_url: BaseUrl,
    /// Which flags; a code that stands here twice is downloaded twice.
    pub codes: Arc<[CountryCode]>,
    /// Whether to ask for each flag's `metadata.json` too, whose country names the file.
    pub metadata: bool,
    /// Where the flags are kept.
    pub store: Arc<dyn Store>,
    /// Who hears of each flag.
    pub observer: Arc<dyn Observer>,
    /// How the job is told to stop.
    pub cancel: Cancel,
}

impl Job {
    /// A job without metadata that keeps nothing, tells nobody and is never cancelled.
    pub fn new(base_url: BaseUrl, codes: impl Into<Arc<[CountryCode]>>) -> Self {
        Self {
            base_url,
            codes: codes.into(),
            metadata: false,
            store: Arc::new(Null),
            observer: Arc::new(NoObserver),
            cancel: Cancel::default(),
        }
    }

    /// The URL of a flag: `{base}/br/br.gif`.
    pub fn flag_url(&self, code: CountryCode) -> String {
        let cc = code.lower();
        format!("{}/{cc}/{cc}.gif", self.base_url)
    }

    /// The URL of a flag's metadata: `{base}/br/metadata.json`.
    pub fn metadata_url(&self, code: CountryCode) -> String {
        format!("{}/{}/metadata.json", self.base_url, code.lower())
    }
}
