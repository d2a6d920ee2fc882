//! What is to be downloaded.

use std::borrow::Cow;
use std::sync::Arc;

use crate::{
    BaseUrl, Cancel, CountryCode, Item, NoObserver, Null, Observer, Origin, Store, UrlList,
    file_name,
};

/// What is to be downloaded: the input of [`Downloader`](crate::Downloader).
///
/// A clone is a handful of reference counts, because a pool or a runtime wants a job that
/// it owns.
#[derive(Clone)]
pub struct Job {
    /// Where the items are.
    pub origin: Origin,
    /// Which items; one that stands here twice is downloaded twice.
    pub items: Arc<[Item]>,
    /// Whether to ask for each flag's `metadata.json` too, whose country names the file.
    pub metadata: bool,
    /// Where the items are kept.
    pub store: Arc<dyn Store>,
    /// Who hears of each item.
    pub observer: Arc<dyn Observer>,
    /// How the job is told to stop.
    pub cancel: Cancel,
}

impl Job {
    /// A job for flags, without metadata, that keeps nothing, tells nobody and is never
    /// cancelled.
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

    /// What is asked for: `{base}/br/br.gif`, or the URL of the list.
    pub fn url(&self, item: Item) -> String {
        self.origin.url(item)
    }

    /// What is asked for next, if the job asks for metadata and the item is a flag:
    /// `{base}/br/metadata.json`.
    pub fn metadata_url(&self, item: Item) -> Option<String> {
        self.metadata.then(|| self.origin.metadata_url(item))?
    }

    /// The name under which it is kept: `br.gif`, or what the list made of the URL.
    pub fn file_name(&self, item: Item) -> String {
        self.origin.file_name(item)
    }

    /// The same where the country is known: `Brazil-BR.gif`.
    pub fn file_name_by_country(&self, item: Item, country: &str) -> String {
        match item {
            Item::Flag(code) => file_name::with_country(country, code),
            Item::Url(_) => self.file_name(item),
        }
    }

    /// What people call it: `BR`, or the URL.
    pub fn label(&self, item: Item) -> Cow<'_, str> {
        self.origin.label(item)
    }
}
