//! Integers of any size, as versions write them.

use std::cmp::Ordering;
use std::fmt;

/// A non-negative integer without a largest value: versions in the wild hold dates, hashes and jokes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Number {
    /// Everything that a machine word holds, which is nearly everything.
    Small(u64),
    /// Decimal digits without leading zeros, of a value above [`u64::MAX`].
    Big(Box<str>),
}

impl Number {
    pub const ZERO: Self = Self::Small(0);

    /// Reads ASCII digits; leading zeros carry no meaning.
    #[must_use]
    pub fn parse(digits: &str) -> Option<Self> {
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let significant = digits.trim_start_matches('0');
        if significant.is_empty() {
            return Some(Self::ZERO);
        }
        Some(
            significant
                .parse()
                .map_or_else(|_| Self::Big(significant.into()), Self::Small),
        )
    }

    /// The next integer.
    #[must_use]
    pub fn successor(&self) -> Self {
        match self {
            Self::Small(value) => value.checked_add(1).map_or_else(
                || Self::Big((u128::from(u64::MAX) + 1).to_string().into()),
                Self::Small,
            ),
            Self::Big(digits) => Self::Big(increment(digits).into()),
        }
    }
}

/// Adds one to a decimal number, carrying through trailing nines.
fn increment(digits: &str) -> String {
    let kept = digits.trim_end_matches('9');
    let zeros = "0".repeat(digits.len() - kept.len());
    match kept.as_bytes().split_last() {
        None => format!("1{zeros}"),
        Some((last, head)) => {
            let head = String::from_utf8_lossy(head);
            format!("{head}{}{zeros}", char::from(last + 1))
        }
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Self::Small(value)
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Small(a), Self::Small(b)) => a.cmp(b),
            (Self::Small(_), Self::Big(_)) => Ordering::Less,
            (Self::Big(_), Self::Small(_)) => Ordering::Greater,
            (Self::Big(a), Self::Big(b)) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Small(value) => value.fmt(f),
            Self::Big(digits) => f.write_str(digits),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_successor_carries() {
        for (number, next) in [
            ("0", "1"),
            ("9", "10"),
            ("18446744073709551615", "18446744073709551616"),
            ("99999999999999999999", "100000000000000000000"),
            ("18446744073709551998", "18446744073709551999"),
        ] {
            let number = Number::parse(number).expect("digits");
            assert_eq!(number.successor().to_string(), next);
            assert!(number < number.successor());
        }
    }

    #[test]
    fn only_ascii_digits_are_numbers() {
        for text in ["", "-1", "+1", " 1", "1_0", "١"] {
            assert_eq!(Number::parse(text), None, "{text:?}");
        }
        assert_eq!(Number::parse("000"), Some(Number::ZERO));
        assert_eq!(Number::parse("007"), Some(Number::from(7)));
    }
}
