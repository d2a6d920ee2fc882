//! `flagrace chars`: the character finder, until Ctrl-C.

use std::io::{self, Write};
use std::{process, thread};

use clap::value_parser;
use flagrace_chars::{Model, start};

use crate::interrupt;

#[derive(clap::Args)]
pub struct Args {
    /// What serves each connection over TCP
    #[arg(long, default_value = "task", value_parser = ["thread", "task"])]
    model: String,
    /// Port for TCP, before that for HTTP; 0 takes free ones
    #[arg(long, default_value_t = 2323, value_parser = value_parser!(u16).range(..65535))]
    port: u16,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let model = match args.model.as_str() {
        "thread" => Model::Thread,
        _ => Model::Task,
    };
    flagrace_measure::raise_open_files();
    interrupt::calls(|| process::exit(0))?;
    let next = args.port + u16::from(args.port > 0);
    let port = start(model, args.port)?.port();
    let page = start(Model::Http, next)?;
    let (mut out, model) = (io::stdout(), &args.model);
    writeln!(
        out,
        "Characters by name, until Ctrl-C; each connection has a {model}."
    )?;
    writeln!(out, "telnet 127.0.0.1 {port}\nhttp://{page}")?;
    loop {
        thread::park();
    }
}
