//! In a process of its own, because the memory of other tests would be counted too.

#![allow(clippy::unwrap_used)]
#![cfg(target_os = "linux")]

use flagrace_measure::Footprint;

#[test]
fn memory_counts_when_it_is_written_to() {
    let size = 64 << 20;
    let before = Footprint::now().unwrap();
    let mut large: Vec<u8> = Vec::with_capacity(size);
    let reserved = Footprint::now().unwrap();
    large.resize(size, 1);
    std::hint::black_box(&large);
    let written = Footprint::now().unwrap();
    assert!(
        reserved.written - before.written < 1 << 20,
        "{before:?} {reserved:?}"
    );
    assert!(
        written.written - before.written >= size as u64,
        "{before:?} {written:?}"
    );
    assert!(written.page_tables > before.page_tables);
    assert!(written.kernel_stacks > 0);
}
