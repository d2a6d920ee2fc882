//! The claims, by theme. Each is a function that panics if it does not hold.

pub mod cancelling;
pub mod content;
pub mod elsewhere;
pub mod endings;
pub mod faults;
pub mod naming;
pub mod requests;
pub mod saving;
pub mod urls;
pub mod watching;
