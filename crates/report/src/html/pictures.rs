//! Plots and waterfalls, in the page.
//!
//! They are the same as the files: a white sheet. The page's style takes four of their
//! colours for those of a dark page.

use maud::{Markup, PreEscaped, html};

use super::{Section, id_of};
use crate::comparison::{Comparison, Scenario, Timeline};
use crate::timeline::{Waterfall, waterfall};

const TITLE: &str = "One download of each engine";

/// A picture in a region that scrolls where the window is narrow.
pub(super) fn picture(svg: &str, label: &str) -> Markup {
    html! {
        figure.scroll role="group" tabindex="0" aria-label=(label) { (PreEscaped(svg)) }
    }
}

/// The course of a download, for the scenarios that have one.
pub(super) fn courses(comparison: &Comparison) -> Option<Section> {
    let of = |scenario: &Scenario| -> Vec<&Timeline> {
        let all = comparison.timelines.iter();
        all.filter(|one| one.scenario == scenario.name).collect()
    };
    let each: Vec<(usize, &Scenario, Vec<&Timeline>)> = (comparison.scenarios.iter())
        .enumerate()
        .map(|(nth, scenario)| (nth, scenario, of(scenario)))
        .filter(|(_, _, timelines)| !timelines.is_empty())
        .collect();
    if each.is_empty() {
        return None;
    }
    let body = html! {
        p.prose { "One download of each engine, to be looked at: it was not timed with the \
                   others, and another one may look different. " code { "seq" } " is a \
                   staircase; flags that are under way at the same time are a wall." }
        @for (nth, scenario, timelines) in each {
            h3 id=(id_of("course", &scenario.name, nth)) { (scenario.title) }
            @let svg = waterfall(&Waterfall {
                title: TITLE,
                two_requests: scenario.command.contains("--metadata"),
                timelines: &timelines,
            });
            (picture(&svg, &format!("{TITLE}: {}", scenario.title)))
        }
    };
    Some(Section::new("course", "The course of a download", body))
}
