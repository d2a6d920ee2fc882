//! The page of a run: that it has everything, needs nothing, and believes no name.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::common::compare::{comparison, failure, scenario, trial, whole};
use flagrace_report::comparison::{Comparison, Metric, findings};
use flagrace_report::html::page;
use flagrace_report::{Run, comparison as compared, folder};

/// What a name might say if somebody wished us ill. No backtick, which is Markdown in a note.
const HOSTILE: &str = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;--></style>";

/// The tags of a page in order, each with its attributes. Panics where it is not well formed.
fn tags(page: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let end = rest.find(|c: char| c.is_whitespace() || c == '>').unwrap();
        let name = rest[..end].to_owned();
        rest = &rest[end..];
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start().trim_start_matches('/');
            if let Some(after) = rest.strip_prefix('>') {
                rest = after;
                break;
            }
            let end = rest.find(['=', ' ', '>', '/']).unwrap();
            let key = rest[..end].to_owned();
            // Without this a value without quotation marks would be read for ever.
            let here: String = rest.chars().take(60).collect();
            assert!(!key.is_empty(), "no attribute of <{name}> at {here:?}");
            rest = &rest[end..];
            let mut value = "";
            if let Some(quoted) = rest.strip_prefix("=\"") {
                let end = quoted.find('"').unwrap();
                (value, rest) = (&quoted[..end], &quoted[end + 1..]);
            }
            attributes.push((key, value.to_owned()));
        }
        // What stands in these is not markup.
        if name == "style" || name == "script" {
            rest = &rest[rest.find(&format!("</{name}>")).unwrap()..];
        }
        tags.push((name, attributes));
    }
    tags
}

fn values<'a>(
    tags: &'a [(String, Vec<(String, String)>)],
    attribute: &'a str,
) -> impl Iterator<Item = &'a str> {
    let all = tags.iter().flat_map(|(_, attributes)| attributes);
    all.filter(move |(key, _)| key == attribute)
        .map(|(_, value)| value.as_str())
}

/// A run beside a comparison, of the same source.
fn run_beside(comparison: &Comparison) -> Run {
    Run {
        meta: comparison.meta.clone(),
        ..crate::common::run()
    }
}

#[test]
fn it_has_every_scenario_every_engine_and_every_failure() {
    let whole = whole();
    let run = run_beside(&whole);
    let page = page(&whole, Some(&run));
    let shown = |text: &str| page.contains(&text.replace('&', "&amp;").replace('"', "&quot;"));
    for scenario in &whole.scenarios {
        assert!(
            shown(&scenario.title) && shown(&scenario.command),
            "{}",
            scenario.name
        );
        // Three tables, whose captions say of what.
        let named = page
            .matches(&format!(": {}</span></caption>", scenario.title))
            .count();
        assert_eq!(named, 3, "{}", scenario.title);
    }
    for error in whole.trials.iter().filter_map(|trial| trial.error.as_ref()) {
        assert!(shown(error), "{error}");
    }
    for group in &run.groups {
        assert!(shown(&group.title) && shown(&group.note), "{}", group.name);
    }
    // A row for each engine.
    let (_, local) = page.split_once("id=\"scenario-local.took\"").unwrap();
    let (_, local) = local.split_once("<tbody>").unwrap();
    let (local, _) = local.split_once("</tbody>").unwrap();
    let of_local = whole
        .trials
        .iter()
        .filter(|trial| trial.scenario == "local");
    let trials: BTreeSet<&str> = of_local.map(|trial| &*trial.engine).collect();
    for engine in trials.into_iter().chain(["threads again"]) {
        assert!(local.contains(&format!(">{engine}</th>")), "{engine}");
    }
    // Nothing is left of Markdown.
    assert!(!page.contains("\\[") && !page.contains("**") && !page.contains("<br>"));
}

