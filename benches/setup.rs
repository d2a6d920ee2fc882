//! Set-up: building each engine, which every other benchmark leaves out.
//!
//! Client, pool and runtime; no connection is made yet. Taking the engine down again is
//! not timed.

use std::time::{Duration, Instant};

use flagrace_benches::{About, FIVE, race};
use flagrace_core::Setup;
use flagrace_report::Group;

pub fn run() -> anyhow::Result<Option<Group>> {
    let about = About {
        name: "setup",
        title: "Building an engine, by the concurrency that it is built for",
        axis: "requests at a time",
        flags: 0,
        note: "Client, pool and runtime, before the first connection.",
    };
    race(&about, |race| {
        for concurrency in [20, 1000] {
            let setup = Setup::with_concurrency(concurrency);
            for (name, build) in FIVE {
                race.measure(name, &concurrency.to_string(), |iterations| {
                    let mut elapsed = Duration::ZERO;
                    for _ in 0..iterations {
                        let start = Instant::now();
                        let engine = build(&setup);
                        elapsed += start.elapsed();
                        assert!(engine.is_ok(), "{name} at {concurrency}");
                    }
                    elapsed
                });
            }
        }
    })
}
