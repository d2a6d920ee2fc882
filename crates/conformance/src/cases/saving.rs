//! Saves are awaited, panics propagate, and a server cannot choose where a file goes.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;

use flagrace_core::{Directory, Failure, Job, Observer, Outcome, Status};
use flagrace_server::{Config, Fault, FlagSet, Profile, Server};

use crate::Subject;
use crate::harness::*;
use crate::stores::{Failing, Holding, PanicBeside, Panicking};

/// When the call returns, the directory has every flag that is ok, whole, and nothing else: no
/// part of one that failed, and no temporary file.
pub fn ok_flags_are_on_disk_and_nothing_else_is(subject: &Subject) {
    let profile = faults([("BR", Fault::Cut), ("FR", Fault::Status(418))]);
    let server = serve(profile.clone());
    let folder = tempfile::tempdir().unwrap();
    let job = Job {
        store: Arc::new(Directory::create(folder.path()).unwrap()),
        ..Job::new(server.base_url(), [all_codes(), unknown_codes()].concat())
    };
    let report = subject.download(&job);
    // First of all: a late save is not there yet.
    let files = files_in(folder.path());
    assert_predicted(&report, |code| predict(&profile, code));
    let ok = report.outcomes.iter().filter(|o| o.status == Status::Ok);
    assert_images(files, &ok.map(flag).collect::<Vec<_>>());
}

/// The outcome has the system's reason.
pub fn a_save_that_fails_fails_its_flag_alone(subject: &Subject) {
    let server = serve(Profile::default());
    let job = Job {
        store: Arc::new(Failing(code("BR"))),
        ..Job::new(server.base_url(), all_codes())
    };
    let report = subject.download(&job);
    assert_alone(&report, "BR", Failure::Save);
    let br = report.outcomes.iter().find(|o| flag(o) == code("BR"));
    let detail = br.unwrap().detail.as_deref();
    assert!(detail.unwrap().contains("full on purpose"), "{detail:?}");
}

/// The book hands saves to an executor and does not await them: flags are reported as ok that are
/// not on disk. Here no save ends before as many images were sent as can be in flight, so a flag
/// that does not await its save is finished too soon.
pub fn a_flag_is_not_finished_before_it_is_saved(subject: &Subject) {
    let server = serve(Profile::default());
    let engine = subject.engine(CONCURRENCY);
    let images = engine.concurrency() as u64;
    let store = Arc::new(Holding::default());
    let job = Job {
        store: store.clone(),
        observer: store.clone(),
        ..Job::new(server.base_url(), all_codes())
    };
    let report = thread::scope(|scope| {
        scope.spawn(|| {
            wait_until("as many images as the concurrency", || {
                server.stats().by_status.get(&200) >= Some(&images)
            });
            store.open();
        });
        download(&engine, &job)
    });
    // First of all: every save must be over by now.
    let kept = store.kept();
    assert_eq!(store.finished_too_soon(), [], "ok before they were saved");
    assert_all(&report, Status::Ok);
    assert_eq!(kept, report.tally().ok);
}

/// A bug in a store is not an outcome.
pub fn a_panic_in_the_store_propagates_and_the_engine_works_on(subject: &Subject) {
    let server = serve(Profile::default());
    let engine = subject.engine(CONCURRENCY);
    for may_block in [true, false] {
        let code = code("BR");
        let job = Job {
            store: Arc::new(Panicking { code, may_block }),
            ..Job::new(server.base_url(), all_codes())
        };
        assert_eq!(panic_of(&engine, &job), "the store panics on purpose");
        let sound = Job::new(server.base_url(), all_codes());
        assert_all(&download(&engine, &sound), Status::Ok);
    }
}

/// Panics for every flag.
struct PanickingObserver(&'static str);

impl Observer for PanickingObserver {
    fn finished(&self, _outcome: &Outcome) {
        panic_any(self.0);
    }
}

pub fn a_panic_in_the_observer_propagates_and_the_engine_works_on(subject: &Subject) {
    let server = serve(Profile::default());
    let engine = subject.engine(CONCURRENCY);
    let job = Job {
        observer: Arc::new(PanickingObserver("the observer panics")),
        ..Job::new(server.base_url(), all_codes())
    };
    assert_eq!(panic_of(&engine, &job), "the observer panics");
    let sound = Job::new(server.base_url(), all_codes());
    assert_all(&download(&engine, &sound), Status::Ok);
}

pub fn panics_of_two_jobs_stay_apart(subject: &Subject) {
    let server = serve(Profile::default());
    let engine = subject.engine(2);
    let panics = |message: &'static str| {
        let job = Job {
            observer: Arc::new(PanickingObserver(message)),
            ..Job::new(server.base_url(), all_codes())
        };
        for _ in 0..20 {
            assert_eq!(panic_of(&engine, &job), message);
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| panics("the first panics"));
        scope.spawn(|| panics("the second panics"));
    });
}

