//! The file that keeps a comparison: written a round at a time, and read whatever ended it.

use std::fs;
use std::path::Path;

use crate::common::compare::{comparison, failure, scenario, trial, whole};
use flagrace_report::Error;
use flagrace_report::comparison::{Comparison, FILE, Trial, Writer, read, write};

fn text(folder: &Path) -> String {
    fs::read_to_string(folder.join(FILE)).unwrap()
}

#[test]
fn what_is_added_round_by_round_comes_back() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("results/latest");
    let whole = whole();
    let nothing = comparison(Vec::new(), Vec::new());
    let mut writer = Writer::new(&folder, nothing.meta.clone()).unwrap();
    for scenario in &whole.scenarios {
        writer.scenario(scenario.clone());
        for round in 1..=scenario.rounds {
            let these: Vec<Trial> = (whole.trials.iter())
                .filter(|trial| trial.scenario == scenario.name && trial.round == round)
                .cloned()
                .collect();
            writer.trials(&these).unwrap();
            // Whoever reads meanwhile sees whole rounds.
            assert_eq!(read(&folder).unwrap().trials.last(), these.last());
        }
    }
    for timeline in &whole.timelines {
        writer.timeline(timeline.clone()).unwrap();
    }
    assert_eq!(read(&folder).unwrap(), whole);

    // Written at once, it is the same, and what was there is gone.
    let other = root.path().join("other");
    write(&other, &nothing).unwrap();
    write(&other, &whole).unwrap();
    assert_eq!(read(&other).unwrap(), whole);
    let left: Vec<_> = fs::read_dir(&other).unwrap().collect();
    assert_eq!(left.len(), 1);
}

#[test]
fn what_was_there_makes_way_for_the_first_round() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), &whole()).unwrap();
    let before = text(root.path());
    let mut writer = Writer::new(root.path(), whole().meta).unwrap();
    writer.scenario(scenario("local"));
    assert_eq!(text(root.path()), before);
    for round in 1..=2 {
        let trial = trial("local", round, "async", 0.4);
        writer.trials(&[trial]).unwrap();
    }
    // One that has no round is not among them.
    writer.scenario(scenario("delay"));
    let now = read(root.path()).unwrap();
    assert_eq!((now.scenarios.len(), now.trials.len()), (1, 2));
    assert_eq!(&now, writer.kept());
}

#[test]
fn a_line_that_was_not_finished_is_passed_over() {
    let root = tempfile::tempdir().unwrap();
    let whole = comparison(
        vec![scenario("local")],
        vec![
            trial("local", 1, "threads", 0.1),
            failure("local", 1, "async", "more\nlines \u{1F6A9}"),
        ],
    );
    write(root.path(), &whole).unwrap();
    let bytes = fs::read(root.path().join(FILE)).unwrap();
    let last = bytes[..bytes.len() - 1]
        .iter()
        .rposition(|b| *b == b'\n')
        .unwrap()
        + 1;
    let mut without = whole.clone();
    without.trials.pop();
    // Wherever it was cut, in the middle of a letter too.
    for end in last..bytes.len() {
        fs::write(root.path().join(FILE), &bytes[..end]).unwrap();
        assert_eq!(read(root.path()).unwrap(), without, "{end}");
    }
    fs::write(root.path().join(FILE), &bytes).unwrap();
    assert_eq!(read(root.path()).unwrap(), whole);
}

/// Flags of runs that were recorded when engines had lanes.
#[test]
fn the_lane_of_a_flag_is_passed_over() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), &whole()).unwrap();
    let old = text(root.path()).replace("{\"label\":", "{\"lane\":3,\"label\":");
    assert!(old.contains("lane"), "{old}");
    fs::write(root.path().join(FILE), old).unwrap();
    assert_eq!(read(root.path()).unwrap(), whole());
}

/// A way to spoil a comparison, and what the error then says.
type Spoilt = (fn(&mut Comparison), &'static str);

#[test]
fn what_contradicts_itself_is_refused_with_its_place() {
    let spoilt: [Spoilt; 9] = [
        (
            |c| c.scenarios.push(c.scenarios[0].clone()),
            "scenario \"local\" is there twice",
        ),
        (
            |c| c.trials[0].scenario = "elsewhere".to_owned(),
            "there is no such scenario",
        ),
        (
            |c| c.trials.push(c.trials[0].clone()),
            "measured twice in one round",
        ),
        (
            |c| c.trials[0].error = Some("both".to_owned()),
            "either `measured` or `error`",
        ),
        (
            |c| c.trials[0].measured = None,
            "either `measured` or `error`",
        ),
        (
            |c| c.trials[0].measured.as_mut().unwrap().wall_s = 0.0,
            "wall_s is 0; a time is",
        ),
        (
            |c| c.trials[0].measured.as_mut().unwrap().user_s = -1.0,
            "user_s is -1; it must",
        ),
        (
            |c| c.trials[1].noise = true,
            "the second trial of the baseline, \"threads\"",
        ),
        (|c| c.meta.date = "../etc".to_owned(), "is not RFC 3339"),
    ];
    for (spoil, why) in spoilt {
        let root = tempfile::tempdir().unwrap();
        let mut one = comparison(
            vec![scenario("local")],
            vec![
                trial("local", 1, "threads", 0.1),
                trial("local", 1, "async", 0.1),
            ],
        );
        spoil(&mut one);
        write(root.path(), &one).unwrap();
        let error = read(root.path()).unwrap_err();
        assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
        let told = error.to_string();
        assert!(told.contains(why) && told.contains(FILE), "{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
    }
}

#[test]
fn what_is_not_such_a_file_is_refused() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), &whole()).unwrap();
    let good = text(root.path());
    let (header, rest) = good.split_once('\n').unwrap();
    let other_format = good.replacen("\"format\":1", "\"format\":2", 1);
    let mut middle = good.clone();
    middle.insert_str(header.len() + 1, "{\"trial\": \n");
    let unknown = good.replacen("\"wall_s\"", "\"wall_ms\"", 1);
    for (text, why) in [
        (String::new(), "it is empty"),
        (header.to_owned(), "it is empty"),
        (rest.to_owned(), "its first line is not `comparison`"),
        (
            format!("{header}\n{header}\n"),
            "`comparison` is there twice",
        ),
        (other_format, "is in format 2; this program reads format 1"),
        (middle, "is not a comparison of flagrace"),
        (unknown, "is not a comparison of flagrace"),
        ("no JSON\n".to_owned(), "is not a comparison of flagrace"),
    ] {
        fs::write(root.path().join(FILE), &text).unwrap();
        let error = read(root.path()).unwrap_err().to_string();
        assert!(error.contains(why) && error.contains(FILE), "{error}");
    }
    fs::remove_file(root.path().join(FILE)).unwrap();
    assert!(matches!(read(root.path()), Err(Error::Read { .. })));
}
