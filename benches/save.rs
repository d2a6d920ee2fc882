//! Save: all flags, 20 at a time, kept in memory or in a directory.
//!
//! The directory is a new one each time, made before the clock starts. All of them are
//! removed at the end and none before: for five seconds ext4 does not use the inode of a
//! deleted file again, and looking for another was half of what saving took.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flagrace_benches::{About, Course, FOUR, all, race};
use flagrace_core::{Directory, Job, Memory};
use flagrace_report::Group;
use flagrace_server::Profile;

pub fn run() -> anyhow::Result<Option<Group>> {
    let about = About {
        name: "save",
        title: "All flags, 20 at a time, by where they are kept",
        axis: "kept in",
        flags: all().len(),
        note: "No delay. The directory is new, and on the disk of the project's `target` folder.",
    };
    race(&about, |race| {
        let memory = Course::new("memory", Profile::default(), 20, all());
        for engine in FOUR {
            race.run_with(engine, &memory, |job| {
                let store = Arc::new(Memory::default());
                (with_store(job, Arc::clone(&store) as _), Some(store))
            });
        }
        let disk = Course::new("disk", Profile::default(), 20, all());
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))
            .unwrap_or_else(|error| panic!("no directory to save to: {error}"));
        let number = AtomicUsize::new(0);
        // Each iteration writes 3 MB that stay, and the disk has to be quiet again for
        // whoever is measured next.
        race.measure_for(Duration::from_millis(300));
        for engine in FOUR {
            race.run_with(engine, &disk, |job| {
                let number = number.fetch_add(1, Ordering::Relaxed).to_string();
                let store = Directory::create(folder.path().join(number))
                    .unwrap_or_else(|error| panic!("cannot save: {error}"));
                (with_store(job, Arc::new(store)), ())
            });
        }
    })
}

fn with_store(job: Job, store: Arc<dyn flagrace_core::Store>) -> Job {
    Job { store, ..job }
}
