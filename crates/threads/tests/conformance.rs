//! The conformance suite for this engine.

use flagrace_threads::Threads;

flagrace_conformance::suite!(threads, Threads::new, Reused);
