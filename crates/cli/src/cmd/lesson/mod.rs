//! `flagrace lesson`: asks for a prediction, runs the lesson, and shows both and the code.
//!
//! Plan, questions and code are those of docs, as they were when this was built.

mod demos;

use std::fmt::Display;
use std::io::{self, Write};

use anyhow::Context;
use clap::value_parser;
use console::style;
use flagrace_report::document::{Block, Table};
use flagrace_report::print;

use crate::interrupt;
use crate::output::tell;

const WIDTH: usize = 80;
const PLAN: &str = include_str!("../../../../../docs/LESSONS.md");

macro_rules! lessons {
    ($($page:literal $demo:ident)*) => {
        [$((include_str!(concat!("../../../../../docs/lessons/", $page)), demos::$demo)),*]
    };
}

/// A page, and a function that runs the lesson and returns what follows "It was".
type Lesson = (&'static str, fn() -> anyhow::Result<String>);
const LESSONS: [Lesson; 10] = lessons! {
    "1-two-ways.md" two_ways
    "2-what-blocks.md" what_blocks
    "3-cures.md" cures
    "4-costs.md" costs
    "5-callbacks.md" callbacks
    "6-lost-save.md" lost_save
    "7-timelines.md" timelines
    "8-model-alone.md" model_alone
    "9-where-it-matters.md" where_it_matters
    "10-slow-query.md" one_slow_query
};

#[derive(clap::Args)]
#[command(after_help = "Exit code: 0, 1 after an error, 2 for a wrong argument, 130 after Ctrl-C.")]
pub struct Args {
    /// The lesson to run [default: list them, with their minutes in a class]
    #[arg(value_name = "N", value_parser = value_parser!(u16).range(1..=LESSONS.len() as i64))]
    number: Option<u16>,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let mut lessons = plan().zip(LESSONS);
    let Some(number) = args.number else {
        let rows = lessons.map(|([minute, title, _, ask], _)| vec![minute, title, ask]);
        let table = Table::new(&["minute", "lesson", "ask"], &[1, 2], rows.collect());
        say(print::terminal(&[Block::Table(table)], WIDTH))?;
        return say("\n`flagrace lesson N` asks for a prediction, then runs lesson N.");
    };
    // The shell's next prompt must begin a line.
    interrupt::calls(|| {
        tell("");
        std::process::exit(interrupt::EXIT_CODE.into());
    })?;
    let lesson = lessons.nth(usize::from(number) - 1);
    let ([minute, title, page, ask], (text, run)) = lesson.context("the plan is too short")?;
    say(style(format!("{title} (minute {minute})\n")).bold())?;
    let prediction = predict(text)?;
    let evidence = format!("{prediction}It was {}.", run()?);
    say(style(format!("\n{evidence}\n")).bold())?;
    let ask = Block::Text(format!("Ask: {ask}\n"));
    say(print::terminal(&[ask], WIDTH))?;
    for (place, code) in quoted(text) {
        let fits = place.len() + code.len() < WIDTH - 1;
        say(place + if fits { "  " } else { "\n    " } + code)?;
    }
    say(format_args!("Read docs/lessons/{page}.md"))
}

fn say(line: impl Display) -> anyhow::Result<()> {
    Ok(writeln!(io::stdout(), "{line}")?)
}

/// The rows of the plan that link to a page: minute, title, page, and questions.
fn plan() -> impl Iterator<Item = [String; 4]> {
    PLAN.lines().filter_map(|line| {
        let mut cells = line.trim_start_matches("| ").split(" | ");
        let (minute, lesson, ask) = (cells.next()?, cells.next()?, cells.nth(1)?);
        let link = lesson.strip_prefix('[')?.strip_suffix(".md)")?;
        let (title, page) = link.split_once("](lessons/")?;
        // Answers follow the questions, which are in italics.
        let questions: Vec<_> = ask.split('*').skip(1).step_by(2).collect();
        let cells = [minute, title, page, &questions.join(" ")];
        Some(cells.map(|cell| cell.replace('`', "")))
    })
}

/// Asks the question below a page's title until the answer is a number, or none.
fn predict(page: &str) -> anyhow::Result<String> {
    let question = page.split("\n\n").nth(1).unwrap_or_default();
    say(question.trim_start_matches("**Predict:** "))?;
    let is_number = |said: &str| said.parse().is_ok_and(f64::is_finite);
    loop {
        write!(io::stdout(), "A number, or return: ")?;
        io::stdout().flush()?;
        let mut line = String::new();
        io::stdin().read_line(&mut line)?;
        match line.trim() {
            "" => return Ok(String::new()),
            said if is_number(said) => return Ok(format!("You said {said}. ")),
            said => say(format_args!("'{said}' is not a number, such as 30 or 0.5."))?,
        }
    }
}

/// The code that a page quotes: where it is, and the line.
fn quoted(page: &str) -> impl Iterator<Item = (String, &str)> {
    page.split("[`").filter_map(|link| {
        let (code, target) = link.split_once("`](../../")?;
        let (file, line) = target.split(')').next()?.split_once("#L")?;
        Some((format!("{file}:{line}"), code))
    })
}
