//! Two-letter country codes.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Two ASCII letters that name a country or territory, as in ISO 3166-1 alpha-2.
///
/// The country need not exist: `XX` is a code too, and the server answers it with 404. Codes
/// are stored, printed and sorted in upper case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryCode([u8; 2]);

/// The text is not a country code.
#[derive(Debug, Error)]
#[error(
    "'{0}' selects no flag: give two letters (BR), or one letter for all 26 codes that begin with it (B)"
)]
pub struct CodeError(String);

impl CountryCode {
    /// All 676 codes, from `AA` to `ZZ`.
    pub fn every() -> impl Iterator<Item = Self> {
        (b'A'..=b'Z').flat_map(|first| (b'A'..=b'Z').map(move |second| Self([first, second])))
    }

    /// The codes of the 20 most populous countries, as Fluent Python lists them, in order.
    pub fn popular() -> Vec<Self> {
        let codes = "CN IN US ID BR PK NG BD RU JP MX PH VN ET EG DE IR TR CD FR";
        Self::select(codes.split(' ')).unwrap_or_default()
    }

    /// The codes that words select, by the rules of the book's `flags2`, in order and each once: two
    /// letters select one code, one letter all 26 codes that begin with it.
    pub fn select(
        words: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Vec<Self>, CodeError> {
        let mut codes = BTreeSet::new();
        for word in words {
            let upper = word.as_ref().to_ascii_uppercase();
            if let [b'A'..=b'Z'] = upper.as_bytes() {
                codes.extend(Self::every().filter(|code| code.as_str().starts_with(&upper)));
            } else {
                codes.insert(word.as_ref().parse()?);
            }
        }
        Ok(codes.into_iter().collect())
    }

    /// The code in lower case, as in URLs and file names: `br`.
    pub fn lower(self) -> String {
        self.as_str().to_ascii_lowercase()
    }

    /// The code in upper case: `BR`.
    pub fn as_str(&self) -> &str {
        // Both bytes are ASCII letters: constructors accept nothing else.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for CountryCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        match *text.to_ascii_uppercase().as_bytes() {
            [first @ b'A'..=b'Z', second @ b'A'..=b'Z'] => Ok(Self([first, second])),
            _ => Err(CodeError(text.to_owned())),
        }
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
    fn a_code_is_two_letters_in_either_case() {
        let code: CountryCode = "bR".parse().unwrap();
        assert_eq!((code.as_str(), &*code.lower()), ("BR", "br"));
        for wrong in ["", "B", "BRA", "B1", "é", "..", "b/"] {
            let error = wrong.parse::<CountryCode>().unwrap_err();
            assert!(error.to_string().contains(&format!("'{wrong}'")));
        }
    }
}
