//! The spinner's question in numbers: what one thread costs against one task.
//!
//! Made and ended, and woken by another, through a channel and through a socket. `memory.rs`
//! has what they cost while they wait. No flags and no server.
//!
//! Threads are measured twice: where the system puts them, and on one core, which is where
//! the tasks are. To wake a thread on another core, that core has to be interrupted, and to
//! come out of its sleep first if it has nothing else to do; in a virtual machine the host
//! has a part in both.

use std::io;
use std::time::Duration;

use flagrace_benches::{About, Race, race};
use flagrace_measure::on_one_core;
use flagrace_report::Group;
use flagrace_spinner::units::{Laps, tasks, threads};

/// Makes and ends so many units.
type Create = fn(usize) -> io::Result<Duration>;

/// Makes a ring of so many units and has its laps measured.
type Ring = fn(usize, &mut dyn FnMut(&mut Laps<'_>)) -> io::Result<()>;

/// How many units there are at once.
const COUNTS: [usize; 3] = [1, 100, 10_000];

const CREATE: [(&str, Create); 3] = [
    ("thread", threads::create),
    ("thread-one-core", |count| {
        on_one_core(|| threads::create(count))?
    }),
    ("task", tasks::create),
];

const BY_CHANNEL: [(&str, Ring); 3] = [
    ("thread", |count, laps| threads::hand_over(count, laps)),
    ("thread-one-core", |count, laps| {
        on_one_core(|| threads::hand_over(count, laps))?
    }),
    ("task", |count, laps| tasks::hand_over(count, laps)),
];

const BY_SOCKET: [(&str, Ring); 3] = [
    ("thread", |count, laps| threads::hand_over_io(count, laps)),
    ("thread-one-core", |count, laps| {
        on_one_core(|| threads::hand_over_io(count, laps))?
    }),
    ("task", |count, laps| tasks::hand_over_io(count, laps)),
];

pub fn run() -> anyhow::Result<Option<Group>> {
    let about = About {
        name: "spinner",
        title: "One thread against one task",
        axis: "what is timed, and how many there are",
        flags: 0,
        note: "Time for each of them. \"Make and end\": all are started, each has nothing to do, \
               all are joined or awaited. \"Hand over\": a token goes round through all of them; \
               the time is that of one hand-over. The tasks share one thread; \
               `thread-one-core` are threads that share one core.",
    };
    race(&about, |race| {
        race.measure_for(Duration::from_millis(600));
        for count in COUNTS {
            for (engine, create) in CREATE {
                make_and_end(race, engine, count, create);
            }
        }
        for count in COUNTS {
            for (engine, ring) in BY_CHANNEL {
                hand_over(race, engine, "a channel", count, ring);
            }
        }
        // A socket at each end of each hand-over: 10,000 units would need 20,002 open files.
        for &count in &COUNTS[..2] {
            for (engine, ring) in BY_SOCKET {
                hand_over(race, engine, "a socket", count, ring);
            }
        }
    })
}

fn make_and_end(race: &mut Race<'_>, engine: &str, count: usize, create: Create) {
    race.measure(engine, &format!("make and end, {count}"), |iterations| {
        let once = || create(count).unwrap_or_else(|error| panic!("{engine}: {error}"));
        let all: Duration = (0..iterations).map(|_| once()).sum();
        all / each(count)
    });
}

fn hand_over(race: &mut Race<'_>, engine: &str, by: &str, count: usize, ring: Ring) {
    let scenario = format!("hand over by {by}, {count}");
    let mut measure = |laps: &mut Laps<'_>| {
        // In the first lap everybody wakes for the first time.
        laps(1);
        race.measure(engine, &scenario, |iterations| {
            laps(iterations) / each(count + 1)
        });
    };
    ring(count, &mut measure).unwrap_or_else(|error| panic!("{engine}: {error}"));
}

fn each(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
