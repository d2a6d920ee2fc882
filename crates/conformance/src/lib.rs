//! The suite that every engine passes.
//!
//! [`suite!`] in a test file of an engine's crate runs every case against that engine, each as a
//! separate test named after what it checks:
//!
//! ```text
//! flagrace_conformance::suite!(threads, Threads::new, Reused);
//! ```
//!
//! # What it is not
//!
//! It measures nothing, and no case depends on the machine's speed: a case waits for a state, with
//! a time limit only to give up.

// A library of test code: cases fail by panicking, and have long names.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[doc(hidden)]
pub mod cases;
mod harness;
pub mod site;
pub mod stores;

use flagrace_core::{Downloader, JobError, Setup};

pub use harness::{Engine, download, faulty, gated, wait_until};

/// An engine to test: [`subject!`] makes it from what builds the engine.
pub struct Subject {
    pub build: fn(&Setup) -> Result<Box<dyn Downloader>, JobError>,
    pub connections: Connections,
}

/// How a client's pool behaves, which bounds the number of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connections {
    /// A connection returns to the pool before the next request begins: there are never more than
    /// the concurrency.
    Reused,
    /// A request that finds no idle connection opens one, and takes it or one that is returned
    /// meanwhile. The other stays in the pool.
    Raced,
}

/// The engine that a function or a closure builds from a setup, and how its pool behaves.
#[macro_export]
macro_rules! subject {
    ($new:expr, $connections:ident) => {
        $crate::Subject {
            build: |setup| Ok(Box::new($new(setup)?)),
            connections: $crate::Connections::$connections,
        }
    };
}

/// Runs every case against a [`subject!`], in a module with this name.
///
/// `except` ignores a case, or the topic `https`, that the engine cannot pass, with the reason.
#[macro_export]
macro_rules! suite {
    ($name:ident, $new:expr, $pool:ident $(, except $case:ident: $reason:literal)* $(,)?) => {
        // A macro that defines a macro takes its dollar sign as an argument.
        $crate::__suite! { ($) $name $crate::subject!($new, $pool); $($case $reason)* }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __suite {
    (($dollar:tt) $name:ident $subject:expr; $($except:ident $reason:literal)*) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            const SUBJECT: $crate::Subject = $subject;

            macro_rules! case {
                $(
                    ($except $dollar case:ident) => {
                        #[test]
                        #[ignore = $reason]
                        fn $dollar case() { panic!($reason) }
                    };
                    ($dollar topic:ident $except) => { case! { $except $except } };
                )*
                ($dollar topic:ident $dollar case:ident) => {
                    #[test]
                    fn $dollar case() {
                        $crate::cases::$dollar topic::$dollar case(&SUBJECT);
                    }
                };
            }
            $crate::__for_each_case! { case }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __for_each_case {
    ($do:ident) => {
        $do! { content flags_are_stored_whole_and_unknown_codes_are_not_found }
        $do! { content each_flag_is_computed_on_if_the_job_asks_for_it }
        $do! { content metadata_that_is_not_json_is_a_metadata_failure }
        $do! { content a_head_is_accepted_up_to_its_limits }
        $do! { content a_redirect_is_not_followed }
        $do! { content any_job_has_the_predicted_statuses_and_requests }
        $do! { content urls_are_saved_under_unique_names_up_to_the_largest_body }

        $do! { requests the_concurrency_is_the_one_requested }
        $do! { requests peak_in_flight_equals_the_concurrency }
        $do! { requests one_slow_flag_does_not_block_the_others }
        $do! { requests connections_stay_within_their_bound }
        $do! { requests error_pages_do_not_close_connections }

        $do! { endings a_body_with_an_uncertain_end_is_truncated }
        $do! { endings a_body_with_a_certain_end_is_ok }
        $do! { endings a_response_that_does_not_end_is_a_timeout }
        $do! { endings a_cancelled_body_without_a_length_is_cancelled }
        $do! { endings a_server_that_closes_its_connections_loses_no_flag }
        $do! { endings a_request_on_a_dead_connection_is_resent }
        $do! { endings a_request_is_resent_at_most_once }
        $do! { endings a_request_that_fails_on_a_new_connection_is_not_resent }

        $do! { saving a_failed_save_fails_only_its_flag }
        $do! { saving a_flag_is_not_finished_before_it_is_saved }
        $do! { saving a_panic_propagates_and_the_engine_still_works }
        $do! { saving panics_of_two_jobs_do_not_mix }
        $do! { saving a_panic_leaves_no_save_behind }

        $do! { watching each_item_is_observed_once }
        $do! { watching steps_are_in_order }

        $do! { cancelling a_job_cancelled_beforehand_sends_no_request }
        $do! { cancelling cancelled_requests_end_and_the_engine_still_works }
        $do! { cancelling a_job_cancelled_at_any_moment_leaves_only_whole_files }
        $do! { cancelling two_concurrent_jobs_are_both_correct }
        $do! { cancelling cancelling_one_job_leaves_the_other_alone }

        $crate::__https! { $do connections_over_https_are_reused }
        $crate::__https! { $do an_untrusted_server_is_a_transport_failure }
        $crate::__https! { $do a_handshake_that_never_ends_is_a_timeout }
        $crate::__https! { $do cancelled_requests_over_https_end }
    };
}

/// Ignores cases over https in a build without it.
#[cfg(feature = "https")]
#[doc(hidden)]
#[macro_export]
macro_rules! __https {
    ($do:ident $case:ident) => {
        $do! { https $case }
    };
}

#[cfg(not(feature = "https"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __https {
    ($do:ident $case:ident) => {
        #[test]
        #[ignore = "needs the feature https"]
        fn $case() {}
    };
}
