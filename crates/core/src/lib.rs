//! The contract that every engine meets, and what all of them share.
