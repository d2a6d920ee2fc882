//! Records the source of the binary: the revision, whether there are uncommitted changes,
//! Cargo.lock and the compiler. These may differ where the binary runs.

use std::env;
use std::process::Command;

/// The sources of a binary. Without the tests: changing one should not rebuild this crate and all
/// that depend on it.
const SOURCES: [&str; 5] = [
    "Cargo.toml",
    "Cargo.lock",
    "benches",
    "crates",
    ":(exclude,glob)crates/*/tests/**",
];

fn main() {
    // In a package or inside another project, git would describe other sources.
    let place = git(".", &["rev-parse", "--show-prefix"]);
    let is_ours = place.as_deref() == Some("crates/measure/");
    let git = |args: &[&str]| is_ours.then(|| git("../..", args)).flatten();
    let of_sources = |args: &[&str]| git(&[args, &["--"], &SOURCES].concat());

    let changes = of_sources(&["status", "--porcelain"]);
    let is_dirty = is_ours && changes.is_none_or(|changes| !changes.is_empty());
    record("DIRTY", Some(is_dirty.to_string()));
    record("REVISION", git(&["rev-parse", "--short=12", "HEAD"]));
    // The same command gives the same hash anywhere.
    record("LOCK_HASH", git(&["hash-object", "Cargo.lock"]));
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    record("RUSTC", output(Command::new(rustc).arg("--version")));

    // Whatever moves HEAD appends to its log. Without a log, cargo finds the file missing and
    // always runs this again.
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"]).unwrap_or_default();
    let files = of_sources(&["ls-files"]).unwrap_or_default();
    println!("cargo::rerun-if-changed=build.rs");
    for file in files.lines().chain(log.lines()) {
        let path = std::path::Path::new("../..").join(file);
        println!("cargo::rerun-if-changed={}", path.display());
    }
}

fn record(name: &str, value: Option<String>) {
    let value = value.as_deref().unwrap_or("unknown");
    println!("cargo::rustc-env=FLAGRACE_{name}={value}");
}

fn git(directory: &str, args: &[&str]) -> Option<String> {
    // Without the lock that `status` takes: a concurrent commit would fail.
    let git = ["--no-optional-locks", "-C", directory];
    output(Command::new("git").args(git).args(args))
}

fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
