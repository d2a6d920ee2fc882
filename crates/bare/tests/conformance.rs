//! The conformance suite for each model.

use flagrace_bare::{Bare, Model};
use flagrace_conformance::suite;

/// Runs the suite for each model, without https.
macro_rules! suites {
    ($($name:ident $model:ident;)*) => {$(
        suite!(
            $name,
            |setup| Bare::new(Model::$model, setup),
            Reused,
            except https: "bare does not support https",
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
