//! The tests of the command, in one program: linking each separately would take longer.

#![allow(clippy::unwrap_used)]

mod common;
mod compare;
mod decide;
mod docs;
mod errors;
mod get;
#[cfg(feature = "https")]
mod https;
mod lesson;
mod open;
mod race;
mod serve;
mod spin;
mod urls;
