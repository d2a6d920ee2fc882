//! All tables of a run on one page, with the machine and the command at its top.

use super::Exporter;
use crate::error::Error;
use crate::page;
use crate::run::Run;

/// The page `tables.md`.
#[derive(Debug, Clone, Copy)]
pub struct Markdown;

impl Exporter for Markdown {
    fn export(&self, run: &Run) -> Result<Option<String>, Error> {
        let mut parts = vec![
            format!(
                "# Run of {} on {}\n",
                page::day(&run.meta),
                page::text(&run.meta.host)
            ),
            page::generated("raw.json"),
            page::machine(&run.meta),
            "[CSV](tables.csv), [JSON](tables.json), [every sample](raw.json).\n".to_owned(),
            page::how_to_read(run.groups.iter()),
        ];
        for group in &run.groups {
            parts.push(page::table(group, "##"));
        }
        Ok(Some(parts.join("\n")))
    }
}
