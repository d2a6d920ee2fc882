//! `results/README.md`: the recorded runs, newest first.

use super::Recorded;
use crate::comparison::{FILE, PAGE};
use crate::export::TABLES;
use crate::folder::RAW;
use crate::page;

/// The page.
pub(super) fn page(runs: &[Recorded]) -> String {
    let mut page = format!(
        "# Recorded runs\n\n{}\n\
         Each folder holds one run: every sample in `{RAW}`, every trial in `{FILE}`, and the \
         tables and plots made from them. A recorded run is never changed; `scripts/record` adds \
         one from `latest/`, which `flagrace compare` and `cargo bench` write and which is not \
         committed.\n\n",
        page::generated(&format!("*/{RAW} and */{FILE}")),
    );
    if runs.is_empty() {
        page.push_str("No run is recorded yet.\n");
        return page;
    }
    page.push_str("| run | command | machine | compiler | revision |\n|---|---|---|---|---|\n");
    for Recorded {
        folder,
        run,
        comparison,
    } in runs
    {
        let meta = &run.meta;
        page.push_str(&format!(
            "| [{folder}]({folder}/{PAGE}), [compare.md]({folder}/compare.md), \
             [{TABLES}]({folder}/{TABLES}) | {}, {} | {} | {} | {} |\n",
            page::code(&meta.command),
            page::code(&comparison.meta.command),
            page::text(&page::machine_line(meta)),
            page::text(&meta.rustc),
            page::revision(meta),
        ));
    }
    page
}
