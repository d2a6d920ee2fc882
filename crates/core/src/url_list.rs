//! A list of URLs: somebody's own work, in place of flags.

use http::Uri;
use thiserror::Error;
use url::Url;

use crate::Item;
use crate::url_name::numbered;

/// A list of URLs, each with the name under which it is kept. A URL may stand in it twice:
/// then it is downloaded twice, and kept under two names.
#[derive(Debug, PartialEq, Eq)]
pub struct UrlList {
    entries: Vec<Entry>,
}

#[derive(Debug, PartialEq, Eq)]
struct Entry {
    url: String,
    file_name: String,
}

/// The text is no list of URLs.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum UrlListError {
    /// A line is no URL that can be downloaded.
    #[error(
        "line {line}: '{}' is no URL to download: {why}; a line is like https://example.org/a.gif",
        shortened(text).escape_debug()
    )]
    Line {
        /// Which line, from 1.
        line: usize,
        /// What stands there.
        text: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// There is no URL.
    #[error("there is no URL in it: give one in each line, such as https://example.org/a.gif")]
    Empty,
}

/// The beginning of a text that is too long to be said.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

impl UrlList {
    /// Reads a list: a URL in each line. White space around it does not count, nor do empty
    /// lines and those that begin with `#`.
    ///
    /// A URL is kept as browsers spell it, so that two clients ask for the same: without
    /// `..`, with the host in lower case, and with `%` for what a request cannot hold. Its
    /// fragment (`#top`) is dropped. It is for whoever reads the page; no server hears of it.
    ///
    /// # Errors
    ///
    /// If a line is something else, or no line is a URL.
    pub fn parse(text: &str) -> Result<Self, UrlListError> {
        let mut urls = Vec::new();
        // Some editors begin a file with a mark of its byte order.
        let text = text.trim_start_matches('\u{feff}');
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let url = parse(line).map_err(|why| UrlListError::Line {
                line: index + 1,
                text: line.to_owned(),
                why,
            })?;
            urls.push(url);
        }
        if urls.is_empty() {
            return Err(UrlListError::Empty);
        }
        // Folders list files by name: with as many digits each, they stand in the list's order.
        let width = urls.len().to_string().len().max(4);
        let entry = |(number, url)| Entry {
            file_name: numbered(number, width, &url),
            url: url.into(),
        };
        Ok(Self {
            entries: (1..).zip(urls).map(entry).collect(),
        })
    }

    /// How many URLs there are; at least one.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Each URL of the list, in its order.
    pub fn items(&self) -> impl Iterator<Item = Item> {
        (0..).map(Item::Url).take(self.entries.len())
    }

    /// The URL at this place; empty where there is none.
    pub fn url(&self, place: u32) -> &str {
        self.at(place).map_or("", |entry| &entry.url)
    }

    /// The name under which the URL at this place is kept: one visible, portable path
    /// component that begins with its number, from 1.
    pub fn file_name(&self, place: u32) -> &str {
        self.at(place).map_or("", |entry| &entry.file_name)
    }

    /// Whether any of them is asked for over https.
    pub fn needs_tls(&self) -> bool {
        let mut entries = self.entries.iter();
        entries.any(|entry| entry.url.starts_with("https:"))
    }

    /// Who is asked for the URL at this place: `example.org`, or `127.0.0.1:8000`.
    pub fn host(&self, place: u32) -> &str {
        let after = self.url(place).split_once("://");
        let host = after.and_then(|(_, after)| after.split(['/', '?']).next());
        host.unwrap_or_default()
    }

    fn at(&self, place: u32) -> Option<&Entry> {
        self.entries.get(usize::try_from(place).ok()?)
    }
}

/// The longest URL that every engine can ask for, in bytes: ureq writes the first line of a
/// request into a buffer of 4 KiB for each connection, of which the rest is for its other words.
const LONGEST: usize = 4_000;

