//! TLS, set up in the same way for every client.
//!
//! ureq and reqwest would each use their own CA certificates and protocols, and a race over https
//! would compare those too. The machine's certificates are not used, because they differ between
//! machines. The public ones are Mozilla's, from `webpki-roots`.

#[cfg(feature = "https")]
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::JobError;

/// Extra CA certificates to trust, besides the public ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Tls {
    /// The certificates in DER form.
    pub authorities: Vec<Vec<u8>>,
}

/// The error of a build without the feature `https`.
pub const WITHOUT: &str =
    "this build has no https: cargo install --path crates/cli --features https";

#[cfg(not(feature = "https"))]
impl Tls {
    /// Reads a PEM file of CA certificates. Without the feature `https` this is always an error.
    pub fn from_pem(_pem: &[u8]) -> Result<Self, JobError> {
        Err(JobError::Tls(WITHOUT.to_owned()))
    }
}

#[cfg(feature = "https")]
impl Tls {
    /// Reads a PEM file of CA certificates, or of self-signed ones.
    pub fn from_pem(pem: &[u8]) -> Result<Self, JobError> {
        let ders: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let ders = ders.map_err(|error| JobError::Tls(format!("it is not a PEM file: {error}")))?;
        if ders.is_empty() {
            let none = "it has no certificate; one begins with -----BEGIN CERTIFICATE-----";
            return Err(JobError::Tls(none.to_owned()));
        }
        let authorities = ders.iter().map(|der| der.to_vec()).collect();
        let tls = Self { authorities };
        // Fail now rather than at every server.
        tls.add_to(&mut RootCertStore::empty())?;
        Ok(tls)
    }

    fn add_to(&self, roots: &mut RootCertStore) -> Result<(), JobError> {
        for (number, der) in (1..).zip(&self.authorities) {
            let added = roots.add(CertificateDer::from(der.as_slice()));
            added.map_err(|error| {
                JobError::Tls(format!("certificate {number} cannot be trusted: {error}"))
            })?;
        }
        Ok(())
    }
}

/// The configuration of rustls for every client. Without a `Tls` it trusts no server.
#[cfg(feature = "https")]
pub fn client_config(tls: Option<&Tls>) -> Result<ClientConfig, JobError> {
    let mut roots = RootCertStore::empty();
    if let Some(tls) = tls {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        tls.add_to(&mut roots)?;
    }
    let builder = ClientConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .map_err(|error| JobError::Tls(error.to_string()))?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
