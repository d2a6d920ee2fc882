//! The classic mistake with callbacks: one error branch forgets `done`.

use flagrace_async::Permit;
use flagrace_core::{Attempt, metadata};

use crate::callback_list::Done;
use crate::callback_loop::Io;
use crate::callbacks::save;

/// The metadata are there, and with them the name: compare it with that of `callbacks.rs`.
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
        Err(_) => {
            drop(permit);
            // Missing: `done(attempt.end(Err(miss)))`. Nobody notices. The compiler has
            // seen `done` used further down and asks for no more; the loop has nothing
            // pending for this flag and ends without it. An `async fn` could not forget:
            // whoever is to return an `Outcome` must return one on every path.
            return;
        }
    };
    let job = io.session().job();
    let name = job.file_name_by_country(attempt.item(), &country);
    save(io, attempt, permit, name, image, done);
}
