//! The other half of the experiment: each model with the other's client.
//!
//! `threads` uses ureq and `async` uses reqwest, so a race between them compares two
//! models and two HTTP clients at once, and the clients may well differ by more. A control
//! takes the other client. More changes with it: `async-ureq` also has blocking threads, which
//! start during the download, and `threads-reqwest` an event loop in each thread.
//!
//! | | ureq, which blocks | reqwest, which is async |
//! |---|---|---|
//! | a thread for each request in flight | `threads` | [`ThreadsReqwest`] |
//! | a task for each request in flight | [`AsyncUreq`] | `async` |
//!
//! [`ThreadsAgents`] is a control of another kind: it is `threads` but for the connections,
//! of which each thread has its own. What the two differ by is what sharing a pool of them
//! costs. It is also the nearer neighbour of [`ThreadsReqwest`], whose threads share none
//! either.
//!
//! # Layout
//!
//! - `threads_reqwest.rs`: [`ThreadsReqwest`], an event loop and a client in each thread
//! - `async_ureq.rs`: [`AsyncUreq`], tasks that wait for blocking calls
//! - `threads_agents.rs`: [`ThreadsAgents`], a blocking client in each thread
//!
//! What is not under test is not written again: the pool and its shifts are those of
//! `flagrace-threads`, the tasks and permits those of `flagrace-async`, and one flag is
//! downloaded by the `download_one` of the client's own crate.
//!
//! # What it is not
//!
//! It is no advice: a task that waits for a blocked thread saves no thread.

mod async_ureq;
mod threads_agents;
mod threads_reqwest;

pub use async_ureq::AsyncUreq;
pub use threads_agents::ThreadsAgents;
pub use threads_reqwest::ThreadsReqwest;
