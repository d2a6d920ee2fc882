//! The local flag server: routes, profiles, faults and counters.
