//! What `get` shows: text, a progress bar, or JSON; and the terminal that bars and spinners
//! are drawn on.

pub mod bar;
pub mod json;
pub mod margin;
pub mod text;
