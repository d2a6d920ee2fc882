//! Documents link to lines of code, and those lines exist.
//!
//! A link whose text is code must lead to a line that holds it. `FLAGRACE_BLESS=1 cargo test
//! -p flagrace docs::` corrects the line numbers; code that is gone must be corrected by hand.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let entries = fs::read_dir(root.join("docs")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let documents = ["README.md", "ARCHITECTURE.md"].map(|name| root.join(name));
    let all = paths.filter(|path| path.is_file()).chain(documents);
    all.collect()
}

/// Each link's text and target, and where the target stands in the document.
fn links(text: &str) -> Vec<(&str, &str, usize)> {
    let ends = text.match_indices("](");
    ends.filter_map(|(end, _)| {
        let before = &text[..end];
        let start = before.rfind(if before.ends_with('`') { "[`" } else { "[" })?;
        let target = text[end + 2..].split(')').next()?;
        Some((&text[start + 1..end], target, end + 2))
    })
    .collect()
}

#[test]
fn files_that_documents_link_to_exist() {
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for (name, target, _) in links(&text) {
            let path = target.split('#').next().unwrap();
            if path.is_empty() || path.contains("://") {
                continue;
            }
            let there = document.parent().unwrap().join(path).exists();
            assert!(there, "{}: [{name}]({target})", document.display());
        }
    }
}

#[test]
fn quoted_code_is_in_the_linked_line() {
    let blesses = env::var_os("FLAGRACE_BLESS").is_some();
    let mut checked = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        let mut blessed = text.clone();
        // From the end, so that what comes before keeps its place.
        for (name, target, at) in links(&text).into_iter().rev() {
            let code = name
                .strip_prefix('`')
                .and_then(|name| name.strip_suffix('`'));
            let (path, line) = target.split_once("#L").unwrap_or((target, "0"));
            // `seq` and `crates/seq/src/lib.rs` are names.
            let is_code = |code: &&str| code.contains([' ', '(', ';']) && path.ends_with(".rs");
            let Some(code) = code.filter(is_code) else {
                continue;
            };
            let source = fs::read_to_string(document.parent().unwrap().join(path)).unwrap();
            let lines = source.lines().enumerate();
            let found: Vec<usize> = lines
                .filter(|(_, text)| text.contains(code))
                .map(|(index, _)| index + 1)
                .collect();
            let place = format!("{}: [{name}]({target})", document.display());
            assert!(!found.is_empty(), "{place}: there is no such line");
            if blesses {
                blessed.replace_range(at..at + target.len(), &format!("{path}#L{}", found[0]));
            } else {
                let line = line.parse().unwrap();
                assert!(found.contains(&line), "{place}: it is in line {}", found[0]);
            }
            checked += 1;
        }
        if blesses && blessed != text {
            fs::write(&document, blessed).unwrap();
        }
    }
    assert!(
        checked > 15,
        "only {checked} links to code: is the search for them right?"
    );
}
