//! The scenarios by name: those that are built in, and those of a user's file.

mod file;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use anyhow::Error;
use flagrace_core::{BaseUrl, CountryCode, Selection};
use flagrace_report::comparison::Family;
use flagrace_server::Profile;

use self::file::{Entry, parse};
use crate::args::{StoreKind, built_in};
use crate::engine::Engine;
use crate::output::text::count;
use crate::usage::Usage;

/// Those that are built in.
const BUILT_IN: &str = include_str!("../../../../scenarios.toml");

/// What `--scenario` says in place of every name.
pub const ALL: &str = "all";

/// What is compared where nobody names a scenario: what a newcomer asks first.
pub const DEFAULT: [&str; 2] = ["local", "delay"];

/// What is downloaded from whom, by whom and how often.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub name: String,
    pub title: String,
    pub family: Option<Family>,
    pub work: Work,
    pub concurrency: usize,
    /// How a server of our own behaves.
    pub profile: Profile,
    pub metadata: bool,
    pub store: StoreKind,
    /// The first is the baseline.
    pub engines: Vec<Engine>,
    pub rounds: usize,
    pub timeline: bool,
    /// How long a trial may take.
    pub patience: Duration,
}

/// What is downloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// The 20 most populous countries.
    Popular,
    /// All flags that are built in.
    All,
    /// So many flags: all of them, over and over.
    Flags(usize),
    /// So many URLs: those of the file that the command line names.
    Urls(usize),
}

impl Scenario {
    /// Which flags a trial downloads; `None` where that is a list of URLs.
    pub fn codes(&self) -> Option<Vec<CountryCode>> {
        Some(match self.work {
            Work::Popular => Selection::Popular.codes(None).ok()?,
            Work::All => built_in(),
            Work::Flags(n) => built_in().into_iter().cycle().take(n).collect(),
            Work::Urls(_) => return None,
        })
    }

    /// How many flags or URLs a trial downloads.
    pub fn flags(&self) -> usize {
        match self.work {
            Work::Urls(n) => n,
            _ => self.codes().map_or(0, |codes| codes.len()),
        }
    }

    /// A heading for a server somewhere. The scenario's own may tell of a delay or of errors
    /// that this server does not have.
    pub fn title_at(&self, url: &BaseUrl) -> String {
        let flags = count(self.flags(), "flag");
        let metadata = if self.metadata { " with metadata" } else { "" };
        format!(
            "{flags}{metadata}, {} at a time, from {url}",
            self.concurrency
        )
    }

    /// Whether `--scenario WORD` means it: its own name, its family's, or all.
    fn is_meant_by(&self, word: &str) -> bool {
        let family = self.family.as_ref().map(|family| family.name.as_str());
        word == ALL || word == self.name || Some(word) == family
    }
}

/// The entries of a user's file.
pub fn read(path: &Path) -> anyhow::Result<Vec<Entry>> {
    let name = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Usage::error(format!("cannot read the scenarios of {name}: {error}")))?;
    let own = parse(&text).map_err(|what| Usage::error(format!("{name}, {what}")))?;
    if own.is_empty() {
        return Err(Usage::error(format!(
            "{name}: there is no scenario in it; `flagrace compare --help` shows one"
        )));
    }
    if let Some(twice) = twice(own.iter().map(|entry| entry.name.as_str())) {
        return Err(Usage::error(format!(
            "{name}: scenario '{twice}' is there twice; give one of them another name"
        )));
    }
    Ok(own)
}

/// All scenarios in order: those built in, then the user's own. One of those takes the place
/// of one built in that has its name.
pub fn load(own: &[Entry]) -> anyhow::Result<Vec<Scenario>> {
    let mut entries = parse(BUILT_IN).map_err(Error::msg)?;
    for entry in own {
        match entries.iter_mut().find(|other| other.name == entry.name) {
            Some(other) => *other = entry.clone(),
            None => entries.push(entry.clone()),
        }
    }
    let mut scenarios = Vec::new();
    for entry in &entries {
        let expanded = entry.expand();
        let expanded =
            expanded.map_err(|what| Usage::error(format!("scenario '{}': {what}", entry.name)))?;
        scenarios.extend(expanded);
    }
    // A number may be in a list twice, or a scenario be called as one of a family is.
    let names = scenarios.iter().map(|scenario| scenario.name.as_str());
    if let Some(name) = twice(names) {
        return Err(Usage::error(format!(
            "scenario '{name}' is there twice; those of a family are called by its name, a dash \
             and their number"
        )));
    }
    Ok(scenarios)
}

/// The first name that was there before.
fn twice<'a>(mut names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut seen = BTreeSet::new();
    names.find(|name| !seen.insert(*name))
}

