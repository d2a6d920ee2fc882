//! A family: its curves as a plot, in sentences and as tables, and its scenarios.

use maud::{Markup, html};

use super::grid::{self, Cell, Head, Row};
use super::scenario::Scenarios;
use super::{Level, Section, id_of, pictures};
use crate::comparison::{Curves, Findings, Of, PANELS};
use crate::format;
use crate::plot;
use crate::quantity::Quantity;
use crate::run::Meta;

pub(super) fn section(
    meta: &Meta,
    scenarios: &Scenarios<'_>,
    findings: &Findings,
    curves: &Curves,
    nth: usize,
) -> Section {
    let id = id_of("family", &curves.family, nth);
    let plot = plot::draw(meta, curves);
    let members = (curves.scenarios.iter()).filter_map(|name| {
        let mut tables = findings.tables.iter();
        tables.find(|table| table.scenario.name == *name)
    });
    let body = html! {
        p.about { code { (curves.family) } ": scenarios that differ in the number of "
            (curves.axis) "." }
        @if let Some(plot) = &plot {
            (pictures::picture(plot, &format!("Plot by {}", curves.axis)))
        }
        ul.prose { @for sentence in curves.sentences() { li { (sentence) } } }
        details.more {
            summary { "The same as tables" span.vh { ": by " (curves.axis) } }
            @for (index, (title, quantity, of)) in PANELS.iter().enumerate() {
                (table(&format!("{id}.{index}"), title, curves, *quantity, *of))
            }
        }
        h3 { "Its scenarios" span.vh { ", by " (curves.axis) } }
        @for member in members { (scenarios.folded(member, Level::Four)) }
    };
    let heading = format!("By {}", curves.axis);
    Section::new(&id, &heading, body)
}

fn table(id: &str, title: &str, curves: &Curves, quantity: Quantity, of: Of) -> Markup {
    let with_ideal = title.starts_with("Wall") && !curves.ideal.is_empty();
    let mut heads = vec![Head::numbers(&curves.axis)];
    heads.extend(with_ideal.then(|| Head::numbers("the ideal")));
    heads.extend(
        curves
            .curves
            .iter()
            .map(|curve| Head::numbers(&curve.engine)),
    );
    let own = |amount| format::short(format::unit_of(quantity, amount), amount);
    let row = |x: &f64| {
        let mut cells = Vec::new();
        if with_ideal {
            let ideal = curves.ideal.iter().find(|(at, _)| at == x);
            cells.push(ideal.map_or(Cell::none(false), |(_, seconds)| {
                Cell::number(html! { (own(*seconds)) }, Some(*seconds))
            }));
        }
        for curve in &curves.curves {
            let point = curve.points.iter().find(|point| point.x == *x);
            let median = point.and_then(|point| Some(of(point)?.median));
            cells.push(match (median, point) {
                (Some(median), _) => Cell::number(html! { (own(median)) }, Some(median)),
                (None, Some(point)) if point.failed.is_some() => {
                    Cell::number(html! { span.failed { "failed" } }, None)
                }
                _ => Cell::none(false),
            });
        }
        Row {
            class: "",
            name: html! { (format::thousands(*x)) },
            value: Some(*x),
            cells,
        }
    };
    let rows: Vec<Row> = curves.numbers.iter().map(row).collect();
    let caption = html! { (title) ", by " (curves.axis) };
    grid::grid(id, &caption, &heads, &rows)
}
