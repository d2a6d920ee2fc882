//! The page at `/`: every served flag.

use maud::{DOCTYPE, PreEscaped, html};

use crate::FlagSet;

const STYLE: &str = "
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: 1.25rem;
     list-style: none; padding: 0; }
img { width: 100%; height: 6rem; object-fit: contain; }
li a { color: inherit; display: block; text-align: center; }
footer { margin-top: 3rem; font-size: .875rem; opacity: .75; }
";

/// The page as HTML, rendered once when the server starts.
pub(crate) fn page(flags: &FlagSet) -> String {
    let count = flags.0.len();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "flagrace: " (count) " flags" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (count) " flags" }
                p {
                    "Each flag is at " code { "/flags/cc/cc.gif" } " and its country's name at "
                    code { "/flags/cc/metadata.json" } "; the server's counters are at "
                    a href="/stats" { "/stats" } "."
                }
                ul {
                    @for (code, flag) in &flags.0 {
                        @let path = format!("/flags/{cc}/{cc}.gif", cc = code.lower());
                        li { a href=(path) {
                            img loading="lazy" alt="" src=(path);
                            (flag.country) " (" (code) ")"
                        } }
                    }
                }
                footer { (flagrace_catalog::ATTRIBUTION) }
            }
        }
    };
    page.into_string()
}
