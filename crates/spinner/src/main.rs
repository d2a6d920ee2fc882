//! Turns a spinner with a thread, then a task, then a blocked task.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use flagrace_spinner::{Answer, Spinner, Work, blocked_task, task, thread};
use indicatif::ProgressDrawTarget;

type Demo = fn(&Arc<Spinner>, Work) -> Answer;

const DEMOS: [(&str, Demo); 3] = [
    ("thread", thread::run),
    ("task", task::run),
    ("blocked task", blocked_task::run),
];

const WORK: Work = Work::Sleep(Duration::from_secs(2));

const REASON: &str = "The blocked task slept without `await`: no other task had a thread.";

fn main() -> io::Result<()> {
    let mut results = Vec::new();
    for (name, run) in DEMOS {
        writeln!(io::stdout(), "{name}: a slow function works for 2 s")?;
        let spinner = Arc::new(Spinner::new(ProgressDrawTarget::stdout(), || None));
        run(&spinner, WORK)?;
        results.push((name, spinner.measurements()));
    }
    writeln!(io::stdout())?;
    for (name, seen) in results {
        writeln!(io::stdout(), "{name}: {seen}")?;
    }
    writeln!(io::stdout(), "{REASON}")
}
