//! The machine, the compiler and the revision of a run.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use flagrace_report::Meta;

/// What a reader must know of a run in order to judge or repeat it, found out here and
/// now. `root` is the project's folder, or one inside it; anywhere else, as of a program that
/// was installed, nothing is said of the source but its version. What cannot be found out is
/// "unknown".
pub fn meta(root: &Path, command: &str, quick: bool, server: &str) -> Meta {
    let unknown = || "unknown".to_owned();
    let git = |args: &[&str]| output("git", &[&["-C", &root.to_string_lossy()], args].concat());
    // The revision of whatever else lies there is none of this program's.
    let top = git(&["rev-parse", "--show-toplevel"]);
    let is_ours = top.is_some_and(|top| is_project(Path::new(&top)));
    let git = |args: &[&str]| is_ours.then(|| git(args)).flatten();
    let revision = git(&["rev-parse", "--short=12", "HEAD"]);
    // What a run writes does not change what it measured.
    let changes = git(&[
        "status",
        "--porcelain",
        "--",
        ".",
        ":!results",
        ":!README.md",
    ]);
    // Anyone can compute it again with the same command.
    let lock_hash = git(&["hash-object", "Cargo.lock"]);
    let uname = nix::sys::utsname::uname().ok();
    let kernel = uname
        .as_ref()
        .map(|name| name.release().to_string_lossy().into_owned());
    Meta {
        date: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        command: command.to_owned(),
        quick,
        dirty: is_ours && changes.is_none_or(|changes| !changes.is_empty()),
        revision: revision.unwrap_or_else(unknown),
        lock_hash: lock_hash.unwrap_or_else(unknown),
        rustc: output("rustc", &["--version"]).unwrap_or_else(unknown),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        host: host().unwrap_or_else(unknown),
        os: field("/etc/os-release", "PRETTY_NAME=")
            .unwrap_or_else(|| std::env::consts::OS.to_owned()),
        kernel: kernel.unwrap_or_else(unknown),
        cpu: field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.into()),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        memory_kib: field("/proc/meminfo", "MemTotal")
            .and_then(|text| text.split_whitespace().next()?.parse().ok())
            .unwrap_or(0),
        server: server.to_owned(),
    }
}

/// Whether it is the top of this project's source: it has the crate that this file is of.
fn is_project(top: &Path) -> bool {
    let manifest = fs::read_to_string(top.join("crates/measure/Cargo.toml"));
    let name = format!("name = \"{}\"", env!("CARGO_PKG_NAME"));
    manifest.is_ok_and(|text| text.contains(&name))
}

fn host() -> Option<String> {
    let name = nix::unistd::gethostname().ok()?.into_string().ok()?;
    // Without the domain: a results folder is named after it.
    name.split('.').next().map(str::to_owned)
}

/// The value of the first line that begins with `key`, without separators and quotes.
fn field(path: &str, key: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let rest = text.lines().find_map(|line| line.strip_prefix(key))?;
    let value = rest.trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '=' | '"'));
    Some(value.to_owned())
}

fn output(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
