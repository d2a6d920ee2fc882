//! The conformance suite for this engine.

use flagrace_async::Async;
use flagrace_conformance::{Connections, Subject, suite};

suite!(
    current_thread,
    Subject {
        build: |setup| Ok(Box::new(Async::new(setup)?)),
        connections: Connections::Raced,
    }
);

suite!(
    multi_threaded,
    Subject {
        build: |setup| Ok(Box::new(Async::multi_threaded(setup)?)),
        connections: Connections::Raced,
    }
);
