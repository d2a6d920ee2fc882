//! Where the items of a job are: below a base URL, or in a list of URLs.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use http::Uri;
use thiserror::Error;
use url::{ParseError, Url};

use crate::{Item, file_name};

/// The location of a job's items.
///
/// An origin has items of one kind. An item of the other kind has an empty URL, so its request
/// fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Flags below a base URL: `{base_url}/{cc}/{cc}.gif`.
    Flags(BaseUrl),
    /// A list of URLs.
    Urls(Arc<UrlList>),
}

impl Origin {
    /// The URL of an item: `{base_url}/br/br.gif`, or the URL in the list.
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

    /// The URL of a flag's metadata: `{base_url}/br/metadata.json`. A URL has none.
    pub fn metadata_url(&self, item: Item) -> Option<String> {
        match (self, item) {
            (Self::Flags(base_url), Item::Flag(code)) => {
                Some(format!("{base_url}/{}/metadata.json", code.lower()))
            }
            _ => None,
        }
    }

    /// The item's label in output: `BR`, or the URL.
    pub fn label(&self, item: Item) -> String {
        match item {
            Item::Flag(code) => code.to_string(),
            Item::Url(_) => self.url(item),
        }
    }
}

/// The base URL of the flags, such as `http://127.0.0.1:8000/flags`, without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(Arc<str>);

impl BaseUrl {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the flags are requested over https.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }
}

impl FromStr for BaseUrl {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let url = match text.contains(['?', '#']) {
            true => Err("it has a query or a fragment"),
            false => parse(text),
        };
        let url = url.map_err(|why| OriginError::BaseUrl(excerpt(text), why))?;
        Ok(Self(url.as_str().trim_end_matches('/').into()))
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A list of URLs, each with the name of its file. A URL listed twice is downloaded twice, into two
/// files.
#[derive(Debug, PartialEq, Eq)]
pub struct UrlList(Vec<Url>);

impl UrlList {
    /// Parses a list: one URL per line. Skips empty lines, lines that begin with `#`, and white
    /// space around a URL.
    ///
    /// Each URL is normalised as in a browser, so that both clients request the same: resolves
    /// `..`, lower-cases the host, and drops the fragment (`#top`).
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let mut urls = Vec::new();
        // Some editors begin a file with a byte order mark.
        let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
        for (number, line) in (1..).zip(lines) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let url = parse(line);
            urls.push(url.map_err(|why| OriginError::Line(number, excerpt(line), why))?);
        }
        match urls.is_empty() {
            true => Err(OriginError::Empty),
            false => Ok(Self(urls)),
        }
    }

    /// The items of the list, in order.
    pub fn items(&self) -> impl Iterator<Item = Item> {
        (0..).map(Item::Url).take(self.0.len())
    }

    /// The URL at this index, or an empty string.
    pub fn url(&self, place: u32) -> &str {
        self.0.get(place as usize).map_or("", Url::as_str)
    }

    /// The file name of the URL at this index: one visible, portable path component that begins
    /// with its number, from 1.
    pub fn file_name(&self, place: u32) -> String {
        // With the same number of digits, files sort by name in the order of the list.
        let width = self.0.len().to_string().len().max(4);
        let url = self.0.get(place as usize);
        url.map_or_else(String::new, |url| file_name::numbered(place, width, url))
    }

    /// Whether any URL is requested over https.
    pub fn needs_tls(&self) -> bool {
        self.0.iter().any(|url| url.scheme() == "https")
    }
}

