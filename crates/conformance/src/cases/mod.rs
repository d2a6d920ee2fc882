//! The cases, by topic. Each is a function that panics if the engine fails.

pub mod cancelling;
pub mod content;
pub mod endings;
#[cfg(feature = "https")]
pub mod https;
pub mod requests;
pub mod saving;
pub mod watching;
