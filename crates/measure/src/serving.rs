//! One trial of a server: a process of its own, and its load from this process, which measures.
//!
//! The load is connections of which some stay idle. The others ask in a closed loop: each sends the
//! next query when its last is answered. Then they ask in an open loop, where queries are due at
//! fixed times, whether or not earlier ones are answered. Every answer is checked.

use std::env;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{self, Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use flagrace_chars::{PATIENCE, Server, THREADS, describe};
use flagrace_core::lock;
use flagrace_report::data::Sample;
use flagrace_report::metric;
use hdrhistogram::Histogram;
use nix::sys::resource::UsageWho;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::sync::Semaphore;
use tokio::task::{JoinSet, yield_now};
use tokio::time::timeout;

use crate::system::{Cores, disturbed, forget_peak, on_cores};
use crate::trial::{TooLong, percentile};
use crate::{Cost, Engine, Scenario, raise_open_files};

const ARGUMENT: &str = "__server";

/// Connections that are being opened at a time. More may overflow the queue of new connections, and
/// wait a second for the next attempt.
const OPENING: usize = 64;

const PROMPT: &str = "?> ";

/// They have from 1 to 10 matches.
const QUERIES: [&str; 10] = [
    "registered",
    "copyright",
    "fermata",
    "hourglass",
    "traffic",
    "scissors",
    "dollar",
    "mountain",
    "apostrophe",
    "shaded",
];

/// A server in a process of its own, which is killed when dropped.
struct Subject {
    child: Child,
    address: SocketAddr,
}

impl Subject {
    /// Runs this program again as a server.
    fn start(engine: Engine) -> anyhow::Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        command.args([ARGUMENT, &engine.name()]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        // Ctrl-C must not end it before the trial.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn()?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let mut subject = Self {
            child,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
        };
        subject.address = line.trim().parse().context("the server did not start")?;
        Ok(subject)
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Becomes a server and never returns, if this process was started as one. It ends with the parent,
/// whose end of standard input then closes.
pub(crate) fn become_server_if_asked() {
    let mut arguments = env::args().skip(1);
    if arguments.next().is_some_and(|first| first == ARGUMENT) {
        raise_open_files();
        let name = arguments.next().unwrap_or_default();
        let engine: Option<Engine> = serde_json::from_value(name.into()).ok();
        let model = engine.and_then(Engine::model);
        let server = model.map(|model| Server::start(model, 0, THREADS, PATIENCE));
        match server {
            Some(Ok(server)) => {
                println!("{}", server.address());
                let _ = io::copy(&mut io::stdin(), &mut io::sink());
            }
            other => eprintln!("no server: {:?}", other.map(Result::err)),
        }
        process::exit(0);
    }
}

/// Measures a server under the load of a scenario.
pub(crate) fn trial(engine: Engine, scenario: &Scenario, cores: &Cores) -> anyhow::Result<Sample> {
    let start = Instant::now();
    let (measured, disturbed) = disturbed(|| {
        let subject = on_cores(&cores.server, || Subject::start(engine))??;
        let set_up = start.elapsed();
        let load = || loaded(subject.address, subject.child.id(), scenario);
        let mut sample = on_cores(&cores.client, load)??;
        sample.0.insert("setup_s".to_owned(), set_up.as_secs_f64());
        anyhow::Ok(sample)
    });
    let mut sample = measured?;
    let known = ["setup_s", "connect_s", "download_s"].map(|key| sample.get(key).unwrap_or(0.0));
    let rest = start.elapsed().as_secs_f64() - known.iter().sum::<f64>();
    sample.0.insert("end_s".to_owned(), rest);
    sample.0.extend(disturbed.0);
    Ok(sample)
}

/// Puts the load of a scenario on the server with this address and process number.
fn loaded(address: SocketAddr, process: u32, scenario: &Scenario) -> anyhow::Result<Sample> {
    let limit = scenario.limit;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let load = load(address, process, scenario);
        timeout(limit, load).await.map_err(|_| TooLong(limit))?
    })
}

