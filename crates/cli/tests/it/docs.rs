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

/// The numbers of a text, each with its unit, and a ratio with its interval.
fn numbers(text: &str) -> Vec<String> {
    let text = text.replace("<br>", " ");
    let edge = |c: char| !c.is_alphanumeric() && c != '%';
    let words: Vec<&str> = text.split_whitespace().collect();
    let number = |(at, word): (usize, &&str)| {
        let bare = word.trim_matches(edge);
        let rest = &words[at + 1..];
        let with = match rest {
            _ if !bare.contains(|c: char| c.is_ascii_digit()) => return None,
            [low, high, ..] if bare.ends_with('x') && low.starts_with('[') => {
                format!(" {low} {}", high.trim_end_matches(|c| c != ']'))
            }
            [unit, ..] => match unit.trim_matches(edge) {
                unit @ ("s" | "ms" | "µs" | "%" | "KiB" | "MiB") => format!(" {unit}"),
                _ => String::new(),
            },
            [] => String::new(),
        };
        Some(format!("{bare}{with}"))
    };
    words.iter().enumerate().filter_map(number).collect()
}

#[test]
fn a_number_in_the_findings_is_in_the_tables() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let (_, tables) = readme.split_once(BEGIN).unwrap();
    let tables = numbers(tables.split_once(END).unwrap().0);
    let (_, findings) = readme.split_once("\nWhat one run says").unwrap();
    let (_, findings) = findings.split_once("\n- ").unwrap();
    let findings = numbers(findings.split_once("\n## ").unwrap().0);
    assert!(findings.len() > 5, "{findings:?}");
    for number in findings {
        assert!(tables.contains(&number), "README.md: no table has {number}");
    }
}
