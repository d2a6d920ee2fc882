//! How a job is stopped, for threads and tasks alike.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Stops a job, once and for good. Clones share their state.
///
/// A thread can check [`is_cancelled`](Self::is_cancelled) between two items, but not while it
/// is blocked in a read. So an engine registers a hook ([`on_cancel`](Self::on_cancel)) that
/// wakes what waits: it notifies tasks, or closes the sockets on which threads are blocked.
#[derive(Clone, Default)]
pub struct Cancel(Arc<Inner>);

#[derive(Default)]
struct Inner {
    cancelled: AtomicBool,
    hooks: Mutex<Hooks>,
}

type Hooks = BTreeMap<u64, Box<dyn FnOnce() + Send>>;

impl Cancel {
    /// Cancels and runs the hooks. To cancel again does nothing.
    pub fn cancel(&self) {
        // The lock is released before a hook runs: a hook may drop another subscription.
        let hooks = {
            let mut hooks = self.0.hooks();
            self.0.cancelled.store(true, Ordering::Release);
            std::mem::take(&mut *hooks)
        };
        for hook in hooks.into_values() {
            hook();
        }
    }

    /// Whether the job was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Acquire)
    }

    /// Registers a hook for [`cancel`](Self::cancel); runs it at once if that was called before.
    /// To drop the subscription removes the hook.
    #[must_use = "dropping the subscription removes the hook"]
    pub fn on_cancel(&self, hook: impl FnOnce() + Send + 'static) -> Subscription {
        let mut hooks = self.0.hooks();
        // Checked under the lock, so that `cancel` cannot run in between.
        if self.is_cancelled() {
            drop(hooks);
            hook();
            return Subscription(None);
        }
        let key = hooks.last_key_value().map_or(0, |(last, _)| last + 1);
        hooks.insert(key, Box::new(hook));
        Subscription(Some((Arc::clone(&self.0), key)))
    }
}

impl Inner {
    fn hooks(&self) -> MutexGuard<'_, Hooks> {
        // No hook runs under the lock, so the map is sound even if the lock is poisoned.
        self.hooks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Cancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cancel").field(&self.is_cancelled()).finish()
    }
}

/// Keeps a hook registered: see [`Cancel::on_cancel`].
pub struct Subscription(Option<(Arc<Inner>, u64)>);

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some((inner, key)) = &self.0 {
            inner.hooks().remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    /// Registers a hook that counts its calls.
    fn subscribe(cancel: &Cancel) -> (Subscription, Arc<AtomicUsize>) {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let subscription = cancel.on_cancel(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        (subscription, count)
    }

    #[test]
    fn hooks_run_once_before_cancel_returns_and_later_ones_at_once() {
        let cancel = Cancel::default();
        let (_one, first) = subscribe(&cancel);
        let (_two, second) = subscribe(&cancel);
        assert_eq!(first.load(Ordering::Relaxed), 0);
        cancel.clone().cancel();
        cancel.cancel();
        let (_three, late) = subscribe(&cancel);
        let counts = [first, second, late].map(|count| count.load(Ordering::Relaxed));
        assert_eq!(counts, [1, 1, 1]);
    }

    #[test]
    fn a_dropped_subscription_removes_its_hook_alone() {
        let cancel = Cancel::default();
        let (dropped, removed) = subscribe(&cancel);
        let (_other, kept) = subscribe(&cancel);
        drop(dropped);
        cancel.cancel();
        let counts = [removed, kept].map(|count| count.load(Ordering::Relaxed));
        assert_eq!(counts, [0, 1]);
    }
}
