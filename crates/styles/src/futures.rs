//! Futures: what comes after a step is said by a method of the step.

// Boxing the error would make nothing smaller: the attempt is in the `Ok` as well.
#![allow(clippy::result_large_err)]

use std::future::Future;
use std::sync::Arc;

use flagrace_async::{Permit, Session};
use flagrace_core::{Attempt, CountryCode, Miss, Outcome, file_name, metadata};
use futures_util::{FutureExt, TryFutureExt, future};

use crate::owned;

/// What a step hands on. An error skips all that is left of a chain, as with `?`; the
/// attempt has to come along either way, because no closure can borrow from another.
type Step<T> = Result<(Attempt, T), (Attempt, Miss)>;

/// Downloads one flag, when it is polled. For that it needs `lazy`: the body of a function
/// runs when it is called, that of an `async fn` when its future is first polled.
pub fn download_one(
    session: Arc<Session>,
    code: CountryCode,
    permit: Permit,
) -> impl Future<Output = Outcome> {
    let begun = future::lazy(move |_| {
        let attempt = Attempt::begin(session.job(), session.start(), code, permit.lane());
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
    let url = session.job().flag_url(attempt.code());
    // A clone for each closure: only one runs at a time, but each has to own what it will
    // need from the moment on at which the chain is made.
    let (naming, saving) = (Arc::clone(&session), Arc::clone(&session));
    owned::get(session, url, attempt)
        .map(beside)
        .and_then(move |(mut attempt, image)| {
            attempt.image_read(image.len());
            let code = attempt.code();
            if naming.job().metadata {
                drop(permit);
                name_by_country(naming, attempt)
                    .map_ok(|(attempt, (permit, name))| (attempt, (permit, name, image)))
                    // Two ways that part are two types: `Either` makes them one.
                    .left_future()
            } else {
                future::ok((attempt, (permit, file_name::plain(code), image))).right_future()
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
    attempt: Attempt,
) -> impl Future<Output = Step<(Permit, String)>> {
    owned::permit(Arc::clone(&session))
        .map(|permit| beside((attempt, permit)))
        .and_then(move |(attempt, permit)| {
            let url = session.job().metadata_url(attempt.code());
            let metadata = owned::get(session, url, attempt).map(beside);
            metadata.map_ok(|(attempt, body)| (attempt, (permit, body)))
        })
        .map(|step| {
            // Nothing waits from here on, and within one step `?` works as ever.
            let (mut attempt, (permit, body)) = step?;
            attempt.metadata_read();
            let country = metadata::country(&body);
            let name = country.map(|country| file_name::with_country(&country, attempt.code()));
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
