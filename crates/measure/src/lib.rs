//! What a run cost, and on which machine it ran.
//!
//! # Layout
//!
//! - `trial.rs`: [`run_trial`], a process of its own, and what it took as a whole
//! - `summary.rs`: [`Summary`], what that process tells of itself
//! - `cost.rs`: [`Cost`], what this process has used so far, and [`Meter`], which reads it
//! - `footprint.rs`: [`Footprint`], where the memory of this process is, to the byte
//! - `affinity.rs`: [`on_one_core`], one core for a measurement
//! - `machine.rs`: [`meta`], the machine, the compiler and the revision of a run
//! - `build.rs`: finds out the compiler and the revision when a binary is built
//! - `limits.rs`: [`raise_open_files`], as many open files as the system allows
//!
//! # What it is not
//!
//! It knows no engine and draws no table. It reads counters that the system keeps
//! anyway, so that looking at them changes nothing.

mod affinity;
mod cost;
mod footprint;
mod limits;
mod machine;
mod summary;
mod trial;

pub use affinity::on_one_core;
pub use cost::{Cost, CostError, Meter};
pub use footprint::Footprint;
pub use limits::raise_open_files;
pub use machine::meta;
pub use summary::{Summary, percentiles};
pub use trial::{Ended, TrialError, Usage, run_trial};
