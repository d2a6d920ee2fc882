//! TLS, set up in one way for every client.
//!
//! ureq and reqwest would each bring authorities and protocols of their own, and a race over
//! https would compare those too. What the machine trusts is not looked at: it differs from
//! machine to machine. The public authorities are Mozilla's, as `webpki-roots` has them.

/// Extra CA certificates to trust, beside the public ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Tls {
    /// The certificates, each as DER.
    pub authorities: Vec<Vec<u8>>,
}

/// What is said where a program asks for https and was built without it.
pub const WITHOUT: &str =
    "this build has no https: cargo install --path crates/cli --features https";

#[cfg(feature = "https")]
pub use rustls::ClientConfig;
#[cfg(feature = "https")]
pub use with_rustls::client_config;
#[cfg(not(feature = "https"))]
pub use without::{ClientConfig, client_config};

#[cfg(not(feature = "https"))]
mod without {
    use super::{Tls, WITHOUT};
    use crate::JobError;

    /// There is none: see the feature `https`.
    #[derive(Debug)]
    pub enum ClientConfig {}

    impl Tls {
        /// Reads a PEM file of CA certificates.
        ///
        /// # Errors
        ///
        /// In this build always.
        pub fn from_pem(_pem: &[u8]) -> Result<Self, JobError> {
            Err(JobError::Tls(WITHOUT.to_owned()))
        }
    }

    /// The set-up of TLS for every client.
    ///
    /// # Errors
    ///
    /// In this build always.
    pub fn client_config(_tls: Option<&Tls>) -> Result<ClientConfig, JobError> {
        Err(JobError::Tls(WITHOUT.to_owned()))
    }
}

#[cfg(feature = "https")]
mod with_rustls {
    use std::sync::Arc;

    use rustls::crypto::ring;
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::{Error, PemObject};
    use rustls::{ClientConfig, RootCertStore};

    use super::Tls;
    use crate::JobError;

    impl Tls {
        /// Reads a PEM file of CA certificates, or of those that servers sign by themselves.
        ///
        /// # Errors
        ///
        /// If there is none in it, or one that cannot be used.
        pub fn from_pem(pem: &[u8]) -> Result<Self, JobError> {
            let ders = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, Error>>();
            let ders = ders.map_err(|error| refused(format!("it is no PEM file: {error}")))?;
            if ders.is_empty() {
                return Err(refused(
                    "there is no certificate in it; one begins with -----BEGIN CERTIFICATE-----",
                ));
            }
            let authorities = ders.iter().map(|der| der.to_vec()).collect();
            let tls = Self { authorities };
            // Better to learn now that one is unusable than from every server.
            tls.add_to(&mut RootCertStore::empty())?;
            Ok(tls)
        }

        fn add_to(&self, roots: &mut RootCertStore) -> Result<(), JobError> {
            for (index, der) in self.authorities.iter().enumerate() {
                let added = roots.add(CertificateDer::from(der.as_slice()));
                added.map_err(|error| {
                    let number = index + 1;
                    refused(format!("certificate {number} cannot be trusted: {error}"))
                })?;
            }
            Ok(())
        }
    }

    /// The set-up of rustls for every client. Without a `Tls` it trusts no server.
    ///
    /// # Errors
    ///
    /// If one of the extra certificates cannot be used.
    pub fn client_config(tls: Option<&Tls>) -> Result<ClientConfig, JobError> {
        let roots = trusted(tls)?;
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| refused(error.to_string()))?;
        let mut config = builder.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }

    fn trusted(tls: Option<&Tls>) -> Result<RootCertStore, JobError> {
        let mut roots = RootCertStore::empty();
        if let Some(tls) = tls {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
            tls.add_to(&mut roots)?;
        }
        Ok(roots)
    }

    fn refused(why: impl Into<String>) -> JobError {
        JobError::Tls(why.into())
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_public_authorities_are_trusted_by_whom_https_is_for() {
            let trusted = |tls: Option<&Tls>| trusted(tls).unwrap().len();
            assert_eq!(trusted(None), 0);
            assert!(trusted(Some(&Tls::default())) > 100);
        }

        #[test]
        fn a_setup_with_what_is_no_certificate_builds_no_client() {
            let authorities = vec![b"no certificate".to_vec()];
            let error = client_config(Some(&Tls { authorities }));
            let error = error.unwrap_err().to_string();
            assert!(error.contains("certificate 1 cannot be trusted"), "{error}");
        }

        #[test]
        fn one_version_of_http_is_offered() {
            for tls in [None, Some(&Tls::default())] {
                let config = client_config(tls).unwrap();
                assert_eq!(config.alpn_protocols, [b"http/1.1"]);
            }
        }
    }
}
