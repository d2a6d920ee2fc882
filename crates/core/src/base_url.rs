//! The address below which the flags are.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use http::Uri;
use thiserror::Error;

/// The address below which the flags are, such as `http://127.0.0.1:8000/flags`: always
/// with `http` or `https`, a host, and no slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(Arc<str>);

/// The text is not the address of a flag server.
#[derive(Debug, Error, PartialEq, Eq)]
#[error(
    "'{text}' is no flag server's address: {why}; an address is like http://127.0.0.1:8000/flags"
)]
pub struct BaseUrlError {
    text: String,
    why: &'static str,
}

impl BaseUrl {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is asked over https.
    pub fn is_https(&self) -> bool {
        let scheme = self.0.split(':').next().unwrap_or_default();
        scheme.eq_ignore_ascii_case("https")
    }
}

impl FromStr for BaseUrl {
    type Err = BaseUrlError;

    fn from_str(text: &str) -> Result<Self, BaseUrlError> {
        let wrong = |why| BaseUrlError {
            text: text.to_owned(),
            why,
        };
        let uri: Uri = text.parse().map_err(|_| wrong("it is not a URL"))?;
        match uri.scheme_str() {
            Some("http" | "https") => {}
            _ => return Err(wrong("it does not begin with http:// or https://")),
        }
        if uri.host().is_none_or(str::is_empty) {
            return Err(wrong("it names no host"));
        }
        if uri.query().is_some() || text.contains('#') {
            return Err(wrong("it has a query or a fragment"));
        }
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        if authority.contains('@') {
            return Err(wrong("it holds a user name"));
        }
        // What is no port is to `http` none, and some clients would ask port 80 instead.
        let after_host = authority.rsplit(']').next().unwrap_or_default();
        let port = after_host.split_once(':').map_or("", |(_, port)| port);
        if !port.is_empty() && uri.port_u16().is_none() {
            return Err(wrong("its port is no number up to 65535"));
        }
        Ok(Self(text.trim_end_matches('/').into()))
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("http://127.0.0.1:8000/flags", "http://127.0.0.1:8000/flags")]
    #[case("http://127.0.0.1:8000/", "http://127.0.0.1:8000")]
    #[case("http://example.org", "http://example.org")]
    #[case("https://example.org/", "https://example.org")]
    #[case("http://[::1]:80/a/b//", "http://[::1]:80/a/b")]
    fn an_address_loses_its_last_slash(#[case] text: &str, #[case] kept: &str) {
        assert_eq!(text.parse::<BaseUrl>().unwrap().as_str(), kept);
    }

    #[rstest]
    #[case("", "not a URL")]
    #[case("127.0.0.1:8000", "http://")]
    #[case("/flags", "http://")]
    #[case("ftp://example.org", "http://")]
    #[case("http://a/?q=1", "query")]
    #[case("http://a/#top", "fragment")]
    #[case("http://me:secret@a/", "user name")]
    #[case("http://127.0.0.1:80000/flags", "no number up to 65535")]
    #[case("http://[::1]:65536", "no number up to 65535")]
    fn anything_else_is_refused_with_its_reason(#[case] text: &str, #[case] why: &str) {
        let error = text.parse::<BaseUrl>().unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}
