//! Numbers as text, the same on every machine.

use crate::metric;
use crate::quantity::Quantity;
use crate::stats::Summary;

const KIB: f64 = 1024.0;
const MIB: f64 = 1024.0 * KIB;
const GIB: f64 = 1024.0 * MIB;

/// A unit to print a row of amounts in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Unit {
    /// What it is a unit of.
    quantity: Quantity,
    /// How many of it a second or a byte has.
    per_base: f64,
    /// Its symbol.
    pub(crate) symbol: &'static str,
}

impl Unit {
    /// How many of it a second or a byte has.
    pub(crate) fn per_base(self) -> f64 {
        self.per_base
    }
}

/// The unit in which an amount, in seconds or bytes, has as few digits before its point
/// as it can, but at least one: up to three, or of bytes and KiB up to four.
pub(crate) fn unit_of(quantity: Quantity, amount: f64) -> Unit {
    let (per_base, symbol) = match quantity {
        Quantity::Time => match amount {
            s if s >= 1.0 => (1.0, "s"),
            s if s >= 1e-3 => (1e3, "ms"),
            s if s >= 1e-6 => (1e6, "µs"),
            _ => (1e9, "ns"),
        },
        Quantity::Memory => match amount {
            b if b >= MIB => (1.0 / MIB, "MiB"),
            b if b >= KIB => (1.0 / KIB, "KiB"),
            _ => (1.0, "B"),
        },
    };
    Unit {
        quantity,
        per_base,
        symbol,
    }
}

/// An amount, in seconds or bytes, as four significant digits of `unit`, and its spread
/// with as many decimals, so that the three can be compared by eye. Where that would
/// take more than four digits before the point, it is printed in its own unit.
pub(crate) fn amount(unit: Unit, amount: f64, spread: (f64, f64)) -> (String, String) {
    let unit = if amount * unit.per_base < 10_000.0 {
        unit
    } else {
        unit_of(unit.quantity, amount)
    };
    let value = amount * unit.per_base;
    let decimals = match value {
        v if v < 10.0 => 3,
        v if v < 100.0 => 2,
        v if v < 1000.0 => 1,
        _ => 0,
    };
    let (low, high) = (spread.0 * unit.per_base, spread.1 * unit.per_base);
    (
        format!("{value:.decimals$} {}", unit.symbol),
        format!("[{low:.decimals$}, {high:.decimals$}]"),
    )
}

/// A ratio with at least two significant digits, down to a ten-thousandth of the
/// baseline: `0.051x`, `0.52x`, `1.04x`, `19.8x`. Of nothing it is `0x`.
pub(crate) fn ratio(ratio: f64) -> String {
    let decimals = match ratio {
        0.0 => 0,
        r if r < 0.001 => 5,
        r if r < 0.01 => 4,
        r if r < 0.1 => 3,
        r if r < 10.0 => 2,
        r if r < 1000.0 => 1,
        _ => 0,
    };
    format!("{ratio:.decimals$}x")
}

/// The interval of a ratio, where it has one: `[1.27, 1.33]`.
pub(crate) fn ratio_interval(summary: &Summary) -> Option<String> {
    let interval = summary.interval?;
    let [low, high] = [interval.low, interval.high].map(ratio);
    let [low, high] = [&low, &high].map(|end| end.trim_end_matches('x'));
    Some(format!("[{low}, {high}]"))
}

/// Bytes in their own unit, to three digits: `34.5 MiB`.
pub(crate) fn bytes(bytes: f64) -> String {
    short(unit_of(Quantity::Memory, bytes), bytes)
}

/// Seconds in their own unit, to three digits: `10.7 ms`.
pub(crate) fn seconds(seconds: f64) -> String {
    short(unit_of(Quantity::Time, seconds), seconds)
}

