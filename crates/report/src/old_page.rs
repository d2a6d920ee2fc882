//! Pieces of Markdown that more than one page is made of.

use crate::format::{self, Unit};
use crate::quantity::Quantity;
use crate::run::{Group, Meta};
use crate::table::{self, Entry, Row, Table};

/// The command that makes every derived file again.
pub(crate) const REFRESH: &str = "flagrace report --refresh";

/// What the cells of criterion's tables mean.
pub(crate) const HOW_TO_READ: [&str; 2] = [
    "Each cell: the median; its ratio to the baseline's median in the same row (below 1 is \
     faster, or less: 0.10x takes a tenth); and in brackets the 95 % confidence interval of the \
     median.",
    "criterion measures all of one engine and then all of the next, so that a drift of the machine \
     is in the ratio. `flagrace compare` measures in turns, and has verdicts.",
];

/// The mark of a generated page, for those who open it to edit it.
pub(crate) fn generated(from: &str) -> String {
    format!("<!-- Generated from {from} by `{REFRESH}`. Edits will be lost. -->\n")
}

/// The day of a run; the whole date where it is not of the right form.
pub(crate) fn day(meta: &Meta) -> &str {
    meta.day().unwrap_or(&meta.date)
}

/// The machine in one line.
pub(crate) fn machine_line(meta: &Meta) -> String {
    let gib = meta.memory_kib as f64 / f64::from(1 << 20);
    format!(
        "{}, {}, {gib:.1} GiB, {}, kernel {}",
        meta.cpu,
        plural(meta.cores, "core"),
        meta.os,
        meta.kernel,
    )
}

/// The revision, and whether it is all of the source.
pub(crate) fn revision(meta: &Meta) -> String {
    let short: String = meta.revision.chars().take(12).collect();
    let dirty = if meta.dirty {
        ", with uncommitted changes"
    } else {
        ""
    };
    format!("{}{dirty}", code(&short))
}

/// The machine, the source and the command as a table.
pub(crate) fn machine(meta: &Meta) -> String {
    let quick = if meta.quick {
        " (a quick run: too few samples for an interval)"
    } else {
        ""
    };
    let rows = [
        ("Command", format!("{}{quick}", code(&meta.command))),
        ("Date", text(&meta.date)),
        ("Machine", text(&machine_line(meta))),
        ("Server", text(&meta.server)),
        (
            "Source",
            format!(
                "version {}, revision {}",
                text(&meta.version),
                revision(meta)
            ),
        ),
        ("Lock file", code(&meta.lock_hash)),
        ("Compiler", text(&meta.rustc)),
    ];
    let mut page = "| | |\n|---|---|\n".to_owned();
    for (name, value) in rows {
        page.push_str(&format!("| {name} | {value} |\n"));
    }
    page
}

/// A group's table under a heading of the given level, with its note and caption.
pub(crate) fn table(group: &Group, level: &str) -> String {
    let table = table::build(group);
    let mut page = format!("{level} {}\n\n", text(&group.title));
    if !group.note.is_empty() {
        page.push_str(&format!("{}\n\n", group.note.trim()));
    }
    let mut heads = vec![(group.scenario_axis.as_str(), false)];
    heads.extend(table.engines.iter().map(|engine| (engine.as_str(), false)));
    let rows = table.rows.iter().map(|row| {
        let unit = row_unit(table.quantity, row);
        let cells = (row.cells.iter())
            .map(|cell| Some(cell_text(unit?, cell.as_ref()?)))
            .map(|cell| cell.unwrap_or_else(nothing));
        [text(&row.scenario)].into_iter().chain(cells).collect()
    });
    page.push_str(&grid(&heads, rows));
    page.push_str(&format!("\n{}\n", sample_note(&table)));
    page
}

/// A table. A head says whether its column holds words, which begin at the left.
pub(crate) fn grid(heads: &[(&str, bool)], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let names = heads.iter().map(|(name, _)| text(name)).collect();
    let sides = heads.iter().map(|(_, is_words)| match is_words {
        true => "---|",
        false => "---:|",
    });
    let (sides, rows): (String, String) = (sides.collect(), rows.map(line).collect());
    format!("{}|{sides}\n{rows}", line(names))
}

/// A cell with nothing to say.
pub(crate) fn nothing() -> String {
    "–".to_owned()
}

/// The unit that a row is printed in: that of its smallest median, so that its
/// cells can be compared by eye. A median of 0 is 0 in any unit, and only counts
/// where there is no other.
pub(crate) fn row_unit(quantity: Quantity, row: &Row) -> Option<Unit> {
    let medians = || (row.cells.iter().flatten()).map(|entry| entry.summary.median);
    let smallest = medians().filter(|median| *median > 0.0);
    let smallest = smallest.min_by(f64::total_cmp).or_else(|| medians().next());
    smallest.map(|median| format::unit_of(quantity, median))
}

/// The baseline, how many samples a cell has, and what its interval covers.
pub(crate) fn sample_note(table: &Table) -> String {
    let (Some(baseline), Some((fewest, most))) = (&table.baseline, table.sample_counts()) else {
        return "Nothing was measured.".to_owned();
    };
    let samples = if fewest == most {
        format!("{} a cell", plural(most, "sample"))
    } else {
        format!("{fewest} to {most} samples a cell")
    };
    let intervals = (table.entries()).map(|(_, _, entry)| entry.summary.interval);
    let least =
        (intervals.map(|interval| interval.map_or(0.0, |ends| ends.coverage))).fold(1.0, f64::min);
    let spread = if least > 0.0 {
        let least = format::percent(least);
        format!("the interval covers the median with at least {least}")
    } else {
        "with fewer than 6 there is no 95 % interval, and the brackets hold the smallest and the \
         largest"
            .to_owned()
    };
    format!("Baseline: {baseline}. {samples}; {spread}.")
}

fn cell_text(unit: Unit, entry: &Entry) -> String {
    let (median, spread) = format::amount(unit, entry.summary.median, entry.summary.spread());
    let ratio = entry
        .ratio
        .map(|ratio| format!(", {}", format::ratio(ratio)));
    format!("{median}{}<br>{spread}", ratio.unwrap_or_default())
}

/// A count and what is counted.
pub(crate) fn plural(count: usize, what: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {what}{s}")
}

/// "a", "a and b", "a, b and c".
pub(crate) fn join(words: &[String]) -> String {
    match words {
        [all @ .., last] if !all.is_empty() => format!("{} and {last}", all.join(", ")),
        _ => words.concat(),
    }
}

/// A text that neither ends a table's cell nor opens a tag or an emphasis.
pub(crate) fn text(raw: &str) -> String {
    let mut safe = String::with_capacity(raw.len());
    for character in raw.chars() {
        match character {
            '\n' | '\r' => safe.push(' '),
            '<' => safe.push_str("&lt;"),
            '|' | '*' | '`' | '[' | ']' | '\\' => safe.extend(['\\', character]),
            _ => safe.push(character),
        }
    }
    safe
}

/// A text as code within a line, also within a table's cell.
pub(crate) fn code(raw: &str) -> String {
    // A backtick cannot be escaped within code, and a bar ends a table's cell.
    let raw = raw.replace(['\n', '\r'], " ").replace('`', "'");
    format!("`{}`", raw.replace('|', "\\|"))
}

#[cfg(test)]
mod tests {
    use super::{code, text};

    #[test]
    fn a_text_stays_in_its_cell() {
        assert_eq!(text("a|b <i> *c*\nd"), "a\\|b &lt;i> \\*c\\* d");
        assert_eq!(code("a | `b`"), "`a \\| 'b'`");
    }
}
