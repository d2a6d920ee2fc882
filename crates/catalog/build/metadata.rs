//! A country's `metadata.json`.

use crate::{gec, names};

/// Compact JSON with `country`, `iso_cc`, and `tld_cc` and `gec_cc` where there is such a code.
pub(crate) fn json(code: &str, country: &str) -> String {
    let pairs = [
        ("country", Some(country.to_owned())),
        ("iso_cc", Some(code.to_owned())),
        ("tld_cc", names::top_level_domain(code)),
        ("gec_cc", gec::code(code).map(str::to_owned)),
    ];
    let known = pairs.into_iter().filter_map(|(key, value)| {
        let value = value?;
        Some(format!("\"{key}\":\"{}\"", escaped(&value)))
    });
    format!("{{{}}}", known.collect::<Vec<_>>().join(","))
}

/// What stands between the quotes of a JSON string. Letters beyond ASCII stand for themselves.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '"' | '\\' => escaped.extend(['\\', letter]),
            letter if letter.is_control() => {
                let mut units = [0; 2];
                for unit in letter.encode_utf16(&mut units) {
                    escaped.push_str(&format!("\\u{unit:04x}"));
                }
            }
            letter => escaped.push(letter),
        }
    }
    escaped
}
