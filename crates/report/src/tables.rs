//! A run as a document: [`short`] for an overview, [`full`] with every number.

use crate::analysis::{Analysis, Margins, Row, analyse};
use crate::data::Run;
use crate::document::{Block, Table};
use crate::metric::{self, METRICS};
use crate::{format, map, sentence};

/// The scenarios to show first: waiting alone, the model alone, the cost of a client, and all of it
/// together.
const FIRST: [&str; 4] = ["delay", "bare", "clients", "local"];

/// The maximum rows and notes of the short form: 40 lines in all on a terminal.
const ROWS: usize = 24;
const NOTES: usize = 3;

/// The analyses of a run but those of the map, which has a table of its own.
pub fn shown(run: &Run, margins: Margins) -> Vec<Analysis> {
    let mut analyses = analyse(run, margins);
    analyses.retain(|one| {
        let point = one.scenario.point.as_ref();
        point.is_none_or(|point| ![map::SERIES, "calibration"].contains(&&*point.series))
    });
    analyses
}

/// One table of the interleaved scenarios, the important notes, and the conclusion in a sentence:
/// the last block, where a terminal shows it.
pub fn short(run: &Run, margins: Margins) -> Vec<Block> {
    let analyses = shown(run, margins);
    if analyses.is_empty() {
        return map::table(run);
    }
    let mut judged: Vec<&Analysis> = (analyses.iter())
        .filter(|one| one.scenario.is_interleaved() && one.scenario.point.is_none())
        .collect();
    let place = |one: &&Analysis| FIRST.iter().position(|name| *name == one.scenario.name);
    judged.sort_by_key(|one| place(one).unwrap_or(FIRST.len()));
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut notes = Vec::new();
    for analysis in judged {
        let engines: Vec<&Row> = analysis.rows.iter().filter(|row| !row.control).collect();
        if !rows.is_empty() && rows.len() + 1 + engines.len() > ROWS {
            continue;
        }
        let scenario = &analysis.scenario;
        rows.push(vec![format!("{}: {}", scenario.name, scenario.title)]);
        rows.extend(engines.into_iter().map(first_look));
        let of = |note| format!("{}: {note}", scenario.name);
        notes.extend(sentence::notes(analysis).into_iter().map(of));
    }
    let mut blocks = match rows.is_empty() {
        true => sections(run, &analyses),
        false => vec![Block::Table(Table::new(&FIRST_LOOK, &[0, 3], rows))],
    };
    blocks.retain(|block| !matches!(block, Block::Details(..)));
    notes.truncate(NOTES);
    notes.push("All scenarios, numbers and notes: --details".to_owned());
    blocks.push(Block::List(notes));
    blocks.push(Block::Text(conclusion(&analyses)));
    blocks
}

/// One scenario as the table of the project's README, the baseline first.
pub fn headline(analysis: &Analysis) -> Table {
    let rows = analysis.rows.iter().filter(|row| !row.control);
    Table::new(&FIRST_LOOK, &[0, 3], rows.map(first_look).collect())
}

const FIRST_LOOK: [&str; 6] = ["engine", "time", "ratio", "verdict", "CPU", "memory"];

/// A row with the three numbers of an engine, and its time relative to the baseline.
fn first_look(row: &Row) -> Vec<String> {
    let (ratio, verdict) = ratio(row, metric::WALL);
    vec![
        row.engine.clone(),
        median(row, metric::WALL),
        ratio,
        verdict.to_owned(),
        median(row, metric::CPU),
        median(row, metric::MEMORY),
    ]
}

/// Every scenario with all its numbers, and how to read them.
pub fn full(run: &Run, margins: Margins) -> Vec<Block> {
    let analyses = shown(run, margins);
    let mut blocks = vec![
        Block::Text(conclusion(&analyses)),
        Block::List(sentence::about(&run.meta)),
    ];
    if analyses.iter().any(|one| one.scenario.is_interleaved()) {
        let how = vec![Block::List(sentence::how_to_read(margins, &analyses))];
        blocks.push(Block::Details("How to read the tables".to_owned(), how));
    }
    blocks.extend(sections(run, &analyses));
    blocks
}

/// The map's table, then a heading and tables for each scenario and each series.
fn sections(run: &Run, analyses: &[Analysis]) -> Vec<Block> {
    let mut blocks = map::table(run);
    if !blocks.is_empty() {
        blocks.insert(0, Block::Heading("The map, cell by cell".to_owned()));
    }
    for analysis in analyses {
        let Some(point) = &analysis.scenario.point else {
            blocks.push(Block::Heading(analysis.scenario.title.clone()));
            blocks.extend(scenario(analysis));
            continue;
        };
        let is_beside = |one: &&Analysis| {
            let other = one.scenario.point.as_ref();
            other.is_some_and(|other| other.series == point.series)
        };
        let points: Vec<&Analysis> = analyses.iter().filter(is_beside).collect();
        // The whole series takes the place of its first point.
        if !std::ptr::eq(points[0], analysis) {
            continue;
        }
        if analysis.scenario.is_interleaved() {
            let mut keys = vec![analysis.main_metric()];
            if analysis.scenario.workload.idle.is_some() {
                keys.extend([metric::P99, metric::MEMORY]);
            }
            for key in keys {
                let what = metric::label(key, &analysis.scenario);
                let (axis, series) = (&point.axis, &point.series);
                blocks.push(Block::Heading(format!("By {axis}: {what} ({series})")));
                blocks.push(Block::Table(series_table(&points, key)));
            }
            for one in points {
                let mut title = one.scenario.title.clone();
                if one.in_flight().is_some() {
                    title += &format!(" ({})", sentence::at_a_time(one));
                }
                blocks.push(Block::Details(title, scenario(one)));
            }
        } else {
            blocks.push(Block::Heading(analysis.scenario.title.clone()));
            blocks.push(Block::Text(sentence::caption(analysis)));
            blocks.push(Block::Table(series_table(&points, analysis.main_metric())));
        }
    }
    blocks
}

