//! From what the user names to the codes that are downloaded, as the book's `flags2` does.

use thiserror::Error;

use crate::CountryCode;

/// The 20 most populous countries, as Fluent Python lists them: the flags that are
/// downloaded when none is named.
pub const POPULAR: [&str; 20] = [
    "CN", "IN", "US", "ID", "BR", "PK", "NG", "BD", "RU", "JP", "MX", "PH", "VN", "ET", "EG", "DE",
    "IR", "TR", "CD", "FR",
];

/// Which flags are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// The 20 flags of [`POPULAR`].
    Popular,
    /// These words: two letters name one code, one letter all 26 codes that begin with it.
    Words(Vec<String>),
    /// These codes: all that a server is known to have.
    Codes(Vec<CountryCode>),
    /// All 676 codes, most of which do not exist.
    Every,
}

/// A word that names no code.
#[derive(Debug, Error, PartialEq, Eq)]
#[error(
    "'{0}' names no flag: give two letters (BR), or one letter for all 26 codes that begin with it (B)"
)]
pub struct SelectError(String);

impl Selection {
    /// The codes in order, each once, and at most `limit` of them.
    pub fn codes(&self, limit: Option<usize>) -> Result<Vec<CountryCode>, SelectError> {
        let mut codes = match self {
            Self::Popular => words_to_codes(&POPULAR)?,
            Self::Words(words) => words_to_codes(words)?,
            Self::Codes(codes) => codes.clone(),
            Self::Every => CountryCode::every().collect(),
        };
        codes.sort_unstable();
        codes.dedup();
        codes.truncate(limit.unwrap_or(usize::MAX));
        Ok(codes)
    }
}

fn words_to_codes(words: &[impl AsRef<str>]) -> Result<Vec<CountryCode>, SelectError> {
    let mut codes = Vec::new();
    for word in words {
        let word = word.as_ref();
        match word.as_bytes() {
            [letter] if letter.is_ascii_alphabetic() => {
                codes.extend(CountryCode::starting_with(letter.to_ascii_uppercase()));
            }
            _ => codes.push(word.parse().map_err(|_| SelectError(word.to_owned()))?),
        }
    }
    Ok(codes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(words: &[&str]) -> Vec<CountryCode> {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        Selection::Words(words).codes(None).unwrap()
    }

    #[test]
    fn one_letter_is_26_codes_and_nothing_comes_twice() {
        let codes = select(&["b", "BR", "br", "AO"]);
        assert_eq!(codes.len(), 27);
        assert_eq!(codes[0].as_str(), "AO");
        assert_eq!(codes[26].as_str(), "BZ");
    }

    #[test]
    fn the_popular_twenty_are_twenty() {
        let codes = Selection::Popular.codes(None).unwrap();
        assert_eq!(codes.len(), 20);
        assert!(codes.is_sorted());
    }

    #[test]
    fn a_limit_takes_the_first_in_order() {
        let codes = Selection::Every.codes(Some(3)).unwrap();
        let codes: Vec<_> = codes.iter().map(CountryCode::as_str).collect();
        assert_eq!(codes, ["AA", "AB", "AC"]);
    }

    #[test]
    fn a_word_that_names_no_flag_is_named() {
        let error = Selection::Words(vec!["BR".into(), "B1".into()])
            .codes(None)
            .unwrap_err();
        assert!(error.to_string().starts_with("'B1' names no flag"));
    }
}
