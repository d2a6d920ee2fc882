//! All that a comparison allows to be said, for other programs.

use serde::Serialize;

use crate::comparison::{Comparison, Findings};
use crate::error::Error;
use crate::run::Meta;

/// The numbers of the CSV and more: the interval of every median, and families.
///
/// # Errors
///
/// Where it cannot be serialised.
pub fn json(comparison: &Comparison, findings: &Findings) -> Result<String, Error> {
    #[derive(Serialize)]
    struct Document<'a> {
        meta: &'a Meta,
        #[serde(flatten)]
        findings: &'a Findings,
    }
    let meta = &comparison.meta;
    let text = serde_json::to_string_pretty(&Document { meta, findings });
    Ok(text.map_err(Error::Serialise)? + "\n")
}