async fn load(address: SocketAddr, process: u32, scenario: &Scenario) -> anyhow::Result<Sample> {
    let server = || Cost::of_process(process).context("the server has ended");
    let (connections, queries) = (scenario.concurrency, scenario.requests);
    // The pages of its program, of the index and of the names are no connection's.
    let first = connect(address, 1).await?;
    ask(first, QUERIES.len(), Duration::ZERO).await?;
    forget_peak(process)?;
    let before = server()?;

    let start = Instant::now();
    let mut active = connect(address, connections).await?;
    let connected = start.elapsed();
    let idle = active.split_off(connections - scenario.idle_connections().unwrap_or(0));
    // One query each, untimed: a connection's first takes longer.
    let (each, others) = (active.len(), idle.len());
    let (active, _) = ask(active, each, Duration::ZERO).await?;
    let begun = server()?;
    let (mut active, closed) = ask(active, queries, Duration::ZERO).await?;
    let ended = server()?;
    let mut open = None;
    if let Some(interval) = scenario.interval {
        let (asked, measured) = ask(active, queries, interval).await?;
        (active, open) = (asked, Some(measured.latency));
    }
    let done = server()?;
    let idle = ask(idle, others, Duration::ZERO).await;
    idle.context("an idle connection")?;
    // They are open until here, and counted as idle ones are.
    drop(active);

    let cpu_s = |cost: &Cost| cost.user_s + cost.system_s;
    let spent_s = cpu_s(&ended) - cpu_s(&begun);
    // It comes in ticks, and may be ahead of the sum.
    let system_s = (ended.system_s - begun.system_s).min(spent_s);
    let seconds = |time: Duration| Some(time.as_secs_f64());
    let number = |count: Option<u64>| count.map(|count| count as f64);
    let bytes = |kib: Option<u64>| number(kib.map(|kib| kib * 1024));
    let latency = |share| percentile(open.as_ref()?, share);
    Ok(Sample::of([
        (metric::WALL, seconds(closed.took)),
        ("download_s", seconds(closed.took)),
        ("connect_s", seconds(connected)),
        ("user_s", Some(spent_s - system_s)),
        ("system_s", Some(system_s)),
        // The load generator has one thread.
        ("server_s", Some(closed.own_s)),
        ("server_busiest_s", Some(closed.own_s)),
        ("idle_memory_bytes", bytes(before.resident_kib)),
        (metric::MEMORY, bytes(done.peak_resident_kib)),
        (metric::THREADS, number(done.threads)),
        ("connections", Some(connections as f64)),
        ("latency_p50_s", latency(0.5)),
        (metric::P99, latency(0.99)),
        ("latency_p999_s", latency(0.999)),
    ]))
}

/// A query, and the answer that is due with the prompt after it.
type Dialogue = (Vec<u8>, Vec<u8>);

struct Connection {
    stream: TcpStream,
    dialogues: Arc<Vec<Dialogue>>,
}

impl Connection {
    /// Sends the query with this number, and checks the answer.
    async fn ask(&mut self, number: usize) -> anyhow::Result<()> {
        let dialogues = Arc::clone(&self.dialogues);
        let (query, answer) = &dialogues[number % dialogues.len()];
        self.stream.write_all(query).await?;
        self.expect(answer).await
    }

    async fn expect(&mut self, mut answer: &[u8]) -> anyhow::Result<()> {
        let mut bytes = [0; 1024];
        while !answer.is_empty() {
            let count = self.stream.read(&mut bytes).await?;
            ensure!(count > 0, "the server closed a connection");
            let Some(rest) = answer.strip_prefix(&bytes[..count]) else {
                let [due, came] = [answer, &bytes[..count]].map(String::from_utf8_lossy);
                bail!("wrong answer: {came:?} in place of {due:?}");
            };
            answer = rest;
        }
        Ok(())
    }
}

/// Each query with its answer.
fn dialogues() -> Vec<Dialogue> {
    let dialogue = |query: &&str| {
        let lines = flagrace_chars::find(query).map(|char| describe(char).join("\t") + "\r\n");
        let lines: Vec<String> = lines.collect();
        let matches = if lines.len() == 1 { "match" } else { "matches" };
        let last = format!("{} {matches} for '{query}'\r\n{PROMPT}", lines.len());
        (
            format!("{query}\r\n").into(),
            (lines.concat() + &last).into(),
        )
    };
    QUERIES.iter().map(dialogue).collect()
}

/// Opens connections, and waits for the first prompt of each.
async fn connect(address: SocketAddr, connections: usize) -> anyhow::Result<Vec<Connection>> {
    let dialogues = Arc::new(dialogues());
    let opening = Arc::new(Semaphore::new(OPENING));
    let mut tasks = JoinSet::new();
    for _ in 0..connections {
        let (opening, dialogues) = (Arc::clone(&opening), Arc::clone(&dialogues));
        tasks.spawn(async move {
            let _permit = opening.acquire().await;
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            // Closing then leaves no socket in TIME_WAIT: they would add up over the rounds.
            stream.set_zero_linger()?;
            let mut connection = Connection { stream, dialogues };
            connection.expect(PROMPT.as_bytes()).await?;
            anyhow::Ok(connection)
        });
    }
    joined(tasks).await
}

async fn joined<T: 'static>(mut tasks: JoinSet<anyhow::Result<T>>) -> anyhow::Result<Vec<T>> {
    let mut results = Vec::new();
    while let Some(result) = tasks.join_next().await {
        results.push(result??);
    }
    Ok(results)
}

/// What the connections of a loop share.
struct Turns {
    queries: usize,
    interval: Duration,
    /// A permit for each query that is due: the connection that has waited longest takes it. Closed
    /// when the last query is answered.
    due: Semaphore,
    progress: Mutex<Progress>,
}

