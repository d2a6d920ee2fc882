//! What the verbs print: text, JSON, progress, small tables, and files of timelines.

pub mod aside;
pub mod json;
pub mod progress;
pub mod table;
pub mod text;
pub mod timeline;
