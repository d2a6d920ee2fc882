//! One thing of a job.

use crate::CountryCode;

/// One thing of a job: what engines hand around while its address, its file name and its
/// label stay with the [`Job`](crate::Job). It is as small as a number, so that a channel,
/// a task or a closure may have one of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Item {
    /// The flag of this code.
    Flag(CountryCode),
    /// The URL at this place of the job's list, from 0.
    Url(u32),
}

impl Item {
    /// The code, if it is a flag.
    pub fn code(self) -> Option<CountryCode> {
        match self {
            Self::Flag(code) => Some(code),
            Self::Url(_) => None,
        }
    }
}

impl From<CountryCode> for Item {
    fn from(code: CountryCode) -> Self {
        Self::Flag(code)
    }
}
