//! The suite that every engine passes.
//!
//! An engine is whatever implements [`Downloader`]. One line in
//! a test file of its crate, [`suite!`], runs every case of the suite against it, and each
//! case is a test of its own there, with the claim as its name:
//!
//! ```text
//! flagrace_conformance::suite!(threads, Subject { build: |setup| ..., .. });
//! ```
//!
//! # Layout
//!
//! - this file: [`Subject`], what the suite must know of an engine; [`suite!`]
//! - `cases/`: the claims, by theme; their names are listed at the end of this file
//! - `harness.rs`: flags, servers and jobs, and a download that cannot hang
//! - `recorder.rs`: an observer; `stores.rs`: stores that fail or wait, for other tests as well
//! - `site.rs`: a server without a library, for other tests as well; with only our own, client
//!   and server could agree on a mistake. With the feature `https` it has that, too
//!
//! # What it is not
//!
//! It measures nothing, and no case depends on how fast the machine is. A case waits for a
//! state (so many requests in flight at the server, a save that has begun) and never for
//! a time, but for the one after which it gives up.

// A library that is nothing but test code: a panic is how a case fails.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[doc(hidden)]
pub mod cases;
mod harness;
mod recorder;
pub mod site;
pub mod stores;

use flagrace_core::{Downloader, JobError, Setup};

pub use harness::wait_until;

/// What the suite must know of an engine.
pub struct Subject {
    /// Builds it.
    pub build: fn(&Setup) -> Result<Box<dyn Downloader>, JobError>,
    /// How far its connections can be told beforehand.
    pub connections: Connections,
}

/// How many connections an engine makes, as far as it is certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connections {
    /// A connection is back in its pool before the next request begins: never more than
    /// the concurrency, however many jobs there are.
    Reused,
    /// A request that finds no idle connection begins a new one and takes whichever is
    /// there first, the new one or one that comes back meanwhile; what it does not take is
    /// kept.
    Raced,
}

impl Connections {
    /// The most connections that a sound engine makes for so many requests.
    fn most(self, concurrency: usize, requests: usize) -> usize {
        match self {
            Self::Reused => concurrency,
            // As many as requests if none were used again. A raced one is kept, so the next race
            // is less likely: 45 for 259 requests at most were seen
            // (`cargo test -p flagrace-async page -- --nocapture`).
            Self::Raced => requests / 2,
        }
    }
}

