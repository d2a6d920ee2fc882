//! Links in documents lead to existing files and lines of code.
//!
//! A link with code as its text must lead to a line that contains it.

use std::fs;
use std::path::{Path, PathBuf};

fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let names = ["README.md", "ARCHITECTURE.md", "SECURITY.md", "docs"];
    let mut paths = names.map(|name| root.join(name)).to_vec();
    let mut documents = Vec::new();
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(path).unwrap();
            paths.extend(entries.map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|end| end == "md") {
            documents.push(path);
        }
    }
    documents
}

/// Each link's text and target.
fn links(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let ends = text.match_indices("](");
    ends.filter_map(move |(end, _)| {
        let before = &text[..end];
        let start = before.rfind(if before.ends_with('`') { "[`" } else { "[" })?;
        let target = text[end + 2..].split(')').next()?;
        Some((&text[start + 1..end], target))
    })
}

#[test]
fn links_lead_to_files_and_to_lines_with_the_quoted_code() {
    let mut checked = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for (name, target) in links(&text) {
            let (path, line) = target.split_once('#').unwrap_or((target, ""));
            if path.is_empty() || path.contains("://") {
                continue;
            }
            let place = format!("{}: [{name}]({target})", document.display());
            let file = document.parent().unwrap().join(path);
            assert!(file.exists(), "{place}: there is no such file");
            // `seq` and `crates/seq/src/lib.rs` are names.
            let code = name.trim_matches('`');
            if code == name || !code.contains([' ', '(', ';']) || !path.ends_with(".rs") {
                continue;
            }
            let source = fs::read_to_string(file).unwrap();
            let lines = (1..).zip(source.lines());
            let found = lines.filter(|(_, text)| text.contains(code));
            let found: Vec<_> = found.map(|(number, _)| format!("L{number}")).collect();
            assert!(found.iter().any(|one| one == line), "{place}: {found:?}");
            checked += 1;
        }
    }
    assert!(checked > 15, "only {checked} links to code are found");
}
