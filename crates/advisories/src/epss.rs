//! EPSS: how probable it is that a vulnerability is exploited within 30 days, as FIRST publishes it daily.

use clock::Timestamp;

/// The most rows that are read; the real file has a third of a million.
const MOST_ROWS: usize = 4_000_000;
/// The longest id.
const LONGEST_ID: usize = 64;
/// Steps of [`step`].
pub const STEPS: i64 = 64;
/// Steps for each halving of the probability.
const STEPS_PER_OCTAVE_BITS: u32 = 2;
/// The probability below which everything is the first step: 2 to the power of -16.
const LEAST: f64 = 1.0 / 65_536.0;

/// What one day's file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    /// The publisher's model and day: `v2025.03.14 2025-04-14`.
    pub version: String,
    /// The day for which the scores were computed.
    pub date: Option<Timestamp>,
    /// Sorted by id, each once.
    pub rows: Vec<Score>,
}

/// What it says about one CVE; both numbers are shares from 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    pub id: String,
    pub probability: f64,
    /// The share of scored vulnerabilities with the same or a lower probability.
    pub percentile: f64,
}

/// The text is no such file; half a list would say that the other half is unlikely to be exploited.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotScores {
    #[error("the scores are not UTF-8")]
    NotText,
    #[error("line {0} is neither a comment nor the header `cve,epss,percentile`")]
    Header(usize),
    #[error("line {0} is not `CVE,PROBABILITY,PERCENTILE` with shares from 0 to 1")]
    Row(usize),
    #[error("there are more than {MOST_ROWS} rows")]
    TooMany,
}

impl Scores {
    /// Reads the file: a comment line with the model and the date, a header, one row a CVE.
    ///
    /// # Errors
    /// With the first line that is not as it should be.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotScores> {
        let text = std::str::from_utf8(bytes).map_err(|_| NotScores::NotText)?;
        let mut lines = (1..).zip(text.lines());
        let mut scores = Self::default();
        let columns = loop {
            let (number, line) = lines.next().ok_or(NotScores::Header(1))?;
            match line.trim().strip_prefix('#') {
                Some(comment) => scores.describe(comment),
                None => break Columns::read(line).ok_or(NotScores::Header(number))?,
            }
        };
        for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            if scores.rows.len() == MOST_ROWS {
                return Err(NotScores::TooMany);
            }
            scores
                .rows
                .push(columns.score(line).ok_or(NotScores::Row(number))?);
        }
        // Of two rows about one CVE the more probable counts.
        scores
            .rows
            .sort_by(|a, b| a.id.cmp(&b.id).then(b.probability.total_cmp(&a.probability)));
        scores.rows.dedup_by(|later, earlier| later.id == earlier.id);
        Ok(scores)
    }

    /// `model_version:v2025.03.14,score_date:2025-04-14T12:55:00+0000`
    fn describe(&mut self, comment: &str) {
        let field = |name: &str| {
            let mut fields = comment
                .split(',')
                .filter_map(|field| field.trim().split_once(':'));
            fields.find(|(found, _)| *found == name).map(|(_, value)| value)
        };
        let date = field("score_date").unwrap_or_default();
        self.date = read_date(date);
        let day = date.get(..10).unwrap_or_default();
        let model = field("model_version").unwrap_or_default();
        self.version = [model, day].join(" ").trim().to_owned();
    }
}

/// An RFC 3339 moment, also with an offset that has no colon, as the publisher writes it.
fn read_date(text: &str) -> Option<Timestamp> {
    let with_colon = || {
        let at = text.len().checked_sub(2)?;
        Some(format!("{}:{}", text.get(..at)?, text.get(at..)?))
    };
    let parsed = text.parse().ok();
    parsed.or_else(|| with_colon()?.parse().ok())
}

/// Where the columns are: others may be added.
struct Columns {
    id: usize,
    probability: usize,
    percentile: usize,
}

