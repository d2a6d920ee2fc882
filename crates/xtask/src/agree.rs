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

/// What two runs say of the same ratios.
pub struct Agreement {
    /// A summary, and each ratio whose verdict or interval differs.
    pub text: String,
    /// Whether a verdict is reversed.
    pub reversed: bool,
}

/// Compares the verdicts of two folders' comparisons.
pub fn agree(first: &Path, second: &Path) -> anyhow::Result<Agreement> {
    let read = |folder: &Path| Run::read(&folder.join(FILES[0].0));
    let [first, second] =
        [read(first)?, read(second)?].map(|run| analyse(&run, Margins::default()));
    let (mut all, mut overlapping, mut same, mut reversed) = (0, 0, 0, 0);
    let mut lines = String::new();
    for analysis in &first {
        let name = &analysis.scenario.name;
        let other = second.iter().find(|other| other.scenario.name == *name);
        for row in analysis.rows.iter().filter(|row| !row.control) {
            for (key, one) in &row.ratios {
                let other = other.and_then(|other| other.row(&row.engine)?.ratios.get(key));
                let Some((other, (here, there))) =
                    other.and_then(|other| Some((other, one.interval.zip(other.interval)?)))
                else {
                    continue;
                };
                let words = |ratio: &Ratio| sentence::verdict(key, ratio.verdict);
                let overlaps = here.low <= there.high && there.low <= here.high;
                let agree = words(one) == words(other);
                all += 1;
                overlapping += usize::from(overlaps);
                same += usize::from(agree);
                reversed += usize::from(matches!(
                    (one.verdict, other.verdict),
                    (Verdict::Less, Verdict::More) | (Verdict::More, Verdict::Less)
                ));
                if !(overlaps && agree) {
                    let shown = [(one, here), (other, there)].map(|(ratio, interval)| {
                        let (low, high) = (interval.low, interval.high);
                        format!("{} {:.3} [{low:.3}, {high:.3}]", words(ratio), ratio.median)
                    });
                    lines += &format!("  {name}, {}, {key}: {}\n", row.engine, shown.join("; "));
                }
            }
        }
    }
    ensure!(all > 0, "the runs have no ratio in common");
    let text = format!(
        "{all} ratios in both runs: {overlapping} intervals overlap, {same} verdicts are the same, \
         {reversed} are reversed.\n{lines}"
    );
    Ok(Agreement {
        text,
        reversed: reversed > 0,
    })
}