/// A save panics while another one runs: the panic propagates when both have ended. Its caller may
/// remove the directory.
pub fn a_panic_leaves_no_save_behind(subject: &Subject) {
    let server = serve(Profile::default());
    let engine = subject.engine(CONCURRENCY);
    if engine.concurrency() == 1 {
        println!("on this machine the engine saves one flag at a time");
        return;
    }
    let codes = &all_codes()[..engine.concurrency()];
    let store = Arc::new(PanicBeside::new(codes[0]));
    let job = Job {
        store: store.clone(),
        ..Job::new(server.base_url(), codes.iter().copied())
    };
    assert_eq!(panic_of(&engine, &job), "the store panics on purpose");
    let [begun, ended] = [&store.begun, &store.ended].map(|count| count.load(SeqCst));
    assert!(
        begun > 0 && begun == ended,
        "{ended} of {begun} saves ended"
    );
}

/// The message of the panic that comes out of a job.
fn panic_of(engine: &Engine, job: &Job) -> String {
    let panicked = catch_unwind(AssertUnwindSafe(|| download(engine, job)));
    let payload = panicked.expect_err("the panic propagates");
    let message = payload.downcast::<&str>().expect("it is the same panic");
    (*message).to_owned()
}

/// An unknown code has no second request. The reported size is that of the image.
pub fn metadata_names_the_files_with_a_second_request_each(subject: &Subject) {
    let server = serve(Profile::default());
    let (known, unknown) = (all_codes(), unknown_codes());
    let job = Job {
        metadata: true,
        ..Job::new(server.base_url(), [&known[..], &unknown].concat())
    };
    let (report, files) = subject.download_files(&job);
    assert!(files["Brazil-BR.gif"] == image(code("BR")).unwrap());
    assert!(files["United_States-US.gif"] == image(code("US")).unwrap());
    assert_eq!(files.len(), known.len());
    let stats = server.stats();
    let requests = 2 * known.len() + unknown.len();
    assert_eq!(stats.requests, requests as u64);
    assert!(stats.by_code.values().all(|&images| images == 1));
    for outcome in &report.outcomes {
        let size = image(flag(outcome)).map_or(0, <[u8]>::len);
        assert_eq!(outcome.bytes, size as u64, "{outcome:?}");
    }
}

/// The server chooses the name of the country, and with it that of the file.
pub fn a_hostile_country_never_leaves_the_directory(subject: &Subject) {
    let long = "a".repeat(5_000);
    let wide = "é".repeat(5_000);
    let hostile = [
        ("aa", "../../evil"),
        ("ab", ""),
        ("ac", &long),
        ("ad", ".hidden"),
        ("ae", "nul\0nul"),
        ("af", "/etc/passwd"),
        ("ag", ".."),
        ("ah", "a\\..\\b"),
        ("ai", &wide),
        ("aj", "line\nbreak\r\x1b[31m"),
    ];
    let root = tempfile::tempdir().unwrap();
    let served = root.path().join("served");
    for (cc, country) in hostile {
        let folder = served.join(cc);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{cc}.gif")), cc).unwrap();
        let metadata = serde_json::json!({ "country": country }).to_string();
        fs::write(folder.join("metadata.json"), metadata).unwrap();
    }
    let config = Config {
        flags: FlagSet::from_directory(&served).unwrap(),
        ..Config::default()
    };
    let server = Server::start(config).unwrap();

    // Deep enough that two steps up are inside the root.
    let home = root.path().join("a/b/c");
    let job = Job {
        metadata: true,
        store: Arc::new(Directory::create(&home).unwrap()),
        ..Job::new(server.base_url(), hostile.map(|(cc, _)| code(cc)))
    };
    assert_all(&subject.download(&job), Status::Ok);
    assert!(files_in(root.path()).keys().eq(["a", "served"]));
    assert!(files_in(&root.path().join("a")).keys().eq(["b"]));
    assert!(files_in(&root.path().join("a/b")).keys().eq(["c"]));
    let files = files_in(&home);
    assert_eq!(files.len(), hostile.len(), "{files:?}");
    for (cc, _) in hostile {
        let suffix = format!("{}.gif", code(cc));
        let found = files.iter().find(|(name, _)| name.ends_with(&suffix));
        let (name, content) = found.unwrap();
        assert!(!name.starts_with('.') && !name.contains(char::is_control));
        assert_eq!(content, cc.as_bytes());
    }
}
