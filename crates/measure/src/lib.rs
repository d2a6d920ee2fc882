//! What a run cost, and on which machine it ran.
