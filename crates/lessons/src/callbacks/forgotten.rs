//! The classic mistake with callbacks: one error branch does not call back.

use flagrace_core::{Item, metadata};

use super::io::{Done, Io};

/// Begins to download one flag and returns, long before `done` hears how it ended.
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
