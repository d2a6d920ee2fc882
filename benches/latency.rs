//! What does a download take when the engine is built and its connections are open?
//!
//! `flagrace compare` measures whole processes, which do both first. Without a delay the work is
//! all processor time; with one, `seq` waits 20 times and the others once.

use std::cell::OnceCell;
use std::time::{Duration, Instant};

use flagrace_benches::{About, Measured, race};
use flagrace_core::{Job, Setup};
use flagrace_measure::{Engine, scenario};
use flagrace_server::{Delay, Profile, ServerProcess};

const ENGINES: [Engine; 5] = [
    Engine::Threads,
    Engine::Seq,
    Engine::Rayon,
    Engine::Async,
    Engine::AsyncMulti,
];

pub fn run() -> anyhow::Result<Measured> {
    let about = About {
        name: "latency",
        title: "20 flags, 20 at a time, with open connections",
        axis: "milliseconds of delay",
        flags: 20,
        note: "seq downloads one at a time.",
    };
    let setup = Setup::with_concurrency(about.flags);
    Ok(race(&about, |race| {
        for delay in [0, 10, 50] {
            let profile = Profile::delayed_by(Delay::fixed(Duration::from_millis(delay)));
            let server = ServerProcess::start(&profile);
            let server = server.unwrap_or_else(|error| panic!("no server: {error:?}"));
            let job = Job::new(server.base_url(), scenario::flags(about.flags));
            for engine in ENGINES {
                let name = &engine.name();
                // Built with the first iteration: a filter may leave it out.
                let built = OnceCell::new();
                race.measure(name, delay, |iterations| {
                    let engine = built.get_or_init(|| {
                        let engine = engine.build(&setup);
                        let engine = engine.unwrap_or_else(|error| panic!("{name}: {error:?}"));
                        // Its connections are open from then on.
                        let _ = engine.download_many(&job);
                        engine
                    });
                    let mut elapsed = Duration::ZERO;
                    for _ in 0..iterations {
                        let start = Instant::now();
                        let report = engine.download_many(&job);
                        elapsed += start.elapsed();
                        let ok = report.map(|report| report.tally().ok);
                        assert_eq!(ok.ok(), Some(about.flags), "{name}");
                    }
                    elapsed
                });
            }
        }
    }))
}
