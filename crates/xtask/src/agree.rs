//! Whether two recorded runs give the same verdicts.
//!
//! A verdict near the edge moves between equal, undecided and a difference now and then. From
//! faster to slower it never does, unless something is wrong.

use std::path::Path;

use anyhow::ensure;
use flagrace_report::analysis::{Margins, Ratio, Verdict, analyse};
use flagrace_report::data::Run;
use flagrace_report::sentence;

use crate::refresh::FILES;

/// Compares the verdicts of two folders' comparisons: a summary with each verdict that differs,
/// and whether none is reversed.
pub fn agree(first: &Path, second: &Path) -> anyhow::Result<(String, bool)> {
    let read = |folder: &Path| Run::read(&folder.join(FILES[0].0));
    let [first, second] =
        [read(first)?, read(second)?].map(|run| analyse(&run, Margins::default()));
    let (mut all, mut same, mut reversed) = (0, 0, 0);
    let mut lines = String::new();
    for analysis in &first {
        let name = &analysis.scenario.name;
        let other = second.iter().find(|other| other.scenario.name == *name);
        for row in analysis.rows.iter().filter(|row| !row.control) {
            for (key, one) in &row.ratios {
                let Some(other) = other.and_then(|other| other.row(&row.engine)?.ratios.get(key))
                else {
                    continue;
                };
                all += 1;
                let words = |ratio: &Ratio| sentence::verdict(key, ratio.verdict);
                if words(one) == words(other) {
                    same += 1;
                    continue;
                }
                let differ = [Verdict::Less, Verdict::More];
                reversed +=
                    usize::from([one, other].iter().all(|one| differ.contains(&one.verdict)));
                let [here, there] =
                    [one, other].map(|one| format!("{:.3}, {}", one.median, words(one)));
                lines += &format!("  {name}, {}, {key}: {here}; {there}\n", row.engine);
            }
        }
    }
    ensure!(all > 0, "the runs have no ratio in common");
    let text = format!("Of {all} verdicts {same} are the same, {reversed} are reversed.\n{lines}");
    Ok((text, reversed == 0))
}
