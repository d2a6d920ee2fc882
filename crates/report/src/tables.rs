//! A run as documents: [`short`] for a first look, [`full`] with every number.

use std::collections::BTreeMap;

use crate::analysis::{Analysis, Margins, Row, analyse};
use crate::data::Run;
use crate::document::{Block, Cell, Column, Table};
use crate::format;
use crate::metric::{self, METRICS};
use crate::sentence;

/// The scenarios that are shown first: where only waiting counts, the model alone, what a client
/// costs, and all of it together.
const FIRST: [&str; 4] = ["delay", "bare", "clients", "local"];

/// The most rows of the short table, and the most notes below it: 40 lines in all on a terminal.
const ROWS: usize = 24;
const NOTES: usize = 3;

/// The conclusion in a sentence, one table of the interleaved scenarios, and the notes that
/// matter.
#[must_use]
pub fn short(run: &Run, margins: Margins) -> Vec<Block> {
    let analyses = analyse(run, margins);
    let mut judged: Vec<&Analysis> = (analyses.iter())
        .filter(|one| one.scenario.is_interleaved() && one.scenario.point.is_none())
        .collect();
    let place = |one: &&Analysis| FIRST.iter().position(|name| *name == one.scenario.name);
    judged.sort_by_key(|one| place(one).unwrap_or(FIRST.len()));
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    let mut notes = Vec::new();
    let mut shown = 0;
    for analysis in judged {
        let engines: Vec<&Row> = analysis.rows.iter().filter(|row| !row.control).collect();
        if shown > 0 && rows.len() + 1 + engines.len() > ROWS {
            continue;
        }
        shown += 1;
        let scenario = &analysis.scenario;
        rows.push(vec![words(&format!(
            "{}: {}",
            scenario.name, scenario.title
        ))]);
        rows.extend(engines.into_iter().map(first_look));
        let of = |note| format!("{}: {note}", scenario.name);
        notes.extend(sentence::notes(analysis).into_iter().map(of));
    }
    let mut blocks = vec![Block::Text(conclusion(&analyses))];
    if shown == 0 {
        let table = |block: &Block| !matches!(block, Block::Details(..));
        blocks.extend(sections(&analyses).into_iter().filter(table));
        return blocks;
    }
    blocks.push(Block::Table(table(&FIRST_LOOK, &[0, 3], rows)));
    let hidden = notes.len() > NOTES;
    notes.truncate(NOTES);
    match analyses.len() - shown {
        0 if hidden => notes.push("More notes: --details".to_owned()),
        0 => {}
        more => notes.push(format!("{more} more scenarios: --details")),
    }
    if !notes.is_empty() {
        blocks.push(Block::List(notes));
    }
    blocks
}

/// One scenario as the table of the project's README: five columns, the baseline first.
#[must_use]
pub fn headline(analysis: &Analysis) -> Table {
    let [engine, time, _, verdict, cpu, memory] = FIRST_LOOK;
    let rows = analysis.rows.iter().filter(|row| !row.control).map(|row| {
        let mut cells = first_look(row);
        let ratio = cells.remove(2).text;
        if !ratio.is_empty() {
            cells[2].text = format!("{} ({ratio})", cells[2].text);
        }
        cells
    });
    let heads = [engine, time, verdict, cpu, memory];
    table(&heads, &[0, 2], rows.collect())
}

/// The heads of [`first_look`].
const FIRST_LOOK: [&str; 6] = ["engine", "time", "ratio", "verdict", "CPU", "memory"];

/// A row with the three numbers of an engine, and what its time is beside the baseline's.
fn first_look(row: &Row) -> Vec<Cell> {
    let (ratio, verdict) = ratio(row, metric::WALL);
    vec![
        words(&row.engine),
        median(row, metric::WALL),
        ratio,
        words(verdict),
        median(row, metric::CPU),
        median(row, metric::MEMORY),
    ]
}

/// Every scenario with all its numbers, and how to read them.
#[must_use]
pub fn full(run: &Run, margins: Margins) -> Vec<Block> {
    let analyses = analyse(run, margins);
    let mut blocks = vec![
        Block::Text(conclusion(&analyses)),
        Block::List(sentence::about(&run.meta)),
    ];
    if analyses.iter().any(|one| one.scenario.is_interleaved()) {
        blocks.push(Block::Details(
            "How to read the tables".to_owned(),
            vec![Block::List(sentence::how_to_read(margins))],
        ));
    }
    blocks.extend(sections(&analyses));
    blocks
}

/// A heading and tables for each scenario and each series.
fn sections(analyses: &[Analysis]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut series: BTreeMap<&str, Vec<&Analysis>> = BTreeMap::new();
    for analysis in analyses {
        if let Some(point) = &analysis.scenario.point {
            series.entry(&point.series).or_default().push(analysis);
        }
    }
    for analysis in analyses {
        let Some(point) = &analysis.scenario.point else {
            blocks.push(Block::Heading(analysis.scenario.title.clone()));
            blocks.extend(scenario(analysis));
            continue;
        };
        // The whole series stands where its first point was measured.
        let Some(points) = series.remove(&*point.series) else {
            continue;
        };
        if analysis.scenario.is_interleaved() {
            blocks.push(Block::Heading(format!("By {}", point.axis)));
            blocks.push(Block::Table(series_table(&points)));
            blocks.extend(
                (points.into_iter())
                    .map(|point| Block::Details(point.scenario.title.clone(), scenario(point))),
            );
        } else {
            blocks.push(Block::Heading(analysis.scenario.title.clone()));
            blocks.push(Block::Text(sentence::caption(analysis)));
            blocks.push(Block::Table(series_table(&points)));
        }
    }
    blocks
}

