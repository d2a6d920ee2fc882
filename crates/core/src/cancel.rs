//! How a job is told to stop, by threads and by tasks alike.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Tells a job to stop. It is cancelled once, and clones share it.
///
/// A thread can ask between two flags ([`is_cancelled`](Self::is_cancelled)), but not while it
/// is blocked in a read. So an engine registers a hook ([`on_cancel`](Self::on_cancel)) that
/// wakes what waits: it notifies tasks, or closes the sockets on which threads are blocked.
#[derive(Clone, Default)]
pub struct Cancel(Arc<Inner>);

#[derive(Default)]
struct Inner {
    cancelled: AtomicBool,
    hooks: Mutex<Hooks>,
}

#[derive(Default)]
struct Hooks {
    next: u64,
    waiting: BTreeMap<u64, Box<dyn FnOnce() + Send>>,
}

impl Cancel {
    /// Cancels and runs the hooks. Cancelling again does nothing.
    pub fn cancel(&self) {
        // The lock is let go before a hook runs: a hook may drop another subscription.
        let hooks = {
            let mut hooks = self.0.hooks();
            self.0.cancelled.store(true, Ordering::Release);
            std::mem::take(&mut hooks.waiting)
        };
        for hook in hooks.into_values() {
            hook();
        }
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Acquire)
    }

    /// Runs `hook` when it is cancelled, at once if it was cancelled already.
    ///
    /// Dropping the subscription unhooks it.
    #[must_use = "dropping the subscription unhooks it"]
    pub fn on_cancel(&self, hook: impl FnOnce() + Send + 'static) -> Subscription {
        let mut hooks = self.0.hooks();
        // Asked under the lock: `cancel` cannot slip in between.
        if self.is_cancelled() {
            drop(hooks);
            hook();
            return Subscription(None);
        }
        let key = hooks.next;
        hooks.next += 1;
        hooks.waiting.insert(key, Box::new(hook));
        Subscription(Some((Arc::clone(&self.0), key)))
    }
}

impl Inner {
    fn hooks(&self) -> MutexGuard<'_, Hooks> {
        // No hook runs under the lock, so a poisoned one still holds a sound map.
        self.hooks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Cancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cancel").field(&self.is_cancelled()).finish()
    }
}

/// Keeps a hook in place; see [`Cancel::on_cancel`].
pub struct Subscription(Option<(Arc<Inner>, u64)>);

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some((inner, key)) = &self.0 {
            inner.hooks().waiting.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    fn counter() -> (Arc<AtomicUsize>, impl FnOnce() + Send + 'static) {
        let count = Arc::new(AtomicUsize::new(0));
        let hook = {
            let count = Arc::clone(&count);
            move || {
                count.fetch_add(1, Ordering::Relaxed);
            }
        };
        (count, hook)
    }

    #[test]
    fn a_hook_runs_once_and_before_cancel_returns() {
        let cancel = Cancel::default();
        let (count, hook) = counter();
        let _subscription = cancel.on_cancel(hook);
        assert_eq!(count.load(Ordering::Relaxed), 0);
        cancel.clone().cancel();
        cancel.cancel();
        assert_eq!(count.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_late_hook_runs_at_once() {
        let cancel = Cancel::default();
        cancel.cancel();
        let (count, hook) = counter();
        let _subscription = cancel.on_cancel(hook);
        assert_eq!(count.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_dropped_subscription_is_silent() {
        let cancel = Cancel::default();
        let (count, hook) = counter();
        drop(cancel.on_cancel(hook));
        cancel.cancel();
        assert_eq!(count.load(Ordering::Relaxed), 0);
    }
}
