//! The conformance suite for this engine.

use flagrace_conformance::{Connections, Subject, suite};
use flagrace_seq::Seq;

suite!(
    seq,
    Subject {
        build: |setup| Ok(Box::new(Seq::new(setup)?)),
        connections: Connections::Reused,
    },
    except the_concurrency_is_the_one_requested: "one flag at a time, by design",
    except a_panic_leaves_no_save_behind: "one flag at a time: saves never overlap"
);