fn parse(text: &str) -> Result<Url, &'static str> {
    // Browsers mend a great deal. A list that is downloaded by the thousand had better say
    // what it means: nothing is mended here but spelling.
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("there is white space in it");
    }
    let (scheme, after) = text.split_once("://").unwrap_or_default();
    if !matches!(&*scheme.to_ascii_lowercase(), "http" | "https") {
        return Err("it does not begin with http:// or https://");
    }
    let authority = after
        .split(['/', '\\', '?', '#'])
        .next()
        .unwrap_or_default();
    if authority.is_empty() {
        return Err("it names no host");
    }
    if authority.contains('@') {
        return Err("it holds a user name");
    }
    let mut url: Url = text.parse().map_err(|error| match error {
        url::ParseError::InvalidPort => "its port is no number up to 65535",
        url::ParseError::EmptyHost => "it names no host",
        _ => "its host cannot be read",
    })?;
    url.set_fragment(None);
    if url.as_str().len() > LONGEST {
        return Err("it is longer than 4,000 bytes, as it is sent");
    }
    // ureq asks by a type of its own, which is a little narrower.
    if url.as_str().parse::<Uri>().is_err() {
        return Err("it is not a URL");
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn urls(text: &str) -> Vec<String> {
        let list = UrlList::parse(text).unwrap();
        list.entries.into_iter().map(|entry| entry.url).collect()
    }

    #[test]
    fn a_list_has_a_url_in_each_line_and_says_so_twice_if_it_stands_there_twice() {
        let text =
            "\u{feff}# flags\n\n  http://a/br.gif\t\r\nhttps://b:8443/x?y=1#top\nhttp://a/br.gif";
        let list = UrlList::parse(text).unwrap();
        assert_eq!(
            urls(text),
            ["http://a/br.gif", "https://b:8443/x?y=1", "http://a/br.gif"]
        );
        assert_eq!(list.items().last(), Some(Item::Url(2)));
        assert_eq!(
            [0, 1, 2, 3].map(|place| list.host(place)),
            ["a", "b:8443", "a", ""]
        );
        assert!(list.needs_tls());
        assert!(!UrlList::parse("http://a/https:").unwrap().needs_tls());
    }

    #[rstest]
    #[case("HTTP://EXAMPLE.org:80", "http://example.org/")]
    #[case("http://a/b/../c/./d", "http://a/c/d")]
    #[case("http://a/São Tomé.gif".replace(' ', "%20"), "http://a/S%C3%A3o%20Tom%C3%A9.gif")]
    #[case("http://bücher.example/", "http://xn--bcher-kva.example/")]
    #[case("http://[::1]:8000/a?b={c}|d", "http://[::1]:8000/a?b={c}|d")]
    fn a_url_is_kept_as_browsers_spell_it(#[case] text: String, #[case] kept: &str) {
        assert_eq!(urls(&text), [kept]);
    }

    #[rstest]
    #[case("ftp://a/b", "http://")]
    #[case("example.org/a.gif", "http://")]
    #[case("http:/a/b", "http://")]
    #[case("http:///b", "host")]
    #[case("https://?q", "host")]
    #[case("http://:80/", "host")]
    #[case("http://me@a/", "user name")]
    #[case("https://me:secret@a/", "user name")]
    #[case("http://a/b c", "white space")]
    #[case("http://a/b\u{1b}[2J", "white space")]
    #[case("http://a:70000/", "port")]
    #[case("http://a b/", "white space")]
    #[case("http://[::1/", "host")]
    fn anything_else_is_refused_with_its_line_and_its_reason(
        #[case] text: &str,
        #[case] why: &str,
    ) {
        let error = UrlList::parse(&format!("http://a/\n\n{text}\n")).unwrap_err();
        let error = error.to_string();
        assert!(error.starts_with("line 3: '"), "{error}");
        assert!(error.contains(why), "{error}");
        assert!(!error.contains(char::is_control), "{error:?}");
    }

    #[test]
    fn a_list_without_urls_is_refused() {
        for text in ["", "\n \n", "# http://a/\n"] {
            assert_eq!(UrlList::parse(text), Err(UrlListError::Empty));
        }
    }

    proptest! {
        /// Two clients read a URL with two libraries, and must ask for the same thing.
        #[test]
        fn whatever_is_kept_means_the_same_to_both_clients(
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
