//! Tasks on tokio, with reqwest.
