//! Which response heads are accepted. ureq and reqwest accept more, and not the same.

use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, Version};

use crate::{DownloadError, Failure};

/// The largest head, in bytes.
pub const MAX_HEAD: usize = 16 * 1024;

/// The largest number of headers in a head.
pub const MAX_HEADERS: usize = 100;

/// Rejects a head above the limits, and one that leaves the length of the body open (RFC 9112, 6.3):
/// another client could read another body.
pub fn check_head(version: Version, headers: &HeaderMap) -> Result<(), DownloadError> {
    let first_and_last = "HTTP/1.1 200 OK\r\n\r\n".len();
    let sizes = headers.iter().map(|(name, value)| {
        let between = ": \r\n".len();
        name.as_str().len() + value.len() + between
    });
    if headers.len() > MAX_HEADERS || first_and_last + sizes.sum::<usize>() > MAX_HEAD {
        return Err(DownloadError::head_too_large());
    }
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let length = lengths.next().map(|length| length.as_bytes());
    let is_repeated = lengths.next().is_some() || length.is_some_and(|text| text.contains(&b','));
    let coding = headers.get_all(TRANSFER_ENCODING).iter().next_back();
    let is_chunked = |coding: &[u8]| {
        let last = coding.rsplit(|&byte| byte == b',').next();
        let last = last.unwrap_or_default().trim_ascii();
        version == Version::HTTP_11 && last.eq_ignore_ascii_case(b"chunked")
    };
    let why = match (length, coding) {
        (Some(_), Some(_)) => "both a content length and chunks",
        (Some(_), None) if is_repeated => "two content lengths",
        (None, Some(coding)) if !is_chunked(coding.as_bytes()) => "an unsupported transfer coding",
        _ => return Ok(()),
    };
    Err(DownloadError::failed(Failure::Transport, why))
}
