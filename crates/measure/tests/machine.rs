//! What is said of the source that a run is of. It has a program of its own: a trial counts all
//! children of the program that it is part of, and this one runs git.

use std::fs;
use std::process::Command;

use flagrace_measure::meta;

#[test]
fn the_revision_of_another_project_is_none_of_ours() {
    let other = tempfile::tempdir().unwrap();
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        command.arg("-C").arg(other.path());
        command.args(["-c", "user.name=x", "-c", "user.email=x@example.org"]);
        let output = command.args(args).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    git(&["init", "--quiet"]);
    git(&["commit", "--quiet", "--allow-empty", "-m", "theirs"]);
    fs::write(other.path().join("change"), "").unwrap();
    let theirs = meta(other.path(), "", false, "");
    assert_eq!((theirs.revision.as_str(), theirs.dirty), ("unknown", false));

    // A folder with this crate in it is the project, whatever else it is.
    let measure = other.path().join("crates/measure");
    fs::create_dir_all(&measure).unwrap();
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    fs::copy(manifest, measure.join("Cargo.toml")).unwrap();
    let ours = meta(&measure, "", false, "");
    assert_eq!(ours.revision, git(&["rev-parse", "--short=12", "HEAD"]));
    assert!(ours.dirty);
}
