//! One line for each cell, for spreadsheets and `grep`.

use super::Exporter;
use crate::error::Error;
use crate::format;
use crate::run::Run;
use crate::table;

/// Comma-separated values as in RFC 4180, but with bare line feeds. The column `unit`
/// is that of the amounts to its right, `s` or `B`; the interval's fields are empty where
/// there is none.
#[derive(Debug, Clone, Copy)]
pub struct Csv;

const HEADER: &str = "group,scenario,engine,n,unit,median,ci_low,ci_high,ci_coverage,\
                      min,max,ratio,ratio_baseline,mark\n";

impl Exporter for Csv {
    fn export(&self, run: &Run) -> Result<Option<String>, Error> {
        let mut text = HEADER.to_owned();
        for group in &run.groups {
            let table = table::build(group);
            let baseline = table.baseline.as_deref().unwrap_or_default();
            for (row, engine, entry) in table.entries() {
                let summary = entry.summary;
                let number = |amount| format::number(group.quantity, amount);
                let or_empty = |number: Option<String>| number.unwrap_or_default();
                let fields = [
                    field(&group.name),
                    field(&row.scenario),
                    field(engine),
                    summary.n.to_string(),
                    group.quantity.unit().to_owned(),
                    number(summary.median),
                    or_empty(summary.interval.map(|i| number(i.low))),
                    or_empty(summary.interval.map(|i| number(i.high))),
                    or_empty(summary.interval.map(|i| format!("{:.6}", i.coverage))),
                    number(summary.min),
                    number(summary.max),
                    or_empty(entry.ratio.map(|ratio| format!("{ratio:.6}"))),
                    field(baseline),
                    entry.mark.word(group.quantity).to_owned(),
                ];
                text.push_str(&fields.join(","));
                text.push('\n');
            }
        }
        Ok(Some(text))
    }
}

/// A text as a field: in quotation marks where it would otherwise be more than one.
pub(crate) fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn a_field_is_quoted_only_where_it_must_be() {
        assert_eq!(field("rayon-default"), "rayon-default");
        assert_eq!(field("a,b"), "\"a,b\"");
        assert_eq!(field("say \"x\""), "\"say \"\"x\"\"\"");
        assert_eq!(field("two\nlines"), "\"two\nlines\"");
    }
}
