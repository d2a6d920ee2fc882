//! One core for a measurement.

use std::io;

/// Runs this thread, and the threads that it starts meanwhile, on one core: the last of
/// those that it may use, as the first often serves the devices too. Elsewhere than on
/// Linux it runs wherever the system likes.
///
/// # Errors
///
/// If the system refuses.
pub fn on_one_core<T>(run: impl FnOnce() -> T) -> io::Result<T> {
    #[cfg(target_os = "linux")]
    {
        use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
        use nix::unistd::Pid;

        let myself = Pid::from_raw(0);
        let usual = sched_getaffinity(myself)?;
        let is_usable = |core: &usize| usual.is_set(*core).unwrap_or(false);
        if let Some(core) = (0..CpuSet::count()).rev().find(is_usable) {
            let mut one = CpuSet::new();
            one.set(core)?;
            sched_setaffinity(myself, &one)?;
        }
        let result = run();
        sched_setaffinity(myself, &usual)?;
        Ok(result)
    }
    #[cfg(not(target_os = "linux"))]
    Ok(run())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::thread::{self, available_parallelism};

    use super::*;

    #[test]
    fn threads_started_meanwhile_share_the_core_and_later_ones_do_not() {
        let cores = || available_parallelism().unwrap().get();
        let usual = cores();
        let inside = on_one_core(|| (cores(), thread::spawn(cores).join().unwrap()));
        assert_eq!(inside.unwrap(), (1, 1));
        assert_eq!(cores(), usual);
    }
}
