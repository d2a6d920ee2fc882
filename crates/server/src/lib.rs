//! The local flag server: what every engine downloads from.
//!
//! It serves the embedded flags, or a directory of flags, at `/flags/{cc}/{cc}.gif` and
//! `/flags/{cc}/metadata.json`, a gallery of all of them at `/`, and its own counts at
//! `/stats`, which a POST starts anew. A [`Profile`] makes it slow or faulty on purpose.
//! Which delay and which fault a flag meets is a pure function of the profile's seed and
//! the flag's code, never of the order of arrival: every engine meets the same faults, and
//! a test can say beforehand what each flag will come to.
//!
//! # Layout
//!
//! - `server.rs`: [`Server`], its threads, its stop
//! - `process.rs`: [`ServerProcess`], the same in a process of its own, for measuring
//! - `profile.rs`, `delay.rs`: [`Profile`], [`Fault`], [`Delay`]
//! - `flags.rs`: [`FlagSet`], what is served
//! - `route.rs`, `reply.rs`, `gallery.rs`: from a request to its answer
//! - `gate.rs`: answers held back until enough requests are in flight
//! - `socket.rs`: an accepted connection, which can be reset
//! - `counters.rs`: [`Stats`], what only a server can know
//!
//! # What it is not
//!
//! It is no server for the open network: no TLS, no access control, no protection against
//! slow clients. It is bare hyper, because sockets must be reset and bodies cut, and
//! because a server slower than its clients would be what is measured.

mod counters;
mod delay;
mod flags;
mod gallery;
mod gate;
mod process;
mod profile;
mod reply;
mod route;
mod server;
mod socket;

pub use counters::Stats;
pub use delay::{Delay, DelayError};
pub use flags::{FlagSet, FlagSetError};
pub use process::{ProcessError, ServerProcess, become_server_if_asked};
pub use profile::{Fault, LABELS, Plan, Profile};
pub use server::{Config, Server, ServerError};
