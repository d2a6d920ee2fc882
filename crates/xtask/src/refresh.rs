//! What is made from recorded runs: their tables and pictures, the index, and the section of the
//! project's README.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use flagrace_report::analysis::{Analysis, Margins, Verdict, analyse};
use flagrace_report::data::Run;
use flagrace_report::document::Block;
use flagrace_report::{print, sentence, tables};

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

const GENERATED: &str = "<!-- Made by `cargo xtask refresh`. Edits will be lost. -->\n";

/// Makes every generated file again and returns those that changed. With `check` nothing is
/// written.
pub fn refresh(root: &Path, check: bool) -> anyhow::Result<Vec<PathBuf>> {
    let runs = recorded(&root.join("results"))?;
    let mut files = Vec::new();
    for (folder, _) in &runs {
        files.extend(files_of(folder)?);
    }
    files.push((root.join("results/README.md"), index(&runs)));
    let readme = root.join("README.md");
    let text = fs::read_to_string(&readme).with_context(|| format!("{}", readme.display()))?;
    files.push((
        readme.clone(),
        spliced(&text, &section(&runs)).with_context(|| {
            format!(
                "{}: needs the lines {BEGIN} and {END}, once each, in this order",
                readme.display()
            )
        })?,
    ));
    files.retain(|(path, text)| fs::read_to_string(path).ok().as_ref() != Some(text));
    if !check {
        for (path, text) in &files {
            fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}

/// The recorded comparisons, the newest first.
fn recorded(results: &Path) -> anyhow::Result<Vec<(PathBuf, Run)>> {
    let mut runs = Vec::new();
    for entry in fs::read_dir(results).with_context(|| format!("{}", results.display()))? {
        let folder = entry?.path();
        let file = folder.join(FILES[0].0);
        if folder.file_name().is_some_and(|name| name != "latest") && file.exists() {
            runs.push((folder, Run::read(&file)?));
        }
    }
    runs.sort_by(|(_, a), (_, b)| b.meta.date.cmp(&a.meta.date));
    Ok(runs)
}

/// The generated files of a recorded run: its README and its pictures.
pub fn files_of(folder: &Path) -> anyhow::Result<Vec<(PathBuf, String)>> {
    let margins = Margins::default();
    let mut page = format!("{GENERATED}\n# Run {}\n", name(folder));
    let mut files = Vec::new();
    for (file, _) in FILES {
        let run = Run::read(&folder.join(file))?;
        for figure in figures(&analyse(&run, margins)) {
            page += &format!("\n{}", print::markdown(std::slice::from_ref(&figure)));
            if let Block::Figure { svg, file, .. } = figure {
                files.push((folder.join(file), svg));
            }
        }
        page += &format!("\n{}", print::markdown(&tables::full(&run, margins)));
    }
    files.push((folder.join("README.md"), page));
    Ok(files)
}

fn figures(_: &[Analysis]) -> impl Iterator<Item = Block> {
    std::iter::empty()
}

/// `results/README.md`.
fn index(runs: &[(PathBuf, Run)]) -> String {
    let mut page = format!(
        "{GENERATED}\n# Recorded runs\n\nEach folder has every trial of one run, its tables and \
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
    let older = runs
        .get(1)
        .map_or(Vec::new(), |(_, run)| analyse(run, margins));
    withdraw(&mut analyses, &older);
    let mut blocks: Vec<Block> = sentence::answer(&analyses)
        .map(Block::Text)
        .into_iter()
        .collect();
    let here = format!("results/{}", name(folder));
    if let Some(Block::Figure { svg, alt, file }) = figures(&analyses).next() {
        let file = format!("{here}/{file}");
        blocks.push(Block::Figure { svg, alt, file });
    }
    let mut text = print::markdown(&blocks);
    if let Some(analysis) = sentence::answering(&analyses) {
        let table = print::markdown(&[
            Block::Text(format!(
                "{}: {}",
                analysis.scenario.title,
                sentence::caption(analysis)
            )),
            Block::Table(tables::headline(analysis)),
        ]);
        text += &format!("\n{table}");
    }
    format!("{text}\nFrom [{here}]({here}/README.md). [All recorded runs](results/README.md).\n")
}

/// Takes back the verdicts of sentences that the older run does not repeat.
fn withdraw(analyses: &mut [Analysis], older: &[Analysis]) {
    for analysis in analyses {
        let before = older
            .iter()
            .find(|one| one.scenario.name == analysis.scenario.name);
        for row in &mut analysis.rows {
            let before = before.and_then(|before| before.row(&row.engine));
            for (key, ratio) in &mut row.ratios {
                let same = before
                    .and_then(|row| row.ratios.get(key))
                    .is_some_and(|before| {
                        std::mem::discriminant(&before.strict)
                            == std::mem::discriminant(&ratio.strict)
                    });
                if !same {
                    ratio.strict = Verdict::NotRepeated;
                }
            }
        }
    }
}

/// The text with the section between its markers.
fn spliced(text: &str, section: &str) -> anyhow::Result<String> {
    let parts: Vec<&str> = text.split(&format!("{BEGIN}\n")).collect();
    ensure!(
        parts.len() == 2,
        "the opening line is there {} times",
        parts.len() - 1
    );
    let rest: Vec<&str> = parts[1].split(END).collect();
    ensure!(
        rest.len() == 2,
        "the closing line follows {} times",
        rest.len() - 1
    );
    Ok(format!(
        "{}{BEGIN}\n{GENERATED}\n{section}{END}{}",
        parts[0], rest[1]
    ))
}

fn name(folder: &Path) -> String {
    folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
