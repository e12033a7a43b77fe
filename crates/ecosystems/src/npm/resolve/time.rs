//! Moments as registries write them.

/// Milliseconds since 1970 of an RFC 3339 text such as `2024-05-01T12:30:00.123Z`, a date alone being its
/// midnight in UTC; `None` when the text is none.
#[must_use]
pub fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    let (date, rest) = text.split_at_checked(10).unwrap_or((text, ""));
    let mut parts = date.split('-');
    let (year, month, day) = (
        digits(parts.next()?)?,
        digits(parts.next()?)?,
        digits(parts.next()?)?,
    );
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    Some((days(year, month, day) * 86_400 * 1000) + time_of_day(rest)?)
}

/// The moment as a text that [`parse`] reads, to the second.
pub fn format(millis: i64) -> String {
    let (day, second) = (
        millis.div_euclid(86_400_000),
        millis.rem_euclid(86_400_000) / 1000,
    );
    let shifted = day + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

fn digits(text: &str) -> Option<i64> {
    let is_number = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// Days since 1970-01-01 in the Gregorian calendar, counting years from March so that leap days come last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let shifted = year - i64::from(month <= 2);
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Milliseconds of `T12:30:00.123+02:00`, offset taken off.
fn time_of_day(text: &str) -> Option<i64> {
    let Some(text) = text.strip_prefix(['T', 't', ' ']) else {
        return text.is_empty().then_some(0);
    };
    let zone_at = text.find(['Z', 'z', '+', '-']).unwrap_or(text.len());
    let (clock, zone) = text.split_at_checked(zone_at)?;
    let mut parts = clock.split(':');
    let (hour, minute) = (digits(parts.next()?)?, digits(parts.next()?)?);
    let millis = parts.next().map_or(Some(0), seconds)?;
    let sound = parts.next().is_none() && hour <= 24 && minute < 60;
    sound.then_some((hour * 60 + minute) * 60_000 + millis - offset(zone)?)
}

fn seconds(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    Some(digits(whole)? * 1000 + digits(&thousandths)?)
}

fn offset(text: &str) -> Option<i64> {
    let (sign, text) = match text.as_bytes().first() {
        None | Some(b'Z' | b'z') => return Some(0),
        Some(b'-') => (-1, text.get(1..)?),
        Some(_) => (1, text.get(1..)?),
    };
    let (hours, minutes) = text.split_once(':').or_else(|| text.split_at_checked(2))?;
    Some(sign * (digits(hours)? * 60 + digits(minutes)?) * 60_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_they_are_read() {
        for text in [
            "1970-01-01T00:00:00Z",
            "2000-02-29T23:59:59Z",
            "2026-12-31T01:02:03Z",
            "1969-03-01T00:00:00Z",
        ] {
            assert_eq!(format(parse(text).expect("a moment")), text);
        }
    }

    #[test]
    fn moments_are_read_as_javascript_reads_them() {
        for (text, millis) in [
            ("1970-01-01", Some(0)),
            ("2026-09-01T00:00:00Z", Some(1_788_220_800_000)),
            ("2025-11-17T18:28:56.206000+00:00", Some(1_763_404_136_206)),
            ("2025-11-17T18:28:56.2+02:00", Some(1_763_396_936_200)),
            ("2000-02-29T12:00:00.000Z", Some(951_825_600_000)),
            ("1969-12-31T23:59:59Z", Some(-1000)),
            ("2026-13-01", None),
            ("2026-01-01T1", None),
            ("", None),
            ("yesterday", None),
            ("2026-01-0é", None),
        ] {
            assert_eq!(parse(text), millis, "{text:?}");
        }
    }
}
