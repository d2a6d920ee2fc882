//! What the embedded catalog promises to its readers.

#![allow(
    clippy::unwrap_used,
    reason = "a helper of a test may panic as the test may"
)]

use std::collections::BTreeSet;

use flagrace_catalog::{ATTRIBUTION, all, find};
use serde_json::Value;

/// The twenty most populous countries, which the book downloads, and their GEC codes.
const POPULOUS: [(&str, &str); 20] = [
    ("CN", "CH"),
    ("IN", "IN"),
    ("US", "US"),
    ("ID", "ID"),
    ("BR", "BR"),
    ("PK", "PK"),
    ("NG", "NI"),
    ("BD", "BG"),
    ("RU", "RS"),
    ("JP", "JA"),
    ("MX", "MX"),
    ("PH", "RP"),
    ("VN", "VM"),
    ("ET", "ET"),
    ("EG", "EG"),
    ("DE", "GM"),
    ("IR", "IR"),
    ("TR", "TU"),
    ("CD", "CG"),
    ("FR", "FR"),
];

fn metadata(code: &str) -> Value {
    serde_json::from_str(find(code).unwrap().metadata).unwrap()
}

#[test]
fn there_are_about_250_sorted_by_code() {
    assert!((240..=262).contains(&all().len()), "{}", all().len());
    assert!(all().is_sorted_by(|a, b| a.code < b.code));
    for flag in all() {
        let letters = flag.code.bytes().filter(u8::is_ascii_uppercase).count();
        assert_eq!((flag.code.len(), letters), (2, 2), "{}", flag.code);
    }
}

#[test]
fn files_weigh_what_the_flags_of_the_book_weigh() {
    let mut sizes: Vec<usize> = all().iter().map(|flag| flag.gif.len()).collect();
    sizes.sort_unstable();
    let (least, most) = (sizes[0], sizes[sizes.len() - 1]);
    assert!(least >= 1_000, "the smallest has {least} bytes");
    assert!(most <= 36_864, "the largest has {most} bytes");
    let median = sizes[sizes.len() / 2];
    assert!((9_000..=11_500).contains(&median), "median {median}");
}

#[test]
fn a_flag_is_found_in_any_case_and_by_nothing_else() {
    for flag in all() {
        assert_eq!(find(flag.code), Some(flag));
        assert_eq!(find(&flag.code.to_lowercase()), Some(flag));
    }
    assert_eq!(find("bR").map(|flag| flag.country), Some("Brazil"));
    // The last two are two bytes, and two letters of more than a byte each.
    for wrong in ["", "B", "BRA", "XX", "  ", "é", "ÉÉ"] {
        assert_eq!(find(wrong), None, "{wrong:?}");
    }
}

#[test]
fn names_are_short_unique_and_fit_for_a_file_name() {
    for flag in all() {
        let name = flag.country;
        assert!((4..=50).contains(&name.chars().count()), "{name}");
        let awkward = |c: char| c.is_control() || "/\\()".contains(c);
        assert!(!name.contains(awkward) && name.trim() == name, "{name:?}");
    }
    let names: BTreeSet<_> = all().iter().map(|flag| flag.country).collect();
    assert_eq!(names.len(), all().len());
}

#[test]
fn metadata_is_compact_json_that_agrees_with_the_flag() {
    for flag in all() {
        let value = metadata(flag.code);
        assert_eq!(value["country"], flag.country);
        assert_eq!(value["iso_cc"], flag.code);
        for (key, value) in value.as_object().unwrap() {
            let fits = match (key.as_str(), value.as_str().unwrap()) {
                ("country", _) => true,
                ("iso_cc" | "gec_cc", text) => text.len() == 2,
                ("tld_cc", text) => text.len() == 3 && text.starts_with('.'),
                _ => false,
            };
            assert!(fits, "{}: {key}", flag.code);
        }
        // Written anew in the most compact form it is as long: only the order of keys may differ.
        assert_eq!(value.to_string().len(), flag.metadata.len());
    }
    assert_eq!(metadata("CI")["country"], "Côte d'Ivoire");
    assert_eq!(metadata("CW")["country"], "Curaçao");
}

#[test]
fn the_twenty_most_populous_are_whole() {
    for (code, gec) in POPULOUS {
        let value = metadata(code);
        assert_eq!(value["gec_cc"], gec, "{code}");
        let domain = format!(".{}", code.to_lowercase());
        assert_eq!(value["tld_cc"], domain, "{code}");
    }
}

#[test]
fn domains_and_gec_codes_belong_to_one_country_each() {
    for key in ["tld_cc", "gec_cc"] {
        let values = all().iter().map(|flag| metadata(flag.code));
        let codes: Vec<_> = values
            .filter_map(|value| Some(value[key].as_str()?.to_owned()))
            .collect();
        let unique: BTreeSet<_> = codes.iter().collect();
        assert_eq!(unique.len(), codes.len(), "{key}");
        assert!(codes.len() > 240, "{key}: {}", codes.len());
    }
}

#[test]
fn what_has_no_code_has_no_key() {
    assert_eq!(metadata("GB")["tld_cc"], ".uk");
    assert_eq!(metadata("EU")["tld_cc"], ".eu");
    let kosovo = metadata("XK");
    assert_eq!(kosovo["gec_cc"], "KV");
    assert!(kosovo.get("tld_cc").is_none());
    assert!(metadata("UN").get("gec_cc").is_none());
}

#[test]
fn the_attribution_is_one_line_with_author_and_licence() {
    for part in ["Twemoji", "Twitter", "CC-BY-4.0", "modified"] {
        assert!(ATTRIBUTION.contains(part), "{part}");
    }
    assert!(!ATTRIBUTION.contains('\n') && !ATTRIBUTION.contains("  "));
}
