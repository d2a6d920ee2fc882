//! The async HTTP client of the engines: reqwest, with the limits of a [`Setup`].
//!
//! It is the twin of `flagrace-http-blocking`: the same public methods in the same order. Here
//! callers await them.
//!
//! # Layout
//!
//! - `client.rs`: [`Client`], built once; its connections outlive a job
//! - `session.rs`: [`Session`], one job in progress: get a body, compute on it, save it
//! - `names.rs`: resolves each host name once
//!
//! # What it is not
//!
//! It has no concurrency: the engine decides how many tasks call it, and on which runtime.
//!
//! [`Setup`]: flagrace_core::Setup

mod client;
mod names;
mod session;

pub use client::Client;
pub use session::{Computing, Session};
