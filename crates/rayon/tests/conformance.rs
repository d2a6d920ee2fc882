//! The conformance suite for this engine.

use flagrace_conformance::{Connections, Subject, suite};
use flagrace_rayon::Rayon;

suite!(
    rayon_sized,
    Subject {
        build: |setup| Ok(Box::new(Rayon::new(setup)?)),
        connections: Connections::Reused,
    }
);

suite!(
    rayon_default,
    Subject {
        build: |setup| Ok(Box::new(Rayon::with_default_size(setup)?)),
        connections: Connections::Reused,
    },
    except the_concurrency_is_the_one_that_was_asked_for: "its pool has a thread for each core"
);
