//! The page of a run: one file that needs no network and no other file.
//!
//! It has everything that is made of a run, for people: the answer first, then how to read it, then
//! every table. It is read without a script as well; the
//! script sorts tables and switches between light and dark, and makes the buttons that do so.
//! What is on it was written by others, down to the engines' names: all of it is escaped by
//! maud, and what is not is made of numbers.
//!
//! # Layout
//!
//! - `answer.rs`: what comes first
//! - `scenario.rs`: a scenario with its tables
//! - `family.rs`: a family with its curves
//! - `calls.rs`: criterion's groups, where the folder has a run
//! - `source.rs`: the machine and the source
//! - `grid.rs`: a table that can be sorted
//! - `style.css`, `script.js`: how it looks and what it does

mod answer;
mod calls;
mod family;
mod grid;
mod scenario;
mod source;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::comparison::{Comparison, Findings, HEADLINES, Table, findings, words};
use crate::old_page as page;
use crate::run::Run;
use scenario::Scenarios;

/// The name of the page in the folder of a run.
pub const PAGE: &str = "index.html";

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Nothing is loaded from anywhere: the browser sees to it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; \
                      script-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
                      form-action 'none'";

/// A part of the page: where it is found, its heading, and what is below it.
struct Section {
    id: String,
    heading: String,
    body: Markup,
}

impl Section {
    fn new(id: &str, heading: &str, body: Markup) -> Self {
        Self {
            id: id.to_owned(),
            heading: heading.to_owned(),
            body,
        }
    }
}

/// The page of a comparison, and of the run beside it, where both are of the same source and
/// machine.
#[must_use]
pub fn page(comparison: &Comparison, run: Option<&Run>) -> String {
    let meta = &comparison.meta;
    let title = format!("flagrace: run of {} on {}", page::day(meta), meta.host);
    let run = run.filter(|run| run.meta.difference(meta).is_none());
    let sections = sections(comparison, &findings(comparison), run);
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content=(format!("flagrace {}", meta.version));
                title { (title) }
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "Skip to the answer" }
                header {
                    p.brand { "flagrace" }
                    h1 { "Threads or async, for work that waits?" }
                    p { "Run of " (page::day(meta)) " on " (meta.host) ": "
                        (page::machine_line(meta)) "." }
                    nav aria-label="Contents" {
                        ul {
                            @for section in &sections {
                                li { a href=(format!("#{}", section.id)) { (section.heading) } }
                            }
                        }
                    }
                }
                main id="main" tabindex="-1" {
                    @for Section { id, heading, body } in &sections {
                        section aria-labelledby=(id) {
                            h2 id=(id) { (heading) }
                            (body)
                        }
                    }
                }
                footer {
                    p { "Made of the raw data by " code { "flagrace report --open" } "." }
                }
                p.vh id="said" role="status" {}
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    let mut text = markup.into_string();
    text.push('\n');
    text
}

fn sections(comparison: &Comparison, findings: &Findings, run: Option<&Run>) -> Vec<Section> {
    let scenarios = Scenarios::of(comparison);
    let single: Vec<&Table> = (findings.tables.iter())
        .filter(|table| table.scenario.family.is_none())
        .collect();
    let mut first: Vec<&Table> = (HEADLINES.iter())
        .filter_map(|name| single.iter().find(|table| table.scenario.name == *name))
        .copied()
        .collect();
    if first.is_empty() {
        first.extend(single.iter().take(2));
    }
    let others: Vec<&Table> = (single.iter())
        .filter(|table| !first.contains(table))
        .copied()
        .collect();
    let all: Vec<&Table> = findings.tables.iter().collect();

    let mut sections = vec![
        Section::new(
            "answer",
            "The answer",
            answer::body(&scenarios, &first, findings),
        ),
        Section::new("reading", "How to read it", reading(&all)),
    ];
    if !others.is_empty() {
        let body = html! { @for table in others { (scenarios.section(table)) } };
        sections.push(Section::new("scenarios", "Other scenarios", body));
    }
    for (nth, curves) in findings.families.iter().enumerate() {
        sections.push(family::section(
            &comparison.meta,
            &scenarios,
            findings,
            curves,
            nth,
        ));
    }
    sections.extend(run.map(calls::section));
    sections.push(source::section(&comparison.meta, run));
    sections
}

fn reading(tables: &[&Table]) -> Markup {
    html! {
        ul.prose {
            @for sentence in words::how_to_read(tables) { li { (sentence) } }
            @for sentence in words::other_columns() { li { (sentence) } }
            li { "A column is sorted by the button in its head." }
        }
    }
}

/// A name as a part of an identifier: itself where it is a plain word, or else its number,
/// which no plain name has in that place.
fn id_of(kind: &str, name: &str, nth: usize) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !name.is_empty() && name.chars().all(plain) {
        format!("{kind}-{name}")
    } else {
        format!("{kind}.{nth}")
    }
}
