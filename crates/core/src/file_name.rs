//! The name under which a flag is saved.
//!
//! A country's name comes from a server and ends up in a file name, so it is never
//! trusted: whatever it holds, the result is a single, visible, portable path component.

use crate::CountryCode;

/// The longest country name that is kept, in bytes. File systems allow 255 for a name
/// (`NAME_MAX`); this leaves room for the code, the extension and a temporary prefix.
const LONGEST: usize = 200;

/// The name of a flag without metadata: `br.gif`.
pub fn plain(code: CountryCode) -> String {
    format!("{}.gif", code.lower())
}

/// The name of a flag whose country is known: `Brazil-BR.gif`, spaces as `_`.
///
/// Anything that could leave the directory, hide the file or mislead a reader becomes
/// `_`, and a name too long is cut at a character. The code keeps names apart.
pub fn with_country(country: &str, code: CountryCode) -> String {
    let mut name = portable(country);
    name.truncate(character_boundary(&name, LONGEST));
    if name.is_empty() {
        format!("{code}.gif")
    } else {
        format!("{name}-{code}.gif")
    }
}

/// The text without what could leave the directory, hide the file or mislead a reader. It
/// may be empty.
pub(crate) fn portable(text: &str) -> String {
    let name: String = text
        .trim()
        .chars()
        .map(|c| if is_plain(c) { c } else { '_' })
        .collect();
    // A leading dot hides a file, a leading dash looks like an option, and the parent
    // directory is nothing but dots.
    name.trim_start_matches(['.', '-']).to_owned()
}

/// Letters, digits and marks of any script, and the punctuation that country names use.
fn is_plain(c: char) -> bool {
    let separator = matches!(
        c,
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '\u{2044}' | '\u{2215}'
    );
    // Characters without a shape, some of which turn the reading order around.
    let invisible = matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    );
    !(c.is_whitespace() || c.is_control() || separator || invisible)
}

/// The last boundary between two characters at or before `index`.
/// (`str::floor_char_boundary` is younger than the oldest compiler that is supported.)
pub(crate) fn character_boundary(text: &str, index: usize) -> usize {
    (0..=index.min(text.len()))
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    const BR: CountryCode = match CountryCode::new(b'b', b'r') {
        Some(code) => code,
        None => unreachable!(),
    };

    #[rstest]
    #[case("Brazil", "Brazil-BR.gif")]
    #[case("United States", "United_States-BR.gif")]
    #[case("Côte d'Ivoire", "Côte_d'Ivoire-BR.gif")]
    #[case("../../etc/passwd", "_.._etc_passwd-BR.gif")]
    #[case("..", "BR.gif")]
    #[case("", "BR.gif")]
    #[case(".hidden", "hidden-BR.gif")]
    #[case("-rf", "rf-BR.gif")]
    #[case("a\0b\nc", "a_b_c-BR.gif")]
    #[case("C:\\x", "C__x-BR.gif")]
    #[case("gif.\u{202e}exe", "gif._exe-BR.gif")]
    fn names(#[case] country: &str, #[case] expected: &str) {
        assert_eq!(with_country(country, BR), expected);
    }

    #[test]
    fn a_long_name_is_cut_at_a_character() {
        let name = with_country(&"é".repeat(5000), BR);
        assert_eq!(name, format!("{}-BR.gif", "é".repeat(100)));
    }

    proptest! {
        #[test]
        fn no_country_leaves_the_directory(country in ".{0,300}|[./\\\\\0 -]{0,40}") {
            let name = with_country(&country, BR);
            let parts: Vec<_> = Path::new(&name).components().collect();
            prop_assert!(matches!(parts[..], [Component::Normal(_)]), "{name:?}");
            prop_assert!(name.ends_with("BR.gif") && name.len() <= 220);
            prop_assert!(!name.starts_with(['.', '-']));
            prop_assert!(!name.chars().any(|c| c.is_control() || c == '/' || c == '\\'));
        }
    }
}
