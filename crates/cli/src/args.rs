//! Values that arguments of more than one verb have.

use std::time::Duration;

/// A whole number, at least 1.
pub fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("it must be a whole number, at least 1".to_owned()),
        Ok(number) => Ok(number),
    }
}

/// A time such as `500ms`, longer than nothing.
pub fn some_time(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(time) if !time.is_zero() => Ok(time),
        Ok(_) => Err("it must be longer than nothing, such as 500ms".to_owned()),
        Err(error) => Err(format!("{error}; a time is like 500ms or 30s")),
    }
}
