//! Where the memory of a process is, to the byte.

use crate::CostError;

/// What memory there is for this process at this moment, in bytes.
///
/// [`Cost`](crate::Cost) reads what is resident from counters that the kernel keeps for each
/// core and adds up roughly. This walks the page tables instead, which is exact and slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footprint {
    /// Resident memory that was written to: stacks and the heap. Not the program's code,
    /// which is read from its file, page by page, as it is first used.
    pub written: u64,
    /// The page tables by which the processor finds it (`VmPTE`).
    pub page_tables: u64,
    /// The stacks that the kernel keeps for threads: of *all* processes, as it does not tell
    /// them apart. On a machine that does something else too, only a large difference means
    /// anything.
    pub kernel_stacks: u64,
}

impl Footprint {
    /// What there is now. Linux only.
    ///
    /// # Errors
    ///
    /// If the system does not tell.
    #[cfg(target_os = "linux")]
    pub fn now() -> Result<Self, CostError> {
        use procfs::process::Process;
        use procfs::{Current, Meminfo};

        let told = || -> procfs::ProcResult<Self> {
            let myself = Process::myself()?;
            let resident = myself.smaps_rollup()?.memory_map_rollup;
            let written = resident
                .iter()
                .filter_map(|map| map.extension.map.get("Anonymous"));
            Ok(Self {
                written: written.sum(),
                page_tables: myself.status()?.vmpte.unwrap_or_default() * 1024,
                kernel_stacks: Meminfo::current()?.kernel_stack.unwrap_or_default(),
            })
        };
        told().map_err(CostError::new)
    }

    /// Elsewhere nobody tells.
    ///
    /// # Errors
    ///
    /// Always.
    #[cfg(not(target_os = "linux"))]
    pub fn now() -> Result<Self, CostError> {
        Err(CostError::new("only Linux tells"))
    }
}
