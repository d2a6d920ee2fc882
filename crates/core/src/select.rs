//! Which flags the user asks for, by the rules of the book's `flags2`.

use thiserror::Error;

use crate::CountryCode;

/// The 20 most populous countries, as Fluent Python lists them.
const POPULAR: &str = "CN IN US ID BR PK NG BD RU JP MX PH VN ET EG DE IR TR CD FR";

/// Which flags to download.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// The flags of the 20 most populous countries.
    Popular,
    /// These words: two letters select one code, one letter all 26 codes that begin with it.
    Words(Vec<String>),
    /// These codes.
    Codes(Vec<CountryCode>),
    /// All 676 codes, most of which do not exist.
    Every,
}

/// A word that selects no code.
#[derive(Debug, Error, PartialEq, Eq)]
#[error(
    "'{0}' selects no flag: give two letters (BR), or one letter for all 26 codes that begin with it (B)"
)]
pub struct SelectError(String);

impl Selection {
    /// The selected codes in order, each once, and at most `limit` of them.
    pub fn codes(&self, limit: Option<usize>) -> Result<Vec<CountryCode>, SelectError> {
        let mut codes = match self {
            Self::Popular => codes_of(POPULAR.split(' '))?,
            Self::Words(words) => codes_of(words.iter().map(String::as_str))?,
            Self::Codes(codes) => codes.clone(),
            Self::Every => CountryCode::every().collect(),
        };
        codes.sort_unstable();
        codes.dedup();
        codes.truncate(limit.unwrap_or(usize::MAX));
        Ok(codes)
    }
}

fn codes_of<'a>(words: impl Iterator<Item = &'a str>) -> Result<Vec<CountryCode>, SelectError> {
    let mut codes = Vec::new();
    for word in words {
        let upper = word.to_ascii_uppercase();
        if let [b'A'..=b'Z'] = upper.as_bytes() {
            codes.extend(CountryCode::every().filter(|code| code.as_str().starts_with(&upper)));
        } else {
            codes.push(word.parse().map_err(|_| SelectError(word.to_owned()))?);
        }
    }
    Ok(codes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_letter_selects_26_codes_and_none_comes_twice() {
        let words = ["b", "BR", "br", "AO"].map(str::to_owned);
        let codes = Selection::Words(words.into()).codes(None).unwrap();
        let ends = (codes[0].as_str(), codes[1].as_str(), codes[26].as_str());
        assert_eq!((codes.len(), ends), (27, ("AO", "BA", "BZ")));
    }
}
