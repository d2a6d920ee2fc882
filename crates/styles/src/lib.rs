//! One download in three styles: callbacks, futures, `await`.
//!
//! The steps are the same each time, those of the book's flags3: ask for the flag; if
//! metadata are wanted, give the permit back, wait for another and ask for them, as their
//! country names the file; save. Client, runtime, permits and steps are those of
//! `flagrace-async`. What differs is how a step is tied to the one before:
//!
//! | style | after a step comes | an error | what a step may borrow |
//! |---|---|---|---|
//! | [`Callbacks`] | a closure inside the closure before | a branch at every level | nothing |
//! | [`Futures`] | `.and_then(closure)` | skips to the end by itself | nothing |
//! | [`flagrace_async::Async`] | the next line | `?` | whatever its function owns |
//!
//! The third is not written again here: it is [`flagrace_async::download_one`]. Read in
//! this order, each takes away something that was hard in the one before. The server
//! cannot tell them apart.
//!
//! # Layout
//!
//! - `engines.rs`: [`Callbacks`], [`Futures`], [`Forgotten`], and their `download_many`
//! - `callbacks.rs`: one flag by closures inside closures
//! - `callback_list.rs`: all flags, where no `for` loop can wait
//! - `callback_loop.rs`: what runs the closures, an event loop of the kind that node.js has
//! - `forgotten.rs`: the same with the classic mistake: one error branch ends
//!   without its callback. It breaks the contract on purpose, and the compiler is content
//! - `futures.rs`: one flag by the combinators of futures-util
//! - `owned.rs`: the steps as both styles need them, borrowing nothing
//!
//! # What it is not
//!
//! It is no advice. Callbacks were never the custom in Rust, and chains of combinators are
//! how async Rust was written until 2019; today a combinator is at its best within a single
//! step, between two `await`s. [`Forgotten`] is an exhibit: it does not pass the suite, and
//! `tests/forgotten.rs` says what it loses.

mod callback_list;
mod callback_loop;
mod callbacks;
mod engines;
mod forgotten;
mod futures;
mod owned;

pub use engines::{Callbacks, Forgotten, Futures};
