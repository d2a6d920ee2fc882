//! One trial of a server: a process of its own, and its load from this process, which measures.
//!
//! The load is connections of which some stay idle. The others ask in a closed loop: each sends the
//! next query when its last is answered. Then they ask in an open loop, where queries are due at
//! fixed times, whether or not earlier ones are answered. Every answer is checked.

use std::env;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{self, Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use flagrace_chars::{describe, find, summary};
use flagrace_report::data::Sample;
use flagrace_report::metric;
use futures_util::future::try_join_all;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use nix::sys::resource::UsageWho;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::task::yield_now;
use tokio::time::timeout;
use tokio::try_join;

use crate::system::{Cores, disturbed, forget_peak, on_cores};
use crate::trial::{Percentiles, TooLong, percentiles};
use crate::{Cost, Engine, Scenario};

const ARGUMENT: &str = "__server";

/// Connections that are being opened at a time. More may overflow the queue of new connections, and
/// wait a second for the next attempt.
const OPENING: usize = 64;

const PROMPT: &str = "?> ";

/// They have from 1 to 10 matches.
const QUERIES: &str =
    "registered copyright fermata hourglass traffic scissors dollar mountain apostrophe shaded";

/// Runs this program again as a server, until it is killed or this process ends.
fn start(engine: Engine) -> anyhow::Result<(Child, SocketAddr)> {
    let mut command = Command::new(env::current_exe()?);
    command.args([ARGUMENT, &engine.name()]);
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut server = piped.spawn()?;
    let output = server.stdout.take().context("it has no output")?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    let address = line.trim().parse();
    let address = address.with_context(|| format!("no server: {line}"))?;
    Ok((server, address))
}

/// Becomes a server and never returns, if this process was started as one. It ends with the parent,
/// whose end of standard input then closes.
pub(crate) fn become_server_if_asked() {
    if env::args_os().nth(1).is_some_and(|first| first == ARGUMENT) {
        let engine = serde_json::from_value::<Engine>(env::args().nth(2).into());
        let model = engine.ok().and_then(Engine::model);
        match model.map(|model| flagrace_chars::start(model, 0)) {
            Some(Ok(address)) => println!("{address}"),
            Some(Err(why)) => println!("{why}"),
            None => {}
        }
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        process::exit(0);
    }
}

/// Measures a server under the load of a scenario. It has the cores of the client, since it is what
/// is compared; the load generator has those of the server.
pub(crate) fn trial(engine: Engine, scenario: &Scenario, cores: &Cores) -> anyhow::Result<Sample> {
    let (mut server, address) = on_cores(&cores.client, || start(engine))??;
    let process = server.id();
    let load = || loaded(address, process, scenario);
    let (sample, disturbed) = disturbed(|| on_cores(&cores.server, load));
    server.kill()?;
    server.wait()?;
    let mut sample = sample??;
    sample.0.extend(disturbed.0);
    Ok(sample)
}

/// Puts the load of a scenario on the server with this address and process number.
fn loaded(address: SocketAddr, process: u32, scenario: &Scenario) -> anyhow::Result<Sample> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let load = async { timeout(scenario.limit, load(address, process, scenario)).await };
    let ended = runtime.block_on(load);
    ended.map_err(|_| TooLong(scenario.limit))?
}

async fn load(address: SocketAddr, process: u32, scenario: &Scenario) -> anyhow::Result<Sample> {
    let (connections, queries) = (scenario.concurrency, scenario.requests);
    let server = || Cost::of_process(process).context("the server has ended");
    let dialogues = dialogues();
    // The pages of its program, of the index and of the names are no connection's.
    let mut first = [connect(address).await?];
    for dialogue in &dialogues {
        ask_each(&mut first, dialogue).await?;
    }
    drop(first);
    forget_peak(process)?;
    let fresh = server()?;

    let start = Instant::now();
    let streams = stream::iter(0..connections).map(|_| connect(address));
    let streams = streams.buffer_unordered(OPENING).try_collect();
    let mut streams: Vec<_> = streams.await?;
    let connected = start.elapsed();
    let idle = scenario.idle_connections().unwrap_or(0);
    let (idle, active) = streams.split_at_mut(idle);

    ask_each(active, &dialogues[0]).await?;
    let own = || Cost::of(UsageWho::RUSAGE_SELF);
    // To read the cost of many threads takes a while, which is not the loop's.
    let before = (server()?, own()?);
    let (took, ..) = take_turns(active, &dialogues, queries, Duration::ZERO).await?;
    let (own, after) = (own()?, server()?);
    ask_each(active, &dialogues[0]).await?;
    let interval = scenario.interval.unwrap_or_default();
    let (open, latency, late) = take_turns(active, &dialogues, queries, interval).await?;
    let done = server()?;
    (ask_each(idle, &dialogues[0]).await).context("an idle connection")?;

    let cpu_s = |cost: &Cost| cost.user_s + cost.system_s;
    let own_s = cpu_s(&own) - cpu_s(&before.1);
    let server_s = cpu_s(&after) - cpu_s(&before.0);
    // It comes in ticks, and may be ahead of the sum.
    let system_s = (after.system_s - before.0.system_s).min(server_s);
    let bytes = |kib: Option<u64>| Some(kib? as f64 * 1024.0);
    Ok(Sample::of([
        (metric::WALL, Some(took.as_secs_f64())),
        ("download_s", Some(took.as_secs_f64())),
        ("connect_s", Some(connected.as_secs_f64())),
        ("end_s", Some(open.as_secs_f64())),
        ("user_s", Some(server_s - system_s)),
        ("system_s", Some(system_s)),
        // The load generator has one thread.
        ("server_s", Some(own_s)),
        ("server_busiest_s", Some(own_s)),
        ("idle_memory_bytes", bytes(fresh.resident_kib)),
        (metric::MEMORY, bytes(done.peak_resident_kib)),
        (metric::THREADS, done.threads.map(|threads| threads as f64)),
        ("latency_p50_s", latency[0]),
        (metric::P99, latency[1]),
        ("latency_p999_s", latency[2]),
        (metric::LATE, late[1]),
    ]))
}

