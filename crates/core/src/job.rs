//! What to download, and who observes it.

use std::sync::Arc;

use crate::{
    BaseUrl, Cancel, Compute, CountryCode, Null, Origin, Outcome, Store, UrlList, file_name,
};

/// One item of a job. It is as small as an integer, so that a channel, a task or a closure can own
/// one; its URL, file name and label stay with the [`Job`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Item {
    /// The flag of this code.
    Flag(CountryCode),
    /// The URL at this index of the job's list.
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

/// What to download: the input of [`Downloader`](crate::Downloader).
///
/// Cloning costs a few reference counts: pools and runtimes need an owned job.
#[derive(Clone)]
pub struct Job {
    /// Where the items are.
    pub origin: Origin,
    /// The items; one listed twice is downloaded twice.
    pub items: Arc<[Item]>,
    /// Whether to request each flag's `metadata.json` too, and name the file after its country.
    pub metadata: bool,
    /// What to compute on each body before it is saved.
    pub compute: Compute,
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

    /// Same, for all URLs of a list.
    pub fn of_urls(list: Arc<UrlList>) -> Self {
        let items = list.items().collect();
        Self::of(Origin::Urls(list), items)
    }

    /// Same, for these items of an origin.
    pub fn of(origin: Origin, items: Arc<[Item]>) -> Self {
        Self {
            origin,
            items,
            metadata: false,
            compute: Compute::default(),
            store: Arc::new(Null),
            observer: Arc::new(()),
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

    /// The file name of an item: `br.gif`, or the one that the list gave to the URL.
    pub fn file_name(&self, item: Item) -> String {
        match (&self.origin, item) {
            (_, Item::Flag(code)) => file_name::plain(code),
            (Origin::Urls(list), Item::Url(place)) => list.file_name(place),
            (Origin::Flags(_), Item::Url(place)) => place.to_string(),
        }
    }

    /// The file name of a flag whose country is known: `Brazil-BR.gif`.
    pub fn file_name_by_country(&self, item: Item, country: &str) -> String {
        match item {
            Item::Flag(code) => file_name::with_country(country, code),
            Item::Url(_) => self.file_name(item),
        }
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
impl Observer for () {}
