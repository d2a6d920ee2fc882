//! A site over https, and whom a setup has to trust for it.

use std::io;
use std::sync::{Arc, LazyLock};

use flagrace_core::Tls;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned, crypto::ring};

use super::{Site, by_path};

type Authority = CertifiedIssuer<'static, KeyPair>;

/// Trusted by no one who is not told to. It is made anew in each process.
static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
});

/// A setup's part that trusts [`Site::https`].
pub fn trusting() -> Arc<Tls> {
    let authorities = vec![AUTHORITY.der().to_vec()];
    Arc::new(Tls { authorities })
}

/// The same as a PEM file has it.
pub fn authority_pem() -> String {
    AUTHORITY.pem()
}

impl Site {
    /// A site whose certificate is for the address that it has.
    pub fn https() -> Self {
        Self::https_named("127.0.0.1")
    }

    /// A site whose certificate is for this name, which is not its own.
    pub fn https_named(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &AUTHORITY).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let mut config = ServerConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        // A client that asks for another version of HTTP is refused.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let config = Arc::new(config);
        Self::start("https", move |socket, state| {
            let connection = ServerConnection::new(Arc::clone(&config));
            let connection = connection.map_err(io::Error::other)?;
            state.converse(StreamOwned::new(connection, socket), socket, &by_path)
        })
    }

    /// A site that accepts connections and never says a word, not even of TLS.
    pub fn mute() -> Self {
        Self::start("https", |socket, state| state.hold(socket))
    }
}

#[test]
fn a_file_may_have_several_authorities() {
    let pem = format!("Ours:\n{}\nTheirs:\n{}", authority_pem(), authority_pem());
    let tls = Tls::from_pem(pem.as_bytes()).unwrap();
    assert_eq!(
        tls.authorities,
        [
            trusting().authorities.concat(),
            trusting().authorities.concat()
        ]
    );
}
