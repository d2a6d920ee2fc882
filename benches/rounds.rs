//! Threads or async: which is faster, and by how much?
//!
//! Whole processes in interleaved rounds, as in `flagrace compare`. criterion measures all of one
//! engine and then all of the next, so its ratios include drift of the machine; in rounds, drift
//! affects all engines alike. Only this group has verdicts.

use flagrace_benches::{is_quick, is_wanted, meta, only_tests};
use flagrace_measure::{Comparison, Engine, scenario};
use flagrace_report::data::{Run, Writer};

pub fn run() -> anyhow::Result<Option<Run>> {
    if !is_wanted("rounds") {
        return Ok(None);
    }
    let all = scenario::parse(scenario::BUILT_IN).map_err(anyhow::Error::msg)?;
    let names = ["delay", "local"].map(str::to_owned);
    let mut scenarios = scenario::select(all, &names).map_err(anyhow::Error::msg)?;
    for scenario in &mut scenarios {
        // `report` may read the scenarios of `compare` beside these.
        scenario.name.insert_str(0, "rounds-");
        scenario.engines = vec![Engine::Threads, Engine::Async, Engine::AsyncMulti];
        scenario.timeline = false;
        match (only_tests(), is_quick()) {
            (true, _) => (scenario.rounds, scenario.requests) = (1, 20),
            (false, true) => scenario.rounds = 5,
            (false, false) => {}
        }
    }
    let comparison = Comparison {
        scenarios,
        seed: fastrand::u32(..).into(),
        ..Comparison::default()
    };
    let mut writer = Writer::in_memory(meta());
    flagrace_measure::compare(&comparison, None, &mut writer, &mut |scenario, round| {
        if round == 0 {
            println!("{}: {} rounds", scenario.name, scenario.rounds);
        }
    })?;
    Ok(Some(writer.run().clone()))
}
