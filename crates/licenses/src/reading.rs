//! What a claim says: strict first, then with good will.

use crate::{Expression, License, Operator, Term, lax, names, urls};

/// What somebody stated about a license, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    pub stated: Stated,
    pub confidence: Confidence,
}

/// The kinds of statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stated {
    /// An expression; what is not known at all is an expression of one unknown leg.
    Expression(Expression),
    /// `NOASSERTION`, `NONE`, `UNKNOWN` or nothing: no license, and no statement that there is none.
    NoData,
    /// npm's `UNLICENSED`: no rights are granted. Not the Unlicense.
    Unlicensed,
    /// npm's `SEE LICENSE IN path`.
    File(String),
}

/// How the statement was understood; the order is from sure to doubtful.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// A valid SPDX expression, or a word with a fixed meaning.
    Exact,
    /// Free text, a URL or a sloppy expression that has only one reading.
    Repaired,
    /// A reading that leaves something open: `Apache` without a version.
    Guessed,
}

impl Reading {
    fn new(stated: Stated, confidence: Confidence) -> Self {
        Self { stated, confidence }
    }

    pub(crate) fn no_data() -> Self {
        Self::new(Stated::NoData, Confidence::Exact)
    }

    /// The expression, if it is one.
    #[must_use]
    pub fn expression(&self) -> Option<&Expression> {
        match &self.stated {
            Stated::Expression(expression) => Some(expression),
            Stated::NoData | Stated::Unlicensed | Stated::File(_) => None,
        }
    }

    /// Whether it says something, but nothing that is known.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.expression().is_some_and(Expression::is_unknown)
    }
}

/// Reads one claim: an SPDX expression, an id, a name, a URL, a classifier. Never fails: what is not understood
/// is one unknown leg with the text as it stands.
#[must_use]
pub fn read(text: &str) -> Reading {
    let text = text.trim();
    if let Some(word) = fixed_word(text) {
        return Reading::new(word, Confidence::Exact);
    }
    let strict = Expression::parse(text).ok();
    if let Some(expression) = strict.as_ref().filter(|e| every_license_is_known(e)) {
        return Reading::new(Stated::Expression(expression.clone()), Confidence::Exact);
    }
    let repaired = urls::license(text)
        .map(|found| found.map(|term| (Expression::Term(term), Confidence::Repaired)))
        .unwrap_or_else(|| {
            names::license(text)
                .map(|(term, c)| (Expression::Term(term), c))
                .or_else(|| lax::parse(text))
        });
    match repaired {
        Some((expression, confidence)) => Reading::new(Stated::Expression(expression), confidence),
        None => Reading::new(
            Stated::Expression(strict.filter(is_kept).unwrap_or_else(|| unknown(text))),
            Confidence::Exact,
        ),
    }
}

/// Reads several claims about one component: all of them apply. Claims without data are left out.
#[must_use]
pub fn read_all<'a>(claims: impl IntoIterator<Item = &'a str>) -> Reading {
    joined(Operator::And, claims.into_iter().map(read))
}

/// Joins readings: `UNLICENSED` among parts that all apply outweighs them; a file is a leg that nobody read.
pub(crate) fn joined(operator: Operator, readings: impl Iterator<Item = Reading>) -> Reading {
    let mut readings: Vec<Reading> = readings
        .filter(|reading| reading.stated != Stated::NoData)
        .collect();
    if readings.len() < 2 {
        return readings.pop().unwrap_or_else(Reading::no_data);
    }
    let confidence = readings
        .iter()
        .map(|reading| reading.confidence)
        .max()
        .unwrap_or(Confidence::Exact);
    if operator == Operator::And
        && readings
            .iter()
            .any(|reading| reading.stated == Stated::Unlicensed)
    {
        return Reading::new(Stated::Unlicensed, confidence);
    }
    let parts = readings
        .into_iter()
        .map(|reading| as_part(reading.stated))
        .collect();
    match Expression::join(operator, parts) {
        Some(expression) => Reading::new(Stated::Expression(expression), confidence),
        None => Reading::no_data(),
    }
}

fn as_part(stated: Stated) -> Expression {
    match stated {
        Stated::Expression(expression) => expression,
        Stated::File(path) => unknown(&format!("SEE LICENSE IN {path}")),
        Stated::Unlicensed => unknown("UNLICENSED"),
        Stated::NoData => unknown("NOASSERTION"),
    }
}

fn fixed_word(text: &str) -> Option<Stated> {
    match text {
        "" | "NOASSERTION" | "NONE" | "UNKNOWN" => return Some(Stated::NoData),
        "UNLICENSED" => return Some(Stated::Unlicensed),
        _ => {}
    }
    const SEE: &str = "SEE LICENSE IN ";
    let path = text
        .get(..SEE.len())
        .filter(|start| start.eq_ignore_ascii_case(SEE))
        .and_then(|_| text.get(SEE.len()..))?;
    Some(Stated::File(path.trim().trim_matches(['<', '>']).to_owned()))
}

/// Unknown exceptions stand: they are judged as unknown.
fn every_license_is_known(expression: &Expression) -> bool {
    expression
        .terms()
        .iter()
        .all(|term| !matches!(term.license, License::Unknown(_)))
}

/// A compound with unknown legs is worth keeping, an unknown license with an exception is just a text.
fn is_kept(expression: &Expression) -> bool {
    matches!(expression, Expression::Compound(..))
}

pub(crate) fn unknown(text: &str) -> Expression {
    Expression::Term(Term::plain(License::Unknown(text.to_owned())))
}
