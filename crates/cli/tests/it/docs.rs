//! Documents link to lines of code, and those lines exist.
//!
//! A link whose text is code must lead to a line that holds it. `FLAGRACE_BLESS=1 cargo test
//! -p flagrace docs::` corrects the line numbers; code that is gone must be corrected by hand.
//! And a number in the README's findings is in the tables of the recorded run.

#![allow(clippy::unwrap_used)]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// The lines around the README's generated section.
const BEGIN: &str = "<!-- flagrace:table:begin -->";
const END: &str = "<!-- flagrace:table:end -->";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn documents() -> Vec<PathBuf> {
    let mut documents = vec![root().join("README.md"), root().join("ARCHITECTURE.md")];
    let entries = fs::read_dir(root().join("docs")).unwrap();
    documents.extend(
        entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file()),
    );
    documents
}

/// Each link's text and target, and where the target stands in the document.
fn links(text: &str) -> Vec<(&str, &str, usize)> {
    let ends = text.match_indices("](");
    ends.filter_map(|(end, _)| {
        let before = &text[..end];
        let start = if before.ends_with('`') {
            before.rfind("[`")?
        } else {
            before.rfind('[')?
        };
        let target_at = end + 2;
        let target = &text[target_at..];
        let target = &target[..target.find(')')?];
        Some((&text[start + 1..end], target, target_at))
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

/// The ratios, times and sizes of a text: "1.13x", "58.9 ms".
fn measurements(text: &str) -> Vec<String> {
    let text = text.replace("<br>", " ");
    let edge = |c: char| !c.is_alphanumeric();
    let words: Vec<&str> = text
        .split_whitespace()
        .map(|word| word.trim_matches(edge))
        .collect();
    let pairs = words
        .windows(2)
        .filter(|pair| pair[0].starts_with(|c: char| c.is_ascii_digit()));
    let measured = pairs.filter_map(|pair| match pair[1] {
        _ if pair[0].ends_with('x') => Some(pair[0].to_owned()),
        "ms" | "µs" | "KiB" | "MiB" => Some(pair.join(" ")),
        _ => None,
    });
    measured.collect()
}

#[test]
fn a_measurement_in_the_readme_is_in_its_generated_section() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let (before, rest) = readme.split_once(BEGIN).unwrap();
    let (generated, after) = rest.split_once(END).unwrap();
    let generated = measurements(generated);
    for number in measurements(&format!("{before} {after}")) {
        assert!(
            generated.contains(&number),
            "README.md: no table has {number}"
        );
    }
}
