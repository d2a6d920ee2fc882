//! Numbers as text, the same on every machine.

use crate::metric::Unit;
use crate::stats::Interval;

/// Units of time and of memory, largest first: their sizes in the base unit.
const TIMES: [(f64, &str); 4] = [(1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")];
const SIZES: [(f64, &str); 4] = [
    (1024.0 * 1024.0 * 1024.0, "GiB"),
    (1024.0 * 1024.0, "MiB"),
    (1024.0, "KiB"),
    (1.0, "B"),
];

/// A number with a metric's unit: `10.7 ms`, `34.5 MiB`, `1,067`, `79 %`.
pub(crate) fn text(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Seconds => seconds(value),
        Unit::Bytes => bytes(value),
        Unit::Count => count(value),
        Unit::Share => share(value),
    }
}

pub(crate) fn seconds(seconds: f64) -> String {
    scaled(seconds, &TIMES)
}

pub(crate) fn bytes(bytes: f64) -> String {
    scaled(bytes, &SIZES)
}

fn scaled(amount: f64, units: &[(f64, &'static str); 4]) -> String {
    let (size, symbol) = scale(amount, units);
    format!("{:.*} {symbol}", decimals(amount / size), amount / size)
}

/// A median and its interval, all in the median's unit: `9.04 ms [8.82, 9.43]`.
pub(crate) fn with_interval(unit: Unit, median: f64, interval: Interval) -> String {
    let text = text(unit, median);
    let (size, _) = match unit {
        Unit::Seconds => scale(median, &TIMES),
        Unit::Bytes => scale(median, &SIZES),
        Unit::Count | Unit::Share => return text,
    };
    let decimals = decimals(median / size);
    let [low, high] = [interval.low, interval.high].map(|end| end / size);
    format!("{text} [{low:.decimals$}, {high:.decimals$}]")
}

/// The largest unit in which three digits show at least 1; or the smallest unit.
fn scale(amount: f64, units: &[(f64, &'static str); 4]) -> (f64, &'static str) {
    let fits = |(size, _): &&(f64, _)| amount.abs() >= *size * 0.9995;
    *units.iter().find(fits).unwrap_or(&units[3])
}

/// The number of decimals for three digits.
fn decimals(value: f64) -> usize {
    match value.abs() {
        0.0 => 0,
        v if v < 9.995 => 2,
        v if v < 99.95 => 1,
        _ => 0,
    }
}

/// A delay to three digits, without those that are 0: `50 ms`, `1.5 s`.
pub(crate) fn delay(seconds: f64) -> String {
    let (size, unit) = if seconds < 1.0 { TIMES[1] } else { TIMES[0] };
    let ten = 10f64.powi(decimals(seconds / size) as i32);
    format!("{} {unit}", (seconds / size * ten).round() / ten)
}

/// A ratio with at least two significant digits, down to a hundred-thousandth: `0.051x`,
/// `0.52x`, `1.04x`, `19.8x`.
pub(crate) fn ratio(ratio: f64) -> String {
    digits(ratio) + "x"
}

/// A ratio in a sentence: `0.87`.
pub(crate) fn digits(ratio: f64) -> String {
    let decimals = match ratio {
        0.0 => 0,
        r if r < 0.001 => 5,
        r if r < 0.01 => 4,
        r if r < 0.1 => 3,
        r if r < 10.0 => 2,
        r if r < 1000.0 => 1,
        _ => 0,
    };
    format!("{ratio:.decimals$}")
}

/// The interval of a ratio: `[0.84, 0.91]`.
pub(crate) fn interval(Interval { low, high }: Interval) -> String {
    format!("[{}, {}]", digits(low), digits(high))
}

/// A share in per cent: `1.5 %`, `79 %`.
pub(crate) fn share(share: f64) -> String {
    let per_cent = share * 100.0;
    let whole = per_cent >= 9.95 || (per_cent - per_cent.round()).abs() < 1e-9;
    format!("{per_cent:.*} %", usize::from(!whole))
}

/// A median of counts with a thousands separator. Fractions are shown only for small numbers:
/// `0.33`, `19.5`, `1,067`.
pub(crate) fn count(median: f64) -> String {
    if median < 100.0 {
        return ((median * 100.0).round() / 100.0).to_string();
    }
    let mut text = median.round().to_string();
    for place in (1..text.len()).rev().skip(2).step_by(3) {
        text.insert(place, ',');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(seconds(0.0), "0 ns")]
    #[case(seconds(0.010_74), "10.7 ms")]
    #[case(seconds(0.000_999_7), "1.00 ms")]
    #[case(bytes(1023.0), "1023 B")]
    #[case(bytes(34.5 * 1024.0 * 1024.0), "34.5 MiB")]
    #[case(delay(0.05), "50 ms")]
    #[case(delay(0.099_834), "99.8 ms")]
    #[case(ratio(0.051_2), "0.051x")]
    #[case(ratio(0.000_51), "0.00051x")]
    #[case(ratio(19.83), "19.8x")]
    #[case(interval(Interval { low: 0.838, high: 0.912 }), "[0.84, 0.91]")]
    #[case(share(0.015_2), "1.5 %")]
    #[case(share(0.79), "79 %")]
    #[case(share(0.05), "5 %")]
    #[case(seconds(-0.005), "-5.00 ms")]
    #[case(count(19.5), "19.5")]
    #[case(count(1.0 / 3.0), "0.33")]
    #[case(count(1_066.5), "1,067")]
    #[case(
        with_interval(Unit::Seconds, 0.009_04, Interval { low: 0.008_82, high: 0.010_1 }),
        "9.04 ms [8.82, 10.10]"
    )]
    fn a_number_has_three_digits_and_its_unit(#[case] shown: String, #[case] expected: &str) {
        assert_eq!(shown, expected);
    }
}
