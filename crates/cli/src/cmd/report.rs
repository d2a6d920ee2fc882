//! `flagrace report`: show, open, check and record results.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use flagrace_report::folder::LATEST;
use flagrace_report::record;
use flagrace_report::{comparison, export, folder, stale};

use crate::output::aside::tell;
use crate::output::table;

#[derive(clap::Args)]
pub struct Args {
    /// Folder of the run to show; the newest unless told otherwise
    #[arg(conflicts_with_all = ["check", "refresh", "record"])]
    run: Option<PathBuf>,
    /// Show its page in the browser, which $BROWSER names if it is not the system's
    #[arg(long, conflicts_with_all = ["check", "refresh", "record"])]
    open: bool,
    /// Say whether recorded tables are stale, and what mends them
    #[arg(long, conflicts_with_all = ["refresh", "record"])]
    check: bool,
    /// Make the tables of recorded runs anew
    #[arg(long, conflicts_with = "record")]
    refresh: bool,
    /// Keep the newest run under its date and host, never over an old one
    #[arg(long)]
    record: bool,
    /// Record a run of source that is not committed, too
    #[arg(long, requires = "record")]
    allow_dirty: bool,
    /// The project's folder, which holds results/ and README.md
    #[arg(long, default_value = ".", value_name = "DIR")]
    root: PathBuf,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let results = args.root.join("results");
    let readme = args.root.join("README.md");
    if args.check {
        check(&results, &readme)
    } else if args.refresh {
        refresh(&results, &readme)
    } else if args.record {
        let folder = record::record(&results, &readme, args.allow_dirty)?;
        writeln!(io::stdout(), "recorded as {}", folder.display())?;
        Ok(ExitCode::SUCCESS)
    } else if args.open {
        open(args.run.as_deref(), &results)
    } else {
        show(args.run.as_deref(), &results)
    }
}

/// The run that is meant: the folder that was named, or else the newest, be it what was measured
/// last or what is recorded. None where it has none of the files.
fn meant(named: Option<&Path>, results: &Path, files: &[&str]) -> anyhow::Result<Option<PathBuf>> {
    let has = |folder: &Path| files.iter().any(|file| folder.join(file).exists());
    let latest = results.join(LATEST);
    let first = named.unwrap_or(&latest);
    if has(first) {
        return Ok(Some(first.to_path_buf()));
    }
    if named.is_some() {
        return Ok(None);
    }
    let newest = stale::newest(results, has)?;
    if let Some(folder) = &newest {
        // `cargo bench` makes no page.
        let why = match latest.join(folder::RAW).exists() {
            true => format!(
                "{} has no page, `flagrace compare` makes one. ",
                latest.display()
            ),
            false => String::new(),
        };
        tell(format_args!(
            "{why}The newest recorded run, {}:",
            folder.display()
        ));
    }
    Ok(newest)
}

/// Opens the page of a run.
fn open(named: Option<&Path>, results: &Path) -> anyhow::Result<ExitCode> {
    let name = comparison::PAGE;
    let Some(folder) = meant(named, results, &[name, comparison::FILE])? else {
        bail!(
            "{} holds no {name}: `flagrace compare` makes one, and --root names the project's \
             folder",
            named.unwrap_or(results).display()
        );
    };
    if !folder.join(name).exists() {
        // The comparison was killed before it made one, or put aside.
        folder::derive(&folder, &comparison::read(&folder)?)?;
    }
    // A browser may not share this program's folder.
    let page = folder.join(name).canonicalize()?;
    let path = page.to_str().context("its path is no UTF-8");
    path.and_then(|path| Ok(webbrowser::open(path)?))
        .with_context(|| format!("cannot open {}", page.display()))?;
    writeln!(io::stdout(), "opened {}", page.display())?;
    Ok(ExitCode::SUCCESS)
}

/// The comparison's tables, then criterion's: whichever the folder has.
fn show(named: Option<&Path>, results: &Path) -> anyhow::Result<ExitCode> {
    let Some(folder) = meant(named, results, &[comparison::FILE, folder::RAW])? else {
        bail!(
            "{} holds no run: `flagrace compare` and `cargo bench` make one, and --root names \
             the project's folder",
            named.unwrap_or(results).display()
        );
    };
    let has = |file: &str| folder.join(file).exists();
    let width = table::width();
    let mut texts = Vec::new();
    if has(comparison::FILE) {
        let findings = comparison::findings(&comparison::read(&folder)?);
        texts.push(comparison::export::terminal(&findings, width));
    }
    if has(folder::RAW) {
        texts.push(export::terminal(&folder::read(&folder)?.groups, width));
    }
    io::stdout().write_all(texts.join("\n").as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn check(results: &Path, readme: &Path) -> anyhow::Result<ExitCode> {
    let stale = stale::check(results, readme)?;
    for one in &stale {
        tell(format_args!("flagrace: {one}"));
    }
    if stale.is_empty() {
        writeln!(io::stdout(), "every table is what its raw data say")?;
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}

fn refresh(results: &Path, readme: &Path) -> anyhow::Result<ExitCode> {
    for path in stale::refresh(results, readme)? {
        writeln!(io::stdout(), "made anew: {}", path.display())?;
    }
    Ok(ExitCode::SUCCESS)
}
