//! One trial of a server: a process of its own, and its load from this process, which measures.
//!
//! The load is connections of which some stay idle. The others ask in a closed loop: each sends the
//! next query when its last is answered. Then they ask in an open loop, where queries are due at
//! fixed times, whether or not earlier ones are answered. Every answer is checked.

use std::cell::{Cell, RefCell};
use std::env;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{self, Child, Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use flagrace_chars::{PATIENCE, THREADS, describe, find};
use flagrace_report::data::Sample;
use flagrace_report::metric;
use hdrhistogram::Histogram;
use nix::sys::resource::UsageWho;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::sync::Semaphore;
use tokio::task::{JoinSet, LocalSet, yield_now};
use tokio::time::timeout;

use crate::system::{Cores, disturbed, forget_peak, on_cores};
use crate::trial::{TooLong, percentile};
use crate::{Cost, Engine, Scenario};

const ARGUMENT: &str = "__server";

/// Connections that are being opened at a time. More may overflow the queue of new connections, and
/// wait a second for the next attempt.
const OPENING: usize = 64;

const PROMPT: &str = "?> ";

/// They have from 1 to 10 matches.
const QUERIES: &str =
    "registered copyright fermata hourglass traffic scissors dollar mountain apostrophe shaded";

/// A server in a process of its own, which is killed when dropped.
struct Subject(Child);

impl Drop for Subject {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs this program again as a server.
fn start(engine: Engine) -> anyhow::Result<(Subject, SocketAddr)> {
    let mut command = Command::new(env::current_exe()?);
    command.args([ARGUMENT, &engine.name()]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    // Ctrl-C must not end it before the trial.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut subject = Subject(command.spawn()?);
    let mut line = String::new();
    if let Some(output) = subject.0.stdout.take() {
        BufReader::new(output).read_line(&mut line)?;
    }
    let address = line.trim().parse();
    let address = address.with_context(|| format!("no server: {line}"))?;
    Ok((subject, address))
}

/// Becomes a server and never returns, if this process was started as one. It ends with the parent,
/// whose end of standard input then closes.
pub(crate) fn become_server_if_asked() {
    if env::args_os().nth(1).is_some_and(|first| first == ARGUMENT) {
        let engine = serde_json::from_value::<Engine>(env::args().nth(2).into());
        let model = engine.ok().and_then(Engine::model);
        match model.map(|model| flagrace_chars::start(model, 0, THREADS, PATIENCE)) {
            Some(Ok(address)) => {
                println!("{address}");
                let _ = io::copy(&mut io::stdin(), &mut io::sink());
            }
            other => println!("{:?}", other.map(Result::err)),
        }
        process::exit(0);
    }
}

/// Measures a server under the load of a scenario. It has the cores of the client, since it is what
/// is compared; the load generator has those of the server.
pub(crate) fn trial(engine: Engine, scenario: &Scenario, cores: &Cores) -> anyhow::Result<Sample> {
    let (subject, address) = on_cores(&cores.client, || start(engine))??;
    let load = || loaded(address, subject.0.id(), scenario);
    let (sample, disturbed) = disturbed(|| on_cores(&cores.server, load));
    let mut sample = sample??;
    sample.0.extend(disturbed.0);
    Ok(sample)
}

/// Puts the load of a scenario on the server with this address and process number.
fn loaded(address: SocketAddr, process: u32, scenario: &Scenario) -> anyhow::Result<Sample> {
    let limit = scenario.limit;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let load = async { timeout(limit, load(address, process, scenario)).await };
    let ended = LocalSet::new().block_on(&runtime, load);
    ended.map_err(|_| TooLong(limit))?
}

async fn load(address: SocketAddr, process: u32, scenario: &Scenario) -> anyhow::Result<Sample> {
    let (connections, queries) = (scenario.concurrency, scenario.requests);
    let (at_once, interval) = (Duration::ZERO, scenario.interval.unwrap_or_default());
    let ask_all = |streams, queries, interval| ask_all(streams, process, queries, interval);
    // The pages of its program, of the index and of the names are no connection's.
    let first = connect(address, 1).await?;
    ask_all(first, dialogues().len(), at_once).await?;
    forget_peak(process)?;
    let before = server(process)?;

    let start = Instant::now();
    let mut idle = connect(address, connections).await?;
    let connected = start.elapsed();
    let active = idle.split_off(scenario.idle_connections().unwrap_or(0));
    let (active, closed) = ask_all(active, queries, at_once).await?;
    let (_active, open) = ask_all(active, queries, interval).await?;
    let done = server(process)?;
    let idle = ask_all(idle, 0, at_once).await;
    idle.context("an idle connection")?;

    let bytes = |kib: Option<u64>| Some(kib? as f64 * 1024.0);
    let latency = |share| percentile(&open.latency.borrow(), share);
    // The load generator has one thread.
    let [own_s, user_s, system_s] = closed.spent.get().map(Some);
    let took_s = Some(closed.took.get().as_secs_f64());
    Ok(Sample::of([
        (metric::WALL, took_s),
        ("download_s", took_s),
        ("connect_s", Some(connected.as_secs_f64())),
        ("end_s", Some(open.took.get().as_secs_f64())),
        ("user_s", user_s),
        ("system_s", system_s),
        ("server_s", own_s),
        ("server_busiest_s", own_s),
        ("idle_memory_bytes", bytes(before.resident_kib)),
        (metric::MEMORY, bytes(done.peak_resident_kib)),
        (metric::THREADS, done.threads.map(|threads| threads as f64)),
        ("connections", Some(connections as f64)),
        ("latency_p50_s", latency(0.5)),
        (metric::P99, latency(0.99)),
        ("latency_p999_s", latency(0.999)),
    ]))
}

/// The queries, and their answers.
fn dialogues() -> Vec<(String, String)> {
    let dialogue = |query| {
        let lines = find(query).map(|char| describe(char).join("\t") + "\r\n");
        let lines: Vec<String> = lines.collect();
        let matches = if lines.len() == 1 { "match" } else { "matches" };
        let last = format!("{} {matches} for '{query}'\r\n{PROMPT}", lines.len());
        (format!("{query}\r\n"), lines.concat() + &last)
    };
    QUERIES.split(' ').map(dialogue).collect()
}

/// Sends a query, and checks the answer.
async fn ask(stream: &mut TcpStream, (query, answer): (&str, &str)) -> anyhow::Result<()> {
    stream.write_all(query.as_bytes()).await?;
    let (mut due, mut bytes) = (answer.as_bytes(), [0; 1024]);
    while !due.is_empty() {
        let count = stream.read(&mut bytes).await?;
        ensure!(count > 0, "the server closed a connection");
        let came = &bytes[..count];
        due = due.strip_prefix(came).with_context(|| {
            let [due, came] = [due, came].map(String::from_utf8_lossy);
            format!("wrong answer: {came:?} in place of {due:?}")
        })?;
    }
    Ok(())
}

/// Opens connections, and waits for the first prompt of each.
async fn connect(address: SocketAddr, connections: usize) -> anyhow::Result<Vec<TcpStream>> {
    let opening = Rc::new(Semaphore::new(OPENING));
    let mut tasks = JoinSet::new();
    for _ in 0..connections {
        let opening = Rc::clone(&opening);
        tasks.spawn_local(async move {
            let _permit = opening.acquire().await;
            let mut stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            // Closing then leaves no socket in TIME_WAIT: they would add up over the rounds.
            stream.set_zero_linger()?;
            ask(&mut stream, ("", PROMPT)).await?;
            Ok(stream)
        });
    }
    joined(tasks).await
}

async fn joined(mut tasks: JoinSet<anyhow::Result<TcpStream>>) -> anyhow::Result<Vec<TcpStream>> {
    let mut streams = Vec::new();
    while let Some(stream) = tasks.join_next().await {
        streams.push(stream??);
    }
    Ok(streams)
}

/// What the connections of a loop share.
struct Turns {
    dialogues: Vec<(String, String)>,
    interval: Duration,
    start: Cell<Instant>,
    /// The connections that wait for their turn.
    ready: Cell<usize>,
    /// From the start to the last answer.
    took: Cell<Duration>,
    /// The processor time of this process, and of the server in its code and in the kernel.
    spent: Cell<[f64; 3]>,
    /// From when each query was due, in microseconds.
    latency: RefCell<Histogram<u64>>,
}

/// Asks one query over each connection, untimed, and then so many over those that are free: one each
/// interval, or all at once.
async fn ask_all(
    streams: Vec<TcpStream>,
    process: u32,
    queries: usize,
    interval: Duration,
) -> anyhow::Result<(Vec<TcpStream>, Rc<Turns>)> {
    let turns = Rc::new(Turns {
        dialogues: dialogues(),
        interval,
        start: Instant::now().into(),
        ready: Cell::default(),
        took: Cell::default(),
        spent: Cell::default(),
        latency: Histogram::new(3)?.into(),
    });
    let (sender, due) = flume::unbounded();
    let mut tasks = JoinSet::new();
    for stream in streams {
        tasks.spawn_local(take_turns(stream, Rc::clone(&turns), due.clone()));
    }
    while turns.ready.get() < tasks.len() {
        // One that ends now has failed.
        tasks.try_join_next().transpose()?.transpose()?;
        yield_now().await;
    }
    let (own, served) = (Cost::of(UsageWho::RUSAGE_SELF)?, server(process)?);
    let start = Instant::now();
    turns.start.set(start);
    for number in 0..queries {
        // A timer of tokio would be late by up to a millisecond.
        while start.elapsed() < interval * number as u32 {
            yield_now().await;
        }
        sender.send(number)?;
    }
    drop(sender);
    let streams = joined(tasks).await?;
    let cpu_s = |cost: &Cost| cost.user_s + cost.system_s;
    let own_s = cpu_s(&Cost::of(UsageWho::RUSAGE_SELF)?) - cpu_s(&own);
    let now = server(process)?;
    let server_s = cpu_s(&now) - cpu_s(&served);
    // It comes in ticks, and may be ahead of the sum.
    let system_s = (now.system_s - served.system_s).min(server_s);
    turns.spent.set([own_s, server_s - system_s, system_s]);
    Ok((streams, turns))
}

fn server(process: u32) -> anyhow::Result<Cost> {
    Cost::of_process(process).context("the server has ended")
}

async fn take_turns(
    mut stream: TcpStream,
    turns: Rc<Turns>,
    due: flume::Receiver<usize>,
) -> anyhow::Result<TcpStream> {
    let dialogue = |number: usize| {
        let (query, answer) = &turns.dialogues[number % turns.dialogues.len()];
        (&**query, &**answer)
    };
    ask(&mut stream, dialogue(0)).await?;
    turns.ready.set(turns.ready.get() + 1);
    while let Ok(number) = due.recv_async().await {
        ask(&mut stream, dialogue(number)).await?;
        let took = turns.start.get().elapsed();
        turns.took.set(took);
        let latency = took
            .saturating_sub(turns.interval * number as u32)
            .as_micros();
        turns.latency.borrow_mut().record(latency.try_into()?)?;
    }
    Ok(stream)
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::thread;

    use rstest::rstest;

    use super::*;

    #[test]
    fn queries_have_from_1_to_10_matches() {
        let counts = QUERIES.split(' ').map(|query| find(query).count());
        assert!(counts.eq(1..=10));
    }

    /// Puts a load on a server that gives one wrong answer, by its number. Returns the result, and
    /// the number of answers.
    fn asked(wrong: usize) -> (anyhow::Result<Sample>, usize) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let count = Arc::new(AtomicUsize::new(0));
        let answers = Arc::clone(&count);
        thread::spawn(move || {
            for mut stream in listener.incoming().map(Result::unwrap) {
                let answers = Arc::clone(&answers);
                thread::spawn(move || {
                    let _ = stream.write_all(PROMPT.as_bytes());
                    let lines = BufReader::new(stream.try_clone().unwrap()).lines();
                    for line in lines.map_while(Result::ok) {
                        let known = dialogues().into_iter().find(|one| one.0.trim_end() == line);
                        let answer = match answers.fetch_add(1, SeqCst) == wrong {
                            true => "1 watch".to_owned(),
                            false => known.unwrap().1,
                        };
                        let _ = stream.write_all(answer.as_bytes());
                    }
                });
            }
        });
        let scenario = Scenario {
            requests: 20,
            concurrency: 5,
            idle: Some(0.6),
            interval: Some(Duration::from_millis(1)),
            limit: Duration::from_secs(60),
            ..Scenario::default()
        };
        let sample = loaded(address, process::id(), &scenario);
        (sample, count.load(SeqCst))
    }

    #[test]
    fn every_loop_asks_all_queries_and_idle_connections_answer_at_the_end() {
        let (sample, answers) = asked(usize::MAX);
        let Sample(sample) = sample.unwrap();
        // Over the first connection, over active ones in both loops, over idle ones.
        assert_eq!(answers, 11 + (2 + 20) + (2 + 20) + 3);
        assert!(sample["wall_s"] > 0.0 && sample["end_s"] > 0.018 && sample["threads"] > 6.0);
    }

    #[rstest]
    #[case::of_an_idle_connection(11 + 22 + 22, "an idle connection: wrong answer: \"1 watch\"")]
    #[case::in_the_open_loop(11 + 22 + 9, "wrong answer: \"1 watch\" in place of ")]
    fn a_wrong_answer_fails_the_trial(#[case] number: usize, #[case] expected: &str) {
        let why = format!("{:#}", asked(number).0.unwrap_err());
        assert!(why.starts_with(expected), "{why}");
    }
}
