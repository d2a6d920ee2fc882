//! Errors: the ERROR profile, which refuses a quarter of the flags and delays half.
//!
//! A client that reports an error by throwing its connection away would show here.

use flagrace_benches::{About, Course, FOUR, main as race, popular};
use flagrace_server::Profile;

/// Of the popular 20 the first eight, of which one is refused and more than half are
/// delayed: with all of them `seq` alone would take a minute.
const FLAGS: usize = 8;

fn main() -> anyhow::Result<()> {
    let about = About {
        name: "errors",
        title: "8 flags, 8 at a time, from the ERROR server",
        axis: "profile",
        flags: FLAGS,
        ideal_delay: None,
        note: "418 for 25 % of all flags, 0.5 s of delay for 50 %, always for the same ones. \
               Nothing is saved.",
    };
    race(&about, |race| {
        let profile = Profile::labelled("ERROR").unwrap_or_default();
        let codes = popular().into_iter().take(FLAGS).collect();
        let course = Course::new("ERROR", profile, FLAGS, codes);
        for engine in FOUR {
            race.run(engine, &course);
        }
    })
}
