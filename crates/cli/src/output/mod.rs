//! What `get` shows: text, a progress bar, or JSON.

pub mod bar;
pub mod json;
pub mod text;
