//! All flags of a job, by callbacks: the counterpart of `download_all` for tasks.

use std::sync::mpsc::{self, Sender};

use flagrace_async::{Permit, Session};
use flagrace_core::{Attempt, Outcome};

use crate::callback_loop::{self, Io};
use crate::callbacks::download_one;

/// What a flag's outcome is handed to. To be called once: the compiler sees to it that it
/// is not called twice, and cannot see to it that it is called at all.
pub type Done = Box<dyn FnOnce(Outcome) + Send>;

/// The level at which the metadata have arrived. A parameter only because `forgotten.rs`
/// has another.
pub type SaveByCountry = fn(&Io, Attempt, Permit, Vec<u8>, Vec<u8>, Done);

/// Downloads every flag of the session's job. A callback cannot return an outcome, as
/// nobody is there to take it: each is sent out, and all are gathered when the loop ends.
pub async fn download_all(session: Session, by_country: SaveByCountry) -> Vec<Outcome> {
    let (outcomes, sent) = mpsc::channel();
    callback_loop::run(session, |io| begin_from(io, 0, by_country, outcomes)).await;
    sent.try_iter().collect()
}

/// Begins every flag from the `next` on, each when there is a permit for it. A `for` loop
/// cannot wait for a callback: this one goes round by leaving itself behind in one. Begun
/// all at once, every flag of the list would be a callback and a task that wait.
fn begin_from(io: &Io, next: usize, by_country: SaveByCountry, outcomes: Sender<Outcome>) {
    let Some(&item) = io.session().job().items.get(next) else {
        return;
    };
    io.permit(move |io, permit| {
        // Before the flag, whose panic would otherwise be the end of the list.
        begin_from(io, next + 1, by_country, outcomes.clone());
        // Cannot fail: `sent`, the other end, outlives the loop.
        let done: Done = Box::new(move |outcome| drop(outcomes.send(outcome)));
        let session = io.session();
        match permit {
            Ok(permit) => download_one(io, item, permit, by_country, done),
            Err(_) => done(Attempt::never_begun(session.job(), session.start(), item)),
        }
    });
}
