//! The file of a run.

use flagrace_report::data::{Outcome, Run, Sample};
use flagrace_report::metric;
use rstest::rstest;

use crate::documents::answering;

fn measured(run: &mut Run, key: &str, number: f64) {
    run.trials[0].outcome = Outcome::Measured(Sample::of([(key, Some(number))]));
}

#[rstest]
#[case("measured twice in one round", |run: &mut Run| run.trials.push(run.trials[0].clone()))]
#[case("\"wall\" is not a metric", |run: &mut Run| measured(run, "wall", 1.0))]
#[case("finite and above 0", |run: &mut Run| measured(run, metric::WALL, 0.0))]
#[case("finite and at least 0", |run: &mut Run| measured(run, "user_s", -1.0))]
#[case("second trial", |run: &mut Run| run.trials[1].control = true)]
#[case("no such scenario", |run: &mut Run| run.trials[1].scenario = "other".to_owned())]
#[case("there twice", |run: &mut Run| run.scenarios.push(run.scenarios[0].clone()))]
#[case("not RFC 3339", |run: &mut Run| run.meta.date = "yesterday".to_owned())]
fn an_inconsistent_run_is_rejected(#[case] why: &str, #[case] change: fn(&mut Run)) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let mut run = answering();
    change(&mut run);
    let read = run.write(&path).and_then(|()| Run::read(&path));
    let told = format!("{:#}", read.unwrap_err());
    assert!(told.contains(why), "{told}");
}