/// An invalid origin: an excerpt of the text, and the reason.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum OriginError {
    /// Not the base URL of a flag server.
    #[error(
        "'{0}' is not the address of a flag server: {1}; an address is like http://127.0.0.1:8000/flags"
    )]
    BaseUrl(String, &'static str),
    /// A line, with its number from 1, that is not a URL.
    #[error("line {0}: '{1}' is not a URL to download: {2}; example: https://example.org/a.gif")]
    Line(usize, String, &'static str),
    /// A list without a URL.
    #[error("it has no URL: give one per line, such as https://example.org/a.gif")]
    Empty,
}

/// The beginning of a text, for an error of one line.
fn excerpt(text: &str) -> String {
    let beginning: String = text.chars().take(80).collect();
    beginning.escape_debug().to_string()
}

/// The longest URL that every engine can request, in bytes: ureq writes the first line of a
/// request, and the headers, into a buffer of 4 KiB.
const LONGEST: usize = 4_000;

/// Parses an http URL as browsers do, but rejects what they would repair. Drops the fragment, which
/// is never sent.
fn parse(text: &str) -> Result<Url, &'static str> {
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("it contains white space");
    }
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    if !["http", "https"].contains(&&*scheme.to_ascii_lowercase()) {
        return Err("it does not begin with http:// or https://");
    }
    if rest.starts_with(['/', '\\']) {
        return Err("it has no host");
    }
    let mut url: Url = text.parse().map_err(|error| match error {
        ParseError::InvalidPort => "its port is not a number up to 65535",
        ParseError::EmptyHost => "it has no host",
        _ => "its host is not valid",
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it contains a user name");
    }
    url.set_fragment(None);
    if url.as_str().len() > LONGEST {
        return Err("it is longer than 4,000 bytes");
    }
    // ureq's own URL type accepts a little less.
    match url.as_str().parse::<Uri>() {
        Ok(_) => Ok(url),
        Err(_) => Err("it is not a URL"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[test]
    fn a_list_has_one_normalised_url_per_line() {
        let text = "\u{feff}# flags\n\n  HTTP://A/b/../ã.gif\t\r\nhttps://[::1]:84/x?y={1}|2#top\n\
                    http://a/";
        let list = UrlList::parse(text).unwrap();
        let urls: Vec<_> = list.0.iter().map(Url::as_str).collect();
        let first = "http://a/%C3%A3.gif";
        assert_eq!(urls, [first, "https://[::1]:84/x?y={1}|2", "http://a/"]);
        assert_eq!(list.items().last(), Some(Item::Url(2)));
        assert!(list.needs_tls());
        assert!(!UrlList::parse("http://a/https:").unwrap().needs_tls());
    }

    #[rstest]
    #[case("http://127.0.0.1:8000/flags", "http://127.0.0.1:8000/flags")]
    #[case("HTTPS://Example.org", "https://example.org")]
    #[case("http://[::1]:81/a/b//", "http://[::1]:81/a/b")]
    fn an_address_has_no_trailing_slash_and_no_query(#[case] text: &str, #[case] address: &str) {
        let base_url: BaseUrl = text.parse().unwrap();
        assert_eq!(base_url.as_str(), address);
        assert_eq!(base_url.is_https(), address.starts_with("https"));
        for more in ["?q=1", "#top"] {
            assert!(format!("{text}{more}").parse::<BaseUrl>().is_err());
        }
    }

    #[rstest]
    #[case("ftp://a/b", "http://")]
    #[case("http:///b", "host")]
    #[case("https://me:secret@a/", "user name")]
    #[case("http://a/b c", "white space")]
    #[case("http://a/b\u{1b}[2J", "white space")]
    #[case("http://a:70000/", "port")]
    fn a_bad_url_is_refused_with_the_reason(#[case] text: &str, #[case] why: &str) {
        let line = UrlList::parse(&format!("http://a/\n\n{text}\n")).unwrap_err();
        let line = line.to_string();
        assert!(line.starts_with("line 3: '"), "{line}");
        let address = text.parse::<BaseUrl>().unwrap_err().to_string();
        for error in [line, address] {
            assert!(error.contains(why), "{error}");
            assert!(!error.contains(char::is_control), "{error:?}");
        }
    }

    proptest! {
        /// The two clients parse a URL with two libraries and must request the same.
        #[test]
        fn a_url_of_a_list_means_the_same_to_both_clients(
            rest in "[a-z]{1,3}(:[0-9]{1,4})?[/?#]\\PC{0,40}"
        ) {
            if let Ok(list) = UrlList::parse(&format!("https://{rest}")) {
                let kept = list.url(0);
                let reqwest: Url = kept.parse().unwrap();
                let ureq: Uri = kept.parse().unwrap();
                prop_assert_eq!(reqwest.as_str(), kept);
                prop_assert_eq!(reqwest.host_str(), ureq.host());
                prop_assert_eq!(reqwest.port(), ureq.port_u16());
                prop_assert_eq!(reqwest.path(), ureq.path());
                prop_assert_eq!(reqwest.query(), ureq.query());
            }
        }
    }
}
