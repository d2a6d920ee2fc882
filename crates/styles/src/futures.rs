//! Futures: what comes after a step is said by a method of the step.

// Boxing the error would make nothing smaller: the attempt is in the `Ok` as well.
#![allow(clippy::result_large_err)]

use std::future::Future;
use std::sync::Arc;

use flagrace_async::{Permit, Session};
use flagrace_core::{Attempt, Item, Miss, Outcome, metadata};
use futures_util::{FutureExt, TryFutureExt, future};

use crate::owned;

/// What a step hands on. An error skips all that is left of a chain, as with `?`; the
/// attempt has to come along either way, because no closure can borrow from another.
type Step<T> = Result<(Attempt, T), (Attempt, Miss)>;

/// Downloads one flag, when it is polled. For that it needs `lazy`: the body of a function
/// runs when it is called, that of an `async fn` when its future is first polled.
pub fn download_one(
    session: Arc<Session>,
    item: Item,
    permit: Permit,
) -> impl Future<Output = Outcome> {
    let begun = future::lazy(move |_| {
        let attempt = Attempt::begin(session.job(), session.start(), item, permit.lane());
        fetch_and_save(session, attempt, permit)
    });
    begun.flatten().map_ok_or_else(
        |(attempt, miss)| attempt.end(Err(miss)),
        |(attempt, ())| attempt.end(Ok(())),
    )
}

fn fetch_and_save(
    session: Arc<Session>,
    attempt: Attempt,
    permit: Permit,
) -> impl Future<Output = Step<()>> {
    let url = session.job().url(attempt.item());
    // A clone for each closure: only one runs at a time, but each has to own what it will
    // need from the moment on at which the chain is made.
    let (naming, saving) = (Arc::clone(&session), Arc::clone(&session));
    owned::get(session, url, attempt)
        .map(beside)
        .and_then(move |(mut attempt, image)| {
            attempt.image_read(image.len());
            let item = attempt.item();
            if let Some(url) = naming.job().metadata_url(item) {
                drop(permit);
                name_by_country(naming, url, attempt)
                    .map_ok(|(attempt, (permit, name))| (attempt, (permit, name, image)))
                    // Two ways that part are two types: `Either` makes them one.
                    .left_future()
            } else {
                let name = naming.job().file_name(item);
                future::ok((attempt, (permit, name, image))).right_future()
            }
        })
        .and_then(move |(mut attempt, (permit, name, image))| {
            owned::save(saving, name, image).map(move |saved| {
                drop(permit);
                let saved = saved.map(|()| attempt.saved());
                beside((attempt, saved))
            })
        })
}

/// The second request, with a permit of its own, and the name that comes of it.
fn name_by_country(
    session: Arc<Session>,
    url: String,
    attempt: Attempt,
) -> impl Future<Output = Step<(Permit, String)>> {
    let naming = Arc::clone(&session);
    owned::permit(Arc::clone(&session))
        .map(|permit| beside((attempt, permit)))
        .and_then(move |(attempt, permit)| {
            let metadata = owned::get(session, url, attempt).map(beside);
            metadata.map_ok(|(attempt, body)| (attempt, (permit, body)))
        })
        .map(move |step| {
            // Nothing waits from here on, and within one step `?` works as ever.
            let (mut attempt, (permit, body)) = step?;
            attempt.metadata_read();
            let country = metadata::country(&body);
            let job = naming.job();
            let name = country.map(|country| job.file_name_by_country(attempt.item(), &country));
            beside((attempt, name.map(|name| (permit, name))))
        })
}

/// Puts the attempt beside a value and beside a miss alike.
fn beside<T>((attempt, result): (Attempt, Result<T, Miss>)) -> Step<T> {
    match result {
        Ok(value) => Ok((attempt, value)),
        Err(miss) => Err((attempt, miss)),
    }
}
