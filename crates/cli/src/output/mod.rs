//! What `get` shows: text, a progress bar, or JSON; the course of a download as files;
//! small tables, and what is said beside them.

pub mod aside;
pub mod bar;
pub mod json;
pub mod summary;
pub mod table;
pub mod text;
pub mod timeline;
