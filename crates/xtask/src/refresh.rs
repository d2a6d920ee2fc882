//! Files generated from recorded runs: their tables and pictures, the index, the section of the
//! README, and the timelines in the lessons.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use flagrace_report::analysis::{Analysis, Margins, Ratio, Verdict};
use flagrace_report::data::{Run, Scenario, Workload};
use flagrace_report::document::{Block, Figure};
use flagrace_report::{chart, map, metric, print, sentence, tables, timeline};

/// The files of a recorded run, which may lack the last two.
pub const COMPARE: &str = "compare.jsonl";
pub const BENCH: &str = "bench.jsonl";
pub const MAP: &str = "map.jsonl";
pub const SERVERS: &str = "servers.jsonl";

/// The lines around the generated section of the README.
pub const BEGIN: &str = "<!-- flagrace:table:begin -->";
pub const END: &str = "<!-- flagrace:table:end -->";

const GENERATED: &str = "<!-- Made by `cargo xtask refresh`. Edits will be lost. -->";

/// Generates every file and returns those that changed. With `check`, writes nothing.
pub fn refresh(root: &Path, check: bool) -> anyhow::Result<Vec<PathBuf>> {
    let results = root.join("results");
    let (mut runs, mut files) = (Vec::new(), Vec::new());
    let entries = fs::read_dir(&results);
    for entry in entries.with_context(|| format!("cannot read {}", results.display()))? {
        let folder = entry?.path();
        let file = folder.join(COMPARE);
        if !folder.ends_with("latest") && file.exists() {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            let mut documents = vec![Run::read(&file)?];
            if folder.join(MAP).exists() {
                extend(&mut documents[0], Run::read(&folder.join(MAP))?);
            }
            if folder.join(SERVERS).exists() {
                documents.push(Run::read(&folder.join(SERVERS))?);
            }
            documents.push(Run::read(&folder.join(BENCH))?);
            files.extend(made_from(&folder, &name, &documents));
            // All but the samples of criterion.
            documents.pop();
            let run = documents.into_iter().reduce(|mut run, more| {
                extend(&mut run, more);
                run
            });
            runs.extend(run.map(|run| (name.into_owned(), run)));
        }
    }
    // Newest first.
    runs.sort_by(|(a, one), (b, other)| (&other.meta.date, b).cmp(&(&one.meta.date, a)));
    files.push((results.join("README.md"), index(&runs)));
    let readme = root.join("README.md");
    let text = fs::read_to_string(&readme).context("cannot read README.md")?;
    let text = spliced(&text, &section(&runs));
    let text = text.with_context(|| format!("{} needs {BEGIN}, then {END}", readme.display()))?;
    files.push((readme, text));
    let newest = runs.first().and_then(|(_, run)| timeline::engines(run));
    let picture = root.join("docs/pictures/timelines.svg");
    files.extend(newest.map(|figure| (picture, figure.svg)));
    files.retain(|(path, text)| fs::read_to_string(path).ok().as_ref() != Some(text));
    for (path, text) in files.iter().filter(|_| !check) {
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}

fn extend(run: &mut Run, more: Run) {
    run.scenarios.extend(more.scenarios);
    run.trials.extend(more.trials);
}

/// The generated files of a recorded run: its pictures and all tables. Each document has its own
/// command and revision.
fn made_from(folder: &Path, name: &str, documents: &[Run]) -> Vec<(PathBuf, String)> {
    let margins = Margins::default();
    let charts = documents.iter().flat_map(|run| {
        let analyses = tables::shown(run, margins);
        let charts = [chart::memory(&analyses), chart::servers(&analyses)];
        [map::figure(run)].into_iter().chain(charts)
    });
    let charts: Vec<Figure> = charts.flatten().collect();
    let pictures = charts.iter();
    let pictures = pictures.map(|one| (folder.join(&one.file), one.svg.clone()));
    let mut files: Vec<_> = pictures.collect();
    let mut blocks: Vec<_> = charts.into_iter().map(Block::Figure).collect();
    blocks.extend(documents.iter().flat_map(|run| tables::full(run, margins)));
    let text = print::markdown(&blocks);
    let page = format!("{GENERATED}\n\n# Run {name}\n\n{text}");
    files.push((folder.join("README.md"), page));
    files
}

/// `results/README.md`.
fn index(runs: &[(String, Run)]) -> String {
    let mut page = format!(
        "{GENERATED}\n\n# Recorded runs\n\nEach folder has every trial of one run, its tables and \
         its pictures. `cargo xtask record` adds one.\n\n\
         | run | machine | compiler | revision |\n|---|---|---|---|\n"
    );
    for (name, run) in runs {
        let meta = &run.meta;
        page += &format!(
            "| [{name}]({name}/README.md) | {}, {} cores | {} | `{}` |\n",
            meta.cpu, meta.cores, meta.rustc, meta.revision
        );
    }
    if let [(_, newest), (_, older), ..] = runs {
        let [newest, older] = [newest, older].map(|run| tables::shown(run, Margins::default()));
        page += &agreement(&newest, &older);
    }
    page
}

/// How many verdicts two runs have in common, and how many of them are the same. A verdict near the
/// edge sometimes moves between equal, undecided and a difference; a change from faster to slower
/// means that something is wrong.
fn agreement(newest: &[Analysis], older: &[Analysis]) -> String {
    let (mut all, mut same, mut reversed) = (0, 0, 0);
    for Analysis { scenario, rows, .. } in newest {
        for row in rows {
            for (key, one) in &row.ratios {
                let Some(other) = before(older, scenario, &row.engine, key) else {
                    continue;
                };
                let verdicts = [one, other].map(|one| one.verdict);
                let [here, there] = verdicts.map(|one| sentence::verdict(key, one));
                let differ = |one: &Verdict| [Verdict::Less, Verdict::More].contains(one);
                all += 1;
                same += usize::from(here == there);
                reversed += usize::from(here != there && verdicts.iter().all(differ));
            }
        }
    }
    format!(
        "\nOf {all} verdicts that the two newest have in common {same} are the same, {reversed} are \
         reversed.\n"
    )
}

/// The section of the README: the answer, the map and a table of the newest run.
fn section(runs: &[(String, Run)]) -> String {
    let Some((name, run)) = runs.first() else {
        return "No run is recorded yet.\n".to_owned();
    };
    let margins = Margins::default();
    let mut analyses = tables::shown(run, margins);
    let older = runs.get(1).map(|(_, run)| tables::shown(run, margins));
    withdraw(&mut analyses, &older.unwrap_or_default());
    let here = format!("results/{name}");
    let mut blocks = Vec::new();
    blocks.extend(sentence::answer(&analyses).map(Block::Text));
    blocks.push(Block::List(sentence::questions(&analyses)));
    let figures = [map::figure(run), chart::servers(&analyses)];
    for mut figure in figures.into_iter().flatten() {
        figure.file = format!("{here}/{}", figure.file);
        blocks.push(Block::Figure(figure));
    }
    if let Some(analysis) = sentence::answering(&analyses) {
        let (title, rounds) = (&analysis.scenario.title, analysis.rounds);
        blocks.push(Block::Text(format!("{title}; medians of {rounds} rounds.")));
        blocks.push(Block::Table(tables::headline(analysis)));
    }
    let text = print::markdown(&blocks);
    format!("{text}\nFrom [{here}]({here}/README.md). [All recorded runs](results/README.md).\n")
}

/// The ratio of an engine in an older run, if it had the same work and the same baseline. The rate
/// of an open loop is a share of the capacity, which each run measures: within 20 % it is the same.
fn before<'a>(
    older: &'a [Analysis],
    scenario: &Scenario,
    engine: &str,
    key: &str,
) -> Option<&'a Ratio> {
    let is_same = |other: &&Analysis| {
        let other = &other.scenario;
        let [here, there] = [scenario, other].map(|one| Workload {
            rate: None,
            ..one.workload.clone()
        });
        let rates = scenario.workload.rate.zip(other.workload.rate);
        let is_near = rates.is_none_or(|(here, there)| (here / there).ln().abs() < 0.2)
            || scenario.workload.idle.is_some() && key != metric::P99;
        let is_named = scenario.name == other.name && scenario.baseline() == other.baseline();
        is_named && is_near && here == there
    };
    older.iter().find(is_same)?.row(engine)?.ratios.get(key)
}

/// Takes back faster, slower and equal in sentences where the older run does not say the same.
fn withdraw(analyses: &mut [Analysis], older: &[Analysis]) {
    for Analysis { scenario, rows, .. } in analyses {
        for row in rows {
            for (key, ratio) in &mut row.ratios {
                let is_said =
                    [Verdict::Less, Verdict::More, Verdict::Equal].contains(&ratio.strict);
                let before = before(older, scenario, &row.engine, key);
                if is_said && before.is_none_or(|before| before.strict != ratio.strict) {
                    ratio.strict = Verdict::NotRepeated;
                }
            }
        }
    }
}

/// Replaces the section between the markers, if there are both.
fn spliced(text: &str, section: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!(
        "{before}{BEGIN}\n{GENERATED}\n\n{section}{END}{after}"
    ))
}
