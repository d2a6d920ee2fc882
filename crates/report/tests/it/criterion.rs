//! The reader of criterion's files, against files that criterion 0.8.2 wrote. The
//! fixture is cut down: of most benchmarks only the two files that are read are kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use flagrace_report::criterion::{Benchmark, read, scenarios};
use flagrace_report::data::{Design, Point};
use flagrace_report::metric;

use crate::planted::scenario;

/// A copy of the fixture in which each benchmark was written a second after the one before.
fn fixture() -> (tempfile::TempDir, PathBuf, SystemTime) {
    let root = tempfile::tempdir().unwrap();
    let criterion = root.path().join("criterion");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/criterion");
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let order = [
        "latency/threads/10/new",
        "latency/seq/10/new",
        "setup/rayon-default/new",
        "setup/async/a_b c/new",
        "bare/new",
        // Of the run before: passed over.
        "latency/seq/10/base",
    ];
    for (second, name) in (0..).zip(order) {
        let (from, to) = (from.join(name), criterion.join(name));
        fs::create_dir_all(&to).unwrap();
        for file in ["benchmark.json", "sample.json"] {
            fs::copy(from.join(file), to.join(file)).unwrap();
        }
        let sample = fs::File::options()
            .append(true)
            .open(to.join("sample.json"));
        let at = start + Duration::from_secs(second);
        sample.unwrap().set_modified(at).unwrap();
    }
    (root, criterion, start)
}

#[test]
fn each_benchmark_of_a_group_is_read_once_in_the_order_of_measuring() {
    let (_root, criterion, start) = fixture();
    let names = |group| -> Vec<(String, String)> {
        let benchmarks = read(&criterion, group, start).unwrap().into_iter();
        benchmarks.map(|one| (one.engine, one.value)).collect()
    };
    let name = |engine: &str, value: &str| (engine.to_owned(), value.to_owned());
    assert_eq!(names("latency"), [name("threads", "10"), name("seq", "10")]);
    let setup = [name("rayon-default", ""), name("async", "a/b c")];
    assert_eq!(names("setup"), setup);
    assert_eq!(names("bare"), [name("bare", "")]);
    assert_eq!(names("new"), []);
}

#[test]
fn each_value_of_a_group_becomes_a_scenario() {
    let mut group = scenario("latency", &["seq", "threads"]);
    group.point = Some(Point {
        series: "latency".to_owned(),
        axis: "ms".to_owned(),
        x: 0.0,
    });
    let benchmark = |engine: &str, value: &str, samples: &[f64]| Benchmark {
        engine: engine.to_owned(),
        value: value.to_owned(),
        samples: samples.to_vec(),
    };
    let benchmarks = vec![
        benchmark("threads", "10", &[0.1, 0.2]),
        benchmark("seq", "10", &[0.3]),
        benchmark("async", "to disk", &[0.4]),
    ];
    let made = scenarios(&group, metric::TIME, benchmarks);
    let told: Vec<_> = (made.iter())
        .map(|(one, trials)| {
            (
                &*one.name,
                one.point.as_ref().map(|p| p.x),
                one.rounds,
                trials.len(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("latency-10", Some(10.0), 2, 3),
            ("latency-to disk", None, 1, 1)
        ]
    );
    let (first, trials) = &made[0];
    assert_eq!(
        (first.baseline(), &first.design),
        ("seq", &Design::Sequential)
    );
    assert_eq!(trials[1].round, 2);
    assert_eq!(trials[1].sample().unwrap().get(metric::TIME), Some(0.2));
    assert_eq!(made[1].0.title, "Planted as latency: to disk");
}

#[test]
fn a_sample_is_the_seconds_of_one_iteration() {
    let (_root, criterion, start) = fixture();
    let samples = |group| read(&criterion, group, start).unwrap().remove(0).samples;
    // Ten samples of 7 iterations; the first took 21,537,932 ns in all.
    let threads = samples("latency");
    assert_eq!(threads.len(), 10);
    let error = threads[0] - 0.021_537_932 / 7.0;
    assert!(error.abs() < 1e-15, "{}", threads[0]);
    // A quick run: two samples, of 2^31 and 2^32 iterations.
    let quick = samples("bare");
    assert_eq!(quick.len(), 2);
    assert!((quick[1] - 1.368_231_967 / 4_294_967_296.0).abs() < 1e-18);
}

#[test]
fn what_earlier_runs_left_is_not_taken() {
    let (_root, criterion, start) = fixture();
    let since = |seconds: u64| {
        let since = start + Duration::from_secs(seconds);
        let all = ["latency", "setup", "bare"].map(|group| read(&criterion, group, since));
        all.map(|benchmarks| benchmarks.unwrap().len())
            .iter()
            .sum::<usize>()
    };
    assert_eq!([0, 1, 2, 4, 5].map(since), [5, 4, 3, 1, 0]);
    assert_eq!(read(&criterion.join("none"), "bare", start).unwrap(), []);
}

#[test]
fn files_of_another_shape_are_named() {
    let (_root, criterion, start) = fixture();
    let sample = criterion.join("bare/new/sample.json");
    for (text, why) in [
        ("{\"iters\":[1.0]}", "missing field `times`"),
        ("{\"iters\":[1.0],\"times\":[]}", "as many of both"),
        ("{\"iters\":[0.0],\"times\":[1.0]}", "no count of 0"),
        ("not json", "is not as criterion 0.8.2 writes it"),
    ] {
        fs::write(&sample, text).unwrap();
        let told = format!("{:#}", read(&criterion, "bare", start).unwrap_err());
        assert!(
            told.contains("bare/new/sample.json") && told.contains(why),
            "{told}"
        );
    }
}