/// A query and its answer.
type Dialogue = (String, String);

fn dialogues() -> Vec<Dialogue> {
    let dialogue = |query| {
        let lines = find(query).map(|char| describe(char).join("\t") + "\r\n");
        let lines: Vec<String> = lines.collect();
        let last = summary(lines.len(), query) + "\r\n" + PROMPT;
        (format!("{query}\r\n"), lines.concat() + &last)
    };
    QUERIES.split(' ').map(dialogue).collect()
}

/// Opens a connection, and waits for the first prompt.
async fn connect(address: SocketAddr) -> anyhow::Result<TcpStream> {
    let stream = TcpStream::connect(address).await;
    let mut stream = stream.context("a connection failed; does `ulimit -n` allow as many?")?;
    stream.set_nodelay(true)?;
    // Closing then leaves no socket in TIME_WAIT: they would add up over the rounds.
    stream.set_zero_linger()?;
    ask(&mut stream, &(String::new(), PROMPT.to_owned())).await?;
    Ok(stream)
}

/// Sends a query, and checks the answer.
async fn ask(stream: &mut TcpStream, (query, answer): &Dialogue) -> anyhow::Result<()> {
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

/// Asks a query over each connection.
async fn ask_each(streams: &mut [TcpStream], dialogue: &Dialogue) -> anyhow::Result<()> {
    try_join_all(streams.iter_mut().map(|stream| ask(stream, dialogue))).await?;
    Ok(())
}

/// Asks so many queries over the connections that are free: one each interval, or all at once.
/// Returns the time to the last answer, and percentiles of two times from when a query was due: to
/// its answer, and until it was in the queue of the connections.
async fn take_turns(
    streams: &mut [TcpStream],
    dialogues: &[Dialogue],
    queries: usize,
    interval: Duration,
) -> anyhow::Result<(Duration, Percentiles, Percentiles)> {
    let (sender, waiting) = flume::unbounded();
    let start = Instant::now();
    let send = async move {
        let mut late = Vec::new();
        for number in 0..queries {
            let due = start + interval * number as u32;
            // A timer of tokio would be late by up to a millisecond.
            while Instant::now() < due {
                yield_now().await;
            }
            late.push(due.elapsed());
            sender.send((due, number))?;
        }
        anyhow::Ok(late)
    };
    let answered = async |stream: &mut TcpStream| {
        let mut answers = Vec::new();
        while let Ok((due, number)) = waiting.recv_async().await {
            ask(stream, &dialogues[number % dialogues.len()]).await?;
            answers.push((due, Instant::now()));
        }
        anyhow::Ok(answers)
    };
    let (late, answers) = try_join!(send, try_join_all(streams.iter_mut().map(answered)))?;
    let answers = answers.concat();
    let latency = percentiles(answers.iter().map(|(due, end)| *end - *due))?;
    let took = answers.iter().map(|(_, end)| *end - start).max();
    let late = percentiles(late.into_iter())?;
    Ok((took.unwrap_or_default(), latency, late))
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;
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
        let count: &AtomicUsize = Box::leak(Box::default());
        thread::spawn(move || {
            for mut stream in listener.incoming().map(Result::unwrap) {
                thread::spawn(move || {
                    let _ = stream.write_all(PROMPT.as_bytes());
                    let lines = BufReader::new(stream.try_clone().unwrap()).lines();
                    for line in lines.map_while(Result::ok) {
                        let known = dialogues().into_iter().find(|one| one.0.trim_end() == line);
                        let (_, mut answer) = known.unwrap();
                        if count.fetch_add(1, SeqCst) == wrong {
                            answer = "1 watch".to_owned();
                        }
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
        assert_eq!(answers, 10 + (2 + 20) + (2 + 20) + 3);
        assert!(sample["wall_s"] > 0.0 && sample["end_s"] > 0.018 && sample["threads"] > 6.0);
        assert!(sample["late_p99_s"] < sample["end_s"]);
    }

    #[rstest]
    #[case::of_an_idle_connection(10 + 22 + 22, "an idle connection: wrong answer: \"1 watch\"")]
    #[case::in_the_open_loop(10 + 22 + 9, "wrong answer: \"1 watch\" in place of ")]
    fn a_wrong_answer_fails_the_trial(#[case] number: usize, #[case] expected: &str) {
        let why = format!("{:#}", asked(number).0.unwrap_err());
        assert!(why.starts_with(expected), "{why}");
    }
}
