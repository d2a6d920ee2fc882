//! Where the things of a job are.

use std::borrow::Cow;
use std::sync::Arc;

use crate::{BaseUrl, Item, UrlList, file_name};

/// Where the things of a job are, and so what they are called.
///
/// An origin has items of one kind. One of the other kind has no address here: its URL is
/// empty, which no client can ask for, so it is a failure like any other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Flags below an address: `{base_url}/{cc}/{cc}.gif`.
    Flags(BaseUrl),
    /// A list of URLs, each somewhere.
    Urls(Arc<UrlList>),
}

impl Origin {
    /// What is asked for: `{base}/br/br.gif`, or the URL of the list.
    pub fn url(&self, item: Item) -> String {
        match (self, item) {
            (Self::Flags(base_url), Item::Flag(code)) => {
                let cc = code.lower();
                format!("{base_url}/{cc}/{cc}.gif")
            }
            (Self::Urls(list), Item::Url(place)) => list.url(place).to_owned(),
            _ => String::new(),
        }
    }

    /// The metadata of a flag: `{base}/br/metadata.json`. A URL has none.
    pub fn metadata_url(&self, item: Item) -> Option<String> {
        match (self, item) {
            (Self::Flags(base_url), Item::Flag(code)) => {
                Some(format!("{base_url}/{}/metadata.json", code.lower()))
            }
            _ => None,
        }
    }

    /// The name under which it is kept: `br.gif`, or what the list made of the URL.
    pub fn file_name(&self, item: Item) -> String {
        match (self, item) {
            (_, Item::Flag(code)) => file_name::plain(code),
            (Self::Urls(list), Item::Url(place)) => list.file_name(place).to_owned(),
            (Self::Flags(_), Item::Url(place)) => place.to_string(),
        }
    }

    /// What people call it: `BR`, or the URL.
    pub fn label(&self, item: Item) -> Cow<'_, str> {
        match (self, item) {
            (_, Item::Flag(code)) => code.as_str().to_owned().into(),
            (Self::Urls(list), Item::Url(place)) => list.url(place).into(),
            (Self::Flags(_), Item::Url(place)) => place.to_string().into(),
        }
    }

    /// Whether any of it is asked for over https.
    pub fn needs_tls(&self) -> bool {
        match self {
            Self::Flags(base_url) => base_url.is_https(),
            Self::Urls(list) => list.needs_tls(),
        }
    }
}
