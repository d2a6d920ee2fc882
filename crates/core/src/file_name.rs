//! The names of the files.
//!
//! A country's name comes from a server and a URL from a user: neither is trusted. Whatever
//! they contain, a file name is one visible, portable path component.

use percent_encoding::percent_decode_str;
use url::Url;

use crate::CountryCode;

/// The maximum length of a name from outside, in bytes. File systems allow 255.
const LONGEST: usize = 200;

/// The maximum length of a URL's extension, in bytes.
const LONGEST_EXTENSION: usize = 16;

/// The name of a flag without metadata: `br.gif`.
pub fn plain(code: CountryCode) -> String {
    format!("{}.gif", code.lower())
}

/// The name of a flag whose country is known: `Brazil-BR.gif`. The code keeps names apart.
pub fn with_country(country: &str, code: CountryCode) -> String {
    let name = portable(country);
    match cut(&name, LONGEST) {
        "" => format!("{code}.gif"),
        name => format!("{name}-{code}.gif"),
    }
}

/// The file name of a URL: its number in `width` digits, and the last segment of its path, or its
/// host if the path is empty: `0001-flag.gif`.
///
/// The number keeps names apart, and on Windows a name with a number is never a device.
pub(crate) fn numbered(place: u32, width: usize, url: &Url) -> String {
    let segment = url.path().rsplit('/').find(|segment| !segment.is_empty());
    let segment = segment.or(url.host_str()).unwrap_or_default();
    // `São.gif` rather than `S%C3%A3o.gif`, unless the bytes are not UTF-8.
    let decoded = percent_decode_str(segment).decode_utf8();
    let name = portable(decoded.as_deref().unwrap_or(segment));
    // Windows drops a trailing dot.
    let name = name.trim_end_matches('.');
    let dot = name.rfind('.');
    let dot = dot.filter(|&dot| dot > 0 && name.len() - dot <= LONGEST_EXTENSION);
    let (stem, extension) = name.split_at(dot.unwrap_or(name.len()));
    let stem = match cut(stem, LONGEST - extension.len()) {
        "" => "download",
        stem => stem,
    };
    format!("{:0width$}-{stem}{extension}", place + 1)
}

/// Replaces with `_` what could leave the directory, hide the file or mislead a reader. The result
/// may be empty.
fn portable(text: &str) -> String {
    let name = text.trim().replace(|c| !is_plain(c), "_");
    // A leading dot hides a file, a leading dash looks like an option, and the parent directory
    // consists only of dots.
    name.trim_start_matches(['.', '-']).to_owned()
}

/// Letters, digits and marks of any script, and the punctuation that country names use.
fn is_plain(c: char) -> bool {
    // `escape_debug` escapes invisible characters, some of which reverse the reading order.
    let visible = c == '\'' || format!("a{c}").escape_debug().count() == 2;
    visible && !c.is_whitespace() && !"/\\:*?\"<>|\u{2044}\u{2215}".contains(c)
}

/// The longest prefix of whole characters within `most` bytes.
fn cut(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use flagrace_fuzz::mutated;
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::{UrlList, metadata};

    fn name_in(country: &str) -> String {
        with_country(country, "BR".parse().unwrap())
    }

    fn names(urls: &str) -> Vec<String> {
        let list = UrlList::parse(urls).unwrap();
        let places = 0..list.items().count() as u32;
        places.map(|place| list.file_name(place)).collect()
    }

    fn is_one_visible_component(name: &str) -> bool {
        let parts: Vec<_> = Path::new(name).components().collect();
        matches!(parts[..], [Component::Normal(_)])
            && name.len() <= 255
            && !name.starts_with(['.', '-'])
            && !name.ends_with('.')
            && !name.contains(|c: char| c.is_control() || "/\\:".contains(c))
    }

    #[rstest]
    #[case("Brazil", "Brazil-BR.gif")]
    #[case("Côte d'Ivoire", "Côte_d'Ivoire-BR.gif")]
    #[case("../../etc/passwd", "_.._etc_passwd-BR.gif")]
    #[case("", "BR.gif")]
    #[case("-rf", "rf-BR.gif")]
    #[case("a\0b\nc", "a_b_c-BR.gif")]
    #[case("gif.\u{202e}exe", "gif._exe-BR.gif")]
    #[case("Sa\u{303}o\u{200b}Tome\u{301}", "Sa\u{303}o_Tome\u{301}-BR.gif")]
    fn a_flag_is_named_after_its_country(#[case] country: &str, #[case] name: &str) {
        assert_eq!(name_in(country), name);
    }

    #[rstest]
    #[case("http://a/flags/br.gif?size=2", "0001-br.gif")]
    #[case("http://example.org", "0001-example.org")]
    #[case("http://a/S%C3%A3o%20Tom%C3%A9.gif", "0001-São_Tomé.gif")]
    #[case("http://a/%E9.gif", "0001-%E9.gif")]
    #[case("http://a/..%2F..%2Fetc%2Fpasswd", "0001-_.._etc_passwd")]
    #[case("http://a/...", "0001-download")]
    #[case("http://a/con.tar.gz", "0001-con.tar.gz")]
    fn a_url_is_named_after_its_number_and_its_last_segment(#[case] url: &str, #[case] name: &str) {
        assert_eq!(names(url), [name]);
    }

    #[rstest]
    #[case(2, "0002-x")]
    #[case(9_999, "9999-x")]
    #[case(10_000, "10000-x")]
    fn numbers_have_as_many_digits_as_the_list_needs(#[case] urls: usize, #[case] last: &str) {
        assert_eq!(names(&"http://a/x\n".repeat(urls)).last().unwrap(), last);
    }

    #[test]
    fn a_long_name_is_cut_at_a_character_and_keeps_its_extension() {
        let long = "é".repeat(600);
        assert_eq!(name_in(&long), format!("{}-BR.gif", "é".repeat(100)));
        let url = format!("http://a/{long}.jpeg");
        assert_eq!(names(&url), [format!("0001-{}.jpeg", "é".repeat(97))]);
    }

    proptest! {
        #[test]
        fn any_metadata_name_a_file_in_the_directory_or_are_refused_in_one_line(
            country in ".{0,300}|[./\\\\\0 -]{0,40}",
            other in mutated(vec![r#"{"country": "Brazil", "iso": ["BR", 76]}"#.to_owned()]),
        ) {
            prop_assert!(is_one_visible_component(&name_in(&country)));
            match metadata::country(&other) {
                Ok(country) => prop_assert!(is_one_visible_component(&name_in(&country))),
                Err(error) => prop_assert!(!error.detail.unwrap().contains(char::is_control)),
            }
        }

        #[test]
        fn no_url_leaves_the_directory_and_names_sort_as_the_list_does(
            paths in prop::collection::vec(
                "(%2[eEfF]|%[0-9a-f]{2}|[./\\\\:-]|\\PC){0,300}",
                1..8
            )
        ) {
            let urls: Vec<_> = paths.iter().map(|path| format!("http://a/{path}")).collect();
            prop_assume!(urls.iter().all(|url| UrlList::parse(url).is_ok()));
            let names = names(&urls.join("\n"));
            prop_assert!(names.iter().all(|name| is_one_visible_component(name)), "{names:?}");
            prop_assert!(names.is_sorted_by(|one, next| one < next), "{names:?}");
        }
    }
}
