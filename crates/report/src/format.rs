//! Numbers as text, the same on every machine.

/// A unit of time to print a row of times in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Unit {
    /// How many of it a second has.
    per_second: f64,
    /// Its symbol.
    pub(crate) symbol: &'static str,
}

/// The unit in which a time, in seconds, has one to three digits before its point.
pub(crate) fn unit_of(seconds: f64) -> Unit {
    let (per_second, symbol) = match seconds {
        s if s >= 1.0 => (1.0, "s"),
        s if s >= 1e-3 => (1e3, "ms"),
        s if s >= 1e-6 => (1e6, "µs"),
        _ => (1e9, "ns"),
    };
    Unit { per_second, symbol }
}

/// A time in seconds as four significant digits of `unit`, and its spread with
/// as many decimals, so that the three can be compared by eye. Where that would take
/// more than four digits before the point, the time is printed in its own unit.
pub(crate) fn time(unit: Unit, seconds: f64, spread: (f64, f64)) -> (String, String) {
    let unit = if seconds * unit.per_second < 10_000.0 {
        unit
    } else {
        unit_of(seconds)
    };
    let value = seconds * unit.per_second;
    let decimals = match value {
        v if v < 10.0 => 3,
        v if v < 100.0 => 2,
        v if v < 1000.0 => 1,
        _ => 0,
    };
    let (low, high) = (spread.0 * unit.per_second, spread.1 * unit.per_second);
    (
        format!("{value:.decimals$} {}", unit.symbol),
        format!("[{low:.decimals$}, {high:.decimals$}]"),
    )
}

/// A ratio with at least two significant digits: `0.051x`, `0.52x`, `1.04x`, `19.8x`.
pub(crate) fn ratio(ratio: f64) -> String {
    let decimals = match ratio {
        r if r < 0.01 => 4,
        r if r < 0.1 => 3,
        r if r < 10.0 => 2,
        r if r < 1000.0 => 1,
        _ => 0,
    };
    format!("{ratio:.decimals$}x")
}

/// Seconds to the nanosecond, for files that other programs read.
pub(crate) fn seconds(seconds: f64) -> String {
    format!("{seconds:.9}")
}

/// The number that [`seconds`] prints.
pub(crate) fn round_seconds(seconds: f64) -> f64 {
    (seconds * 1e9).round() / 1e9
}

/// A ratio or a probability to six decimals.
pub(crate) fn round_six(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

/// A probability in per cent, as text.
pub(crate) fn percent(probability: f64) -> String {
    format!("{:.1} %", probability * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_far_above_its_row_has_a_unit_of_its_own() {
        let row = unit_of(500e-9);
        assert_eq!(time(row, 9.0e-6, (8e-6, 1e-5)).0, "9000 ns");
        assert_eq!(time(row, 0.0268, (0.02, 0.03)).0, "26.80 ms");
        assert_eq!(ratio(53_600.0), "53600x");
    }

    #[test]
    fn units_change_at_a_thousand() {
        for (seconds, symbol) in [
            (1.0, "s"),
            (0.999, "ms"),
            (0.001, "ms"),
            (0.000_999, "µs"),
            (0.000_001, "µs"),
            (0.000_000_9, "ns"),
        ] {
            assert_eq!(unit_of(seconds).symbol, symbol, "{seconds}");
        }
    }

    #[test]
    fn a_time_has_four_digits_and_its_spread_as_many_decimals() {
        let ms = unit_of(0.01);
        let text = |s, low, high| {
            let (time, spread) = time(ms, s, (low, high));
            format!("{time} {spread}")
        };
        assert_eq!(text(0.0525, 0.0499, 0.10001), "52.50 ms [49.90, 100.01]");
        assert_eq!(text(1.0131, 1.012, 1.0144), "1013 ms [1012, 1014]");
        assert_eq!(text(0.0021, 0.002, 0.003), "2.100 ms [2.000, 3.000]");
    }

    #[test]
    fn a_ratio_keeps_two_significant_digits() {
        let shown: Vec<String> = [0.0051, 0.0512, 0.512, 1.0, 9.994, 19.83]
            .into_iter()
            .map(ratio)
            .collect();
        assert_eq!(
            shown,
            ["0.0051x", "0.051x", "0.51x", "1.00x", "9.99x", "19.8x"]
        );
    }
}
