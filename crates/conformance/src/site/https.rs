//! A site over https, and the authority that signs its certificates.

use std::io;
use std::sync::{Arc, LazyLock};

use flagrace_core::Tls;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned, crypto::ring};

use super::{Site, by_path};

static AUTHORITY: LazyLock<CertifiedIssuer<'static, KeyPair>> = LazyLock::new(|| {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
});

pub fn trusting() -> Arc<Tls> {
    let authorities = vec![AUTHORITY.der().to_vec()];
    Arc::new(Tls { authorities })
}

pub fn authority_pem() -> String {
    AUTHORITY.pem()
}

impl Site {
    pub fn https() -> Self {
        Self::https_named("127.0.0.1")
    }

    pub(crate) fn https_named(name: &str) -> Self {
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
        // Rejects clients that ask for another version of HTTP.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let config = Arc::new(config);
        Self::start("https", move |socket, state| {
            let connection = ServerConnection::new(Arc::clone(&config));
            let connection = connection.map_err(io::Error::other)?;
            state.converse(StreamOwned::new(connection, socket), socket, &by_path)
        })
    }

    /// A site that accepts connections and never answers, not even to a TLS handshake.
    pub(crate) fn mute() -> Self {
        Self::start("https", |socket, state| state.hold(socket))
    }
}
