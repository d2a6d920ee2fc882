//! What a binary records of the source that it is built from. It is a program of its own: a trial
//! counts all children of its program, and this test runs git and cargo.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::Command;

fn run(program: &str, directory: &Path, arguments: &str) -> String {
    let mut command = Command::new(program);
    command.args(arguments.split(' ')).current_dir(directory);
    let output = command.output().unwrap();
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
    let built = || {
        let build = "build --quiet --offline --target-dir ../target";
        run(env!("CARGO"), &project, build);
        run("target/debug/measure", folder.path(), "-")
    };
    let commit = |what: &str| {
        run("git", &project, &format!("add {what}"));
        let author = "-c user.name=x -c user.email=x@example.org -c commit.gpgsign=false";
        run(
            "git",
            &project,
            &format!("{author} commit --quiet --allow-empty -m {what}"),
        );
        run("git", &project, "rev-parse --short=12 HEAD")
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
    run(env!("CARGO"), &project, "generate-lockfile --offline");
    run("git", &project, "init --quiet");

    let first = commit(".");
    assert_eq!(built(), format!("{first}, false"));
    write("crates/seq/src/lib.rs", "// A change to another crate.");
    assert_eq!(built(), format!("{first}, true"));
    let second = commit(".");
    assert_eq!(built(), format!("{second}, false"));
    // Tests and documents are not in the binary.
    write("crates/seq/tests/x.rs", "");
    write("README.md", "");
    let third = commit("crates/seq/src");
    assert_eq!(built(), format!("{third}, false"));
    // As a part of another project it has no revision.
    fs::rename(project.join(".git"), folder.path().join(".git")).unwrap();
    assert_eq!(built(), "unknown, false");
}
