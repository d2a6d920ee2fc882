//! The machine and the source.

use maud::html;

use super::Section;
use crate::old_page as page;
use crate::run::{Meta, Run};

pub(super) fn section(meta: &Meta, run: Option<&Run>) -> Section {
    let body = html! {
        dl {
            dt { "Command" }
            dd { code { (meta.command) } }
            @if let Some(run) = run {
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
    };
    Section::new("source", "The machine and the source", body)
}
