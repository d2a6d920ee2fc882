//! One flag after another, with ureq.
