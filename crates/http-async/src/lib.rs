//! The async HTTP client of the engines: reqwest, held to the limits of a [`Setup`].
//!
//! It lies side by side with `flagrace-http-blocking`: the same files, the same methods in
//! the same order. Here a call is awaited.
//!
//! # Layout
//!
//! - `client.rs`: [`Client`], built once; its connections are kept from job to job
//! - `session.rs`: [`Session`], one job under way: get a body, save it
//! - `names.rs`: host names, each looked up once
//!
//! # What it is not
//!
//! It has no concurrency: how many tasks call it, and on which runtime, is up to an engine.
//!
//! [`Setup`]: flagrace_core::Setup

mod client;
mod names;
mod session;

pub use client::Client;
pub use session::Session;
