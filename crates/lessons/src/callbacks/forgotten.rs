//! The classic mistake with callbacks: an error branch that does not call `done`.

use flagrace_core::{Item, metadata};

use super::{Done, Io};

/// Starts the download of one flag, and returns before `done` is called.
pub(super) fn download_one(io: &Io, item: Item, done: Done) {
    let next = io.clone();
    io.get_image(item, move |image| match image {
        Ok(image) => {
            let last = next.clone();
            next.get_metadata(item, move |body| {
                match body.and_then(|body| metadata::country(&body)) {
                    Ok(country) => last.save_then(item, country, image, done),
                    Err(error) => drop(error),
                }
            });
        }
        Err(error) => done(Err(error)),
    });
}