#[test]
fn columns_are_sorted_by_what_was_measured() {
    let whole = whole();
    let page = page(&whole, None);
    let (_, local) = page.split_once("id=\"scenario-local.took\"").unwrap();
    let (_, local) = local.split_once("<tbody>").unwrap();
    for row in &findings(&whole).tables[0].rows {
        let (_, cells) = local.split_once(&format!(">{}</th>", row.label())).unwrap();
        let (_, wall) = cells.split_once("data-v=\"").unwrap();
        let wall: f64 = wall.split_once('"').unwrap().0.parse().unwrap();
        let median = row.figure(Metric::Wall).unwrap().median;
        assert!((wall / median - 1.0).abs() < 1e-8, "{wall} for {median}");
    }
}

#[test]
fn it_needs_no_network_and_no_other_file() {
    let whole = whole();
    let page = page(&whole, Some(&run_beside(&whole)));
    let tags = tags(&page);
    for href in values(&tags, "href") {
        let here = href.starts_with('#') || href == "data:,";
        assert!(here || !href.contains([':', '/']), "{href}");
    }
    assert_eq!(values(&tags, "src").count(), 0);
    let loads = [
        "link", "img", "image", "use", "iframe", "object", "embed", "video", "base",
    ];
    let loading = tags
        .iter()
        .filter(|(name, _)| loads.contains(&name.as_str()));
    assert!(loading.map(|(name, _)| name).eq(["link"]));
    assert!(!page.contains("url(") && !page.contains("@import") && !page.contains("fetch("));
    assert!(page.contains("content=\"default-src 'none';"));
}

#[test]
fn whatever_is_referred_to_is_there_once() {
    let whole = whole();
    let page = page(&whole, Some(&run_beside(&whole)));
    let tags = tags(&page);
    let mut ids = BTreeSet::new();
    for id in values(&tags, "id") {
        assert!(ids.insert(id), "{id} is there twice");
    }
    let references = values(&tags, "aria-labelledby").flat_map(|names| names.split(' '));
    let links = values(&tags, "href").filter_map(|href| href.strip_prefix('#'));
    for id in references.chain(links) {
        assert!(ids.contains(id), "{id}");
    }
    let count = |name: &str| tags.iter().filter(|(tag, _)| tag == name).count();
    assert!(count("table") > 3 * whole.scenarios.len());
    assert_eq!(count("table"), count("caption"));
    assert_eq!(count("h1"), 1);
    for (name, attributes) in &tags {
        let has = |wanted: &str| attributes.iter().any(|(key, _)| key == wanted);
        assert!(name != "th" || has("scope"), "{attributes:?}");
    }
}

#[test]
fn every_head_of_a_table_says_something() {
    let whole = whole();
    let mut run = run_beside(&whole);
    let group = &mut run.groups[0];
    group.scenario_axis.clear();
    group.cells.truncate(2);
    for cell in &mut group.cells {
        cell.scenario.clear();
    }
    let page = page(&whole, Some(&run));
    let heads = page.split("<th").skip(1);
    for head in heads.filter(|head| !head.starts_with("ead")) {
        let head = head.split_once("</th>").unwrap().0;
        let text = head.split('<').filter_map(|part| part.split_once('>'));
        assert!(
            text.map(|(_, text)| text).any(|text| !text.is_empty()),
            "{head}"
        );
    }
}

/// All that others wrote, with this at its end.
fn renamed(comparison: &Comparison, run: &Run, end: &str) -> (Comparison, Run) {
    let (mut comparison, mut run) = (comparison.clone(), run.clone());
    let meta = &mut comparison.meta;
    let named = [
        &mut meta.command,
        &mut meta.host,
        &mut meta.os,
        &mut meta.kernel,
    ];
    let more = [
        &mut meta.cpu,
        &mut meta.server,
        &mut meta.rustc,
        &mut meta.version,
    ];
    named.into_iter().chain(more).for_each(|text| *text += end);
    for text in [&mut meta.lock_hash, &mut meta.revision] {
        *text += end;
    }
    for scenario in &mut comparison.scenarios {
        scenario.title += end;
        scenario.name += end;
        scenario.baseline += end;
        scenario.store += end;
        scenario.command += end;
        if let Some(family) = &mut scenario.family {
            family.name += end;
            family.axis += end;
        }
    }
    for trial in &mut comparison.trials {
        trial.scenario += end;
        trial.engine += end;
        if let Some(error) = &mut trial.error {
            *error += end;
        }
    }
    for timeline in &mut comparison.timelines {
        timeline.scenario += end;
        timeline.engine += end;
        for span in &mut timeline.spans {
            span.label += end;
            span.status += end;
        }
    }
    for group in &mut run.groups {
        group.title += end;
        group.scenario_axis += end;
        // In code and out of it.
        group.note = format!("`{end}` {}{end}", group.note);
        for cell in &mut group.cells {
            cell.engine += end;
            cell.scenario += end;
        }
    }
    run.meta = comparison.meta.clone();
    (comparison, run)
}

