//! The metadata of a flag.

use serde::Deserialize;

use crate::{DownloadError, Failure};

#[derive(Deserialize)]
struct Metadata {
    country: String,
}

/// The country that a `metadata.json` names; [`Failure::Metadata`] if it is not JSON or names none.
pub fn country(body: &[u8]) -> Result<String, DownloadError> {
    serde_json::from_slice(body)
        .map(|metadata: Metadata| metadata.country)
        .map_err(|error| DownloadError::failed(Failure::Metadata, error))
}
