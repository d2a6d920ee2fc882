//! The columns of a scenario's tables, for every form that shows them.

use super::metric::{Metric, Unit};
use super::rows::{Kind, Row, Table};
use crate::format;
use crate::quantity::Quantity;
use crate::stats::Summary;

/// A column: its head, what it says, and what it is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// The engine's name.
    Engine,
    /// A metric with the interval of its median.
    Spread(&'static str, Metric),
    /// A metric.
    Plain(&'static str, Metric),
    /// The ratio of wall times, with its interval.
    Ratio,
    /// What may be said of the ratio.
    Verdict,
}

/// What the engines took. These columns are in the README too.
pub const TOOK: [Column; 9] = [
    Column::Engine,
    Column::Spread("wall time", Metric::Wall),
    Column::Ratio,
    Column::Verdict,
    Column::Plain("CPU", Metric::Client),
    Column::Plain("busiest server core", Metric::Busiest),
    Column::Plain("machine", Metric::Machine),
    Column::Plain("memory", Metric::PeakMemory),
    Column::Plain("threads", Metric::Threads),
];

/// What fits on a terminal of 80 characters.
pub const SHORT: [Column; 6] = [
    Column::Engine,
    Column::Spread("wall time", Metric::Wall),
    Column::Ratio,
    Column::Verdict,
    Column::Plain("CPU", Metric::Client),
    Column::Plain("memory", Metric::PeakMemory),
];

/// How the downloads went.
pub const WENT: [Column; 9] = [
    Column::Engine,
    Column::Plain("set-up", Metric::Setup),
    Column::Plain("download", Metric::Download),
    Column::Plain("service p50", Metric::ServiceP50),
    Column::Plain("service p90", Metric::ServiceP90),
    Column::Plain("service p99", Metric::ServiceP99),
    Column::Plain("service max", Metric::ServiceMax),
    Column::Plain("queue p50", Metric::QueueP50),
    Column::Plain("queue max", Metric::QueueMax),
];

/// What they used besides.
pub const USED: [Column; 9] = [
    Column::Engine,
    Column::Plain("user CPU", Metric::User),
    Column::Plain("system CPU", Metric::System),
    Column::Plain("server CPU", Metric::Server),
    Column::Plain("switches voluntary", Metric::Voluntary),
    Column::Plain("switches involuntary", Metric::Involuntary),
    Column::Plain("connections accepted", Metric::Connections),
    Column::Plain("in flight", Metric::InFlight),
    Column::Plain("addresses reserved", Metric::Reserved),
];

/// The mark of a share that is full: of the machine, or of the server's busiest core.
pub const FULL_MARK: &str = "■";

/// What a cell says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The number or the word.
    pub main: String,
    /// Its interval, in brackets, or what else belongs below it.
    pub spread: Option<String>,
}

impl Column {
    /// The head of the column.
    pub const fn head(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::Spread(head, _) | Self::Plain(head, _) => head,
            Self::Ratio => "ratio",
            Self::Verdict => "verdict",
        }
    }

    /// Whether it holds words, which begin at the left.
    pub const fn is_words(self) -> bool {
        matches!(self, Self::Engine | Self::Verdict)
    }

    /// The number by which the column is sorted; `None` where the row has none, or the
    /// column is one of words.
    pub fn value(self, row: &Row) -> Option<f64> {
        match self {
            Self::Engine | Self::Verdict => None,
            Self::Spread(_, metric) | Self::Plain(_, metric) => {
                row.figure(metric).map(|figure| figure.median)
            }
            Self::Ratio if row.kind == Kind::Baseline => Some(1.0),
            Self::Ratio => row.ratio.map(|ratio| ratio.median),
        }
    }

    /// What the cell of a row says, in the unit of the column; `None` where there is
    /// nothing to say.
    pub fn text(self, table: &Table, row: &Row) -> Option<Text> {
        let only = |main| Text { main, spread: None };
        match self {
            Self::Engine => Some(only(row.label())),
            Self::Verdict => {
                let some = 0 < row.failed() && row.failed() < row.trials;
                let failed = some.then(|| format!("{} of {} failed", row.failed(), row.trials));
                let spread = failed;
                Some(Text {
                    main: said(row),
                    spread,
                })
                .filter(|text| !text.main.is_empty())
            }
            Self::Ratio if row.kind == Kind::Baseline => Some(only("1".to_owned())),
            Self::Ratio => row.ratio.map(|ratio| Text {
                main: format::ratio(ratio.median),
                spread: format::ratio_interval(&ratio),
            }),
            Self::Plain(_, metric) => {
                let figure = row.figure(metric)?;
                let mut main = number(table, metric, figure.median);
                if (metric == Metric::Machine && row.fills_the_machine())
                    || (metric == Metric::Busiest && row.server_is_the_limit())
                {
                    main = format!("{FULL_MARK} {main}");
                }
                Some(only(main))
            }
            Self::Spread(_, metric) => {
                let figure = row.figure(metric)?;
                let quantity = quantity(metric)?;
                let unit = format::unit_of(quantity, smallest(table, metric)?);
                let (main, _) = format::amount(unit, figure.median, figure.spread());
                Some(Text {
                    main,
                    spread: interval(unit, figure),
                })
            }
        }
    }
}

fn said(row: &Row) -> String {
    match row.kind {
        _ if row.trials > 0 && row.failed() == row.trials => "failed".to_owned(),
        Kind::Baseline => "the baseline".to_owned(),
        Kind::Noise => "the noise".to_owned(),
        Kind::Engine => row.verdict.words().to_owned(),
    }
}

fn interval(unit: format::Unit, figure: &Summary) -> Option<String> {
    let interval = figure.interval?;
    Some(format::amount(unit, figure.median, (interval.low, interval.high)).1)
}

fn number(table: &Table, metric: Metric, median: f64) -> String {
    match (quantity(metric), smallest(table, metric)) {
        (Some(quantity), Some(smallest)) => {
            format::short(format::unit_of(quantity, smallest), median)
        }
        _ if metric.unit() == Unit::Share => {
            let decimals = usize::from(median < 0.0995);
            format!("{:.decimals$} %", median * 100.0)
        }
        _ => format::count(median),
    }
}

fn quantity(metric: Metric) -> Option<Quantity> {
    match metric.unit() {
        Unit::Seconds => Some(Quantity::Time),
        Unit::Bytes => Some(Quantity::Memory),
        Unit::Count | Unit::Share => None,
    }
}

/// The smallest median of a column, which decides its unit; 0 is 0 in any.
fn smallest(table: &Table, metric: Metric) -> Option<f64> {
    let medians = || (table.rows.iter()).filter_map(|row| Some(row.figure(metric)?.median));
    let above_zero = medians().filter(|median| *median > 0.0);
    above_zero
        .min_by(f64::total_cmp)
        .or_else(|| medians().next())
}
