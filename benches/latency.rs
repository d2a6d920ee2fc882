//! How long does a download take once the engine is built and its connections are open?
//!
//! `flagrace compare` measures whole processes, which include both. Without a delay all work is
//! processor time; with one, `seq` waits 20 times and the others once.

use std::time::{Duration, Instant};

use flagrace_benches::{About, race};
use flagrace_core::{Job, Setup};
use flagrace_measure::{Engine, scenario};
use flagrace_report::data::Run;
use flagrace_server::{Delay, Profile, ServerProcess};

pub fn run(run: &mut Run) -> anyhow::Result<()> {
    use Engine::{Async, AsyncMulti, Rayon, Seq, Threads};
    let about = About {
        name: "latency",
        title: "20 flags, 20 at a time, with open connections",
        axis: "milliseconds of delay",
        flags: 20,
        note: "seq downloads one at a time.",
    };
    let setup = Setup::with_concurrency(about.flags);
    race(run, &about, |race| {
        for delay in [0, 10, 50] {
            let profile = Profile::delayed_by(Delay::fixed(Duration::from_millis(delay)));
            let server = ServerProcess::start(&profile);
            let server = server.unwrap_or_else(|error| panic!("no server: {error:?}"));
            let job = Job::new(server.base_url(), scenario::flags(about.flags));
            for engine in [Threads, Seq, Rayon, Async, AsyncMulti] {
                let name = &engine.name();
                let engine = engine.build(&setup);
                let engine = engine.unwrap_or_else(|error| panic!("{name}: {error:?}"));
                // This opens its connections.
                let _ = engine.download_many(&job);
                race.measure(name, delay, |iterations| {
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
    });
    Ok(())
}
