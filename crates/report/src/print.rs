//! Printers: a document as Markdown or for a terminal, a run as CSV or JSON.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement};
use serde_json::json;
use textwrap::core::display_width;

use crate::analysis::{Margins, analyse};
use crate::data::Run;
use crate::document::{Block, Table};
use crate::sentence;
use crate::stats::Interval;

/// The document as text of at most `width` columns, if words and tables allow it.
pub fn terminal(blocks: &[Block], width: usize) -> String {
    let part = |block: &Block| match block {
        Block::Heading(text) => underlined(text, "="),
        Block::Text(text) => textwrap::fill(text, width),
        Block::List(items) => {
            let options = textwrap::Options::new(width).subsequent_indent("  ");
            let item = |item| textwrap::fill(&format!("- {item}"), &options);
            items.iter().map(item).collect::<Vec<_>>().join("\n")
        }
        Block::Table(table) => padded(table, width),
        Block::Figure(_) => String::new(),
        Block::Details(title, blocks) => underlined(title, "-") + "\n\n" + &terminal(blocks, width),
    };
    let shown = blocks.iter().filter(|one| !matches!(one, Block::Figure(_)));
    let parts: Vec<String> = shown.map(part).collect();
    clean(&parts.join("\n\n"))
}

/// Text without control characters but line breaks: terminals obey them, and XML forbids them.
pub fn clean(text: &str) -> String {
    let is_bad = |c: char| c.is_control() && c != '\n' || "\u{fffe}\u{ffff}".contains(c);
    text.replace(is_bad, "\u{fffd}")
}

fn underlined(title: &str, line: &str) -> String {
    format!("{title}\n{}", line.repeat(display_width(title)))
}

/// A placeholder for a row with a single cell, which takes the whole width.
const SECTION: &str = "\u{b6}";

/// A table with padded columns. If it is too wide, the widest columns wrap.
fn padded(table: &Table, width: usize) -> String {
    let mut grid = comfy_table::Table::new();
    grid.load_style(NOTHING).set_header(&table.heads);
    grid.set_content_arrangement(ContentArrangement::Dynamic);
    // The last column needs no padding.
    grid.set_width((width + 2).try_into().unwrap_or(u16::MAX));
    grid.add_rows(table.rows.iter().map(|row| match &row[..] {
        [_] => vec![SECTION.to_owned()],
        cells => cells.to_vec(),
    }));
    for (at, column) in grid.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if !table.words.contains(&at) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut sections = table.rows.iter().filter(|row| row.len() == 1).flatten();
    let lines = grid.lines().map(|line| match line.trim() {
        SECTION => textwrap::fill(sections.next().map_or("", String::as_str), width),
        _ => line.trim_end().to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The document as Markdown, with headings of the second level.
pub fn markdown(blocks: &[Block]) -> String {
    let item = |item: &String| format!("- {}\n", escaped(item));
    let part = |block: &Block| match block {
        Block::Heading(text) => format!("## {}\n", escaped(text)),
        Block::Text(text) => escaped(text) + "\n",
        Block::List(items) => items.iter().map(item).collect(),
        Block::Table(table) => piped(table),
        Block::Figure(one) => format!("![{}]({})\n", escaped(&one.alt), one.file),
        Block::Details(title, blocks) => {
            let (title, inner) = (escaped(title), markdown(blocks));
            format!("<details>\n<summary>{title}</summary>\n\n{inner}\n</details>\n")
        }
    };
    blocks.iter().map(part).collect::<Vec<_>>().join("\n")
}

fn piped(table: &Table) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let escaped = |row: &[String]| row.iter().map(|cell| escaped(cell)).collect();
    let aligned = (0..table.heads.len()).map(|at| match table.words.contains(&at) {
        true => "---".to_owned(),
        false => "---:".to_owned(),
    });
    let mut text = line(escaped(&table.heads)) + &line(aligned.collect());
    for row in &table.rows {
        let mut cells: Vec<String> = escaped(row);
        if let [section] = &mut cells[..] {
            *section = format!("**{section}**");
            cells.resize(table.heads.len(), String::new());
        }
        text += &line(cells);
    }
    text
}

/// Escapes text for Markdown. Titles may contain `code`; `_` within words has no meaning.
fn escaped(text: &str) -> String {
    let mut escaped = clean(text).replace('\n', " ");
    for special in ["\\", "*", "|", "#"] {
        escaped = escaped.replace(special, &format!("\\{special}"));
    }
    // In a summary, which is HTML, a backslash would not escape it.
    escaped.replace('<', "&lt;")
}

const COLUMNS: &str = "scenario engine control metric n median low high ratio ratio_low \
                       ratio_high verdict";

/// The run's numbers as CSV: a row per scenario, engine and metric, in seconds and bytes.
pub fn csv(run: &Run, margins: Margins) -> anyhow::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS.split(' '))?;
    let ends = |interval: Interval| (interval.low, interval.high);
    for analysis in analyse(run, margins) {
        for row in &analysis.rows {
            for (key, estimate) in &row.estimates {
                let ratio = row.ratios.get(key);
                let (low, high) = estimate.interval.map(ends).unzip();
                let (ratio_low, ratio_high) = ratio.and_then(|it| it.interval).map(ends).unzip();
                writer.serialize((
                    (&analysis.scenario.name, &row.engine, row.control, key),
                    (estimate.n, estimate.median, low, high),
                    (ratio.map(|it| it.median), ratio_low, ratio_high),
                    ratio.map(|it| sentence::verdict(key, it.verdict)),
                ))?;
            }
        }
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// The run's analysis as one JSON document, in seconds and bytes.
pub fn json(run: &Run, margins: Margins) -> anyhow::Result<String> {
    let document = json!({ "meta": run.meta, "scenarios": analyse(run, margins) });
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}
