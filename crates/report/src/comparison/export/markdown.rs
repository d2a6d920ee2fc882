//! The tables of a comparison as a page, and the part of it that the README shows.

use crate::comparison::columns::{Column, TOOK, USED, WENT};
use crate::comparison::metric::Metric;
use crate::comparison::raw::Comparison;
use crate::comparison::rows::{Row, Table};
use crate::comparison::scaling::{Curves, Of, PANELS};
use crate::comparison::{Findings, words};
use crate::format;
use crate::old_page as page;
use crate::quantity::Quantity;

/// All tables, with the machine and the command above them.
#[must_use]
pub fn markdown(comparison: &Comparison, findings: &Findings) -> String {
    let meta = &comparison.meta;
    let tables: Vec<&Table> = findings.tables.iter().collect();
    let mut parts = vec![
        format!(
            "# Comparison of {} on {}\n",
            page::day(meta),
            page::text(&meta.host)
        ),
        page::machine(meta),
        format!("{}{}", how_to_read(&tables), list(&words::other_columns())),
    ];
    let (members, single): (Vec<&Table>, Vec<&Table>) = tables
        .iter()
        .partition(|table| table.scenario.family.is_some());
    for table in single {
        parts.push(scenario(table, "##"));
    }
    for curves in &findings.families {
        parts.push(family(curves));
        let of = |table: &&&Table| {
            let family = table.scenario.family.as_ref();
            family.is_some_and(|family| family.name == curves.family)
        };
        for table in members.iter().filter(of) {
            parts.push(scenario(table, "###"));
        }
    }
    parts.join("\n")
}

/// How to read the tables, as a list.
fn how_to_read(tables: &[&Table]) -> String {
    list(&words::how_to_read(tables))
}

fn list(sentences: &[String]) -> String {
    let line = |sentence: &String| format!("- {}\n", page::text(sentence));
    sentences.iter().map(line).collect()
}

/// The first tables of these scenarios, with how to read them: what the README shows.
pub(crate) fn headline(tables: &[&Table], level: &str) -> String {
    let mut page = how_to_read(tables);
    for table in tables {
        page.push_str(&format!("\n{}", took(table, level)));
    }
    page
}

fn scenario(table: &Table, level: &str) -> String {
    let [went, used] = [&WENT[..], &USED].map(|columns| grid(table, columns));
    format!("{}\n{went}\n{used}", took(table, level))
}

fn took(table: &Table, level: &str) -> String {
    let mut page = format!(
        "{level} {}\n\n`{}`: {}\n\n{}",
        page::text(&table.scenario.title),
        table.scenario.name,
        page::text(&words::caption(table)),
        grid(table, &TOOK),
    );
    let notes = words::notes(table);
    if !notes.is_empty() {
        page.push('\n');
    }
    page.push_str(&list(&notes));
    page
}

fn grid(table: &Table, columns: &[Column]) -> String {
    let heads: Vec<(&str, bool)> = (columns.iter())
        .map(|column| (column.head(), column.is_words()))
        .collect();
    let cells = |row| columns.iter().map(move |column| cell(table, row, *column));
    page::grid(&heads, table.rows.iter().map(|row| cells(row).collect()))
}

fn cell(table: &Table, row: &Row, column: Column) -> String {
    let Some(text) = column.text(table, row) else {
        return page::nothing();
    };
    // Nothing else stands in the row of an engine that failed outright.
    if let (Column::Verdict, None, Some(failure)) =
        (column, row.figure(Metric::Wall), row.failures.first())
    {
        return page::text(&words::failed(row, failure));
    }
    let main = page::text(&text.main);
    match text.spread {
        Some(spread) => format!("{main}<br>{spread}"),
        None => main,
    }
}

fn family(curves: &Curves) -> String {
    let mut page = format!(
        "## The family `{}`: by {}\n\n",
        curves.family,
        page::text(&curves.axis)
    );
    page.push_str(&list(&curves.sentences()));
    for (title, quantity, of) in PANELS {
        let panel = panel(curves, title, quantity, of);
        page.push_str(&format!("\n{title}:\n\n{panel}"));
    }
    page
}

fn panel(curves: &Curves, title: &str, quantity: Quantity, of: Of) -> String {
    let with_ideal = title.starts_with("Wall") && !curves.ideal.is_empty();
    let engines = curves.curves.iter().map(|curve| curve.engine.as_str());
    let ideal = with_ideal.then_some("the ideal");
    let heads = [curves.axis.as_str()]
        .into_iter()
        .chain(ideal)
        .chain(engines);
    let heads: Vec<(&str, bool)> = heads.map(|head| (head, false)).collect();
    let own = |amount| format::short(format::unit_of(quantity, amount), amount);
    let row = |x: &f64| {
        let mut row = vec![format::thousands(*x)];
        if with_ideal {
            let ideal = curves.ideal.iter().find(|(at, _)| at == x);
            row.push(ideal.map_or_else(page::nothing, |(_, seconds)| own(*seconds)));
        }
        row.extend(curves.curves.iter().map(|curve| {
            let point = curve.points.iter().find(|point| point.x == *x);
            match point {
                Some(point) if point.failed.is_some() => "failed".to_owned(),
                point => (point.and_then(of)).map_or_else(page::nothing, |all| own(all.median)),
            }
        }));
        row
    };
    page::grid(&heads, curves.numbers.iter().map(row))
}
