//! Whose word is taken over https.

/// Whose word is taken for who a server is, where it is asked over https: that of the public
/// authorities, and of these. No client of TLS is known here: `flagrace-tls` makes of it what
/// both of ours are given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// The certificates of further authorities, each as DER.
    pub authorities: Vec<Vec<u8>>,
}
