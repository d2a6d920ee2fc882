//! Concurrency: all flags from a server that takes 5 ms, more and more at a time.
//!
//! The ideal is a wait of 5 ms for each wave. Where an engine leaves it, waiting is no
//! longer what takes the time.

use std::time::Duration;

use flagrace_benches::{
    ASYNC, ASYNC_MULTI, About, Course, RAYON, RAYON_DEFAULT, THREADS, all, race,
};
use flagrace_report::Group;
use flagrace_server::{Delay, Profile};

const DELAY: Duration = Duration::from_millis(5);

pub fn run() -> anyhow::Result<Option<Group>> {
    let about = About {
        name: "concurrency",
        title: "All flags from a server that takes 5 ms, by concurrency",
        axis: "requests at a time",
        flags: all().len(),
        note: "Nothing is saved. `rayon-default` has as many threads as cores, whatever the \
               concurrency, and stands in the row of 20. `async-multi` is tokio's multi-threaded \
               runtime. At 1,000 all flags are in flight at once. \
               The server's timer makes each wave about 1.2 ms longer.",
    };
    race(&about, |race| {
        for concurrency in [20, 100, 1000] {
            let profile = Profile::delayed_by(Delay::fixed(DELAY));
            let course = Course::new(concurrency, profile, concurrency, all());
            for engine in [THREADS, RAYON, ASYNC, ASYNC_MULTI] {
                race.run(engine, &course);
            }
            if concurrency == 20 {
                race.run(RAYON_DEFAULT, &course);
            }
        }
    })
}
