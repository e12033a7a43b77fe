//! Numbers, times and plurals as people read them.

use clock::{DAY_MS, Timestamp};

use crate::html::{Html, escape};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// `1054` as `1,054`.
#[must_use]
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The text with its first letter as a capital.
#[must_use]
pub fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// `3 findings`, `1 finding`: the number and its noun; `noun` takes an `s`.
#[must_use]
pub fn plural(value: u64, noun: &str) -> String {
    let ending = if value == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", number(value))
}

/// A share of one as a percentage with two significant digits: `0.0213` as `2.1 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    if value > 0.0 && value < 0.1 {
        "< 0.1 %".to_owned()
    } else if value < 10.0 && value != 0.0 {
        format!("{value:.1} %")
    } else {
        format!("{value:.0} %")
    }
}

/// `part` of `whole` in whole percent, rounded down so that 100 % means all; `None` of nothing.
#[must_use]
pub fn whole_percent(part: u64, whole: u64) -> Option<u64> {
    (part.saturating_mul(100)).checked_div(whole)
}

/// A day number since the epoch as year, month (1 to 12) and day of the month.
#[must_use]
pub fn civil(day: i64) -> (i64, usize, u32) {
    let date = Timestamp::from_millis(day.saturating_mul(DAY_MS)).date();
    let mut parts = date.splitn(3, '-');
    let mut next = || parts.next().unwrap_or_default();
    let year = next().parse().unwrap_or(0);
    let month = next().parse().unwrap_or(1);
    (year, month, next().parse().unwrap_or(1))
}

/// `25 Aug`.
#[must_use]
pub fn short_day(day: i64) -> String {
    let (_, month, of_month) = civil(day);
    let name = MONTHS.get(month.wrapping_sub(1)).unwrap_or(&"");
    format!("{of_month} {name}")
}

/// `25 Aug 2026`.
#[must_use]
pub fn long_day(day: i64) -> String {
    let (year, _, _) = civil(day);
    format!("{} {year}", short_day(day))
}

/// How long a span is, in its largest sensible unit: `4 min`, `2 h`, `41 d`.
#[must_use]
pub fn span(millis: i64) -> String {
    let millis = millis.max(0);
    if millis < HOUR {
        format!("{} min", millis / MINUTE)
    } else if millis < 2 * DAY_MS {
        format!("{} h", millis / HOUR)
    } else {
        format!("{} d", millis / DAY_MS)
    }
}

/// When something was, seen from `now`: `4 minutes ago`, `yesterday`, `25 Aug 2025`.
#[must_use]
pub fn ago(moment: Timestamp, now: Timestamp) -> String {
    let age = now.since(moment);
    let units = |unit: i64| u64::try_from(age / unit).unwrap_or(0);
    match age {
        ..MINUTE if age < -MINUTE => format!("in {}", span(-age)),
        ..MINUTE => "just now".to_owned(),
        MINUTE..HOUR => format!("{} ago", plural(units(MINUTE), "minute")),
        HOUR..DAY_MS => format!("{} ago", plural(units(HOUR), "hour")),
        _ if now.day() - moment.day() <= 1 => "yesterday".to_owned(),
        _ if age < 60 * DAY_MS => format!("{} ago", plural(units(DAY_MS), "day")),
        _ => long_day(moment.day()),
    }
}

/// A `<time>` element with the exact moment, in UTC: `2026-11-27 19:41:07`.
#[must_use]
pub fn moment(moment: Timestamp) -> Html {
    let machine = escape(&moment.to_string());
    let second = moment.millis().rem_euclid(DAY_MS) / 1_000;
    let (hours, minutes, seconds) = (second / 3_600, second / 60 % 60, second % 60);
    Html::from_trusted(format!(
        "<time datetime=\"{machine}\">{} {hours:02}:{minutes:02}:{seconds:02}</time>",
        moment.date()
    ))
}

