//! The conformance suite for this engine.

use flagrace_conformance::{Connections, Subject, suite};
use flagrace_rayon::Rayon;

suite!(
    rayon,
    Subject {
        build: |setup| Ok(Box::new(Rayon::new(setup)?)),
        connections: Connections::Reused,
    }
);
