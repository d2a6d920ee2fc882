//! The conformance suite for each engine of this crate.

use flagrace_async::Async;
use flagrace_conformance::{Connections, Subject, suite};

macro_rules! engines {
    ($($name:ident: $build:ident),*) => {$(
        suite!(
            $name,
            Subject {
                build: |setup| Ok(Box::new(Async::$build(setup)?)),
                connections: Connections::Raced,
            }
        );
    )*};
}

engines!(
    current_thread: new,
    multi_threaded: multi_threaded,
    spawn_blocking: spawn_blocking,
    hybrid: hybrid
);