/// The scenario's caption, its tables and its notes.
#[must_use]
pub fn scenario(analysis: &Analysis) -> Vec<Block> {
    let mut blocks = vec![Block::Text(sentence::caption(analysis))];
    let main = analysis.main_metric();
    let has = |key: &&str| analysis.rows.iter().any(|row| row.median(key).is_some());
    let judged: Vec<&str> = [main, metric::CPU, metric::MEMORY]
        .into_iter()
        .filter(has)
        .collect();
    let mut heads = vec!["engine"];
    for key in &judged {
        heads.extend([metric::label(key), "ratio"]);
    }
    let rows = analysis.rows.iter().map(|row| {
        let mut cells = vec![words(&row.label())];
        for key in &judged {
            let mut number = median(row, key);
            if let (true, Some(estimate)) = (*key == main, row.estimates.get(key)) {
                number.text = metric::with_interval(key, estimate);
            }
            let (mut ratio, verdict) = ratio(row, key);
            ratio.text = format!("{verdict} {}", ratio.text).trim_start().to_owned();
            cells.extend([number, ratio]);
        }
        cells
    });
    blocks.push(Block::Table(table(&heads, &[0], rows.collect())));
    let others = (METRICS.iter()).filter(|one| !judged.contains(&one.key) && has(&one.key));
    let rows: Vec<Vec<Cell>> = others
        .map(|one| {
            let medians = analysis.rows.iter().map(|row| median(row, one.key));
            [words(one.label)].into_iter().chain(medians).collect()
        })
        .collect();
    if !rows.is_empty() {
        let labels: Vec<String> = analysis.rows.iter().map(Row::label).collect();
        let mut heads = vec!["median"];
        heads.extend(labels.iter().map(String::as_str));
        blocks.push(Block::Table(table(&heads, &[0], rows)));
    }
    let notes = sentence::notes(analysis);
    if !notes.is_empty() {
        blocks.push(Block::List(notes));
    }
    blocks
}

/// The points of a series down, the engines across: the time and its ratio to the baseline.
fn series_table(points: &[&Analysis]) -> Table {
    let mut engines: Vec<&str> = Vec::new();
    for row in points.iter().flat_map(|point| &point.rows) {
        if !row.control && !engines.contains(&&*row.engine) {
            engines.push(&row.engine);
        }
    }
    let mut heads = vec![""];
    heads.extend(&engines);
    let mut rows = Vec::new();
    for analysis in points {
        let Some(point) = &analysis.scenario.point else {
            continue;
        };
        heads[0] = &point.axis;
        let mut cells = vec![Cell {
            text: format::count(point.x),
            value: Some(point.x),
        }];
        cells.extend(engines.iter().map(|engine| {
            let key = analysis.main_metric();
            let Some(row) = analysis.row(engine) else {
                return words("–");
            };
            let mut cell = median(row, key);
            if let Some(ratio) = row.ratios.get(key) {
                let (number, verdict) = (format::ratio(ratio.median), ratio.verdict);
                cell.text += &format!(" {number} {}", sentence::verdict(key, verdict));
                cell.text.truncate(cell.text.trim_end().len());
            }
            cell
        }));
        rows.push(cells);
    }
    table(&heads, &[], rows)
}

/// The run's answer, or what can be said in its place.
pub(crate) fn conclusion(analyses: &[Analysis]) -> String {
    if let Some(answer) = sentence::answer(analyses) {
        return answer;
    }
    let Some(analysis) = analyses.iter().find(|one| one.scenario.is_interleaved()) else {
        return "Engines were measured one after another: ratios, but no verdict.".to_owned();
    };
    let (name, baseline) = (&analysis.scenario.name, analysis.scenario.baseline());
    match analysis.rows.iter().find(|row| row.engine != baseline) {
        Some(row) => format!(
            "In {name}, {} {}.",
            row.engine,
            sentence::took(analysis, row)
        ),
        None => format!("In {name} only {baseline} was measured."),
    }
}

/// A table of which these columns hold words.
fn table(heads: &[&str], words: &[usize], rows: Vec<Vec<Cell>>) -> Table {
    let column = |(at, head): (usize, &&str)| Column {
        head: (*head).to_owned(),
        words: words.contains(&at),
    };
    Table {
        columns: heads.iter().enumerate().map(column).collect(),
        rows,
    }
}

fn words(text: &str) -> Cell {
    Cell {
        text: text.to_owned(),
        value: None,
    }
}

fn median(row: &Row, key: &str) -> Cell {
    let value = row.median(key);
    Cell {
        text: value.map_or("–".to_owned(), |value| metric::text(key, value)),
        value,
    }
}

/// The ratio to the baseline with its interval, and the verdict.
fn ratio(row: &Row, key: &str) -> (Cell, &'static str) {
    let Some(ratio) = row.ratios.get(key) else {
        return (words(""), "");
    };
    let mut text = format::ratio(ratio.median);
    if let Some(interval) = ratio.interval {
        text += &format!(" {}", format::interval(interval.low, interval.high));
    }
    let value = Some(ratio.median);
    (Cell { text, value }, sentence::verdict(key, ratio.verdict))
}
