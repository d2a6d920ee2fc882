//! Files of results that nobody wrote by hand.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;

use flagrace_fuzz::mutated;
use flagrace_report::analysis::{Margins, analyse};
use flagrace_report::data::{Run, Writer};
use flagrace_report::{chart, page, print, tables, timeline};
use proptest::prelude::*;
use rstest::rstest;

use crate::map::{add_cell, calibrated, cell};
use crate::page::run;
use crate::timeline::stays_on_the_sheet;

/// A run with few trials, so that most changes are in what describes them, the same with enough for
/// an interval, and a map, which takes a while to draw.
fn files() -> Vec<String> {
    let mut map = calibrated(20e-6);
    add_cell(&mut map, &cell(90, 30, 0.5), 0.7, 1.0);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deep/run.jsonl");
    let text = |(mut run, rounds): (Run, usize)| {
        run.trials.retain(|one| one.round <= rounds);
        run.write(&file).unwrap();
        assert_eq!(Run::read(&file).unwrap(), run);
        fs::read_to_string(&file).unwrap()
    };
    let runs = [1, 1, 1, 1, 7].map(|rounds| (run(), rounds));
    runs.into_iter().chain([(map, 1)]).map(text).collect()
}

/// Reads a file of a run, which is shown and written again, or refused in one line.
fn read(text: &[u8]) {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, text).unwrap();
    let run = match Run::read(file.path()).map_err(|error| format!("{error:#}")) {
        Ok(run) => run,
        Err(error) => return assert!(!error.contains(char::is_control), "{error:?}"),
    };
    run.write(file.path()).unwrap();
    let mut unfinished = File::options().append(true).open(&file).unwrap();
    unfinished.write_all(b"{\"trial\":{\"scen").unwrap();
    assert_eq!(Run::read(file.path()).unwrap(), run);

    let margins = Margins::default();
    let blocks = [tables::short(&run, margins), tables::full(&run, margins)].concat();
    let markdown = print::markdown(&blocks).replace("\\|", "");
    let shown = print::terminal(&blocks, text.len() % 200) + &markdown;
    let shown = shown.replace('\n', "");
    assert!(!shown.contains(char::is_control), "{shown:?}");
    // Every line of a table has the same number of cells.
    for table in markdown.split("\n\n").filter(|part| part.starts_with('|')) {
        let cells = table.lines().map(|line| line.matches('|').count());
        assert_eq!(BTreeSet::from_iter(cells).len(), 1, "{table}");
    }
    let page = page::page(&run, margins);
    for refused in ["<script", "<b>", "--></style>", " src=", "@import", "url("] {
        assert!(!page.contains(refused), "{refused}");
        assert!(!markdown.contains(refused), "{refused}");
    }
    print::json(&run, margins).unwrap();
    print::csv(&run, margins).unwrap();
    let memory = chart::memory(&analyse(&run, margins));
    for figure in [memory, timeline::engines(&run)].into_iter().flatten() {
        stays_on_the_sheet(&figure.svg);
    }
    Writer::resume(file.path(), run).unwrap();
}

proptest! {
    #[test]
    fn any_file_is_shown_and_written_again_or_refused_in_one_line(file in mutated(files())) {
        read(&file);
    }
}

#[rstest]
#[case::error(r#"{"scenario""#, r#"{"\u001b\r""#)]
#[case::terminal("Planted as bare", r"\u001b[2J")]
#[case::table("async-bare", r"a|\nb")]
#[case::summary("Planted as concurrency-100", "<script>")]
#[case::legend(r#"-bare","async-bare""#, r#"-bare","\u0000""#)]
#[case::axis("requests at a time", "ratio")]
#[case::resumed(r#""rounds":20"#, r#""rounds":9223372036854775807"#)]
fn what_once_failed_is_mended(#[case] part: &str, #[case] other: &str) {
    let file = &files()[0];
    assert!(file.contains(part));
    read(file.replace(part, other).as_bytes());
}
