//! The claims, by theme. Each is a function that panics if it does not hold.

pub mod cancelling;
pub mod content;
pub mod endings;
pub mod faults;
#[cfg(feature = "https")]
pub mod https;
pub mod naming;
pub mod requests;
pub mod saving;
pub mod third_party;
pub mod urls;
pub mod watching;
