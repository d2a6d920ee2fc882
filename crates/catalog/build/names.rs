//! What a code is called, and its domain.

use crate::Result;

/// Names that are not taken from ISO 3166-1, for one of two reasons.
///
/// ISO gives the name that a government wants in a list ("Iran (Islamic Republic of)"); a name in
/// the catalog is what a reader says, and becomes part of a file name. And some codes with a flag
/// are not countries of ISO's, but reserved, or left for anyone's use.
const NAMES: &[(&str, &str)] = &[
    // Shortened.
    ("BO", "Bolivia"),
    ("BN", "Brunei"),
    ("CC", "Cocos Islands"),
    ("CD", "DR Congo"),
    ("CG", "Republic of the Congo"),
    ("FK", "Falkland Islands"),
    ("FM", "Micronesia"),
    ("GB", "United Kingdom"),
    ("IR", "Iran"),
    ("KP", "North Korea"),
    ("KR", "South Korea"),
    ("LA", "Laos"),
    ("MD", "Moldova"),
    ("MF", "Saint Martin"),
    ("NL", "Netherlands"),
    ("PN", "Pitcairn Islands"),
    ("PS", "Palestine"),
    ("RU", "Russia"),
    // The flag is the island's own: its two dependencies have flags and codes of their own below.
    ("SH", "Saint Helena"),
    ("ST", "São Tomé and Príncipe"),
    ("SX", "Sint Maarten"),
    ("SY", "Syria"),
    ("TW", "Taiwan"),
    ("TZ", "Tanzania"),
    ("US", "United States"),
    ("VA", "Vatican City"),
    ("VE", "Venezuela"),
    ("VG", "British Virgin Islands"),
    ("VI", "United States Virgin Islands"),
    ("VN", "Vietnam"),
    // Exceptionally reserved in ISO 3166-1.
    ("AC", "Ascension Island"),
    ("CP", "Clipperton Island"),
    ("CQ", "Sark"),
    ("DG", "Diego Garcia"),
    ("EA", "Ceuta and Melilla"),
    ("EU", "European Union"),
    ("IC", "Canary Islands"),
    ("TA", "Tristan da Cunha"),
    ("UN", "United Nations"),
    // For anyone's use in ISO 3166-1, and in common use for this.
    ("XK", "Kosovo"),
];

/// Codes for which there is no top-level domain in the root zone.
///
/// ISO lists the first row, and the zone has never had these or has them no more; the second row
/// is not ISO's.
const NO_DOMAIN: &[&str] = &[
    "BL", "BQ", "EH", "MF", "UM", //
    "CP", "CQ", "DG", "EA", "IC", "TA", "UN", "XK",
];

/// The common name in English.
///
/// A code without one is an error and not left out: it is a new flag in Twemoji, and somebody has
/// to say what it is.
pub(crate) fn country(code: &str) -> Result<String> {
    let ours = NAMES.iter().find(|(known, _)| *known == code);
    let name = match ours {
        Some((_, name)) => name,
        None => rust_iso3166::from_alpha2(code)
            .map(|country| country.name)
            .ok_or_else(|| format!("the flag {code} has no name: add one to build/names.rs"))?,
    };
    // It ends up in a file name, and in a list that people read.
    let awkward = |letter: char| letter.is_control() || "()/\\".contains(letter);
    if name.is_empty() || name.contains(awkward) {
        return Err(format!(
            "{name:?} is no short name for {code}: add one to build/names.rs"
        ));
    }
    Ok(name.to_owned())
}

/// The country's top-level domain, with its dot.
pub(crate) fn top_level_domain(code: &str) -> Option<String> {
    match code {
        // The one country that does not use its ISO code; `.gb` is closed to new names.
        "GB" => Some(".uk".into()),
        _ if NO_DOMAIN.contains(&code) => None,
        _ => Some(format!(".{}", code.to_ascii_lowercase())),
    }
}
