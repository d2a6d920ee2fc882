//! Measuring: scenarios, rounds, and single trials with their costs.
//!
//! # Layout
//!
//! - `engine.rs`: [`Engine`], the engines by name
//! - `scenario.rs`, `scenarios.toml`: [`Scenario`], what is compared
//! - [`map`]: the scenarios that calibrate the law, and those of the map that check it
//! - `rounds.rs`: [`compare`], interleaved rounds of trials
//! - `trial.rs`: one trial, a process that downloads once; [`become_trial_if_asked`]
//! - `server.rs`: [`Server`], the server of a comparison and its counts
//! - `serving.rs`, `servers.toml`: a trial of a server, and the load generator
//! - `system.rs`: [`Cost`] and [`footprint`] of this process, [`raise_open_files`]
//! - `machine.rs`: [`meta`], the machine, the compiler and the revision of a run, which
//!   `build.rs` finds out when a binary is built
//!
//! # What it is not
//!
//! It prints nothing and judges nothing: it returns a [`Run`](flagrace_report::data::Run). It reads
//! counters that the system keeps anyway, so reading them changes nothing. System calls are counted
//! in trials of their own, which are not timed.

mod engine;
mod machine;
pub mod map;
mod rounds;
pub mod scenario;
mod server;
mod serving;
mod system;
mod trial;

pub use engine::Engine;
pub use machine::{VERSION, meta};
pub use rounds::{Comparison, Show, compare, span};
pub use scenario::{Scenario, StoreKind};
pub use server::Server;
pub use system::{Cost, Meter, Watch, footprint, raise_open_files};
pub use trial::become_trial_if_asked;
