//! The name under which a URL is kept.
//!
//! A URL is as little to be trusted as a country's name: see [`file_name`](crate::file_name).

use std::collections::HashMap;

use percent_encoding::percent_decode_str;

use crate::file_name::portable;

/// The longest name in bytes, and the longest part of it that is taken for an extension.
const LONGEST: usize = 200;
const LONGEST_EXTENSION: usize = 16;

/// The name that the last part of a path makes, or the host where the path has none:
/// `flag.gif` of `/a/flag.gif`, `a` of `/a/`. Where people read `São.gif`, so does the name:
/// `%` is undone, unless what comes out is no text.
pub(crate) fn of_path(path: &str, host: &str) -> String {
    let segment = path.rsplit('/').find(|segment| !segment.is_empty());
    let segment = segment.unwrap_or(host);
    let decoded = percent_decode_str(segment).decode_utf8();
    let name = portable(decoded.as_deref().unwrap_or(segment));
    // Windows drops a dot at the end.
    let name = name.trim_end_matches('.');
    let (stem, extension) = split(name);
    let stem = cut(stem, LONGEST - extension.len());
    if stem.is_empty() {
        format!("download{extension}")
    } else if is_device(stem) {
        format!("_{stem}{extension}")
    } else {
        format!("{stem}{extension}")
    }
}

/// Gives each name away once.
#[derive(Default)]
pub(crate) struct Unique {
    /// The names that are taken, as a file system sees them that looks at no case, each with
    /// the number to be tried next.
    taken: HashMap<String, u64>,
}

impl Unique {
    /// The name, or the name with a number: `flag-2.gif`. It depends on nothing but what was
    /// given away before, so a URL has the same name each time.
    pub(crate) fn take(&mut self, name: String) -> String {
        let Some(&first) = self.taken.get(&fold(&name)) else {
            self.taken.insert(fold(&name), 2);
            return name;
        };
        let (stem, extension) = split(&name);
        let mut number = first;
        let numbered = loop {
            let numbered = format!("{stem}-{number}{extension}");
            number += 1;
            // `flag-2.gif` may be another URL's own name.
            if !self.taken.contains_key(&fold(&numbered)) {
                break numbered;
            }
        };
        self.taken.insert(fold(&name), number);
        self.taken.insert(fold(&numbered), 2);
        numbered
    }
}

/// What two names have in common if they are one file where case does not count. Twice,
/// because some letters meet only in upper case (`ß` and `SS`), others in lower.
fn fold(name: &str) -> String {
    name.to_uppercase().to_lowercase()
}

/// The name before its extension, and the extension with its dot.
fn split(name: &str) -> (&str, &str) {
    let at = name.rfind('.').filter(|&at| {
        let length = name.len() - at;
        at > 0 && length <= LONGEST_EXTENSION
    });
    name.split_at(at.unwrap_or(name.len()))
}

/// No more than so many bytes, cut at a character.
fn cut(text: &str, longest: usize) -> &str {
    &text[..crate::file_name::character_boundary(text, longest)]
}

/// The names that Windows has for devices, in any folder and with any extension.
fn is_device(stem: &str) -> bool {
    let stem = stem.split('.').next().unwrap_or_default();
    let stem = stem.to_ascii_uppercase();
    let numbered = |name| {
        let number = stem.strip_prefix(name);
        number.is_some_and(|number| matches!(number.as_bytes(), [b'0'..=b'9']))
    };
    matches!(&*stem, "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
}
