//! The authorities that a file names.

use flagrace_core::Tls;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use thiserror::Error;

/// The text is no list of authorities.
#[derive(Debug, Error)]
pub enum AuthoritiesError {
    /// It is not PEM.
    #[error("it is no PEM file: {0}")]
    Pem(pem::Error),
    /// It is PEM, or any other text, without a certificate.
    #[error("there is no certificate in it; one begins with -----BEGIN CERTIFICATE-----")]
    Empty,
    /// What is called a certificate is none.
    #[error("certificate {number} cannot be trusted: {source}")]
    Certificate {
        /// Which of the file's certificates, from 1.
        number: usize,
        /// What is wrong with it.
        source: rustls::Error,
    },
}

/// Reads a PEM file with the certificates of authorities that are to be trusted beside the
/// public ones, or with those that servers sign by themselves.
///
/// # Errors
///
/// If there is none in it, or one that cannot be read.
pub fn authorities(pem: &[u8]) -> Result<Tls, AuthoritiesError> {
    let mut authorities = Vec::new();
    let mut roots = RootCertStore::empty();
    for (index, certificate) in CertificateDer::pem_slice_iter(pem).enumerate() {
        let certificate = certificate.map_err(AuthoritiesError::Pem)?;
        authorities.push(certificate.to_vec());
        // Better to learn now that it is unusable than from every server.
        roots
            .add(certificate)
            .map_err(|source| AuthoritiesError::Certificate {
                number: index + 1,
                source,
            })?;
    }
    if authorities.is_empty() {
        return Err(AuthoritiesError::Empty);
    }
    Ok(Tls { authorities })
}
