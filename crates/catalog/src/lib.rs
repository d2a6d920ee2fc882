//! National flags as GIF, rendered at build time and embedded.
//!
//! The build script draws every flag of two letters that Twemoji has, and writes beside it what
//! the book's server knows of a country. What is here is only the outcome, as constant data:
//!
//! - [`all`]: the whole catalog, sorted by code
//! - [`find`]: one flag by its code
//! - [`ATTRIBUTION`]: the line that the licence of the pictures asks for
//!
//! How they are made is in `build/`: `names.rs` and `gec.rs` hold the facts, `render.rs` and
//! `encode.rs` make the picture. The size of the pictures was chosen for the size of the files,
//! which are as many and as heavy as those of the book's collection.
//!
//! What this crate is not: it draws nothing at run time and has no dependency then; it knows no
//! URL, no server and no directory; and it is no authority on what is a country. A code is here
//! because there is a flag for it.

/// Who drew the flags and under which licence, in one line; it belongs wherever they are shown.
pub const ATTRIBUTION: &str = "Flags: Twemoji (https://github.com/jdecked/twemoji), \
    © Twitter, Inc and other contributors, \
    CC-BY-4.0 (https://creativecommons.org/licenses/by/4.0/); \
    modified: cropped, rasterised, reduced to a palette, written as GIF";

/// A flag and what is known of its country.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag {
    /// Two capital letters, as in `BR`.
    pub code: &'static str,
    /// The common English name, which may hold spaces, apostrophes and letters beyond ASCII.
    pub country: &'static str,
    /// The picture, a whole GIF file.
    pub gif: &'static [u8],
    /// A JSON object of strings: `country`, `iso_cc`, and where there is one, `tld_cc` (the
    /// top-level domain, as in `.br`) and `gec_cc` (the code of United States agencies).
    pub metadata: &'static str,
}

/// Written by the build script.
static FLAGS: &[Flag] = &include!(concat!(env!("OUT_DIR"), "/flags.rs"));

/// All flags, sorted by code.
pub fn all() -> &'static [Flag] {
    FLAGS
}

/// The flag of a code, in capitals or not.
///
/// It allocates nothing: the server asks at every request.
///
/// ```
/// let brazil = flagrace_catalog::find("br").unwrap();
/// assert_eq!((brazil.code, brazil.country), ("BR", "Brazil"));
/// assert!(flagrace_catalog::find("xx").is_none());
/// ```
pub fn find(code: &str) -> Option<&'static Flag> {
    let code: [u8; 2] = code.as_bytes().try_into().ok()?;
    let code = code.map(|letter| letter.to_ascii_uppercase());
    let place = FLAGS.binary_search_by(|flag| flag.code.as_bytes().cmp(&code));
    place.ok().and_then(|place| FLAGS.get(place))
}
