//! A family: its curves as a plot, in sentences and as tables, and its scenarios.

use maud::{Markup, html};

use super::grid::{self, Row};
use super::scenario::Scenarios;
use super::{Section, id_of};
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
            figure.scroll tabindex="0" { (maud::PreEscaped(plot)) }
        }
        ul.prose { @for sentence in curves.sentences() { li { (sentence) } } }
        details.more {
            summary { "The same as tables" span.vh { ": by " (curves.axis) } }
            @for (index, (title, quantity, of)) in PANELS.iter().enumerate() {
                (table(&format!("{id}.{index}"), title, curves, *quantity, *of))
            }
        }
        h3 { "Its scenarios" span.vh { ", by " (curves.axis) } }
        @for member in members { (scenarios.folded(member)) }
    };
    let heading = format!("By {}", curves.axis);
    Section::new(&id, &heading, body)
}

fn table(id: &str, title: &str, curves: &Curves, quantity: Quantity, of: Of) -> Markup {
    let with_ideal = title.starts_with("Wall") && !curves.ideal.is_empty();
    let mut heads = vec![(&*curves.axis, false)];
    heads.extend(with_ideal.then_some(("the ideal", false)));
    heads.extend((curves.curves.iter()).map(|curve| (&*curve.engine, false)));
    let own = |amount| {
        let text = format::short(format::unit_of(quantity, amount), amount);
        (html! { (text) }, Some(amount))
    };
    let row = |x: &f64| {
        let mut cells = Vec::new();
        if with_ideal {
            let ideal = curves.ideal.iter().find(|(at, _)| at == x);
            cells.push(ideal.map(|(_, seconds)| own(*seconds)));
        }
        for curve in &curves.curves {
            let point = curve.points.iter().find(|point| point.x == *x);
            cells.push(point.and_then(|point| match &point.failed {
                Some(_) => Some((html! { span.failed { "failed" } }, None)),
                None => Some(own(of(point)?.median)),
            }));
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
