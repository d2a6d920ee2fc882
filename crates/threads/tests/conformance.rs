//! The conformance suite for this engine.

use flagrace_conformance::{Connections, Subject, suite};
use flagrace_threads::Threads;

suite!(
    threads,
    Subject {
        build: |setup| Ok(Box::new(Threads::new(setup)?)),
        connections: Connections::Reused,
    }
);
