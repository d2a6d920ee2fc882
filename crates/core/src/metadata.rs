//! The metadata of a flag.

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
/// [`Failure::Metadata`] if the body is not JSON or has no `country`.
pub fn country(body: &[u8]) -> Result<String, DownloadError> {
    serde_json::from_slice(body)
        .map(|metadata: Metadata| metadata.country)
        .map_err(|error| DownloadError::failed(Failure::Metadata, error))
}
