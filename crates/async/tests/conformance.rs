//! The conformance suite for each engine of this crate.

use flagrace_async::Async;
use flagrace_conformance::suite;

suite!(current_thread, Async::new, Raced);
suite!(multi_threaded, Async::multi_threaded, Raced);
suite!(spawn_blocking, Async::spawn_blocking, Raced);
suite!(hybrid, Async::hybrid, Raced);
