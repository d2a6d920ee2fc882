//! The suite, for callbacks and for futures. `await` passes it in the crate of its own.

use flagrace_conformance::{Connections, Subject, suite};
use flagrace_styles::{Callbacks, Futures};

suite!(
    callbacks,
    Subject {
        build: |setup| Ok(Box::new(Callbacks::new(setup)?)),
        concurrency: |asked| asked,
        connections: Connections::Raced,
    }
);

suite!(
    futures,
    Subject {
        build: |setup| Ok(Box::new(Futures::new(setup)?)),
        concurrency: |asked| asked,
        connections: Connections::Raced,
    }
);
