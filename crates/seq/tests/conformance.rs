//! The suite, for one flag after another.

use flagrace_conformance::{Connections, Subject, suite};
use flagrace_seq::Seq;

suite!(
    seq,
    Subject {
        build: |setup| Ok(Box::new(Seq::new(setup)?)),
        concurrency: |_| 1,
        connections: Connections::Reused,
    }
);
