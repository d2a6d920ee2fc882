//! Controls: each model with the other's client.
//!
//! `threads` and `threads-reqwest` differ in the client, and so do `async-ureq` and `async`;
//! `threads` and `async-ureq` differ in the model, and so do `threads-reqwest` and `async`.
//! `threads-agents` is `threads` with connections that are not shared.

use std::time::Duration;

use flagrace_benches::{ASYNC, About, Course, Engine, THREADS, all, main as race};
use flagrace_controls::{AsyncUreq, ThreadsAgents, ThreadsReqwest};
use flagrace_server::{Delay, Profile};

const ENGINES: [Engine; 5] = [
    THREADS,
    ASYNC,
    ("threads-reqwest", |setup| {
        Ok(Box::new(ThreadsReqwest::new(setup)?))
    }),
    ("async-ureq", |setup| Ok(Box::new(AsyncUreq::new(setup)?))),
    ("threads-agents", |setup| {
        Ok(Box::new(ThreadsAgents::new(setup)?))
    }),
];

fn main() -> anyhow::Result<()> {
    let about = About {
        name: "controls",
        title: "Model and client: all flags, 20 at a time, by the server's delay",
        axis: "server delay, ms",
        flags: all().len(),
        ideal_delay: None,
        note: "`threads` and `async-ureq` use ureq, `async` and `threads-reqwest` use reqwest; \
               `threads-agents` is `threads` with an agent for each thread. Nothing is saved.",
    };
    race(&about, |race| {
        for delay in [0, 5] {
            let profile = Profile::delayed_by(Delay::fixed(Duration::from_millis(delay)));
            let course = Course::new(delay, profile, 20, all());
            for engine in ENGINES {
                race.run(engine, &course);
            }
        }
    })
}