/// An amount to three digits of `unit`, or of its own where that would take more than four
/// before the point.
pub(crate) fn short(unit: Unit, amount: f64) -> String {
    let unit = if amount * unit.per_base < 10_000.0 {
        unit
    } else {
        unit_of(unit.quantity, amount)
    };
    let mut value = amount * unit.per_base;
    let mut symbol = unit.symbol;
    if unit.quantity == Quantity::Memory && value >= 10_000.0 {
        (value, symbol) = (amount / GIB, "GiB");
    }
    let decimals = match value {
        0.0 => 0,
        v if v < 9.995 => 2,
        v if v < 99.95 => 1,
        _ => 0,
    };
    format!("{value:.decimals$} {symbol}")
}

/// How many there are, as a median over rounds tells: a half shows only where there are
/// few.
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
    if digits.len() < 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
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

/// Seconds to the nanosecond, or bytes to the thousandth (what one of many takes is
/// seldom a whole number), for files that other programs read.
pub(crate) fn number(quantity: Quantity, amount: f64) -> String {
    match quantity {
        Quantity::Time => format!("{amount:.9}"),
        Quantity::Memory => format!("{amount:.3}"),
    }
}

/// A probability in per cent, as text.
pub(crate) fn percent(probability: f64) -> String {
    format!("{:.1} %", probability * 100.0)
}

/// A number of a metric: `10.7 ms`, `34.5 MiB`, `1,067`, `79 %`.
pub(crate) fn text(unit: metric::Unit, value: f64) -> String {
    match unit {
        metric::Unit::Seconds => seconds(value),
        metric::Unit::Bytes => bytes(value),
        metric::Unit::Count => count(value),
        metric::Unit::Share => share(value),
    }
}

/// A median and its interval, all in the median's unit: `9.04 ms [8.82, 9.43]`.
pub(crate) fn with_interval(unit: metric::Unit, median: f64, ends: (f64, f64)) -> String {
    let shown = text(unit, median);
    let (number, symbol) = shown.split_once(' ').unwrap_or((&shown, ""));
    let decimals = number.split_once('.').map_or(0, |(_, digits)| digits.len());
    let factor = match symbol {
        "ms" => 1e3,
        "µs" => 1e6,
        "ns" => 1e9,
        "KiB" => 1.0 / KIB,
        "MiB" => 1.0 / MIB,
        "GiB" => 1.0 / GIB,
        "%" => 100.0,
        _ => 1.0,
    };
    let (low, high) = (ends.0 * factor, ends.1 * factor);
    format!("{shown} [{low:.decimals$}, {high:.decimals$}]")
}

/// A delay as it was set, without digits that were not: `50 ms`, `1.5 s`.
pub(crate) fn delay(seconds: f64) -> String {
    if seconds >= 1.0 {
        return format!("{seconds} s");
    }
    // A millionth of a second is finer than any delay, and drops what is no digit of it.
    format!("{} ms", (seconds * 1e6).round() / 1e3)
}

/// A share in per cent: `1.5 %`, `79 %`.
pub(crate) fn share(share: f64) -> String {
    let per_cent = share * 100.0;
    let whole = per_cent >= 9.95 || (per_cent - per_cent.round()).abs() < 1e-9;
    format!("{per_cent:.*} %", usize::from(!whole))
}

/// A ratio without its sign, for sentences: `0.87`.
pub(crate) fn digits(number: f64) -> String {
    ratio(number).trim_end_matches('x').to_owned()
}

/// The interval of a ratio: `[0.84, 0.91]`.
pub(crate) fn interval(low: f64, high: f64) -> String {
    format!("[{}, {}]", digits(low), digits(high))
}

