//! The source revision that a binary records. This is a separate program: a trial counts all
//! children of its program, and this test runs git and cargo.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::Command;

fn run(directory: &Path, line: &str) -> String {
    let mut words = line.split(' ');
    let mut command = Command::new(words.next().unwrap());
    let output = command.args(words).current_dir(directory).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn each_build_records_its_revision_and_whether_sources_have_changed() {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("project");
    let write = |name: &str, text: &str| {
        let path = project.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let build = "cargo build --quiet --offline --target-dir ../target";
    let built = || {
        run(&project, build);
        run(folder.path(), "target/debug/measure")
    };
    let commit = |what: &str| {
        run(&project, &format!("git add {what}"));
        let author = "-c user.name=x -c user.email=x@example.org -c commit.gpgsign=false";
        run(&project, &format!("git {author} commit --quiet -m {what}"));
        run(&project, "git rev-parse --short=12 HEAD")
    };

    write("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n");
    for name in ["measure", "seq"] {
        let manifest = format!("[package]\nname = {name:?}\nedition = \"2024\"\n");
        write(&format!("crates/{name}/Cargo.toml"), &manifest);
        write(&format!("crates/{name}/src/lib.rs"), "");
    }
    write("crates/measure/build.rs", include_str!("../build.rs"));
    let main = r#"fn main() {
        println!("{}, {}", env!("FLAGRACE_REVISION"), env!("FLAGRACE_DIRTY"));
    }"#;
    write("crates/measure/src/main.rs", main);
    run(&project, "cargo generate-lockfile --offline");
    run(&project, "git init --quiet");

    let first = commit(".");
    assert_eq!(built(), format!("{first}, false"));
    write("crates/seq/src/lib.rs", "// A change to another crate.");
    assert_eq!(built(), format!("{first}, true"));
    let second = commit(".");
    assert_eq!(built(), format!("{second}, false"));
    // Tests and documents are not part of the binary.
    write("crates/seq/tests/x.rs", "");
    write("README.md", "");
    assert_eq!(built(), format!("{second}, false"));
    // Inside another project it has no revision.
    fs::rename(project.join(".git"), folder.path().join(".git")).unwrap();
    assert_eq!(built(), "unknown, false");
}
