//! The blocking HTTP client of the engines: ureq, held to the limits of a [`Setup`].
//!
//! It lies side by side with `flagrace-http-async`: the same files, the same methods in the
//! same order. Here a call returns when the answer is there.
//!
//! # Layout
//!
//! - `client.rs`: [`Client`], built once; its connections are kept from job to job
//! - `session.rs`: [`Session`], one job under way: get a body, save it
//! - `names.rs`: host names, each looked up once
//! - `ending.rs`: how a connection ended, which ureq does not tell
//! - `tls.rs`: https, set up as it is for both clients (feature `https`)
//!
//! # What it is not
//!
//! It has no concurrency: how many threads call it, and when, is up to an engine.
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
