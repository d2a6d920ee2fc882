//! `flagrace report`: shows results, opens them as a page, and exports them.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use flagrace_report::analysis::Margins;
use flagrace_report::data::Run;
use flagrace_report::{page, print, tables};

use crate::output::{self, check_files, tell, write_file};

#[derive(clap::Args)]
pub struct Args {
    /// File of results, or a folder of such files [default: results/latest, or the newest
    /// recorded run in results/]
    run: Option<PathBuf>,
    /// Open the results as a page, in the browser that $BROWSER names or the system's
    #[arg(long, conflicts_with_all = ["details", "export_json", "export_csv", "export_markdown"])]
    open: bool,
    #[command(flatten)]
    form: Form,
}

/// Which results to show, and which files to write.
#[derive(clap::Args)]
pub struct Form {
    /// Print every number of every scenario
    #[arg(long)]
    details: bool,
    /// Largest difference in percent that counts as equal; twice as much for memory
    #[arg(long, value_name = "PERCENT", value_parser = margins, default_value = "5")]
    margin: Margins,
    /// Write the analysis as JSON
    #[arg(long, value_name = "FILE")]
    export_json: Option<PathBuf>,
    /// Write a row for each number as CSV
    #[arg(long, value_name = "FILE")]
    export_csv: Option<PathBuf>,
    /// Write all tables as Markdown
    #[arg(long, value_name = "FILE")]
    export_markdown: Option<PathBuf>,
}

fn margins(percent: &str) -> Result<Margins, String> {
    match percent.parse::<f64>() {
        Ok(percent) if percent > 0.0 && percent <= 100.0 => Ok(Margins(percent / 100.0)),
        _ => Err("expected a number above 0, at most 100".to_owned()),
    }
}

impl Form {
    /// Checks before a long measurement that the files can be written.
    pub fn check(&self) -> anyhow::Result<()> {
        check_files([&self.export_json, &self.export_csv, &self.export_markdown])
    }

    pub fn show(&self, run: &Run) -> anyhow::Result<()> {
        let margins = self.margin;
        let mut blocks = tables::short(run, margins);
        if self.details {
            // Both end with the sentence.
            let rest = blocks.len().saturating_sub(1);
            blocks.splice(..rest, tables::full(run, margins));
        }
        if let Some(path) = &self.export_json {
            write_file(path, print::json(run, margins)?)?;
        }
        if let Some(path) = &self.export_csv {
            write_file(path, print::csv(run, margins)?)?;
        }
        if let Some(path) = &self.export_markdown {
            write_file(path, print::markdown(&tables::full(run, margins)))?;
        }
        // Last: a reader that has left costs no file.
        Ok(output::print(&blocks)?)
    }
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let path = match &args.run {
        Some(path) => path.clone(),
        None => newest()?,
    };
    let run = read(&path)?;
    if args.open {
        let text = page::page(&run, args.form.margin);
        // The file is kept: the browser reads it after this program has exited.
        let mut page = tempfile::Builder::new()
            .prefix("flagrace-")
            .suffix(".html")
            .tempfile()?;
        page.write_all(text.as_bytes())?;
        let (_, page) = page.keep()?;
        let name = page.display();
        webbrowser::open(&page.to_string_lossy()).with_context(|| format!("cannot open {name}"))?;
        writeln!(io::stdout(), "opened {name}")?;
        return Ok(());
    }
    args.form.show(&run)
}

/// The latest results, or the newest recorded run: their folders begin with the date.
fn newest() -> anyhow::Result<PathBuf> {
    let folders = fs::read_dir("results").into_iter().flatten().flatten();
    let paths = folders.map(|entry| entry.path());
    let with_files = paths.filter(|path| !files(path).is_empty());
    let newest = with_files.max_by_key(|path| (path.ends_with("results/latest"), path.clone()));
    let newest = newest.context(
        "there are no results in results/latest: `cargo bench` measures, or name a file of \
         `flagrace compare --output FILE`",
    )?;
    tell(format_args!("Results in {}:", newest.display()));
    Ok(newest)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let mut files: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
        .collect();
    // Comparisons first, then benchmarks.
    files.sort_by_key(|path| (!path.ends_with("compare.jsonl"), path.clone()));
    files
}

/// Reads a file, or all files of a folder as one run.
fn read(path: &Path) -> anyhow::Result<Run> {
    if !path.is_dir() {
        return Run::read(path);
    }
    let files = files(path);
    let mut runs = files.iter().map(|path| Run::read(path));
    let Some(first) = runs.next() else {
        bail!("{} has no .jsonl files of results", path.display());
    };
    let run = runs.try_fold(first?, |mut run, next| {
        let next = next?;
        run.scenarios.extend(next.scenarios);
        run.trials.extend(next.trials);
        run.timelines.extend(next.timelines);
        anyhow::Ok(run)
    })?;
    run.check()
        .with_context(|| format!("{} is not one run", path.display()))?;
    Ok(run)
}
