//! What is made from recorded runs: their tables and pictures, the index, and the section of the
//! project's README.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use flagrace_report::analysis::{Analysis, Margins, Verdict, analyse};
use flagrace_report::data::Run;
use flagrace_report::document::Block;
use flagrace_report::{chart, print, sentence, tables};

/// The files of a recorded run, and the commands that make them.
pub const FILES: [(&str, &str); 2] = [
    (
        "compare.jsonl",
        "flagrace compare --scenario all -o results/latest/compare.jsonl",
    ),
    ("bench.jsonl", "cargo bench"),
];

/// The lines around the section of the project's README.
pub const BEGIN: &str = "<!-- flagrace:table:begin -->";
pub const END: &str = "<!-- flagrace:table:end -->";

const GENERATED: &str = "<!-- Made by `cargo xtask refresh`. Edits will be lost. -->";

/// Makes every generated file again and returns those that changed. With `check` nothing is
/// written.
pub fn refresh(root: &Path, check: bool) -> anyhow::Result<Vec<PathBuf>> {
    let results = root.join("results");
    let mut runs = Vec::new();
    for entry in
        fs::read_dir(&results).with_context(|| format!("cannot read {}", results.display()))?
    {
        let folder = entry?.path();
        let file = folder.join(FILES[0].0);
        if !folder.ends_with("latest") && file.exists() {
            runs.push((folder, Run::read(&file)?));
        }
    }
    // The newest first.
    runs.sort_by(|(a, one), (b, other)| (&other.meta.date, b).cmp(&(&one.meta.date, a)));

    let mut files = Vec::new();
    for (folder, run) in &runs {
        let bench = Run::read(&folder.join(FILES[1].0))?;
        files.extend(files_of(folder, run, &bench));
    }
    files.push((results.join("README.md"), index(&runs)));
    let readme = root.join("README.md");
    let text =
        fs::read_to_string(&readme).with_context(|| format!("cannot read {}", readme.display()))?;
    let text = spliced(&text, &section(&runs))
        .with_context(|| format!("cannot use {}", readme.display()))?;
    files.push((readme, text));
    files.retain(|(path, text)| fs::read_to_string(path).ok().as_ref() != Some(text));
    for (path, text) in files.iter().filter(|_| !check) {
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}

/// The generated files of a recorded run: the pictures of its comparison, and all tables.
fn files_of(folder: &Path, compare: &Run, bench: &Run) -> Vec<(PathBuf, String)> {
    let margins = Margins::default();
    let mut blocks = figures(&analyse(compare, margins));
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    for block in &blocks {
        if let Block::Figure { svg, file, .. } = block {
            files.push((folder.join(file), svg.clone()));
        }
    }
    blocks.extend(tables::full(compare, margins));
    blocks.extend(tables::full(bench, margins));
    let (name, text) = (name(folder), print::markdown(&blocks));
    files.push((
        folder.join("README.md"),
        format!("{GENERATED}\n\n# Run {name}\n\n{text}"),
    ));
    files
}

fn figures(analyses: &[Analysis]) -> Vec<Block> {
    let charts = [chart::answer, chart::ratio, chart::memory];
    charts.iter().filter_map(|chart| chart(analyses)).collect()
}

/// `results/README.md`.
fn index(runs: &[(PathBuf, Run)]) -> String {
    let mut page = format!(
        "{GENERATED}\n\n# Recorded runs\n\nEach folder has every trial of one run, its tables and \
         its pictures. `cargo xtask record` adds one.\n\n\
         | run | machine | compiler | revision |\n|---|---|---|---|\n"
    );
    for (folder, run) in runs {
        let (name, meta) = (name(folder), &run.meta);
        page += &format!(
            "| [{name}]({name}/README.md) | {}, {} cores | {} | `{}` |\n",
            meta.cpu, meta.cores, meta.rustc, meta.revision
        );
    }
    page
}

/// The README's section: a sentence, a picture and a table of the newest run.
fn section(runs: &[(PathBuf, Run)]) -> String {
    let Some((folder, run)) = runs.first() else {
        return "No run is recorded yet.\n".to_owned();
    };
    let margins = Margins::default();
    let mut analyses = analyse(run, margins);
    let older = runs.get(1).map(|(_, run)| analyse(run, margins));
    withdraw(&mut analyses, &older.unwrap_or_default());
    let mut blocks = Vec::new();
    blocks.extend(sentence::answer(&analyses).map(Block::Text));
    let here = format!("results/{}", name(folder));
    if let Some(Block::Figure { svg, alt, file }) = chart::answer(&analyses) {
        let file = format!("{here}/{file}");
        blocks.push(Block::Figure { svg, alt, file });
    }
    if let Some(analysis) = sentence::answering(&analyses) {
        let (title, caption) = (&analysis.scenario.title, sentence::caption(analysis));
        blocks.push(Block::Text(format!("{title}: {caption}")));
        blocks.push(Block::Table(tables::headline(analysis)));
    }
    let text = print::markdown(&blocks);
    format!("{text}\nFrom [{here}]({here}/README.md). [All recorded runs](results/README.md).\n")
}

/// Takes back the verdicts of sentences that the older run does not repeat.
fn withdraw(analyses: &mut [Analysis], older: &[Analysis]) {
    for analysis in analyses {
        let before = older
            .iter()
            .find(|one| one.scenario.name == analysis.scenario.name);
        for row in &mut analysis.rows {
            for (key, ratio) in &mut row.ratios {
                let kind = |verdict| sentence::verdict(key, verdict);
                let before = before.and_then(|one| one.row(&row.engine)?.ratios.get(key));
                if before.is_none_or(|before| kind(before.strict) != kind(ratio.strict)) {
                    ratio.strict = Verdict::NotRepeated;
                }
            }
        }
    }
}

/// The text with the section between its markers.
fn spliced(text: &str, section: &str) -> anyhow::Result<String> {
    let parts: Vec<&str> = text.split(BEGIN).collect();
    let rest: Vec<&str> = text.split(END).collect();
    match (&parts[..], &rest[..]) {
        ([before, _], [inside, after]) if inside.contains(BEGIN) => Ok(format!(
            "{before}{BEGIN}\n{GENERATED}\n\n{section}{END}{after}"
        )),
        _ => bail!("it needs the lines {BEGIN} and {END}, once each, in this order"),
    }
}

fn name(folder: &Path) -> String {
    folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
