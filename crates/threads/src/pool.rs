//! The threads of the pool, which live as long as the engine.

use std::thread::{self, JoinHandle};

use crossbeam_channel::{self as channel, Sender};
use flagrace_core::JobError;

/// OS threads that wait for work. `T` is what each of them has to itself: nothing, where
/// they share one client, and else a client for each.
pub struct Pool<T> {
    /// `None` only while the pool is being dropped.
    tasks: Option<Sender<Task<T>>>,
    threads: Vec<JoinHandle<()>>,
}

type Task<T> = Box<dyn FnOnce(&T) + Send>;

impl<T: 'static> Pool<T> {
    /// Starts this many threads, each with what `equip` makes for it.
    ///
    /// # Errors
    ///
    /// If the system refuses a thread, or a thread cannot be equipped.
    pub fn start(
        size: usize,
        mut equip: impl FnMut() -> Result<T, JobError>,
    ) -> Result<Self, JobError>
    where
        T: Send,
    {
        let (sender, tasks) = channel::unbounded::<Task<T>>();
        // Should a thread be refused, dropping this pool ends those that were started.
        let mut pool = Self {
            tasks: Some(sender),
            threads: Vec::with_capacity(size),
        };
        for number in 1..=size {
            let own = equip()?;
            let tasks = tasks.clone();
            let thread = thread::Builder::new()
                .name(format!("download-{number}"))
                .spawn(move || tasks.iter().for_each(|task| task(&own)))
                .map_err(|source| JobError::Thread {
                    number,
                    wanted: size,
                    source,
                })?;
            pool.threads.push(thread);
        }
        Ok(pool)
    }
}

impl<T> Pool<T> {
    /// How many threads there are.
    pub fn size(&self) -> usize {
        self.threads.len()
    }

    /// Hands a task to the next thread that is free. It must let no panic out, which would
    /// end the thread.
    pub(crate) fn assign(&self, task: impl FnOnce(&T) + Send + 'static) {
        if let Some(tasks) = &self.tasks {
            // Cannot fail: the threads hold the other end until this one is dropped.
            let _ = tasks.send(Box::new(task));
        }
    }
}

impl<T> Drop for Pool<T> {
    fn drop(&mut self) {
        // A closed channel is how the threads learn that there will be no further task.
        self.tasks = None;
        for thread in self.threads.drain(..) {
            // No task lets a panic out, so there is none to pass on.
            let _ = thread.join();
        }
    }
}
