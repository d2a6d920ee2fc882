//! An observer that remembers.

use std::sync::{Arc, Mutex};

use flagrace_core::{Item, Observer, Outcome, Status};

/// What an observer heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Started(Item),
    Finished(Item, Status),
}

/// Remembers what it heard, in order.
#[derive(Default)]
pub(crate) struct Recorder(Mutex<Vec<Event>>);

impl Recorder {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// All that was heard so far.
    pub(crate) fn events(&self) -> Vec<Event> {
        self.0.lock().unwrap().clone()
    }
}

impl Observer for Recorder {
    fn started(&self, item: Item) {
        self.0.lock().unwrap().push(Event::Started(item));
    }

    fn finished(&self, outcome: &Outcome) {
        let event = Event::Finished(outcome.item, outcome.status);
        self.0.lock().unwrap().push(event);
    }
}
