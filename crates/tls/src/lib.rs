//! TLS, the same for both clients.
//!
//! ureq and reqwest would each set up TLS in a way of their own, and a race over https would
//! then compare two of those as well. Both are given what is made here: rustls on ring, with
//! the same authorities, the same versions, and a memory for as many sessions.
//!
//! # Layout
//!
//! - this file: [`client`], for an engine that may be asked for https; [`refusing`], for one
//!   that may not
//! - `authorities.rs`: [`authorities`], those that a file names beside the public ones
//!
//! # What it is not
//!
//! It does not look at what the machine trusts: that differs from machine to machine, and is
//! read from disk. The public authorities are those of Mozilla, as `webpki-roots` has them.

mod authorities;

use std::sync::{Arc, LazyLock};

use flagrace_core::{JobError, Tls};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

pub use authorities::{AuthoritiesError, authorities};

/// Shared by all engines of a process: there are some 150.
static PUBLIC: LazyLock<Arc<RootCertStore>> = LazyLock::new(|| {
    let roots = webpki_roots::TLS_SERVER_ROOTS.iter().cloned();
    Arc::new(roots.collect())
});

/// Made once. A reqwest client wants it in any case, and would otherwise look up what the
/// machine trusts: an engine that only speaks http must not pay for either.
static REFUSING: LazyLock<ClientConfig> = LazyLock::new(|| trusting(RootCertStore::empty().into()));

/// What a client is given that may be asked for https.
///
/// # Errors
///
/// If one of the further authorities' certificates is none.
pub fn client(tls: &Tls) -> Result<ClientConfig, JobError> {
    roots(tls).map(trusting)
}

/// What a client is given that asks nobody over https: it trusts no one.
pub fn refusing() -> ClientConfig {
    REFUSING.clone()
}

fn roots(tls: &Tls) -> Result<Arc<RootCertStore>, JobError> {
    let mut roots = Arc::clone(&PUBLIC);
    for (index, der) in tls.authorities.iter().enumerate() {
        let added = Arc::make_mut(&mut roots).add(CertificateDer::from(der.as_slice()));
        added.map_err(|error| {
            let number = index + 1;
            JobError::Client(format!("certificate {number} cannot be trusted: {error}"))
        })?;
    }
    Ok(roots)
}

fn trusting(roots: Arc<RootCertStore>) -> ClientConfig {
    // It can be refused only to a provider that has nothing for any version, and ring has
    // all of it for both.
    #[allow(clippy::expect_used)]
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring knows TLS 1.2 and 1.3");
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_file_names_authorities_beside_the_public_ones() {
        let sign = |name: &str| rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let pem = format!(
            "Ours:\n{}\nTheirs:\n{}",
            sign("a.example").cert.pem(),
            sign("b.example").cert.pem()
        );
        let public = roots(&Tls::default()).unwrap().len();
        assert!(public > 100, "{public} public authorities");
        let more = authorities(pem.as_bytes()).unwrap();
        assert_eq!(roots(&more).unwrap().len(), public + 2);
        // The shared ones stay as they were.
        assert_eq!(roots(&Tls::default()).unwrap().len(), public);
    }

    #[test]
    fn a_setup_with_what_is_no_certificate_builds_no_engine() {
        let authorities = vec![b"no certificate".to_vec()];
        let error = client(&Tls { authorities }).unwrap_err().to_string();
        assert!(error.contains("certificate 1 cannot be trusted"), "{error}");
    }

    #[test]
    fn one_version_of_http_is_offered() {
        for config in [client(&Tls::default()).unwrap(), refusing()] {
            assert_eq!(config.alpn_protocols, [b"http/1.1"]);
        }
    }
}
