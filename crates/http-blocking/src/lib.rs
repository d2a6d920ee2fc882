//! The blocking HTTP client of the engines: ureq, with the limits of a [`Setup`].
//!
//! It is the twin of `flagrace-http-async`: the same public methods in the same order, which
//! block here. ureq needs two files more: `ending.rs` and `tls.rs`.
//!
//! # Layout
//!
//! - `client.rs`: [`Client`], built once; its connections outlive a job
//! - `session.rs`: [`Session`], one job in progress: get a body, compute on it, save it
//! - `names.rs`: resolves each host name once
//! - `ending.rs`: how a connection ended, which ureq does not report
//! - `tls.rs`: https, with the configuration that both clients share (feature `https`)
//!
//! # What it is not
//!
//! It has no concurrency: the engine decides how many threads call it, and when.
//!
//! [`Setup`]: flagrace_core::Setup

mod client;
mod ending;
mod names;
mod session;
#[cfg(feature = "https")]
mod tls;

pub use client::Client;
pub use session::Session;
