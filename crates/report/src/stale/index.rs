//! `results/README.md`: the recorded runs, newest first.

use super::Recorded;
use crate::folder;
use crate::page;

/// The page.
pub(super) fn page(runs: &[Recorded]) -> String {
    let mut page = format!(
        "# Recorded runs\n\n{}\n\
         Each folder holds one run: every sample in `raw.json`, and the tables and plots \
         made from it. A recorded run is never changed; `scripts/record` adds one from \
         `latest/`, which `cargo bench` writes and which is not committed.\n\n",
        page::generated(&format!("*/{}", folder::RAW)),
    );
    if runs.is_empty() {
        page.push_str("No run is recorded yet.\n");
        return page;
    }
    page.push_str("| run | command | machine | compiler | revision |\n|---|---|---|---|---|\n");
    for Recorded { folder, run } in runs {
        let meta = &run.meta;
        page.push_str(&format!(
            "| [{folder}]({folder}/tables.md) | {} | {} | {} | {} |\n",
            page::code(&meta.command),
            page::machine_line(meta),
            page::text(&meta.rustc),
            page::revision(meta),
        ));
    }
    page
}
