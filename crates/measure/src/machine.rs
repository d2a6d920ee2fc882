//! The machine, the compiler and the revision of a run.

use std::fs;
use std::time::SystemTime;

use flagrace_report::data::Meta;

use crate::system::open_files;

/// The version of this program with its revision: `0.1.0 (e20681ab12cd)`.
pub const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    " (",
    env!("FLAGRACE_REVISION"),
    ")"
);

/// What is needed to judge or repeat a run: the source and the compiler that the build script
/// recorded, and the current machine. Missing values are "unknown".
pub fn meta(command: &str, quick: bool, server: &str) -> Meta {
    let unknown = || "unknown".to_owned();
    let uname = nix::sys::utsname::uname();
    let kernel = uname.map(|name| name.release().to_string_lossy().into_owned());
    Meta {
        date: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        command: command.to_owned(),
        quick,
        dirty: env!("FLAGRACE_DIRTY") == "true",
        revision: env!("FLAGRACE_REVISION").to_owned(),
        lock_hash: env!("FLAGRACE_LOCK_HASH").to_owned(),
        rustc: env!("FLAGRACE_RUSTC").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        host: host().unwrap_or_else(unknown),
        os: field("/etc/os-release", "PRETTY_NAME=")
            .unwrap_or_else(|| std::env::consts::OS.to_owned()),
        kernel: kernel.unwrap_or_else(|_| unknown()),
        cpu: field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.into()),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        memory_kib: field("/proc/meminfo", "MemTotal")
            .and_then(|text| text.split_whitespace().next()?.parse().ok())
            .unwrap_or(0),
        server: server.to_owned(),
        somaxconn: field("/proc/sys/net/core/somaxconn", "").and_then(|text| text.parse().ok()),
        // macOS has no limit.
        open_files: open_files().filter(|most| *most < i64::MAX as u64),
        // A virtual machine has none.
        governor: field("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "")
            .or_else(|| Some(unknown())),
    }
}

/// The host name without its domain: the folder of a recorded run is named after it.
fn host() -> Option<String> {
    let name = nix::unistd::gethostname().ok()?.into_string().ok()?;
    name.split('.').next().map(str::to_owned)
}

/// The value in the first line that begins with `key`, without separators and quotes.
fn field(path: &str, key: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let rest = text.lines().find_map(|line| line.strip_prefix(key))?;
    let value = rest.trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '=' | '"'));
    Some(value.to_owned())
}
