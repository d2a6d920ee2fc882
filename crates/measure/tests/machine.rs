//! What is said of the source that a binary is made from. It has a program of its own: a trial
//! counts all children of the program that it is part of, and this one runs git and cargo.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::Command;

use flagrace_measure::meta;

fn run(program: &str, directory: &Path, arguments: &str) -> String {
    let mut command = Command::new(program);
    command.args(arguments.split(' ')).current_dir(directory);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The build script in a project of its own, whose program is built after each change and runs
/// elsewhere, with no other program in reach.
#[test]
fn each_build_records_what_it_is_made_from() {
    let folder = tempfile::tempdir().unwrap();
    let [project, other] = ["project", "other"].map(|name| folder.path().join(name));
    let write = |name: &str, text: &str| {
        let path = project.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let built = |project: &Path| {
        let build = "build --quiet --offline --target-dir ../target";
        run(env!("CARGO"), project, build);
        let mut program = Command::new(folder.path().join("target/debug/measure"));
        program.current_dir(folder.path()).env("PATH", "");
        String::from_utf8(program.output().unwrap().stdout).unwrap()
    };
    let git = |arguments: &str| run("git", &project, arguments);
    let commit = |what: &str| {
        git(&format!("add {what}"));
        let author = "-c user.name=x -c user.email=x@example.org -c commit.gpgsign=false";
        git(&format!("{author} commit --quiet --allow-empty -m {what}"));
        git("rev-parse --short=12 HEAD")
    };
    let told = |revision: &str, is_dirty: bool| {
        let rustc = meta("", false, "").rustc;
        assert!(rustc.starts_with("rustc 1."), "{rustc}");
        format!("{revision}, {is_dirty}, {rustc}")
    };

    write("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n");
    for name in ["measure", "seq"] {
        let manifest = format!("[package]\nname = {name:?}\nedition = \"2024\"\n");
        write(&format!("crates/{name}/Cargo.toml"), &manifest);
        write(&format!("crates/{name}/src/lib.rs"), "");
    }
    write("crates/measure/build.rs", include_str!("../build.rs"));
    let main = r#"fn main() {
        let [revision, dirty] = [env!("FLAGRACE_REVISION"), env!("FLAGRACE_DIRTY")];
        print!("{revision}, {dirty}, {}", env!("FLAGRACE_RUSTC"));
    }"#;
    write("crates/measure/src/main.rs", main);
    run(env!("CARGO"), &project, "generate-lockfile --offline");
    git("init --quiet");

    let first = commit(".");
    assert_eq!(built(&project), told(&first, false));
    write("crates/seq/src/lib.rs", "// A change to another crate.");
    assert_eq!(built(&project), told(&first, true));
    let second = commit(".");
    assert_eq!(built(&project), told(&second, false));
    for name in ["README.md", "results/x/raw.json", "crates/seq/tests/x.rs"] {
        write(name, "");
    }
    let third = commit("crates/seq/src");
    assert_eq!(built(&project), told(&third, false));

    git(&format!("worktree add --quiet --detach ../other {first}"));
    assert_eq!(built(&other), told(&first, false));
    // Now it is a part of somebody else's project.
    fs::rename(project.join(".git"), folder.path().join(".git")).unwrap();
    assert_eq!(built(&project), told("unknown", false));
}
