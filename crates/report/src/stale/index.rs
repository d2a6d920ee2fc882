//! `results/README.md`: the recorded runs, newest first.

use super::Recorded;
use crate::comparison;
use crate::folder;
use crate::page;

/// The page.
pub(super) fn page(runs: &[Recorded]) -> String {
    let compared = runs.iter().any(|one| one.comparison.is_some());
    let (from, what, who) = if compared {
        (
            format!("*/{} and */{}", folder::RAW, comparison::FILE),
            "every sample in `raw.json`, every trial in `compare.jsonl`, and the tables and \
             plots made from them",
            "`flagrace compare` and `cargo bench` write",
        )
    } else {
        (
            format!("*/{}", folder::RAW),
            "every sample in `raw.json`, and the tables and plots made from it",
            "`cargo bench` writes",
        )
    };
    let mut page = format!(
        "# Recorded runs\n\n{}\n\
         Each folder holds one run: {what}. A recorded run is never changed; `scripts/record` \
         adds one from `latest/`, which {who} and which is not committed.\n\n",
        page::generated(&from),
    );
    if runs.is_empty() {
        page.push_str("No run is recorded yet.\n");
        return page;
    }
    page.push_str("| run | command | machine | compiler | revision |\n|---|---|---|---|---|\n");
    for one in runs {
        let meta = &one.meta;
        page.push_str(&format!(
            "| {} | {} | {} | {} | {} |\n",
            links(one),
            commands(one),
            page::machine_line(meta),
            page::text(&meta.rustc),
            page::revision(meta),
        ));
    }
    page
}

/// The run by its name, as a link to what shows the most of it, and what else it has.
fn links(one: &Recorded) -> String {
    let folder = &one.folder;
    let mut files = Vec::new();
    if one.comparison.is_some() {
        files.extend(comparison::PAGE);
        files.push("compare.md");
    }
    if one.run.is_some() {
        files.push("tables.md");
    }
    let mut links = files.iter().map(|file| format!("({folder}/{file})"));
    let first = links.next().unwrap_or_default();
    let others = files.iter().skip(1).zip(links);
    let others: String = others
        .map(|(file, link)| format!(", [{file}]{link}"))
        .collect();
    format!("[{folder}]{first}{others}")
}

/// What made it: one command, or two.
fn commands(one: &Recorded) -> String {
    let run = one.run.as_ref().map(|run| &run.meta.command);
    let comparison = one
        .comparison
        .as_ref()
        .map(|comparison| &comparison.meta.command);
    let commands: Vec<String> = run
        .into_iter()
        .chain(comparison)
        .map(|c| page::code(c))
        .collect();
    commands.join(", ")
}
