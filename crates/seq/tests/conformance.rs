//! The conformance suite for this engine.

use flagrace_seq::Seq;

flagrace_conformance::suite!(
    seq,
    Seq::new,
    Reused,
    except the_concurrency_is_the_one_requested: "one flag at a time, by design",
    except a_panic_leaves_no_save_behind: "one flag at a time: saves never overlap"
);
