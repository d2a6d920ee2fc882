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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::path::{Component, Path};

    use proptest::prelude::*;
    use rstest::rstest;

    use crate::UrlList;

    fn names(urls: &[impl AsRef<str>]) -> Vec<String> {
        let lines: Vec<_> = urls.iter().map(AsRef::as_ref).collect();
        let list = UrlList::parse(&lines.join("\n")).unwrap();
        let names = (0..).zip(urls).map(|(place, _)| list.file_name(place));
        names.map(str::to_owned).collect()
    }

    #[rstest]
    #[case("http://a/flags/br.gif", "br.gif")]
    #[case("http://a/flags/br.gif?size=2", "br.gif")]
    #[case("http://a/flags/", "flags")]
    #[case("http://example.org", "example.org")]
    #[case("http://a/S%C3%A3o%20Tom%C3%A9.gif", "São_Tomé.gif")]
    #[case("http://a/%E9.gif", "%E9.gif")]
    #[case("http://a/..%2F..%2Fetc%2Fpasswd", "_.._etc_passwd")]
    #[case("http://a/%2e%2e%2fx", "_x")]
    #[case("http://a/.bashrc", "bashrc")]
    #[case("http://a/-rf", "rf")]
    #[case("http://a/...", "download")]
    #[case("http://a/x%00y%0Az%1b", "x_y_z_")]
    #[case("http://a/gif.%E2%80%AEexe", "gif._exe")]
    #[case("http://a/name.", "name")]
    #[case("http://a/con.tar.gz", "_con.tar.gz")]
    #[case("http://a/COM1", "_COM1")]
    #[case("http://a/common.txt", "common.txt")]
    fn a_name_is_the_last_part_of_the_path_made_safe(#[case] url: &str, #[case] name: &str) {
        assert_eq!(names(&[url]), [name]);
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number_before_its_extension() {
        let urls = [
            "Flag.gif",
            "flag.GIF",
            "flag-2.gif",
            "flag.gif",
            "x",
            "y/x",
            "ß",
            "SS",
        ];
        assert_eq!(
            names(&urls.map(|path| format!("http://a/{path}"))),
            [
                "Flag.gif",
                "flag-2.GIF",
                "flag-2-2.gif",
                "flag-3.gif",
                "x",
                "x-2",
                "ß",
                "SS-2"
            ]
        );
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let [name] = &names(&[format!("http://a/{}.jpeg", "é".repeat(600))])[..] else {
            unreachable!("one URL")
        };
        assert_eq!(*name, format!("{}.jpeg", "é".repeat(97)));
    }

    proptest! {
        #[test]
        fn names_are_safe_and_unique_and_depend_on_what_came_before_alone(
            paths in prop::collection::vec(
                "[aAß.-]{0,3}(-2)?(\\.[gG])?|(%2[eEfF]|%[0-9a-f]{2}|[./\\\\:-]|con|\\PC){0,300}",
                1..8
            )
        ) {
            let urls: Vec<_> = paths.iter().map(|path| format!("http://a/{path}")).collect();
            prop_assume!(urls.iter().all(|url| UrlList::parse(url).is_ok()));
            let names = names(&urls);
            for name in &names {
                let parts: Vec<_> = Path::new(name).components().collect();
                prop_assert!(matches!(parts[..], [Component::Normal(_)]), "{name:?}");
                prop_assert!(name.len() <= 255 && !name.starts_with(['.', '-']), "{name:?}");
                prop_assert!(!name.ends_with('.'), "{name:?}");
                prop_assert!(!name.contains(|c: char| c.is_control() || "/\\:".contains(c)));
            }
            for fold in [str::to_lowercase, str::to_uppercase] {
                let folded: HashSet<_> = names.iter().map(|name| fold(name)).collect();
                prop_assert_eq!(folded.len(), names.len(), "{:?}", names);
            }
            let fewer = urls.len().div_ceil(2);
            prop_assert_eq!(&super::tests::names(&urls[..fewer]), &names[..fewer]);
        }
    }
}
