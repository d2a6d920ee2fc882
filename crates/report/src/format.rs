//! Numbers as text, the same on every machine.

use crate::metric::Unit;

/// Units of time and of memory, the largest first: what one of them has of the base unit.
const TIMES: [(f64, &str); 4] = [(1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")];
const SIZES: [(f64, &str); 4] = [
    (1024.0 * 1024.0 * 1024.0, "GiB"),
    (1024.0 * 1024.0, "MiB"),
    (1024.0, "KiB"),
    (1.0, "B"),
];

/// A number of a metric: `10.7 ms`, `34.5 MiB`, `1,067`, `79 %`.
pub(crate) fn text(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Seconds => seconds(value),
        Unit::Bytes => bytes(value),
        Unit::Count => count(value),
        Unit::Share => share(value),
    }
}

/// Seconds to three digits: `10.7 ms`.
pub(crate) fn seconds(seconds: f64) -> String {
    short(seconds, scale(seconds, &TIMES))
}

/// Bytes to three digits: `34.5 MiB`.
pub(crate) fn bytes(bytes: f64) -> String {
    short(bytes, scale(bytes, &SIZES))
}

/// A median and its interval, all in the median's unit: `9.04 ms [8.82, 9.43]`.
pub(crate) fn with_interval(unit: Unit, median: f64, (low, high): (f64, f64)) -> String {
    let (size, _) = match unit {
        Unit::Seconds => scale(median, &TIMES),
        Unit::Bytes => scale(median, &SIZES),
        Unit::Count | Unit::Share => return text(unit, median),
    };
    let decimals = decimals(median / size);
    let (low, high) = (low / size, high / size);
    format!(
        "{} [{low:.decimals$}, {high:.decimals$}]",
        text(unit, median)
    )
}

/// The largest unit of which there is one, as three digits show it; or the smallest unit.
fn scale(amount: f64, units: &[(f64, &'static str); 4]) -> (f64, &'static str) {
    let fits = |(size, _): &&(f64, _)| amount >= *size * 0.9995;
    *units.iter().find(fits).unwrap_or(&units[3])
}

fn short(amount: f64, (size, symbol): (f64, &str)) -> String {
    let value = amount / size;
    format!("{value:.*} {symbol}", decimals(value))
}

/// How many decimals make three digits.
fn decimals(value: f64) -> usize {
    match value {
        0.0 => 0,
        v if v < 9.995 => 2,
        v if v < 99.95 => 1,
        _ => 0,
    }
}

/// A delay as it was set, without digits that were not: `50 ms`, `1.5 s`.
pub(crate) fn delay(seconds: f64) -> String {
    if seconds >= 1.0 {
        return format!("{seconds} s");
    }
    // Rounding to a microsecond drops what is no digit of it.
    format!("{} ms", (seconds * 1e6).round() / 1e3)
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
pub(crate) fn interval(low: f64, high: f64) -> String {
    format!("[{}, {}]", digits(low), digits(high))
}

/// A share in per cent: `1.5 %`, `79 %`.
pub(crate) fn share(share: f64) -> String {
    let per_cent = share * 100.0;
    let whole = per_cent >= 9.95 || (per_cent - per_cent.round()).abs() < 1e-9;
    format!("{per_cent:.*} %", usize::from(!whole))
}

/// A median of counts. A half shows only where there are few: `19.5`, `1,067`.
pub(crate) fn count(median: f64) -> String {
    thousands(if median < 100.0 {
        median
    } else {
        median.round()
    })
}

/// A number with its thousands apart, as in `20,000`; of one that is not whole, all of it.
pub(crate) fn thousands(number: f64) -> String {
    let digits = number.to_string();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits;
    }
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
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
    #[case(ratio(0.051_2), "0.051x")]
    #[case(ratio(0.000_51), "0.00051x")]
    #[case(ratio(19.83), "19.8x")]
    #[case(interval(0.838, 0.912), "[0.84, 0.91]")]
    #[case(share(0.015_2), "1.5 %")]
    #[case(share(0.79), "79 %")]
    #[case(share(0.05), "5 %")]
    #[case(count(19.5), "19.5")]
    #[case(count(1_066.5), "1,067")]
    #[case(with_interval(Unit::Seconds, 0.009_04, (0.008_82, 0.010_1)), "9.04 ms [8.82, 10.10]")]
    fn a_number_has_three_digits_and_its_unit(#[case] shown: String, #[case] expected: &str) {
        assert_eq!(shown, expected);
    }
}
