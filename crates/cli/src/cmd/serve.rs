//! `flagrace serve`: the flag server, until Ctrl-C.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use flagrace_server::{Config, FlagSet, Profile, Server};

use crate::args::at_least_one;
use crate::interrupt;
use crate::server::Knobs;

#[derive(clap::Args)]
#[command(after_help = "`flagrace get -s URL` downloads from a running server.")]
pub struct Args {
    /// LOCAL answers at once, DELAY after 0.5 s, ERROR answers a quarter with 418 and delays half by
    /// 0.5 s; options below change that
    #[arg(default_value = "LOCAL", ignore_case = true,
        value_parser = PossibleValuesParser::new(["LOCAL", "DELAY", "ERROR"])
            .try_map(|label| Profile::labelled(&label).ok_or("the server has no such profile")))]
    profile: Profile,
    #[command(flatten)]
    knobs: Knobs,
    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 8000)]
    port: u16,
    /// Address to listen on
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), value_name = "ADDRESS")]
    bind: IpAddr,
    /// Number of threads that serve requests
    #[arg(long, value_name = "N", value_parser = at_least_one,
        default_value_t = Config::default().threads)]
    threads: usize,
    /// Serve this directory, laid out as cc/cc.gif and cc/metadata.json, not the built-in flags
    #[arg(long, value_name = "DIR")]
    flags: Option<PathBuf>,
}

pub fn run(args: Args) -> anyhow::Result<()> {
    let flags = match &args.flags {
        Some(directory) => FlagSet::from_directory(directory)?,
        None => FlagSet::embedded(),
    };
    let count = flags.codes().count();
    let profile = args.knobs.shape(args.profile);
    // A request that has just begun may need its whole delay, plus some time to respond.
    let grace = profile.delay.max + Duration::from_secs(1);

    flagrace_measure::raise_open_files();
    let (sender, interrupted) = mpsc::channel();
    interrupt::calls(move || _ = sender.send(()))?;
    let server = Server::start(Config {
        bind: args.bind,
        port: args.port,
        profile,
        flags,
        threads: args.threads,
        head_timeout: Some(Duration::from_secs(30)),
    })?;
    let (url, address) = (server.base_url(), server.address());
    let mut out = io::stdout();
    writeln!(out, "{count} flags at {url} until Ctrl-C.")?;
    writeln!(out, "Counts at http://{address}/stats.")?;
    out.flush()?;

    // The sender lives as long as the program, so this returns at Ctrl-C.
    let _ = interrupted.recv();
    let stats = server.stats();
    server.stop(grace);
    writeln!(
        out,
        "\n{} requests over {} connections, at most {} at a time.",
        stats.requests, stats.connections_accepted, stats.peak_in_flight
    )?;
    Ok(())
}
