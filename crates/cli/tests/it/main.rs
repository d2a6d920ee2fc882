//! The tests of the command, in one program: linking each separately would take longer.

#![allow(clippy::unwrap_used)]
// Some tests need what only Linux reports.
#![cfg_attr(not(target_os = "linux"), allow(unused_imports))]

mod chars;
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
#[path = "../../../report/tests/it/planted.rs"]
#[allow(dead_code)] // other tests use the rest
mod planting;
mod race;
mod serve;
mod spin;
mod urls;
