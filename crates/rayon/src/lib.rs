//! A work-stealing pool.
