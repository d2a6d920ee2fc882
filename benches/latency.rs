//! Latency: 20 flags, 20 at a time, from a server that answers later and later.
//!
//! Without a delay the work is all processor, and concurrency buys little. With one,
//! `seq` waits 20 times and the others once.

use std::time::Duration;

use flagrace_benches::{About, Course, FIVE, popular, race};
use flagrace_report::Group;
use flagrace_server::{Delay, Profile};

pub fn run() -> anyhow::Result<Option<Group>> {
    let about = About {
        name: "latency",
        title: "20 flags, 20 at a time, by the server's delay",
        axis: "server delay, ms",
        flags: 20,
        note: "Nothing is saved. `seq` downloads one at a time.",
    };
    race(&about, |race| {
        for delay in [0, 10, 50] {
            let profile = Profile::delayed_by(Delay::fixed(Duration::from_millis(delay)));
            let course = Course::new(delay, profile, 20, popular());
            for engine in FIVE {
                race.run(engine, &course);
            }
        }
    })
}
