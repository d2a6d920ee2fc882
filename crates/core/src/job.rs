//! What to download, and who observes it.

use std::borrow::Cow;
use std::sync::Arc;

use crate::{BaseUrl, Cancel, CountryCode, Null, Origin, Outcome, Store, UrlList, file_name};

/// One item of a job. It is as small as a number, so that a channel, a task or a closure can
/// own one; its URL, its file name and its label stay with the [`Job`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Item {
    /// The flag of this code.
    Flag(CountryCode),
    /// The URL at this place in the job's list, from 0.
    Url(u32),
}

impl Item {
    /// The code, if the item is a flag.
    pub fn code(self) -> Option<CountryCode> {
        match self {
            Self::Flag(code) => Some(code),
            Self::Url(_) => None,
        }
    }
}

impl From<CountryCode> for Item {
    fn from(code: CountryCode) -> Self {
        Self::Flag(code)
    }
}

/// What to download: the input of [`Downloader`](crate::Downloader).
///
/// A clone costs a few reference counts: pools and runtimes need a job that they own.
#[derive(Clone)]
pub struct Job {
    /// Where the items are.
    pub origin: Origin,
    /// Which items; one that is listed twice is downloaded twice.
    pub items: Arc<[Item]>,
    /// Whether to request each flag's `metadata.json` too, and name the file after its country.
    pub metadata: bool,
    /// Where the items are saved.
    pub store: Arc<dyn Store>,
    /// Called for each item while the job runs.
    pub observer: Arc<dyn Observer>,
    /// Stops the job.
    pub cancel: Cancel,
}

impl Job {
    /// A job for flags, without metadata, store or observer.
    pub fn new(base_url: BaseUrl, codes: impl IntoIterator<Item = CountryCode>) -> Self {
        let items = codes.into_iter().map(Item::Flag).collect();
        Self::of(Origin::Flags(base_url), items)
    }

    /// The same for all URLs of a list.
    pub fn of_urls(list: Arc<UrlList>) -> Self {
        let items = list.items().collect();
        Self::of(Origin::Urls(list), items)
    }

    /// The same for these items of an origin.
    pub fn of(origin: Origin, items: Arc<[Item]>) -> Self {
        Self {
            origin,
            items,
            metadata: false,
            store: Arc::new(Null),
            observer: Arc::new(NoObserver),
            cancel: Cancel::default(),
        }
    }

    /// The URL of an item.
    pub fn url(&self, item: Item) -> String {
        self.origin.url(item)
    }

    /// The URL of a flag's metadata, if the job asks for them.
    pub fn metadata_url(&self, item: Item) -> Option<String> {
        self.metadata.then(|| self.origin.metadata_url(item))?
    }

    /// The name of an item's file.
    pub fn file_name(&self, item: Item) -> String {
        self.origin.file_name(item)
    }

    /// The name of a flag's file if its country is known: `Brazil-BR.gif`.
    pub fn file_name_by_country(&self, item: Item, country: &str) -> String {
        match item {
            Item::Flag(code) => file_name::with_country(country, code),
            Item::Url(_) => self.file_name(item),
        }
    }

    /// An item for people to read: `BR`, or the URL.
    pub fn label(&self, item: Item) -> Cow<'_, str> {
        self.origin.label(item)
    }
}

/// Called for each item while the job runs: for progress bars, verbose lines and timelines.
///
/// Both methods run on the thread that downloads the item, which may be an event loop: they
/// must be quick and must not block. For each item `finished` is called exactly once, and
/// `started` once before it, unless the job was cancelled before the item's turn.
pub trait Observer: Send + Sync {
    /// The download of an item starts.
    fn started(&self, _item: Item) {}

    /// An item succeeded or failed.
    fn finished(&self, _outcome: &Outcome) {}
}

/// Does nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObserver;

impl Observer for NoObserver {}
