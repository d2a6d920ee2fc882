//! Callbacks: what comes after a step is a closure inside the closure before.

use flagrace_async::Permit;
use flagrace_core::{Attempt, Item, metadata};

use crate::callback_list::{Done, SaveByCountry};
use crate::callback_loop::Io;

/// Downloads one flag: it begins the first request and returns, long before `done`.
pub fn download_one(io: &Io, item: Item, permit: Permit, by_country: SaveByCountry, done: Done) {
    let session = io.session();
    let attempt = Attempt::begin(session.job(), session.start(), item, permit.lane());
    let url = session.job().url(item);
    // `move`, here and below: this function's variables are gone when the closure runs, so
    // it can borrow none. What the innermost level needs passes through every level.
    io.get(url, attempt, move |io, mut attempt, image| {
        let image = match image {
            Ok(image) => image,
            // No `?`: it would return the miss to the loop, which did not ask for it. In
            // its place a branch like this stands at every level, and each has to do all
            // of it: give the permit back, call `done`, and return.
            Err(miss) => {
                drop(permit);
                return done(attempt.end(Err(miss)));
            }
        };
        attempt.image_read(image.len());
        let Some(url) = io.session().job().metadata_url(item) else {
            // Two ways that part cannot meet again: what both lead to is a function.
            let name = io.session().job().file_name(item);
            return save(io, attempt, permit, name, image, done);
        };
        drop(permit);
        io.permit(move |io, permit| {
            let permit = match permit {
                Ok(permit) => permit,
                Err(miss) => return done(attempt.end(Err(miss))),
            };
            io.get(url, attempt, move |io, attempt, body| {
                let body = match body {
                    Ok(body) => body,
                    Err(miss) => {
                        drop(permit);
                        return done(attempt.end(Err(miss)));
                    }
                };
                by_country(io, attempt, permit, image, body, done);
            });
        });
    });
}

/// The metadata are there, and with them the name.
pub fn save_by_country(
    io: &Io,
    mut attempt: Attempt,
    permit: Permit,
    image: Vec<u8>,
    body: Vec<u8>,
    done: Done,
) {
    attempt.metadata_read();
    let country = match metadata::country(&body) {
        Ok(country) => country,
        Err(miss) => {
            drop(permit);
            return done(attempt.end(Err(miss)));
        }
    };
    let job = io.session().job();
    let name = job.file_name_by_country(attempt.item(), &country);
    save(io, attempt, permit, name, image, done);
}

/// The last step, whichever way led to the name.
pub fn save(
    io: &Io,
    mut attempt: Attempt,
    permit: Permit,
    name: String,
    image: Vec<u8>,
    done: Done,
) {
    io.save(name, image, move |_, saved| {
        // A closure owns what it names. Without this line the permit would stay behind in
        // the function, and be given back before the save has begun.
        drop(permit);
        if let Err(miss) = saved {
            return done(attempt.end(Err(miss)));
        }
        attempt.saved();
        done(attempt.end(Ok(())));
    });
}
