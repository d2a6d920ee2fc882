//! The page of a run: one file that needs no network, script or other file.
//!
//! The answer comes first, then pictures, then every table, folded. Names in a run are untrusted;
//! maud escapes all of them.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::analysis::Margins;
use crate::data::Run;
use crate::document::{Block, Table};
use crate::{chart, map, sentence, tables, timeline};

/// The browser loads nothing and runs no script.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
                      base-uri 'none'; form-action 'none'";

pub fn page(run: &Run, margins: Margins) -> String {
    let analyses = tables::shown(run, margins);
    let meta = &run.meta;
    let day = meta.day().unwrap_or(&meta.date);
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "flagrace: " (day) " on " (meta.host) }
                link rel="icon" href="data:,";
                style { (PreEscaped(include_str!("page.css"))) }
            }
            body {
                main {
                    h1 { "Threads or async for I/O-bound work?" }
                    p.answer { (tables::conclusion(&analyses)) }
                    @if let Some(map) = map::figure(run) { (html(&[Block::Figure(map)])) }
                    (html(&[Block::List(sentence::questions(&analyses))]))
                    @if let Some(one) = sentence::answering(&analyses) {
                        (html(&[Block::Table(tables::headline(one))]))
                        p.about { (one.scenario.title) "; medians of " (one.rounds) " rounds." }
                    }
                    p.about {
                        "Measured on " (day) ": " (meta.cpu) ", " (meta.cores) " cores, " (meta.os) "."
                    }
                    @if let Some(timelines) = timeline::engines(run) {
                        h2 { "One download, request by request" }
                        p { "Each line is one flag. " code { "seq" } " downloads one after another, "
                            code { "threads" } " and " code { "async" } " many at a time." }
                        (html(&[Block::Figure(timelines)]))
                    }
                    @if let Some(memory) = chart::memory(&analyses) {
                        h2 { "Memory, from one request at a time to many" }
                        (html(&[Block::Figure(memory)]))
                    }
                    @if let Some(servers) = chart::servers(&analyses) {
                        h2 { "Memory of a server, by its connections" }
                        (html(&[Block::Figure(servers)]))
                    }
                    details.all {
                        summary { h2 { "All measurements" } }
                        // Without the first block: the answer is above.
                        (html(tables::full(run, margins).get(1..).unwrap_or_default()))
                    }
                }
                footer { "Made by " code { "flagrace report --open" } " at revision "
                    code { (meta.revision) } "." }
            }
        }
    };
    markup.into_string() + "\n"
}

/// The document as HTML, with headings of the third level.
pub fn html(blocks: &[Block]) -> Markup {
    let mut heading = "Measurements";
    let parts = blocks.iter().map(|block| match block {
        Block::Heading(text) => {
            heading = text;
            html! { h3 { (text) } }
        }
        Block::Text(text) => html! { p { (text) } },
        Block::List(items) if items.is_empty() => html! {},
        Block::List(items) => html! { ul { @for item in items { li { (item) } } } },
        Block::Table(table) => grid(table, heading),
        // Three panels beside each other are too wide for a phone.
        Block::Figure(one) if one.file == "map.svg" => html! {
            figure.scroll.map tabindex="0" { (PreEscaped(&one.svg)) }
        },
        Block::Figure(one) => html! { figure { (PreEscaped(&one.svg)) } },
        Block::Details(title, blocks) => {
            html! { details { summary { (title) } (html(blocks)) } }
        }
    });
    html! { @for part in parts { (part) } }
}

/// A table in a region that scrolls if it is too wide. The first verdict is next to the names, so
/// that a phone shows it.
fn grid(table: &Table, name: &str) -> Markup {
    let mut order: Vec<usize> = (0..table.heads.len()).collect();
    let column = |head| (1..table.heads.len()).find(|at| table.heads[*at] == head);
    if let Some(verdict) = column("verdict").or(column("ratio")) {
        order[1..=verdict].rotate_right(1);
    }
    let align = |at: usize| match table.words.contains(&at) || at == 0 {
        true => "words",
        false => "number",
    };
    html! {
        div.scroll tabindex="0" role="group" aria-label=(name) {
            table {
                thead { tr { @for at in &order {
                    th scope="col" class=(align(*at)) { (table.heads[*at]) }
                } } }
                tbody { @for row in &table.rows { tr {
                    @if let [section] = &row[..] {
                        th.section scope="rowgroup" colspan=(order.len()) { (section) }
                    } @else { @for at in &order {
                        @if *at == 0 { th scope="row" { (row[0]) } }
                        @else { td class=(align(*at)) { (shown(&row[*at])) } }
                    } }
                } } }
            }
        }
    }
}

/// A cell: an interval below its number, and a verdict coloured by its kind.
fn shown(cell: &str) -> Markup {
    let (text, interval) = cell.split_once(" [").unwrap_or((cell, ""));
    let class = match text.split(' ').next() {
        Some("faster" | "less") => "good",
        Some("slower" | "more") => "bad",
        _ => "",
    };
    html! {
        span.(class) { (text) }
        @if !interval.is_empty() { small { "[" (interval) } }
    }
}