/// Runs every case against an engine, in a module of this name.
///
/// Where an engine cannot meet a case, say so with `except`: the test is then shown as
/// ignored, with the reason.
///
/// ```text
/// suite!(name, Subject { .. }, except cancelled_requests_end: "its client cannot");
/// ```
#[macro_export]
macro_rules! suite {
    ($name:ident, $subject:expr $(, except $case:ident: $reason:literal)* $(,)?) => {
        // A macro that writes a macro has to be given its dollar sign.
        $crate::__suite! { ($) $name $subject; $($case $reason)* }
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
                $((without_https $except) => {
                    #[test]
                    #[ignore = $reason]
                    fn $except() {}
                };)*
                (without_https $dollar case:ident) => {
                    #[test]
                    #[ignore = "needs the feature https"]
                    fn $dollar case() {}
                };
                $(($dollar theme:ident $except) => {
                    #[test]
                    #[ignore = $reason]
                    fn $except() {
                        $crate::cases::$dollar theme::$except(&SUBJECT);
                    }
                };)*
                ($dollar theme:ident $dollar case:ident) => {
                    #[test]
                    fn $dollar case() {
                        $crate::cases::$dollar theme::$dollar case(&SUBJECT);
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
        $do! { content images_equal_the_catalog }
        $do! { content report_has_each_code_once_and_in_order }
        $do! { content not_found_is_an_answer_and_spoils_nothing }
        $do! { content error_profile_comes_to_what_it_planned }
        $do! { content a_failure_does_not_taint_the_next_success }
        $do! { content an_empty_job_asks_nothing }
        $do! { content more_concurrency_than_codes_is_no_trouble }
        $do! { content any_job_comes_to_the_predicted_tally }

        $do! { requests each_code_is_asked_for_once_whatever_becomes_of_it }
        $do! { requests a_repeated_code_is_asked_for_each_time }
        $do! { requests the_concurrency_is_the_one_that_was_asked_for }
        $do! { requests the_concurrency_is_no_more_than_was_asked_for }
        $do! { requests peak_in_flight_equals_the_concurrency }
        $do! { requests peak_in_flight_with_metadata_equals_the_concurrency }
        $do! { requests peak_in_flight_is_the_number_of_codes_if_they_are_fewer }
        $do! { requests one_slow_flag_does_not_hold_up_the_others }
        $do! { requests connections_stay_within_their_bound }
        $do! { requests error_pages_do_not_cost_their_connections }

        $do! { faults status_500_is_http_500 }
        $do! { faults status_302_is_http_302 }
        $do! { faults status_204_is_http_204 }
        $do! { faults status_206_is_http_206 }
        $do! { faults a_reset_is_a_transport_failure }
        $do! { faults a_cut_body_is_truncated }
        $do! { faults no_answer_is_a_timeout }
        $do! { faults a_body_that_stops_is_a_timeout }
        $do! { faults a_body_over_the_limit_is_too_large }
        $do! { faults a_body_as_large_as_the_limit_is_ok }
        $do! { faults metadata_that_is_no_json_is_a_metadata_failure }
        $do! { faults nobody_listening_is_a_transport_failure }
        $do! { faults a_server_that_speaks_no_http_is_a_transport_failure }
        $do! { faults a_head_that_is_cut_is_a_transport_failure }

        $do! { endings a_body_whose_end_is_not_certain_is_truncated }
        $do! { endings a_body_whose_end_is_certain_is_ok }
        $do! { endings a_cancelled_body_without_a_length_is_cancelled }
        $do! { endings a_server_that_closes_its_connections_loses_no_flag }
        $do! { endings a_request_whose_connection_had_died_is_sent_once_more }
        $do! { endings a_request_is_not_sent_a_third_time }
        $do! { endings a_request_that_fails_on_a_fresh_connection_is_not_sent_again }

        $do! { saving ok_flags_are_on_disk_and_nothing_else_is }
        $do! { saving a_save_that_fails_fails_its_flag_alone }
        $do! { saving a_flag_is_not_finished_before_it_is_saved }
        $do! { saving a_panic_in_the_store_comes_out_and_the_engine_lives_on }
        $do! { saving a_panic_in_the_observer_comes_out_and_the_engine_lives_on }
        $do! { saving panics_of_two_jobs_at_once_stay_apart }
        $do! { saving a_panic_leaves_no_save_behind }

        $do! { naming metadata_names_the_files }
        $do! { naming metadata_takes_a_second_request_for_each_flag }
        $do! { naming a_hostile_country_never_leaves_the_directory }

        $do! { watching the_observer_hears_of_each_flag_once }
        $do! { watching steps_are_in_order }
        $do! { watching steps_that_were_not_reached_are_absent }

        $do! { cancelling a_job_cancelled_beforehand_asks_nothing }
        $do! { cancelling cancelled_requests_end_and_what_was_ok_stays_ok }
        $do! { cancelling the_engine_works_on_after_a_cancelled_job }
        $do! { cancelling two_jobs_at_once_are_both_right }
        $do! { cancelling cancelling_one_job_leaves_the_other_alone }

        $do! { third_party images_from_another_server_are_whole }
        $do! { third_party metadata_from_another_server_names_the_files }
        $do! { third_party refusals_of_another_server_are_understood }
        $do! { third_party large_error_pages_do_not_cost_their_connections }
        $do! { third_party a_redirect_is_not_followed }
        $do! { third_party a_body_of_unknown_length_is_whole }
        $do! { third_party a_body_of_unknown_length_has_a_limit_too }

        $do! { urls urls_are_kept_under_names_of_their_own }
        $do! { urls what_the_origin_has_not_is_a_transport_failure }

        $crate::__https! { $do urls_over_https_are_kept_under_names_of_their_own }
        $crate::__https! { $do a_list_may_name_http_and_https }
        $crate::__https! { $do connections_over_https_are_used_again }
        $crate::__https! { $do flags_may_be_asked_for_over_https }
        $crate::__https! { $do a_server_that_is_not_trusted_is_a_transport_failure }
        $crate::__https! { $do a_certificate_for_another_name_is_a_transport_failure }
        $crate::__https! { $do https_that_the_setup_has_not_is_a_transport_failure }
        $crate::__https! { $do a_handshake_that_never_ends_is_a_timeout }
        $crate::__https! { $do cancelled_requests_over_https_end }
        $crate::__https! { $do cancelled_handshakes_end }
    };
}

/// A case over https is shown as ignored where the suite was built without it.
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
        $do! { without_https $case }
    };
}
