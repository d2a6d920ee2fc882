//! National flags as GIF, rendered at build time and embedded.
//!
//! # What it is not
//!
//! It draws nothing at run time, and it does not define what a country is: it has every code for
//! which Twemoji has a flag. The pictures are as large as needed for files of about 10 KB, the size
//! of real flag collections.

/// A flag and its country.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag {
    /// Two capital letters, as in `BR`.
    pub code: &'static str,
    /// The common English name, which may contain spaces, apostrophes and letters beyond ASCII.
    pub country: &'static str,
    /// A whole GIF file.
    pub gif: &'static [u8],
    /// A JSON object with the strings `country` and `iso_cc`.
    pub metadata: &'static str,
}

static FLAGS: &[Flag] = &include!(concat!(env!("OUT_DIR"), "/flags.rs"));

/// All flags, sorted by code.
pub fn all() -> &'static [Flag] {
    FLAGS
}

/// The flag of a code, in upper or lower case.
pub fn find(code: &str) -> Option<&'static Flag> {
    let code = code.to_ascii_uppercase();
    let index = FLAGS.binary_search_by(|flag| flag.code.cmp(&code)).ok()?;
    Some(&FLAGS[index])
}