#[cfg(test)]
mod tests {
    use super::Quantity::{Memory, Time};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_time_far_above_its_row_has_a_unit_of_its_own() {
        let row = unit_of(Time, 500e-9);
        assert_eq!(amount(row, 9.0e-6, (8e-6, 1e-5)).0, "9000 ns");
        assert_eq!(amount(row, 0.0268, (0.02, 0.03)).0, "26.80 ms");
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
            assert_eq!(unit_of(Time, seconds).symbol, symbol, "{seconds}");
        }
    }

    #[test]
    fn units_of_memory_change_at_1024() {
        for (bytes, symbol) in [
            (0.0, "B"),
            (0.4, "B"),
            (1023.0, "B"),
            (1024.0, "KiB"),
            (1_048_575.0, "KiB"),
            (1_048_576.0, "MiB"),
            (1e12, "MiB"),
        ] {
            assert_eq!(unit_of(Memory, bytes).symbol, symbol, "{bytes}");
        }
    }

    #[test]
    fn memory_has_as_many_digits_as_times() {
        let text = |row: f64, bytes, low, high| {
            let (memory, spread) = amount(unit_of(Memory, row), bytes, (low, high));
            format!("{memory} {spread}")
        };
        let own = |bytes| text(bytes, bytes, bytes, bytes);
        assert_eq!(own(0.0), "0.000 B [0.000, 0.000]");
        assert_eq!(own(409.6), "409.6 B [409.6, 409.6]");
        assert_eq!(own(1023.0), "1023 B [1023, 1023]");
        assert_eq!(own(1024.0), "1.000 KiB [1.000, 1.000]");
        assert_eq!(own(1000.0 * 1024.0), "1000 KiB [1000, 1000]");
        assert_eq!(own(8.25 * 1024.0 * 1024.0), "8.250 MiB [8.250, 8.250]");
        let row = 4096.0;
        assert_eq!(text(row, 0.0, 0.0, 4096.0), "0.000 KiB [0.000, 4.000]");
        assert_eq!(
            text(row, 66_000.0, 65_536.0, 69_632.0),
            "64.45 KiB [64.00, 68.00]"
        );
        assert_eq!(text(row, 1e8, 1e8, 1e8), "95.37 MiB [95.37, 95.37]");
    }

    proptest! {
        #[test]
        fn an_amount_in_a_row_of_smaller_ones_is_never_off_by_a_thousandth(
            bytes in 1.0f64..1e10,
            part in 0.0f64..1.0,
        ) {
            for quantity in [Time, Memory] {
                let (text, _) = amount(unit_of(quantity, bytes * part), bytes, (bytes, bytes));
                let (value, symbol) = text.split_once(' ').unwrap();
                let size = match symbol {
                    "s" | "B" => 1.0,
                    "ms" => 1e-3,
                    "µs" => 1e-6,
                    "ns" => 1e-9,
                    "KiB" => 1024.0,
                    "MiB" => 1024.0 * 1024.0,
                    other => panic!("{other}"),
                };
                prop_assert_eq!("s" == &symbol[symbol.len() - 1..], quantity == Time);
                let shown = value.parse::<f64>().unwrap() * size;
                prop_assert!((shown / bytes - 1.0).abs() < 1e-3, "{text} for {bytes}");
            }
        }
    }

    #[test]
    fn a_time_has_four_digits_and_its_spread_as_many_decimals() {
        let ms = unit_of(Time, 0.01);
        let text = |s, low, high| {
            let (time, spread) = amount(ms, s, (low, high));
            format!("{time} {spread}")
        };
        assert_eq!(text(0.0525, 0.0499, 0.10001), "52.50 ms [49.90, 100.01]");
        assert_eq!(text(1.0131, 1.012, 1.0144), "1013 ms [1012, 1014]");
        assert_eq!(text(0.0021, 0.002, 0.003), "2.100 ms [2.000, 3.000]");
    }

    #[test]
    fn a_ratio_keeps_two_significant_digits() {
        let shown: Vec<String> = [
            0.0, 0.000_05, 0.000_51, 0.0051, 0.0512, 0.512, 1.0, 9.994, 19.83,
        ]
        .into_iter()
        .map(ratio)
        .collect();
        assert_eq!(
            shown,
            [
                "0x", "0.00005x", "0.00051x", "0.0051x", "0.051x", "0.51x", "1.00x", "9.99x",
                "19.8x"
            ]
        );
    }
}