impl Columns {
    fn read(header: &str) -> Option<Self> {
        let place = |name: &str| {
            let mut names = header.split(',').map(|name| name.trim().trim_matches('"'));
            names.position(|found| found.eq_ignore_ascii_case(name))
        };
        Some(Self {
            id: place("cve")?,
            probability: place("epss")?,
            percentile: place("percentile")?,
        })
    }

    fn score(&self, line: &str) -> Option<Score> {
        let mut score = Score {
            id: String::new(),
            probability: f64::NAN,
            percentile: f64::NAN,
        };
        for (place, field) in line.split(',').enumerate() {
            let field = field.trim().trim_matches('"');
            if place == self.id {
                field.clone_into(&mut score.id);
            } else if place == self.probability {
                score.probability = share(field)?;
            } else if place == self.percentile {
                score.percentile = share(field)?;
            }
        }
        let named =
            (1..=LONGEST_ID).contains(&score.id.len()) && score.id.bytes().all(|b| b.is_ascii_graphic());
        let whole = named && !score.probability.is_nan() && !score.percentile.is_nan();
        whole.then_some(score)
    }
}

fn share(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok()?;
    (0.0..=1.0).contains(&number).then_some(number)
}

/// The step, from 1 to [`STEPS`], in which a probability lies: four for each halving, down to 2⁻¹⁶.
///
/// Scores change a little every day; orders of findings change only where the step does.
#[must_use]
pub fn step(probability: f64) -> i64 {
    let bits = |number: f64| i64::try_from(number.to_bits() >> (52 - STEPS_PER_OCTAVE_BITS)).unwrap_or(0);
    if probability.is_nan() || probability < LEAST {
        return 1;
    }
    // The exponent and the first bits of the fraction order positive numbers as they are.
    (bits(probability) - bits(LEAST) + 1).clamp(1, STEPS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_a_comment_a_header_and_rows() {
        let scores = Scores::parse(
            b"#model_version:v2025.03.14,score_date:2025-04-14T12:55:00+0000\r\ncve,epss,percentile\r\nCVE-2024-2,0.5,0.9\r\nCVE-2024-1,0.00043,0.1\r\n",
        )
        .unwrap();
        assert_eq!(scores.version, "v2025.03.14 2025-04-14");
        assert_eq!(scores.date.unwrap().to_string(), "2025-04-14T12:55:00Z");
        let ids: Vec<&str> = scores.rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids, ["CVE-2024-1", "CVE-2024-2"]);
        assert_eq!(
            (scores.rows[1].probability, scores.rows[1].percentile),
            (0.5, 0.9)
        );
    }

    #[test]
    fn what_is_no_such_file_is_refused_with_its_line() {
        for (text, why) in [
            ("", NotScores::Header(1)),
            ("<html>", NotScores::Header(1)),
            ("#c\ncve,score\n", NotScores::Header(2)),
            ("cve,epss,percentile\nCVE-1,0.1\n", NotScores::Row(2)),
            (
                "cve,epss,percentile\nCVE-1,0.1,0.2\nCVE-2,1.1,0.2\n",
                NotScores::Row(3),
            ),
            ("cve,epss,percentile\n,0.1,0.2\n", NotScores::Row(2)),
            ("cve,epss,percentile\nCVE-1,NaN,0.2\n", NotScores::Row(2)),
        ] {
            assert_eq!(Scores::parse(text.as_bytes()), Err(why), "{text}");
        }
    }

    #[test]
    fn steps_grow_with_the_probability_from_1_to_64() {
        assert_eq!(
            (step(0.0), step(0.000_01), step(LEAST), step(1.0)),
            (1, 1, 1, STEPS)
        );
        let mut last = 0;
        for thousandth in 0..=1000 {
            let step = step(f64::from(thousandth) / 1000.0);
            assert!(step >= last && (1..=STEPS).contains(&step));
            last = step;
        }
        assert_eq!(
            step(0.5),
            step(0.6),
            "a step is as wide as a quarter of an octave"
        );
        assert!(step(0.5) < step(0.63));
    }
}