fn scenario(analysis: &Analysis) -> Vec<Block> {
    let mut blocks = vec![Block::Text(sentence::caption(analysis))];
    let main = analysis.main_metric();
    let has = |key: &&str| analysis.rows.iter().any(|row| row.median(key).is_some());
    let mut judged = vec![main, metric::CPU, metric::MEMORY];
    judged.extend(analysis.scenario.workload.idle.map(|_| metric::P99));
    judged.retain(has);
    let label = |key| metric::label(key, &analysis.scenario);
    let first = (analysis.scenario.workload.idle).map_or("engine", |_| "server");
    let mut heads = vec![first.to_owned()];
    heads.extend(judged.iter().flat_map(|key| [label(key), "ratio".into()]));
    let rows = analysis.rows.iter().map(|row| {
        let mut cells = vec![row.label()];
        for key in &judged {
            let number = match row.estimates.get(key) {
                Some(estimate) if *key == main => metric::with_interval(key, estimate),
                _ => median(row, key),
            };
            let (ratio, verdict) = ratio(row, key);
            cells.extend([number, format!("{verdict} {ratio}").trim_start().to_owned()]);
        }
        cells
    });
    let (words, rows) = (&[0], rows.collect());
    blocks.push(Block::Table(Table { heads, words, rows }));
    let mut others = METRICS.to_vec();
    others.retain(|one| !judged.contains(&one.key) && has(&one.key));
    if !others.is_empty() {
        let rows = others.iter().map(|one| {
            let medians = analysis.rows.iter().map(|row| median(row, one.key));
            [label(one.key)].into_iter().chain(medians).collect()
        });
        let mut heads = vec!["median".to_owned()];
        heads.extend(analysis.rows.iter().map(Row::label));
        let (words, rows) = (&[0], rows.collect());
        blocks.push(Block::Table(Table { heads, words, rows }));
    }
    let notes = sentence::notes(analysis);
    blocks.extend((!notes.is_empty()).then_some(Block::List(notes)));
    blocks
}

/// A series with a row per point and a column per engine: a metric and its ratio to the baseline.
fn series_table(points: &[&Analysis], key: &str) -> Table {
    let mut engines: Vec<&str> = Vec::new();
    for row in points.iter().flat_map(|point| &point.rows) {
        if !row.control && !engines.contains(&&*row.engine) {
            engines.push(&row.engine);
        }
    }
    let axis = points.iter().find_map(|one| one.scenario.point.as_ref());
    let mut heads = vec![axis.map_or("", |point| &point.axis)];
    heads.extend(&engines);
    let cell = |analysis: &Analysis, engine: &str| {
        let Some(row) = analysis.row(engine) else {
            return "–".to_owned();
        };
        let Some(ratio) = row.ratios.get(key) else {
            return median(row, key);
        };
        let (number, verdict) = (median(row, key), sentence::verdict(key, ratio.verdict));
        let text = format!("{number} {} {verdict}", format::ratio(ratio.median));
        text.trim_end().to_owned()
    };
    let rows = points.iter().map(|analysis| {
        let place = match (analysis.in_flight(), &analysis.scenario.point) {
            (None, Some(point)) => format::count(point.x),
            _ => sentence::at_a_time(analysis),
        };
        let cells = engines.iter().map(|engine| cell(analysis, engine));
        [place].into_iter().chain(cells).collect()
    });
    Table::new(&heads, &[], rows.collect())
}

/// The run's answer, or what can be said in its place.
pub fn conclusion(analyses: &[Analysis]) -> String {
    if let Some(answer) = sentence::answer(analyses).or_else(|| sentence::serving(analyses)) {
        return answer;
    }
    if analyses.is_empty() {
        return "Only the map was measured: where the model matters on this machine.".to_owned();
    }
    let Some(analysis) = analyses.iter().find(|one| one.scenario.is_interleaved()) else {
        return "Engines were measured one after another: ratios, but no verdict.".to_owned();
    };
    let (name, baseline) = (&analysis.scenario.name, analysis.scenario.baseline());
    match analysis.rows.iter().find(|row| row.engine != baseline) {
        Some(row) => {
            let took = sentence::took(analysis, row);
            format!("In {name}, {} {took}.", row.engine)
        }
        None => format!("In {name} only {baseline} was measured."),
    }
}

pub(crate) fn median(row: &Row, key: &str) -> String {
    let median = row.median(key);
    median.map_or("–".to_owned(), |median| metric::text(key, median))
}

/// The ratio to the baseline with its interval, and the verdict.
fn ratio(row: &Row, key: &str) -> (String, &'static str) {
    let Some(ratio) = row.ratios.get(key) else {
        return (String::new(), "");
    };
    let interval = (ratio.interval).map(|ends| format!(" {}", format::interval(ends)));
    let text = format::ratio(ratio.median) + &interval.unwrap_or_default();
    (text, sentence::verdict(key, ratio.verdict))
}
