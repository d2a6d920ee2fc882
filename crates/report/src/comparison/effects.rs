//! How much of a difference is the model, and how much the client.
//!
//! Four engines are the corners of a square: threads or tasks (the model), ureq or reqwest
//! (the client).
//!
//! ```text
//!            ureq                 reqwest
//! threads    threads (Tu)         threads-reqwest (Tr)
//! tasks      async-ureq (Au)      async (Ar)
//! ```
//!
//! It is a factorial design of two factors at two levels (G. E. P. Box, J. S. Hunter and
//! W. G. Hunter, *Statistics for Experimenters*, on such designs), on the scale of ratios,
//! as times multiply. In each round:
//!
//! ```text
//! model       = sqrt(Au/Tu * Ar/Tr)    tasks in place of threads: the mean over both clients
//! client      = sqrt(Tr/Tu * Ar/Au)    reqwest in place of ureq: the mean over both models
//! interaction = (Ar/Tr) / (Au/Tu)      how many times more the model makes with reqwest
//! total       = Ar/Tu = model * client
//! ```
//!
//! Those are the effects in logarithms, without the logarithms, whose last bit differs from
//! machine to machine. What is reported of each is the median over rounds with its interval,
//! as of everything else, so that the total is the ratio of the table and one bad round moves
//! nothing. The price is that in the medians model and client need not multiply up to the
//! total exactly, as they do within each round.

use super::metric::Metric;
use super::raw::Scenario;
use super::rows::Rounds;
use crate::format;
use crate::stats::{self, Summary};

/// The corners: Tu, Tr, Au, Ar.
pub const CORNERS: [&str; 4] = ["threads", "threads-reqwest", "async-ureq", "async"];

/// What is split.
const METRICS: [Metric; 3] = [Metric::Wall, Metric::Download, Metric::Client];

/// A difference between `threads` and `async`, split. Each is a ratio: below 1 is less.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effects {
    /// Of which metric.
    pub metric: Metric,
    /// Tasks in place of threads.
    pub model: Summary,
    /// reqwest in place of ureq.
    pub client: Summary,
    /// Tasks in place of threads, with ureq and with reqwest apart.
    pub model_with: [Summary; 2],
    /// How many times more the model makes with reqwest than with ureq.
    pub interaction: Summary,
    /// `async` over `threads`.
    pub total: Summary,
}

/// The effects in a scenario; none where a corner is missing.
pub(super) fn build<'a>(
    scenario: &Scenario,
    cores: usize,
    rounds_of: impl Fn(&'static str) -> Option<&'a Rounds<'a>>,
) -> Vec<Effects> {
    let corners: Vec<&Rounds<'_>> = CORNERS.iter().filter_map(|name| rounds_of(name)).collect();
    let [tu, tr, au, ar] = corners[..] else {
        return Vec::new();
    };
    let split = |metric: Metric| {
        let of = |rounds: &Rounds<'_>, round| {
            let number = metric.of(rounds.get(round)?, scenario, cores)?;
            (number > 0.0).then_some(number)
        };
        let complete: Vec<[f64; 4]> = (tu.keys())
            .filter_map(|round| {
                Some([
                    of(tu, round)?,
                    of(tr, round)?,
                    of(au, round)?,
                    of(ar, round)?,
                ])
            })
            .collect();
        let over_rounds = |effect: fn(&[f64; 4]) -> f64| {
            let effects: Vec<f64> = complete.iter().map(effect).collect();
            stats::summarise(&effects)
        };
        Some(Effects {
            metric,
            model: over_rounds(|[tu, tr, au, ar]| ((au / tu) * (ar / tr)).sqrt())?,
            client: over_rounds(|[tu, tr, au, ar]| ((tr / tu) * (ar / au)).sqrt())?,
            model_with: [
                over_rounds(|[tu, _, au, _]| au / tu)?,
                over_rounds(|[_, tr, _, ar]| ar / tr)?,
            ],
            interaction: over_rounds(|[tu, tr, au, ar]| (ar / tr) / (au / tu))?,
            total: over_rounds(|[tu, _, _, ar]| ar / tu)?,
        })
    };
    METRICS.into_iter().filter_map(split).collect()
}

impl Effects {
    /// The split in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let what = self.metric.words();
        if self.total.interval.is_none() {
            return format!(
                "{} complete rounds of {} are too few to split the {what}: 6 are needed.",
                self.total.n,
                CORNERS.join(", ")
            );
        }
        let [ureq, reqwest] = &self.model_with;
        let interaction = if includes_one(&self.interaction) == Some(false) {
            format!(
                "The two do not act apart (interaction {}): the model makes {} with ureq, and {} \
                 with reqwest.",
                shown(&self.interaction),
                shown(ureq),
                shown(reqwest),
            )
        } else {
            format!("Their interaction is {}.", shown(&self.interaction))
        };
        format!(
            "async takes {} the {what} of threads. Of that the client (reqwest in place of ureq) \
             makes {}, and the model (tasks in place of threads) {}. {interaction}",
            shown(&self.total),
            shown(&self.client),
            shown(&self.model),
        )
    }
}

/// Whether an effect's interval includes 1; `None` where it has none.
#[must_use]
pub fn includes_one(effect: &Summary) -> Option<bool> {
    (effect.interval).map(|interval| interval.low <= 1.0 && 1.0 <= interval.high)
}

fn shown(effect: &Summary) -> String {
    let none = match includes_one(effect) {
        Some(true) => " (not told apart from none)",
        _ => "",
    };
    format!("{}{none}", format::ratio_with_interval(effect))
}
