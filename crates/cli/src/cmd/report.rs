//! `flagrace report`: show, open, check and record results.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use flagrace_report::folder::{LATEST, RESULTS};
use flagrace_report::record;
use flagrace_report::{comparison, export, folder, html, stale};

use crate::cmd::compare::Form;
use crate::output::aside::tell;
use crate::output::table;

#[derive(clap::Args)]
pub struct Args {
    /// Folder of the run to show; the newest unless told otherwise
    #[arg(conflicts_with_all = ["check", "refresh", "record"])]
    run: Option<PathBuf>,
    /// Show its page in the browser, which $BROWSER names if it is not the system's
    #[arg(long, conflicts_with_all = ["check", "refresh", "record", "Form"])]
    open: bool,
    /// Say whether recorded tables are stale, and what mends them
    #[arg(long, conflicts_with_all = ["refresh", "record", "Form"])]
    check: bool,
    /// Make the tables of recorded runs anew
    #[arg(long, conflicts_with_all = ["record", "Form"])]
    refresh: bool,
    /// Keep the newest run under its date and host, never over an old one
    #[arg(long, conflicts_with = "Form")]
    record: bool,
    /// Record a run of source that is not committed, too
    #[arg(long, requires = "record")]
    allow_dirty: bool,
    /// The project's folder, which holds results/ and README.md
    #[arg(long, default_value = ".", value_name = "DIR")]
    root: PathBuf,
    #[command(flatten)]
    form: Form,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let root = &args.root;
    if args.check {
        check(root)
    } else if args.refresh {
        refresh(root)
    } else if args.record {
        let folder = record::record(root, args.allow_dirty)?;
        writeln!(io::stdout(), "recorded as {}", folder.display())?;
        Ok(ExitCode::SUCCESS)
    } else if args.open {
        open(args.run.as_deref(), root)
    } else {
        show(args.run.as_deref(), root, &args.form)
    }
}

/// The run that is meant: the folder that was named, or else the newest, be it what was measured
/// last or what is recorded. It must have one of the files.
fn meant(named: Option<&Path>, root: &Path, files: &[&str]) -> anyhow::Result<PathBuf> {
    let results = root.join(RESULTS);
    let has = |folder: &Path| files.iter().any(|file| folder.join(file).exists());
    let latest = results.join(LATEST);
    let first = named.unwrap_or(&latest);
    if has(first) {
        return Ok(first.to_path_buf());
    }
    let newest = match named {
        Some(_) => None,
        None => stale::newest(root)?,
    };
    let Some(folder) = newest else {
        bail!(
            "{} holds no {}: `flagrace compare` and `cargo bench` make one, and --root names the \
             project's folder",
            named.unwrap_or(&results).display(),
            files.join(" or ")
        );
    };
    let why = match latest.join(folder::RAW).exists() {
        true => format!(
            "{} has no comparison, `flagrace compare` makes one. ",
            latest.display()
        ),
        false => String::new(),
    };
    tell(format_args!(
        "{why}The newest recorded run, {}:",
        folder.display()
    ));
    Ok(folder)
}

/// Makes the page of a run, and opens it.
fn open(named: Option<&Path>, root: &Path) -> anyhow::Result<ExitCode> {
    let folder = meant(named, root, &[comparison::FILE])?;
    let run = folder.join(folder::RAW).exists();
    let run = run.then(|| folder::read(&folder)).transpose()?;
    let text = html::page(&comparison::read(&folder)?, run.as_ref());
    let page = folder.join(html::PAGE);
    fs::write(&page, text).with_context(|| format!("cannot write {}", page.display()))?;
    // A browser may not share this program's folder.
    let page = page.canonicalize()?;
    let path = page.to_str().context("its path is no UTF-8");
    path.and_then(|path| Ok(webbrowser::open(path)?))
        .with_context(|| format!("cannot open {}", page.display()))?;
    writeln!(io::stdout(), "opened {}", page.display())?;
    Ok(ExitCode::SUCCESS)
}

/// The comparison's tables, then criterion's: whichever the folder has. As JSON and CSV there are
/// the comparison's alone.
fn show(named: Option<&Path>, root: &Path, form: &Form) -> anyhow::Result<ExitCode> {
    let both = [comparison::FILE, folder::RAW];
    let files = if form.json || form.csv {
        &both[..1]
    } else {
        &both
    };
    let folder = meant(named, root, files)?;
    let has = |file| files.contains(&file) && folder.join(file).exists();
    let mut texts = Vec::new();
    if has(comparison::FILE) {
        texts.push(form.text(&comparison::read(&folder)?)?);
    }
    if has(folder::RAW) {
        let run = folder::read(&folder)?;
        texts.push(match form.markdown {
            true => export::markdown(&run),
            false => export::terminal(&run.groups, table::width()),
        });
    }
    io::stdout().write_all(texts.join("\n").as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn check(root: &Path) -> anyhow::Result<ExitCode> {
    let stale = stale::check(root)?;
    for one in &stale {
        tell(format_args!("flagrace: {one}"));
    }
    if stale.is_empty() {
        writeln!(io::stdout(), "every table is what its raw data say")?;
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}

fn refresh(root: &Path) -> anyhow::Result<ExitCode> {
    for path in stale::refresh(root)? {
        writeln!(io::stdout(), "made anew: {}", path.display())?;
    }
    Ok(ExitCode::SUCCESS)
}
