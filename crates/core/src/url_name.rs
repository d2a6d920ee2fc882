//! The name under which a URL is kept.
//!
//! A URL is as little to be trusted as a country's name: see [`file_name`](crate::file_name).

use percent_encoding::percent_decode_str;
use url::Url;

use crate::file_name::{character_boundary, portable};

/// The longest name in bytes, and the longest part of it that is taken for an extension.
const LONGEST: usize = 200;
const LONGEST_EXTENSION: usize = 16;

/// The URL's number in `width` digits, then the last part of its path, or its host where the
/// path has none: `0001-flag.gif` for `/a/flag.gif`. The number keeps names apart, and a name
/// that begins with a digit is no device on Windows.
pub(crate) fn numbered(number: usize, width: usize, url: &Url) -> String {
    let segment = url.path().rsplit('/').find(|segment| !segment.is_empty());
    let segment = segment.or(url.host_str()).unwrap_or_default();
    // People read `São.gif`, so the name has no `%`, unless it stands for no text.
    let decoded = percent_decode_str(segment).decode_utf8();
    let name = portable(decoded.as_deref().unwrap_or(segment));
    // Windows drops a dot at the end.
    let name = name.trim_end_matches('.');
    let (stem, extension) = split(name);
    let stem = match &stem[..character_boundary(stem, LONGEST - extension.len())] {
        "" => "download",
        stem => stem,
    };
    format!("{number:0width$}-{stem}{extension}")
}

/// The name before its extension, and the extension with its dot.
fn split(name: &str) -> (&str, &str) {
    let at = name.rfind('.').filter(|&at| {
        let length = name.len() - at;
        at > 0 && length <= LONGEST_EXTENSION
    });
    name.split_at(at.unwrap_or(name.len()))
}

#[cfg(test)]
mod tests {
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
    #[case("http://a/flags/br.gif", "0001-br.gif")]
    #[case("http://a/flags/br.gif?size=2", "0001-br.gif")]
    #[case("http://a/flags/", "0001-flags")]
    #[case("http://example.org", "0001-example.org")]
    #[case("http://a/S%C3%A3o%20Tom%C3%A9.gif", "0001-São_Tomé.gif")]
    #[case("http://a/%E9.gif", "0001-%E9.gif")]
    #[case("http://a/..%2F..%2Fetc%2Fpasswd", "0001-_.._etc_passwd")]
    #[case("http://a/%2e%2e%2fx", "0001-_x")]
    #[case("http://a/...", "0001-download")]
    #[case("http://a/name.", "0001-name")]
    #[case("http://a/con.tar.gz", "0001-con.tar.gz")]
    fn a_name_is_the_number_and_the_last_part_of_the_path_made_safe(
        #[case] url: &str,
        #[case] name: &str,
    ) {
        assert_eq!(names(&[url]), [name]);
    }

    #[rstest]
    #[case(2, "0002-x")]
    #[case(9_999, "9999-x")]
    #[case(10_000, "10000-x")]
    fn numbers_have_as_many_digits_as_the_list_needs(#[case] urls: usize, #[case] last: &str) {
        let names = names(&vec!["http://a/x"; urls]);
        assert_eq!(names.last().unwrap(), last);
        assert!(names.is_sorted());
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let [name] = &names(&[format!("http://a/{}.jpeg", "é".repeat(600))])[..] else {
            unreachable!("one URL")
        };
        assert_eq!(*name, format!("0001-{}.jpeg", "é".repeat(97)));
    }

    proptest! {
        #[test]
        fn names_are_safe_and_sort_as_the_list_does(
            paths in prop::collection::vec(
                "(%2[eEfF]|%[0-9a-f]{2}|[./\\\\:-]|\\PC){0,300}",
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
            prop_assert!(names.is_sorted_by(|one, next| one < next), "{names:?}");
        }
    }
}
