//! Exercise 4 (lesson 5): callbacks that answer for every flag.
//!
//! Some flags have no outcome, neither a success nor an error. Why does the compiler not find it?

use crate::get;

/// Requests a flag and then its country, and calls `done` once with both or with the error.
pub fn download_one(code: &'static str, done: impl FnOnce(Result<String, String>)) {
    get(format!("{code}.gif"), |image| match image {
        Ok(image) => get(format!("{code}.json"), |country| match country {
            Ok(country) => done(Ok(format!("{image} of {country}"))),
            // GAP: what does the caller learn?
            Err(error) => drop(error),
        }),
        Err(error) => done(Err(error)),
    });
}