#[test]
fn names_are_words_and_nothing_else() {
    let whole = whole();
    let run = run_beside(&whole);
    // As long, as plots leave out what is beyond their edge; and sorted where the other is.
    let harmless = "z".repeat(HOSTILE.len());
    let [hostile, tame] = [HOSTILE, &harmless].map(|end| {
        let (comparison, run) = renamed(&whole, &run, end);
        tags(&page(&comparison, Some(&run)))
    });
    let names = |tags: &[(String, Vec<(String, String)>)]| -> Vec<String> {
        tags.iter().map(|(name, _)| name.clone()).collect()
    };
    let (hostile_names, tame_names) = (names(&hostile), names(&tame));
    let differs = hostile_names
        .iter()
        .zip(&tame_names)
        .position(|(a, b)| a != b);
    let around = differs.map(|at| &hostile[at.saturating_sub(3)..at + 1]);
    assert!(hostile_names == tame_names, "{around:?}");
    let keys: BTreeSet<&str> = (hostile.iter())
        .flat_map(|(_, attributes)| attributes.iter().map(|(key, _)| key.as_str()))
        .collect();
    assert!(keys.iter().all(|key| !key.starts_with("on")), "{keys:?}");
    assert!(
        names(&hostile)
            .iter()
            .filter(|name| *name == "script")
            .count()
            == 1
    );
    // Names that make no identifier have one all the same, each its own.
    let ids: Vec<&str> = values(&hostile, "id").collect();
    assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len());
}

#[test]
fn the_same_trials_give_the_same_bytes() {
    let whole = whole();
    let run = run_beside(&whole);
    assert_eq!(
        page(&whole, Some(&run)),
        page(&whole.clone(), Some(&run.clone()))
    );
}

#[test]
fn little_and_nothing_have_a_page_too() {
    let nothing = page(&comparison(Vec::new(), Vec::new()), None);
    assert!(!nothing.contains("<table") && nothing.contains("id=\"source\""));
    // A scenario that was interrupted before its first round, one in which the baseline came
    // to nothing, and one in which it is alone.
    let scenarios = ["begun", "failed", "alone"].map(scenario).to_vec();
    let trials = vec![
        failure("failed", 1, "threads", "no"),
        trial("failed", 1, "async", 0.01),
        trial("alone", 1, "threads", 0.01),
    ];
    let little = comparison(scenarios, trials);
    // Nor is a run of other source beside it.
    let mut other = run_beside(&little);
    other.meta.revision = "fff".to_owned();
    let page = page(&little, Some(&other));
    assert!(
        page.contains("threads, the baseline, came to nothing."),
        "{page}"
    );
    assert!(!page.contains("NaN") && !page.contains("inf"));
    assert!(!page.contains("criterion"), "{page}");
}

/// The newest recorded run has a page of full size.
///
/// ```text
/// cargo test --release -p flagrace-report page:: -- --ignored --nocapture
/// ```
#[test]
#[ignore = "a time means something only where it was optimised, and nothing else runs"]
fn a_page_of_full_size_is_made_within_a_second() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let recorded = root.join("results/2026-11-23-vm-5");
    let run = folder::read(&recorded).unwrap();
    let compared = compared::read(&recorded).unwrap();
    let mut least = Duration::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        std::hint::black_box(page(&compared, Some(&run)));
        least = least.min(start.elapsed());
    }
    println!("{} trials: {least:?} at best of 5", compared.trials.len());
    assert!(least < Duration::from_secs(1), "{least:?}");
}
