//! TLS, set up in one way for every client.
//!
//! ureq and reqwest would each bring authorities and protocols of their own, and a race over
//! https would compare those too. What the machine trusts is not looked at: it differs from
//! machine to machine. The public authorities are Mozilla's, as `webpki-roots` has them.

/// Extra CA certificates to trust, beside the public ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// The certificates, each as DER.
    pub authorities: Vec<Vec<u8>>,
}

#[cfg(feature = "https")]
mod rustls_config {
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
        let mut roots = RootCertStore::empty();
        if let Some(tls) = tls {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
            tls.add_to(&mut roots)?;
        }
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| refused(error.to_string()))?;
        let mut config = builder.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }

    fn refused(why: impl Into<String>) -> JobError {
        JobError::Tls(why.into())
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn authorities(pem: &str) -> Result<usize, String> {
            let tls = Tls::from_pem(pem.as_bytes()).map_err(|error| error.to_string())?;
            client_config(Some(&tls)).map_err(|error| error.to_string())?;
            Ok(tls.authorities.len())
        }

        #[test]
        fn a_file_names_authorities_beside_the_public_ones() {
            let sign = |name: &str| rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
            let (a, b) = (sign("a.example").cert.pem(), sign("b.example").cert.pem());
            assert_eq!(authorities(&format!("Ours:\n{a}\nTheirs:\n{b}")), Ok(2));
        }

        #[test]
        fn a_certificate_that_is_none_is_refused_by_its_number() {
            let none = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
            let error = authorities(none).unwrap_err();
            assert!(error.contains("certificate 1 cannot be trusted"), "{error}");
            let tls = Tls {
                authorities: vec![b"no certificate".to_vec()],
            };
            let error = client_config(Some(&tls)).unwrap_err().to_string();
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

#[cfg(feature = "https")]
pub use rustls_config::client_config;
