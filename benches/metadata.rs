//! Metadata: two requests for each flag, as in the book's `flags3`.

use std::time::Duration;

use flagrace_benches::{About, Course, FOUR, main as race, popular};
use flagrace_server::{Delay, Profile};

fn main() -> anyhow::Result<()> {
    let about = About {
        name: "metadata",
        title: "20 flags and their metadata, 20 at a time, by the server's delay",
        axis: "server delay, ms",
        flags: 20,
        ideal_delay: None,
        note: "Two requests for each flag, one after the other: the delay counts twice. Nothing \
               is saved.",
    };
    race(&about, |race| {
        let profile = Profile::delayed_by(Delay::fixed(Duration::from_millis(10)));
        let course = Course::new(10, profile, 20, popular()).with_metadata();
        for engine in FOUR {
            race.run(engine, &course);
        }
    })
}
