//! The conformance suite for each model.

use flagrace_bare::{Bare, Model};
use flagrace_conformance::{Connections, Subject, suite};

/// Runs the suite for each model, without https.
macro_rules! suites {
    ($($name:ident $model:ident;)*) => {$(
        suite!(
            $name,
            Subject {
                build: |setup| Ok(Box::new(Bare::new(Model::$model, setup)?)),
                connections: Connections::Reused,
            },
            except urls_over_https_are_kept_under_names_of_their_own: "bare speaks no https",
            except a_list_may_name_http_and_https: "bare speaks no https",
            except connections_over_https_are_used_again: "bare speaks no https",
            except flags_may_be_asked_for_over_https: "bare speaks no https",
            except a_server_that_is_not_trusted_is_a_transport_failure: "bare speaks no https",
            except a_handshake_that_never_ends_is_a_timeout: "bare speaks no https",
            except cancelled_requests_over_https_end: "bare speaks no https",
        );
    )*};
}

suites! {
    threads Threads;
    thread_per_request ThreadPerRequest;
    tasks Tasks;
    tasks_on_all_cores TasksOnAllCores;
    task_per_request TaskPerRequest;
}
