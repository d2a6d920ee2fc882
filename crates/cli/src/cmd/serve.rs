//! `flagrace serve`: be the flag server, until Ctrl-C.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use flagrace_server::{Config, FlagSet, LABELS, Profile, Server};

use crate::interrupt;
use crate::server::Knobs;

#[derive(clap::Args)]
pub struct Args {
    /// LOCAL answers at once, DELAY after 0.5 s, ERROR refuses a quarter of the flags
    /// and delays half of them by 0.5 s
    #[arg(default_value = "LOCAL", value_parser = profile)]
    profile: Profile,
    #[command(flatten)]
    knobs: Knobs,
    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 8000)]
    port: u16,
    /// Address to listen on
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), value_name = "ADDRESS")]
    bind: IpAddr,
    /// Threads that serve; one for each core unless told otherwise
    #[arg(long, value_name = "N", value_parser = crate::args::at_least_one)]
    threads: Option<usize>,
    /// Directory of flags, laid out as cc/cc.gif and cc/metadata.json, in place of those built in
    #[arg(long, value_name = "DIR")]
    flags: Option<PathBuf>,
}

fn profile(text: &str) -> Result<Profile, String> {
    Profile::labelled(text).ok_or_else(|| {
        let labels = LABELS.join(", ");
        format!("a profile is one of {labels}; `flagrace get --server` downloads from an address")
    })
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let flags = match &args.flags {
        Some(directory) => FlagSet::from_directory(directory)?,
        None => FlagSet::embedded(),
    };
    let count = flags.codes().count();
    let profile = args.knobs.shape(args.profile);
    // A request that has just begun may need its whole delay, and a moment more.
    let grace = profile.delay.max + Duration::from_secs(1);
    let behaviour = crate::server::describe(&profile);

    flagrace_measure::raise_open_files();
    let interrupted = interrupt::channel()?;
    let threads = args.threads.unwrap_or(Config::default().threads);
    let server = Server::start(Config {
        bind: args.bind,
        port: args.port,
        profile,
        flags,
        threads,
    })?;
    let root = server.address();
    let mut out = io::stdout();
    writeln!(out, "{count} flags at {}, {behaviour}.", server.base_url())?;
    writeln!(
        out,
        "All of them at http://{root}/, counts at http://{root}/stats. Ctrl-C stops."
    )?;
    out.flush()?;

    // Nothing else holds the other end: it waits until Ctrl-C.
    let _ = interrupted.recv();
    let stats = server.stats();
    server.stop(grace);
    writeln!(
        out,
        "\n{} requests over {} connections, at most {} at a time.",
        stats.requests, stats.connections_accepted, stats.peak_in_flight
    )?;
    Ok(ExitCode::SUCCESS)
}
