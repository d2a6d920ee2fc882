//! Cancellation of a job, for threads and tasks alike.

use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};

use crate::lock;

/// Cancels a job, permanently. Clones share their state.
///
/// A thread can check [`is_cancelled`](Self::is_cancelled) between two items, but not while it
/// is blocked in a read. So an engine registers a hook ([`on_cancel`](Self::on_cancel)) that
/// wakes what waits: it notifies tasks, or closes the sockets on which threads are blocked.
#[derive(Clone, Default)]
pub struct Cancel(Arc<Inner>);

#[derive(Default)]
struct Inner {
    cancelled: AtomicBool,
    hooks: Mutex<Vec<Weak<Hook>>>,
}

type Hook = dyn Fn() + Send + Sync;

/// Keeps a hook registered: see [`Cancel::on_cancel`].
pub struct Subscription {
    _hook: Arc<Hook>,
}

impl Cancel {
    /// Cancels the job and runs the hooks. Cancelling again does nothing.
    pub fn cancel(&self) {
        let hooks = {
            let mut hooks = lock(&self.0.hooks);
            self.0.cancelled.store(true, Ordering::Release);
            mem::take(&mut *hooks)
        };
        for hook in hooks.iter().filter_map(Weak::upgrade) {
            hook();
        }
    }

    /// Whether the job was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Acquire)
    }

    /// Registers a hook for [`cancel`](Self::cancel), or runs it now if the job is cancelled
    /// already. Dropping the subscription removes the hook.
    #[must_use = "dropping the subscription removes the hook"]
    pub fn on_cancel(&self, hook: impl Fn() + Send + Sync + 'static) -> Subscription {
        let hook: Arc<Hook> = Arc::new(hook);
        let mut hooks = lock(&self.0.hooks);
        // Checked under the lock, so that `cancel` cannot run in between.
        if self.is_cancelled() {
            drop(hooks);
            hook();
        } else {
            // Before it grows: a job that is used again would fill it with dropped hooks.
            if hooks.len() == hooks.capacity() {
                hooks.retain(|hook| hook.strong_count() > 0);
            }
            hooks.push(Arc::downgrade(&hook));
        }
        Subscription { _hook: hook }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn hooks_run_once_before_cancel_returns_unless_their_subscription_was_dropped() {
        let cancel = Cancel::default();
        let (sender, calls) = mpsc::channel();
        let subscribe = |name: &'static str| {
            let sender = sender.clone();
            cancel.on_cancel(move || sender.send(name).unwrap())
        };
        let _early = subscribe("early");
        drop(subscribe("removed"));
        assert_eq!(calls.try_iter().next(), None);
        cancel.clone().cancel();
        cancel.cancel();
        let _late = subscribe("late");
        assert_eq!(Vec::from_iter(calls.try_iter()), ["early", "late"]);
    }
}
