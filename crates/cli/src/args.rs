//! Values that arguments of more than one verb have.

use std::time::Duration;

use clap::ValueEnum;
use flagrace_core::{CountryCode, Timeouts};
use serde::Deserialize;

/// What keeps the flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StoreKind {
    /// Files in the output directory
    Directory,
    /// Memory, until the program ends
    Memory,
    /// Nothing
    #[default]
    Null,
}

impl StoreKind {
    /// As `flagrace get --store` has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Memory => "memory",
            Self::Null => "null",
        }
    }
}

/// The time limits where each request has this long.
pub fn timeouts(request: Duration) -> Timeouts {
    Timeouts {
        connect: request.min(Timeouts::default().connect),
        request,
    }
}

/// The codes of all flags that are built in.
pub fn built_in() -> Vec<CountryCode> {
    let codes = flagrace_catalog::all().iter();
    codes.filter_map(|flag| flag.code.parse().ok()).collect()
}

/// A whole number, at least 1.
pub fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("it must be a whole number, at least 1".to_owned()),
        Ok(number) => Ok(number),
    }
}

/// The largest size that makes sense: a body is held in memory as a whole.
const LARGEST: u64 = 1 << 30;

/// A number of bytes, or one with a unit: `500k`, `1MiB`.
pub fn size(text: &str) -> Result<u64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim_start().to_ascii_lowercase().as_str() {
        "" | "b" => Some(1),
        "k" | "kb" => Some(1000),
        "m" | "mb" => Some(1_000_000),
        "kib" => Some(1 << 10),
        "mib" => Some(1 << 20),
        "gib" => Some(1 << 30),
        _ => None,
    };
    let size = number.parse().ok().zip(factor);
    let size = size.and_then(|(number, factor): (u64, u64)| number.checked_mul(factor));
    size.filter(|size| (1..=LARGEST).contains(size))
        .ok_or_else(|| "a size is a number of bytes, 500k or 1MiB, up to 1GiB".to_owned())
}

/// As many flags or URLs as a download may have. All outcomes are kept until its end, some 500
/// bytes each by the recorded curve over flags.
pub const MOST: usize = 1_000_000;

const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A time such as `500ms`, longer than nothing and a day at most.
pub fn some_time(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        // A clock to which more is added may have no such time.
        Ok(time) if time > A_DAY => Err("it must be a day at most".to_owned()),
        Ok(time) if !time.is_zero() => Ok(time),
        Ok(_) => Err("it must be longer than nothing, such as 500ms".to_owned()),
        Err(error) => Err(format!("{error}; a time is like 500ms or 30s")),
    }
}
