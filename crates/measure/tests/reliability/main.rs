//! Every fault against every engine, and the page that says what happens: docs/RELIABILITY.md.
//!
//! The only test of its process, because it counts threads and descriptors.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use std::{fs, thread};

use clap::ValueEnum;
use flagrace_conformance::{download, wait_until};
use flagrace_core::{CountryCode, Directory, Job, Setup, UrlList};
use flagrace_measure::Engine;
use flagrace_server::{Fault, Profile, Server, Then};
use serde::Deserialize;

/// The time limit where it is reached. The other flags of the job have it, too.
const LIMIT: Duration = Duration::from_secs(5);

/// How much longer a job may take, on a busy machine.
const MARGIN: Duration = Duration::from_secs(5);

/// Every other one has the fault.
const CODES: [&str; 6] = ["br", "de", "cl", "fr", "eg", "jp"];

/// Described in cases.toml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    fault: String,
    server: String,
    #[serde(default)]
    raw: Vec<String>,
    then: Option<String>,
    repeat: Option<(String, usize, u64)>,
    #[serde(default)]
    metadata: Vec<String>,
    status: Vec<String>,
    why: Option<String>,
}

#[test]
fn every_engine_withstands_every_fault() {
    let mut file: BTreeMap<String, Vec<Case>> = toml::from_str(include_str!("cases.toml")).unwrap();
    let mut cases = file.remove("case").unwrap();
    let page = page(&cases);
    let mut engines = Engine::value_variants().to_vec();
    // It waits forever for a silent server, as it should.
    engines.retain(|&engine| engine != Engine::AsyncBareNoTimeout);
    cases.sort_by_key(Case::waits);
    let before = open();
    assert!(before[0] > 0 || cfg!(not(target_os = "linux")));
    // Those that wait for the time limit do so at the same time.
    for group in cases.chunk_by(|one, next| one.waits() && next.waits()) {
        thread::scope(|scope| {
            for case in group {
                for &engine in &engines {
                    let name = format!("{}, {}", engine.name(), case.fault);
                    let thread = thread::Builder::new().name(name);
                    let run = move || case.is_withstood_by(engine);
                    thread.spawn_scoped(scope, run).unwrap();
                }
            }
        });
        let what = format!("threads and descriptors as before {}", group[0].fault);
        wait_until(&what, || open() == before);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/RELIABILITY.md");
    if fs::read_to_string(&path).unwrap_or_default() != page {
        fs::write(&path, page).unwrap();
        panic!("docs/RELIABILITY.md was stale, and is made again: read and commit it");
    }
}

/// The threads and descriptors of this process.
fn open() -> [usize; 2] {
    let count = |path| fs::read_dir(path).map_or(0, Iterator::count);
    ["/proc/self/task", "/proc/self/fd"].map(count)
}

impl Case {
    /// Whether a client reaches its time limit.
    fn waits(&self) -> bool {
        self.status.iter().any(|status| status == "timed out")
    }

    fn status(&self, engine: Engine) -> &str {
        let client = match engine {
            Engine::Seq | Engine::Threads | Engine::Rayon => 0,
            Engine::Async | Engine::AsyncMulti | Engine::AsyncSpawnBlocking | Engine::Hybrid => 1,
            _ => 2,
        };
        &self.status[client.min(self.status.len() - 1)]
    }

    fn faults(&self) -> Vec<Fault> {
        let spaces = " ".repeat(20_000);
        let leak = |text: &String| &*text.replace("{20,000 spaces}", &spaces).leak();
        let then = match (&self.repeat, self.then.as_deref()) {
            (Some((text, times, pause)), None) => {
                Then::Repeat(text.repeat(*times).leak(), Duration::from_millis(*pause))
            }
            (None, Some("reset")) => Then::Reset,
            (None, Some("hold")) => Then::Hold,
            (None, Some("close") | None) => Then::Close,
            other => panic!("{other:?}"),
        };
        let raw = self.raw.iter().map(|text| Fault::Raw(leak(text), then));
        let metadata = self.metadata.iter().map(|text| Fault::Metadata(leak(text)));
        raw.chain(metadata).collect()
    }

    /// Downloads flags with and without the fault in one job, and others before and after it.
    fn is_withstood_by(&self, engine: Engine) {
        let code = |text: &str| text.parse::<CountryCode>().unwrap();
        let faulty = CODES.iter().step_by(2);
        // `seq` would wait for one after the other.
        let faulty: Vec<_> = faulty.take(if self.waits() { 1 } else { 3 }).collect();
        let faults = self.faults();
        let mut profile = Profile::default();
        for (text, fault) in faulty.iter().zip(faults.iter().cycle()) {
            profile.faults.insert(code(text), *fault);
        }
        let server = Server::start(profile.into()).unwrap();
        let mut setup = Setup::with_concurrency(3);
        setup.max_body = 64 << 10;
        if self.waits() {
            setup.request_timeout = LIMIT;
        }
        let (expected, engine) = (self.status(engine), engine.build(&setup).unwrap().into());
        let sound = Job::new(server.base_url(), ["de", "fr", "jp"].map(code));
        let assert_usable = || assert_eq!(download(&engine, &sound).tally().ok, 3);
        assert_usable();

        let mut job = Job::new(server.base_url(), CODES.map(code));
        if faults.is_empty() {
            let url = |cc| match faulty.contains(&cc) {
                true => format!("http://127.0.0.1:1/{cc}.gif"),
                false => format!("{}/{cc}/{cc}.gif", server.base_url()),
            };
            let urls: Vec<_> = CODES.iter().map(url).collect();
            job = Job::of_urls(Arc::new(UrlList::parse(&urls.join("\n")).unwrap()));
        }
        let outside = tempfile::tempdir().unwrap();
        let inside = outside.path().join("inside");
        job.metadata = true;
        job.store = Arc::new(Directory::create(&inside).unwrap());
        let report = download(&engine, &job);
        assert!(report.elapsed < LIMIT + MARGIN);
        for outcome in &report.outcomes {
            let (url, status) = (job.url(outcome.item), outcome.status.to_string());
            let is_faulty = faulty.iter().any(|cc| url.ends_with(&format!("{cc}.gif")));
            let expected = if is_faulty { expected } else { "ok" };
            assert_eq!(status, expected, "{url}: {outcome:?}");
            assert!(["ok", "timed out"].contains(&&*status) || outcome.detail.is_some());
        }
        let count = |path| fs::read_dir(path).unwrap().count();
        let files = [count(outside.path()), count(&inside)];
        assert_eq!(files, [1, report.tally().ok]);
        wait_until("only idle connections are open", || {
            let stats = server.stats();
            stats.in_flight == 0 && stats.connections_open <= engine.concurrency() as u64
        });
        assert_usable();
    }
}

/// docs/RELIABILITY.md.
fn page(cases: &[Case]) -> String {
    let mut rows = [String::new(), String::new()];
    for case in cases {
        let (fault, server, status) = (&case.fault, &case.server, case.status.join(" | "));
        let why: String = case.why.iter().map(|why| format!(" {why} |")).collect();
        let row = format!("| {fault} | {server} | {status} |{why}\n");
        rows[usize::from(case.why.is_some())] += &row;
    }
    let page = include_str!("page.md").replace("{same}\n", &rows[0]);
    page.replace("{different}\n", &rows[1])
}
