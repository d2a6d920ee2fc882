//! The conformance suite for this engine.

use flagrace_rayon::Rayon;

flagrace_conformance::suite!(rayon, Rayon::new, Reused);