/// A `<time>` element: relative text, the moment itself for machines and on hover.
#[must_use]
pub fn time(moment: Timestamp, now: Timestamp) -> Html {
    time_as(moment, &ago(moment, now))
}

/// A `<time>` element with a date as its text: `25 Aug 2026`.
#[must_use]
pub fn date(moment: Timestamp) -> Html {
    time_as(moment, &long_day(moment.day()))
}

/// A `<time>` element for histories: `21 Nov`, with the year when it is not the last year's.
#[must_use]
pub fn day_mark(moment: &Timestamp, now: &Timestamp) -> Html {
    let is_recent = now.since(*moment) < 300 * DAY_MS;
    let day = if is_recent {
        short_day(moment.day())
    } else {
        long_day(moment.day())
    };
    time_as(*moment, &day)
}

fn time_as(moment: Timestamp, shown: &str) -> Html {
    let shown = escape(shown);
    let absolute = absolute(moment);
    Html::from_trusted(format!(
        "<time datetime=\"{moment}\" title=\"{absolute}\">{shown}</time>"
    ))
}

/// `23 Nov 2026 19:41 UTC`.
fn absolute(moment: Timestamp) -> String {
    let minutes = moment.millis().rem_euclid(DAY_MS) / MINUTE;
    format!(
        "{} {:02}:{:02} UTC",
        long_day(moment.day()),
        minutes / 60,
        minutes % 60
    )
}

/// A change as words: `3 more`, `17 fewer`, `no change`.
#[must_use]
pub fn change(difference: i64) -> String {
    let size = number(difference.unsigned_abs());
    match difference {
        0 => "no change".to_owned(),
        1.. => format!("{size} more"),
        _ => format!("{size} fewer"),
    }
}

/// A change as a signed number with a true minus: `+3`, `−12`, `0`.
#[must_use]
pub fn signed(difference: i64) -> String {
    let size = number(difference.unsigned_abs());
    match difference {
        0 => "0".to_owned(),
        1.. => format!("+{size}"),
        _ => format!("−{size}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_three() {
        for (value, shown) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_133_913, "1,133,913")] {
            assert_eq!(number(value), shown);
        }
        assert_eq!(plural(1, "finding"), "1 finding");
        assert_eq!(plural(1_200, "finding"), "1,200 findings");
        assert_eq!(
            (signed(-12), signed(3), signed(0)),
            ("−12".into(), "+3".into(), "0".into())
        );
        assert_eq!((change(-17), change(0)), ("17 fewer".into(), "no change".into()));
    }

    #[test]
    fn percentages_keep_two_digits_and_never_round_up_to_all() {
        for (share, shown) in [
            (0.0213, "2.1 %"),
            (0.5, "50 %"),
            (0.0, "0 %"),
            (0.0004, "< 0.1 %"),
        ] {
            assert_eq!(percent(share), shown);
        }
        assert_eq!(whole_percent(999, 1_000), Some(99));
        assert_eq!(whole_percent(0, 0), None);
    }

    #[test]
    fn times_are_relative_to_the_given_now() {
        let now: Timestamp = "2026-11-23T21:41:00Z".parse().unwrap();
        for (moment, shown) in [
            ("2026-11-23T21:40:30Z", "just now"),
            ("2026-11-23T21:37:00Z", "4 minutes ago"),
            ("2026-11-23T20:41:00Z", "1 hour ago"),
            ("2026-11-22T19:00:00Z", "yesterday"),
            ("2026-11-13T21:41:00Z", "10 days ago"),
            ("2026-08-25T00:00:00Z", "25 Aug 2026"),
            ("2026-11-23T22:11:00Z", "in 30 min"),
        ] {
            assert_eq!(ago(moment.parse().unwrap(), now), shown, "{moment}");
        }
        assert_eq!(
            time("2026-11-23T19:41:00Z".parse().unwrap(), now).as_str(),
            "<time datetime=\"2026-11-23T19:41:00Z\" title=\"23 Nov 2026 19:41 UTC\">2 hours ago</time>"
        );
    }
}
