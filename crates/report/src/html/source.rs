//! The machine, the source, and the files beside the page.

use maud::{Markup, html};

use super::Section;
use crate::comparison::{DERIVED, FILE, Material, PAGE};
use crate::export::TABLES;
use crate::folder::RAW;
use crate::page;

pub(super) fn section(from: &Material<'_>) -> Section {
    let meta = &from.comparison.meta;
    let body = html! {
        dl {
            dt { "Command" }
            dd { code { (meta.command) } }
            @if let Some(run) = from.run {
                dt { "Command of the calls" }
                dd { code { (run.meta.command) } ", on " (run.meta.date) }
            }
            dt { "Date" }
            dd { (meta.date) }
            dt { "Machine" }
            dd { (page::machine_line(meta)) }
            dt { "Server" }
            dd { (meta.server) }
            dt { "Source" }
            dd {
                "version " (meta.version) ", revision " code { (meta.revision) }
                @if meta.dirty { ", with uncommitted changes" }
            }
            dt { "Lock file" }
            dd { code { (meta.lock_hash) } }
            dt { "Compiler" }
            dd { (meta.rustc) }
        }
        h3 { "Files" }
        (files(from))
    };
    Section::new("source", "The machine, the source and the files", body)
}

/// The files of the folder, and those that cannot be made again first. Its plots are on the
/// page already.
fn files(from: &Material<'_>) -> Markup {
    let mut raw = vec![(FILE, "every trial")];
    raw.extend(from.run.map(|_| (RAW, "every sample of the calls")));
    let tables = DERIVED.iter().map(|(name, _)| *name);
    let made: Vec<&str> = tables
        .chain(from.run.map(|_| TABLES))
        .filter(|name| *name != PAGE && !name.ends_with(".svg"))
        .collect();
    html! {
        ul.prose {
            @for (name, what) in raw { li { a href=(name) { (name) } ": " (what) } }
            li {
                "made of them: "
                @for (nth, name) in made.iter().enumerate() {
                    @if nth > 0 { ", " }
                    a href=(name) { (name) }
                }
            }
        }
    }
}
