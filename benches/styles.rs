//! Styles: the same steps tied together by `await`, by combinators of futures, by callbacks.
//!
//! The runtime, the client, the permits and the steps are the same in all three, so what is
//! left is the price of the style. Two requests for each flag, as in the book's `flags3`.

use std::time::Duration;

use flagrace_async::Async;
use flagrace_benches::{About, Course, Engine, main as race, popular};
use flagrace_server::{Delay, Profile};
use flagrace_styles::{Callbacks, Futures};

const STYLES: [Engine; 3] = [
    ("await", |setup| Ok(Box::new(Async::new(setup)?))),
    ("futures", |setup| Ok(Box::new(Futures::new(setup)?))),
    ("callbacks", |setup| Ok(Box::new(Callbacks::new(setup)?))),
];

fn main() -> anyhow::Result<()> {
    let about = About {
        name: "styles",
        title: "Await, futures and callbacks: 20 flags and their metadata, 20 at a time",
        axis: "server delay, ms",
        flags: 20,
        ideal_delay: None,
        note: "The same steps on the same event loop, tied together in three styles; `await` is \
               the engine `async`. Nothing is saved.",
    };
    race(&about, |race| {
        for delay in [0, 10] {
            let profile = Profile::delayed_by(Delay::fixed(Duration::from_millis(delay)));
            let course = Course::new(delay, profile, 20, popular()).with_metadata();
            for engine in STYLES {
                race.run(engine, &course);
            }
        }
    })
}
