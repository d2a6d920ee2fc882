//! What is read out of a flag's `metadata.json`.

use serde::Deserialize;

use crate::{DownloadError, Failure};

#[derive(Deserialize)]
struct Metadata {
    country: String,
}

/// The country that a `metadata.json` names.
///
/// # Errors
///
/// [`Failure::Metadata`] where the body is not JSON, or `country` is missing or no string.
pub fn country(body: &[u8]) -> Result<String, DownloadError> {
    serde_json::from_slice(body)
        .map(|metadata: Metadata| metadata.country)
        .map_err(|error| DownloadError::failed(Failure::Metadata, error))
}
