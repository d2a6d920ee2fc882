//! `flagrace chars`: the character finder, until Ctrl-C.

use std::io::{self, Write};
use std::sync::mpsc;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::value_parser;
use flagrace_chars::{Config, Model, Server};

use crate::interrupt;

#[derive(clap::Args)]
#[command(after_help = "Then, in another terminal: `telnet 127.0.0.1 2323`, and `cat face`.")]
pub struct Args {
    /// What serves each connection over TCP
    #[arg(long, default_value = "task", value_parser = models())]
    model: Model,
    /// Port to listen on, and HTTP on the next; 0 takes free ones
    #[arg(long, default_value_t = 2323, value_parser = value_parser!(u16).range(..65535))]
    port: u16,
}

fn models() -> impl TypedValueParser<Value = Model> {
    PossibleValuesParser::new(["thread", "task"]).map(|model| match model.as_str() {
        "thread" => Model::Thread,
        _ => Model::Task,
    })
}

pub fn run(args: Args) -> anyhow::Result<()> {
    flagrace_measure::raise_open_files();
    let (sender, interrupted) = mpsc::channel();
    interrupt::calls(move || _ = sender.send(()))?;
    let config = Config {
        port: args.port,
        ..Config::default()
    };
    let tcp = Server::start(args.model, config)?;
    let port = args.port.checked_add(1).filter(|_| args.port > 0);
    let config = Config {
        port: port.unwrap_or_default(),
        ..config
    };
    let http = Server::start(Model::Http, config)?;
    let mut out = io::stdout();
    let (port, model) = (tcp.address().port(), args.model);
    writeln!(
        out,
        "Characters by name until Ctrl-C, a {model:?} for each connection:"
    )?;
    writeln!(out, "telnet 127.0.0.1 {port}")?;
    writeln!(out, "http://{}", http.address())?;
    out.flush()?;

    // The sender lives as long as the program, so this returns at Ctrl-C.
    let _ = interrupted.recv();
    Ok(())
}
