//! Printers: a document as Markdown or for a terminal, a run as CSV or JSON.

use serde::Serialize;
use textwrap::core::display_width;

use crate::analysis::{Analysis, Margins, analyse};
use crate::data::{Meta, Run};
use crate::document::{Block, Cell, Table};
use crate::sentence;
use crate::stats::Interval;

/// The document as text of at most `width` columns, where words and tables allow it.
#[must_use]
pub fn terminal(blocks: &[Block], width: usize) -> String {
    let mut parts = Vec::new();
    for block in blocks {
        match block {
            Block::Heading(text) => parts.push(underlined(text, "=")),
            Block::Text(text) => parts.push(textwrap::fill(text, width)),
            Block::List(items) => {
                let options = textwrap::Options::new(width).subsequent_indent("  ");
                let item = |item| textwrap::fill(&format!("- {item}"), &options);
                parts.push(items.iter().map(item).collect::<Vec<_>>().join("\n"));
            }
            Block::Table(table) => parts.push(padded(table, width)),
            Block::Figure { .. } => {}
            Block::Details(title, blocks) => {
                parts.push(underlined(title, "-"));
                parts.push(terminal(blocks, width));
            }
        }
    }
    parts.join("\n\n")
}

fn underlined(title: &str, line: &str) -> String {
    format!("{title}\n{}", line.repeat(display_width(title)))
}

/// A table with its columns padded. Where it is too wide, the widest columns wrap.
fn padded(table: &Table, width: usize) -> String {
    let heads: Vec<String> = table.columns.iter().map(|one| one.head.clone()).collect();
    let texts = |row: &[Cell]| row.iter().map(|cell| cell.text.clone()).collect();
    let rows: Vec<Vec<String>> = table.rows.iter().map(|row| texts(row)).collect();
    let mut widths = vec![0; heads.len()];
    let mut narrowest = widths.clone();
    for row in rows.iter().filter(|row| row.len() > 1).chain([&heads]) {
        for (at, text) in row.iter().enumerate().take(heads.len()) {
            let word = text.split(' ').map(display_width).max().unwrap_or(0);
            widths[at] = widths[at].max(display_width(text));
            narrowest[at] = narrowest[at].max(word);
        }
    }
    let room = width.saturating_sub(2 * widths.len().saturating_sub(1));
    while widths.iter().sum::<usize>() > room {
        let can = (0..widths.len()).filter(|at| widths[*at] > narrowest[*at]);
        match can.max_by_key(|at| widths[*at]) {
            Some(widest) => widths[widest] -= 1,
            None => break,
        }
    }
    let line = |cells: &[String]| {
        let wrapped: Vec<Vec<_>> = (cells.iter().zip(&widths))
            .map(|(cell, width)| textwrap::wrap(cell, *width))
            .collect();
        let height = wrapped.iter().map(Vec::len).max().unwrap_or(1);
        let lines = (0..height).map(|at| {
            let mut line = String::new();
            for ((lines, width), column) in wrapped.iter().zip(&widths).zip(&table.columns) {
                let text = lines.get(at).map_or("", |text| &**text);
                let padding = " ".repeat(width.saturating_sub(display_width(text)));
                line += &if column.words {
                    format!("{text}{padding}  ")
                } else {
                    format!("{padding}{text}  ")
                };
            }
            line.trim_end().to_owned()
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    let mut lines = vec![line(&heads), rule.join("  ")];
    for row in &rows {
        lines.push(match &row[..] {
            [section] => textwrap::fill(section, width),
            cells => line(cells),
        });
    }
    lines.join("\n")
}

/// The document as Markdown for a forge. Headings are of the second level.
#[must_use]
pub fn markdown(blocks: &[Block]) -> String {
    let mut page = String::new();
    for block in blocks {
        if !page.is_empty() {
            page.push('\n');
        }
        match block {
            Block::Heading(text) => page += &format!("## {}\n", escaped(text)),
            Block::Text(text) => page += &format!("{}\n", escaped(text)),
            Block::List(items) => {
                for item in items {
                    page += &format!("- {}\n", escaped(item));
                }
            }
            Block::Table(table) => page += &piped(table),
            Block::Figure { alt, file, .. } => page += &format!("![{}]({file})\n", escaped(alt)),
            Block::Details(title, blocks) => {
                let (title, inner) = (escaped(title), markdown(blocks));
                page += &format!("<details>\n<summary>{title}</summary>\n\n{inner}\n</details>\n");
            }
        }
    }
    page
}

fn piped(table: &Table) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let heads = table.columns.iter().map(|column| escaped(&column.head));
    let aligned = table.columns.iter().map(|column| match column.words {
        true => "---".to_owned(),
        false => "---:".to_owned(),
    });
    let mut text = line(heads.collect()) + &line(aligned.collect());
    for row in &table.rows {
        let mut cells: Vec<String> = row.iter().map(|cell| escaped(&cell.text)).collect();
        if let [section] = &mut cells[..] {
            *section = format!("**{section}**");
            cells.resize(table.columns.len(), String::new());
        }
        text += &line(cells);
    }
    text
}

/// Text that Markdown shows as it is. Titles may hold `code`; between words `_` means nothing.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | '*' | '<' | '|' | '#' => escaped.extend(['\\', letter]),
            '\n' | '\r' => escaped.push(' '),
            _ => escaped.push(letter),
        }
    }
    escaped
}

/// The columns of [`csv()`].
const COLUMNS: &str = "scenario engine control metric n median low high ratio ratio_low \
                       ratio_high verdict";

/// The run's numbers as CSV: a row for each scenario, engine and metric, in seconds and bytes.
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
    #[derive(Serialize)]
    struct Document<'a> {
        meta: &'a Meta,
        scenarios: Vec<Analysis>,
    }
    let scenarios = analyse(run, margins);
    let meta = &run.meta;
    Ok(serde_json::to_string_pretty(&Document { meta, scenarios })?
        + "
")
}
