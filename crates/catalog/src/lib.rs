//! National flags as GIF, rendered at build time and embedded.
