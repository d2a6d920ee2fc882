//! Countries' names.

use crate::Result;

/// Names that ISO 3166-1 does not give, or gives in the form of a list: "Iran (Islamic Republic
/// of)". A name here is what people say, and becomes part of a file name.
const NAMES: &[(&str, &str)] = &[
    // Shorter than in ISO 3166-1.
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
    // User-assigned in ISO 3166-1, and in common use.
    ("XK", "Kosovo"),
];

/// The common English name. It is an error to have none, or one that does not fit into a file
/// name and a JSON string: a new flag in Twemoji needs a name in the table above.
pub(crate) fn country(code: &str) -> Result<&'static str> {
    let ours = NAMES.iter().find(|(known, _)| *known == code);
    let iso = || rust_iso3166::from_alpha2(code).map(|country| country.name);
    let name = ours.map(|(_, name)| *name).or_else(iso).unwrap_or_default();
    let unfit = |letter: char| letter.is_control() || r#"()/\""#.contains(letter);
    if name.is_empty() || name.contains(unfit) {
        let error = format!("no short name for {code}, but {name:?}: add one to build/names.rs");
        return Err(error.into());
    }
    Ok(name)
}