/// What a loop has done so far.
#[derive(Clone)]
struct Progress {
    start: Instant,
    /// The connections that wait for their turn.
    ready: usize,
    asked: usize,
    answered: usize,
    /// From the start to the last answer: the time, and the processor time of this process.
    took: Duration,
    own_s: f64,
    /// From when each query was due, in microseconds.
    latency: Histogram<u64>,
}

/// Asks queries over the connections: one each interval or, without an interval, all at once.
async fn ask(
    active: Vec<Connection>,
    queries: usize,
    interval: Duration,
) -> anyhow::Result<(Vec<Connection>, Progress)> {
    let connections = active.len();
    let turns = Arc::new(Turns {
        queries,
        interval,
        due: Semaphore::new(0),
        progress: Mutex::new(Progress {
            start: Instant::now(),
            ready: 0,
            asked: 0,
            answered: 0,
            took: Duration::ZERO,
            own_s: 0.0,
            latency: Histogram::new(3)?,
        }),
    });
    let mut tasks = JoinSet::new();
    for connection in active {
        tasks.spawn(take_turns(connection, Arc::clone(&turns)));
    }
    while lock(&turns.progress).ready < connections {
        yield_now().await;
    }
    let (start, before) = (Instant::now(), own_seconds()?);
    lock(&turns.progress).start = start;
    for number in 1..=queries {
        turns.due.add_permits(1);
        // A timer of tokio would be late by up to a millisecond.
        while start.elapsed() < interval * number as u32 {
            yield_now().await;
        }
    }
    let active = joined(tasks).await?;
    let mut progress = lock(&turns.progress).clone();
    progress.own_s -= before;
    Ok((active, progress))
}

fn own_seconds() -> io::Result<f64> {
    let cost = Cost::of(UsageWho::RUSAGE_SELF)?;
    Ok(cost.user_s + cost.system_s)
}

async fn take_turns(mut connection: Connection, turns: Arc<Turns>) -> anyhow::Result<Connection> {
    lock(&turns.progress).ready += 1;
    while let Ok(permit) = turns.due.acquire().await {
        permit.forget();
        let number = {
            let mut progress = lock(&turns.progress);
            progress.asked += 1;
            progress.asked - 1
        };
        connection.ask(number).await?;
        let mut progress = lock(&turns.progress);
        progress.took = progress.start.elapsed();
        let due = turns.interval * number as u32;
        let latency = progress.took.saturating_sub(due).as_micros();
        progress.latency.record(latency.try_into()?)?;
        progress.answered += 1;
        if progress.answered == turns.queries {
            progress.own_s = own_seconds()?;
            turns.due.close();
        }
    }
    Ok(connection)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::thread;

    use super::*;

    #[test]
    fn queries_have_from_1_to_10_matches() {
        let counts = QUERIES.map(|query| flagrace_chars::find(query).count());
        assert_eq!(counts, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    }

    /// Puts a load of 40 queries, half of them in an open loop, on a server that changes its answer
    /// to each query by its number. Returns the result, and how many there were.
    fn asked(change: fn(usize, String) -> String) -> (anyhow::Result<Sample>, [usize; 2]) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let counts = Arc::new([0, 0].map(AtomicUsize::new));
        let shared = Arc::clone(&counts);
        let answers = |query: &str| {
            let line = format!("{query}\r\n").into_bytes();
            let known = dialogues().into_iter().find(|one| one.0 == line);
            String::from_utf8(known.unwrap().1).unwrap()
        };
        thread::spawn(move || {
            for mut stream in listener.incoming().map(Result::unwrap) {
                let counts = Arc::clone(&shared);
                counts[0].fetch_add(1, SeqCst);
                thread::spawn(move || {
                    let _ = stream.write_all(PROMPT.as_bytes());
                    let lines = BufReader::new(stream.try_clone().unwrap()).lines();
                    for query in lines.map_while(Result::ok) {
                        let number = counts[1].fetch_add(1, SeqCst);
                        let answer = change(number, answers(&query));
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
        (sample, [0, 1].map(|at| counts[at].load(SeqCst)))
    }

    #[test]
    fn every_query_is_asked_and_idle_connections_at_the_end() {
        let (sample, counts) = asked(|_, answer| answer);
        let Sample(sample) = sample.unwrap();
        // One connection before; 10 queries over it, one over each, and the loops.
        assert_eq!(counts, [1 + 5, 10 + 2 + 20 + 20 + 3]);
        assert!(sample["wall_s"] > 0.0 && sample["connections"] == 5.0);
        assert!(sample["latency_p50_s"] < 0.02 && sample["threads"] > 6.0);
    }

    #[test]
    fn a_wrong_answer_fails_the_trial() {
        // The first of an idle connection.
        let wrong = |number, answer: String| match number {
            52 => answer.replace("match", "watch"),
            _ => answer,
        };
        let why = format!("{:#}", asked(wrong).0.unwrap_err());
        assert!(
            why.starts_with("an idle connection: wrong answer: "),
            "{why}"
        );
    }
}
