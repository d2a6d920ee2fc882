//! The page of a run: that it has everything, needs nothing, and believes no name.
#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers of tests, too

mod common;

use std::path::Path;
use std::time::{Duration, Instant};

use flagrace_report::{comparison, folder};

/// Writes a folder of full size below target/, for `scripts/check-page` and for the eye:
///
/// ```text
/// cargo test --release -p flagrace-report --test page -- --ignored --nocapture
/// ```
#[test]
#[ignore = "a time means something only where it was optimised, and nothing else runs"]
fn a_folder_of_full_size_is_derived_within_a_second() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut run = folder::read(&root.join("results/2026-11-23-vm-3")).unwrap();
    let full = common::full::full();
    run.meta = full.meta.clone();
    let here = root.join("target/page/full");
    folder::keep(&here, &run, Some(&full)).unwrap();
    let mut least = Duration::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        folder::derive_comparison(&here).unwrap();
        least = least.min(start.elapsed());
    }
    println!("{} trials: {least:?} at best of 5", full.trials.len());
    println!("{}", here.join(comparison::FILE).display());
    assert!(least < Duration::from_secs(1), "{least:?}");
}
