//! In its own process, and in one test: memory of other tests would be counted, too.

#![allow(clippy::unwrap_used)]
#![cfg(target_os = "linux")]

use flagrace_measure::{Cost, footprint};

#[test]
fn memory_counts_when_it_is_written_to() {
    let size = 64 << 20;
    let ([before, tables, _], cost) = (footprint().unwrap(), Cost::so_far().unwrap());
    let mut large: Vec<u8> = Vec::with_capacity(size);
    let [reserved, ..] = footprint().unwrap();
    large.resize(size, 1);
    std::hint::black_box(&large);
    let [written, more_tables, kernel_stacks] = footprint().unwrap();
    assert!(reserved - before < 1 << 20, "{before}, {reserved}");
    assert!(written - before >= size as u64, "{before}, {written}");
    assert!(more_tables > tables && kernel_stacks > 0);
    drop(large);
    let after = Cost::so_far().unwrap();
    let [peak, before] = [after, cost].map(|cost| cost.peak_resident_kib.unwrap());
    assert!(peak - before > 60 << 10, "{before}, {peak}");
    assert!(after.user_s + after.system_s > cost.user_s + cost.system_s);
}
