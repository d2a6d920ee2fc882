//! Whether what is committed beside the raw data is what the raw data says, and making it so.
//!
//! Three things are derived: `README.md` and the plots of each recorded run, the index
//! `results/README.md`, and a section of the project's README between two markers. [`check`] makes
//! each of them again in memory and compares bytes.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::comparison::{self, Comparison, Findings, export};
use crate::error::Error;
use crate::folder::{self, LATEST, RAW, RESULTS};
use crate::old_page as page;
use crate::plot;
use crate::run::Run;

mod section;

pub(crate) use section::find as find_section;
pub use section::{BEGIN, END};

/// What a folder is introduced by: that of the project, of all runs, or of one.
pub(crate) const README: &str = "README.md";

/// The families that are plotted.
const PLOTTED: [&str; 2] = ["concurrency", "flags"];

/// A derived file that is not what the raw data says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// The file.
    pub path: PathBuf,
    why: &'static str,
    text: String,
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        write!(f, "{path} {}: `{}` mends it", self.why, page::REFRESH)
    }
}

/// A recorded run with its comparison, and the name of their folder.
struct Recorded {
    folder: String,
    run: Run,
    comparison: Comparison,
}

/// Every derived file of the project in `root` that differs from what the recorded raw data says.
/// `results/latest` is not a recorded run and is not looked at.
///
/// # Errors
///
/// Where a recorded run cannot be read, or the README lacks its markers.
pub fn check(root: &Path) -> Result<Vec<Stale>, Error> {
    let mut stale = Vec::new();
    for (path, text) in expected(root)? {
        let why = match fs::read(&path) {
            Ok(found) if found == text.as_bytes() => continue,
            Ok(_) => "is stale",
            Err(error) if error.kind() == io::ErrorKind::NotFound => "is missing",
            Err(error) => return Err(Error::read(&path)(error)),
        };
        stale.push(Stale { path, why, text });
    }
    Ok(stale)
}

/// Makes every derived file again, and returns those that were stale.
///
/// # Errors
///
/// As [`check`], and where a file cannot be written.
pub fn refresh(root: &Path) -> Result<Vec<PathBuf>, Error> {
    let stale = check(root)?;
    for one in &stale {
        folder::write_file(&one.path, &one.text)?;
    }
    Ok(stale.into_iter().map(|one| one.path).collect())
}

/// The folder of the newest recorded run.
///
/// # Errors
///
/// Where a recorded run cannot be read.
pub fn newest(root: &Path) -> Result<Option<PathBuf>, Error> {
    let results = root.join(RESULTS);
    let runs = recorded(&results)?;
    Ok(runs.first().map(|one| results.join(&one.folder)))
}

/// Every derived file and the text that it must hold.
fn expected(root: &Path) -> Result<Vec<(PathBuf, String)>, Error> {
    let results = root.join(RESULTS);
    let runs = recorded(&results)?;
    let mut files = Vec::new();
    for one in &runs {
        let findings = comparison::findings(&one.comparison);
        let folder = results.join(&one.folder);
        files.push((folder.join(README), all_tables(one, &findings)));
        let families = findings.families.iter();
        for curves in families.filter(|curves| PLOTTED.contains(&&*curves.family)) {
            let plot = plot::draw(&one.comparison.meta, curves);
            let path = folder.join(format!("scaling-{}.svg", curves.family));
            files.extend(plot.map(|plot| (path, plot)));
        }
    }
    files.push((results.join(README), index(&runs)));
    let readme = root.join(README);
    let text = section::splice(&readme, &runs)?;
    files.push((readme, text));
    Ok(files)
}

/// The recorded runs, newest first.
fn recorded(results: &Path) -> Result<Vec<Recorded>, Error> {
    let entries = match fs::read_dir(results) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::read(results)(error)),
    };
    let mut runs = Vec::new();
    for entry in entries {
        let path = entry.map_err(Error::read(results))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // Other folders may stand beside the runs. One with half of the raw data is a run that has
        // lost the other half, and reading it says so.
        let mut files = [RAW, comparison::FILE].iter();
        if name != LATEST && files.any(|file| path.join(file).exists()) {
            runs.push(Recorded {
                folder: name.into_owned(),
                run: folder::read(&path)?,
                comparison: comparison::read(&path)?,
            });
        }
    }
    let key = |one: &Recorded| (one.run.meta.date.clone(), one.folder.clone());
    runs.sort_by_key(|one| std::cmp::Reverse(key(one)));
    Ok(runs)
}

/// `README.md` of a run.
fn all_tables(one: &Recorded, findings: &Findings) -> String {
    format!(
        "{}\n{}\n{}",
        page::generated(&format!("{} and {RAW}", comparison::FILE)),
        export::markdown(&one.comparison, findings),
        crate::export::markdown(&one.run)
    )
}

/// `results/README.md`: the recorded runs, newest first.
fn index(runs: &[Recorded]) -> String {
    let trials = comparison::FILE;
    let mut page = format!(
        "# Recorded runs\n\n{}\n\
         Each folder holds one run: every sample in `{RAW}`, every trial in `{trials}`, and the \
         tables and plots made from them. A recorded run is never changed; `scripts/record` adds \
         one from `latest/`, which `flagrace compare` and `cargo bench` write and which is not \
         committed.\n\n",
        page::generated(&format!("*/{RAW} and */{trials}")),
    );
    if runs.is_empty() {
        page.push_str("No run is recorded yet.\n");
        return page;
    }
    page.push_str("| run | command | machine | compiler | revision |\n|---|---|---|---|---|\n");
    for Recorded {
        folder,
        run,
        comparison,
    } in runs
    {
        let meta = &run.meta;
        page.push_str(&format!(
            "| [{folder}]({folder}/README.md) | {}, {} | {} | {} | {} |\n",
            page::code(&meta.command),
            page::code(&comparison.meta.command),
            page::text(&page::machine_line(meta)),
            page::text(&meta.rustc),
            page::revision(meta),
        ));
    }
    page
}
