//! The local flag server, from which every engine downloads.
//!
//! It serves the embedded flags or those of a directory at `/flags/{cc}/{cc}.gif` and
//! `/flags/{cc}/metadata.json`, and its counters at `/stats`, where a POST also resets them. A
//! [`Profile`] adds delays and faults. Both are a pure function of the profile's seed and the
//! flag's code: all engines get the same ones, in any order of requests.
//!
//! # Layout
//!
//! - `server.rs`: [`Server`], its threads and graceful stop
//! - `process.rs`: [`ServerProcess`], a server in its own process, for measurements
//! - `profile.rs`: [`Profile`], [`Delay`], [`Fault`]
//! - `flags.rs`: [`FlagSet`], the served flags
//! - `route.rs`: from a request to its response
//! - `counters.rs`: [`Stats`]
//!
//! # What it is not
//!
//! It is not for the open network: it has no TLS and no access control. It uses hyper without a
//! framework, because it sends raw faults, and because a slow server would distort measurements.

mod counters;
mod flags;
mod process;
mod profile;
mod route;
mod server;

pub use counters::Stats;
pub use flags::FlagSet;
pub use process::{ServerProcess, become_server_if_asked};
pub use profile::{Delay, Fault, Plan, Profile, Then};
pub use server::{Config, Server};
