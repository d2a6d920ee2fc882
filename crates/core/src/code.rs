//! Two-letter country codes.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Two ASCII letters that name a country or territory, as in ISO 3166-1 alpha-2.
///
/// The type says nothing about whether such a country exists: `XX` is a code too, and
/// the server answers it with 404. Codes are kept, printed and sorted in upper case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryCode([u8; 2]);

/// The text is not a country code.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("'{0}' is not a country code: a code is two letters from A to Z, such as BR")]
pub struct CodeError(String);

impl CountryCode {
    /// The code of two letters, in either case; `None` if one of them is no ASCII letter.
    pub const fn new(first: u8, second: u8) -> Option<Self> {
        if first.is_ascii_alphabetic() && second.is_ascii_alphabetic() {
            Some(Self([
                first.to_ascii_uppercase(),
                second.to_ascii_uppercase(),
            ]))
        } else {
            None
        }
    }

    /// All 676 codes, from `AA` to `ZZ`.
    pub fn every() -> impl Iterator<Item = Self> {
        (b'A'..=b'Z').flat_map(Self::starting_with)
    }

    /// The 26 codes that begin with an upper-case letter.
    pub(crate) fn starting_with(first: u8) -> impl Iterator<Item = Self> {
        (b'A'..=b'Z').map(move |second| Self([first, second]))
    }

    /// The code in lower case, as URLs and file names spell it: `br`.
    pub fn lower(self) -> String {
        self.as_str().to_ascii_lowercase()
    }

    /// The code in upper case: `BR`.
    pub fn as_str(&self) -> &str {
        // Both bytes are ASCII letters: no constructor lets anything else in.
        std::str::from_utf8(&self.0).unwrap_or("??")
    }
}

impl FromStr for CountryCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        match text.as_bytes() {
            [first, second] => Self::new(*first, *second),
            _ => None,
        }
        .ok_or_else(|| CodeError(text.to_owned()))
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_either_case_make_one_code() {
        let code: CountryCode = "bR".parse().unwrap();
        assert_eq!(code.as_str(), "BR");
        assert_eq!(code.lower(), "br");
    }

    #[test]
    fn every_code_is_there_once_and_in_order() {
        let every: Vec<_> = CountryCode::every().collect();
        assert_eq!(every.len(), 676);
        assert!(every.is_sorted());
    }

    #[test]
    fn anything_else_is_refused_by_name() {
        for wrong in ["", "B", "BRA", "B1", "é", "..", "b/"] {
            let error = wrong.parse::<CountryCode>().unwrap_err();
            assert!(error.to_string().contains(&format!("'{wrong}'")));
        }
    }
}