/// Those that the words name, in the order in which they stand in the files.
pub fn select(scenarios: Vec<Scenario>, words: &[String]) -> anyhow::Result<Vec<Scenario>> {
    if let Some(word) = (words.iter()).find(|word| !scenarios.iter().any(|s| s.is_meant_by(word))) {
        return Err(Usage::error(format!(
            "there is no scenario '{word}': `flagrace compare --list` names them, and '{ALL}' means every one"
        )));
    }
    let is_meant = |scenario: &Scenario| words.iter().any(|word| scenario.is_meant_by(word));
    Ok(scenarios.into_iter().filter(is_meant).collect())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn the_scenarios_that_are_built_in_are_sound() {
        let all = load(&[]).unwrap();
        let names: BTreeSet<_> = all.iter().map(|s| &s.name).collect();
        assert_eq!(names.len(), all.len());
        let words = DEFAULT.map(str::to_owned);
        assert_eq!(select(all.clone(), &words).unwrap().len(), DEFAULT.len());
        let curve = select(all.clone(), &["concurrency".to_owned()]).unwrap();
        let at: Vec<_> = curve.iter().map(|s| s.concurrency).collect();
        assert!(at.len() > 5 && at.is_sorted() && at.last() == Some(&10_000));
        assert!(
            curve
                .iter()
                .all(|s| s.work == Work::Flags(3 * s.concurrency))
        );
        let flags = select(all.clone(), &["flags".to_owned()]).unwrap();
        assert_eq!(flags.first().unwrap().work, Work::Flags(20));
        assert_eq!(flags.last().unwrap().work, Work::Flags(20_000));
        assert_eq!(
            select(all.clone(), &[ALL.to_owned()]).unwrap().len(),
            all.len()
        );
    }

    const OWN: &str = "\
[[scenario]]
name = 'own'
title = 'Own'
concurrency = 5
engines = ['async']
rounds = 3
flags = 5
";

    /// The scenario above, with something else in place of one of its lines.
    fn own(line: &str, other: &str) -> Result<Vec<Scenario>, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, OWN.replace(line, other)).unwrap();
        let own = read(file.path()).and_then(|own| load(&own));
        own.map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn a_file_adds_scenarios() {
        let all = own("flags = 5", "flags = [7, 9]\ndelay = '5ms'").unwrap();
        let own = select(all, &["own".to_owned()]).unwrap();
        let names: Vec<_> = own.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names, ["own-7", "own-9"]);
        assert_eq!(own[1].work, Work::Flags(9));
        assert_eq!(own[1].profile.delay.max, Duration::from_millis(5));
        assert_eq!(own[1].engines, [Engine::Async]);
    }

    const TITLE: &str = "title = 'Own'";
    const AT_A_TIME: &str = "concurrency = 5";
    const ENGINES: &str = "engines = ['async']";
    const FLAGS: &str = "flags = 5";

    #[rstest]
    #[case(
        FLAGS,
        "flags = 'some'",
        "line 7: flags must be \"popular\", \"all\", a number"
    )]
    #[case(FLAGS, "flags = 5\ncolour = 'red'", "line 8: unknown field `colour`")]
    #[case(FLAGS, "", "scenario 'own': it must say either flags or waves")]
    #[case(FLAGS, "flags = 5\nwaves = 2", "either flags or waves")]
    #[case(FLAGS, "flags = 0", "at least 1")]
    #[case(FLAGS, "flags = 5\ndelay = 'long'", "'long' is not a delay")]
    #[case(
        FLAGS,
        "flags = 5\nerror_rate = 2.0",
        "error_rate is 2; it must be from 0 to 1"
    )]
    #[case(FLAGS, "flags = 5\npatience = '0s'", "longer than nothing")]
    #[case(FLAGS, "flags =", "line 7")]
    #[case(FLAGS, "flags = []", "has a number at least")]
    #[case(FLAGS, "flags = [3, 3]", "scenario 'own-3' is there twice")]
    #[case(
        FLAGS,
        "flags = 5\n[[scenario]]\nname = 'own'\ntitle = ''\nconcurrency = 1\nengines = []\nrounds = 1",
        "scenario 'own' is there twice"
    )]
    #[case(FLAGS, "flags = 9223372036854775807", "at most 1000000")]
    #[case(FLAGS, "waves = 3689348814741910324", "at most 1000000")]
    #[case(TITLE, "title = \"two\\nlines\"", "a title is one line")]
    #[case(ENGINES, "engines = ['seq', 'async', 'seq']", "the engine seq twice")]
    #[case(
        ENGINES,
        "engines = ['warp']",
        "line 5: unknown variant `warp`, expected one of `seq`"
    )]
    #[case(AT_A_TIME, "concurrency = []", "has a number at least")]
    #[case(AT_A_TIME, "concurrency = 1000001", "at most 1000000")]
    fn what_is_wrong_with_a_file_is_told(
        #[case] line: &str,
        #[case] other: &str,
        #[case] told: &str,
    ) {
        let error = own(line, other).unwrap_err();
        assert!(error.contains(told) && !error.contains('\n'), "{error}");
    }
}
