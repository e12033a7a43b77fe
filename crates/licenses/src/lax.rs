//! Sloppy expressions: operators in lower case, Cargo's slash, names instead of ids.

use crate::expression::{MAX_LENGTH, is_idstring};
use crate::reading::unknown;
use crate::{Confidence, Expression, Operator, Term, names};

/// Reads an expression whose legs may be names. `None` unless every leg is an id, a known name or one plain word,
/// and at least one of them is known.
pub(crate) fn parse(text: &str) -> Option<(Expression, Confidence)> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let spaced = text.replace('/', " / ").replace('(', " ( ").replace(')', " ) ");
    let mut reader = Reader {
        words: glue_or_later(&spaced),
        next: 0,
        confidence: Confidence::Repaired,
    };
    let expression = reader.alternatives(0)?;
    let finished = reader.next == reader.words.len();
    let known = expression.terms().iter().any(|term| term.is_known());
    (finished && known).then_some((expression, reader.confidence))
}

/// `or later` is a part of a name, not an operator.
fn glue_or_later(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let after_or = words.last().is_some_and(|last| last.eq_ignore_ascii_case("or"));
        if after_or && matches!(word.to_ascii_lowercase().as_str(), "later" | "newer" | "above") {
            words.pop();
            words.push("or-later".to_owned());
        } else {
            words.push(word.to_owned());
        }
    }
    words
}

struct Reader {
    words: Vec<String>,
    next: usize,
    confidence: Confidence,
}

impl Reader {
    fn alternatives(&mut self, depth: usize) -> Option<Expression> {
        let mut parts = vec![self.conjunction(depth)?];
        while self.accept(&["or", "/", "||"]) {
            parts.push(self.conjunction(depth)?);
        }
        Expression::join(Operator::Or, parts)
    }

    fn conjunction(&mut self, depth: usize) -> Option<Expression> {
        let mut parts = vec![self.factor(depth)?];
        while self.accept(&["and", "&", "&&"]) {
            parts.push(self.factor(depth)?);
        }
        Expression::join(Operator::And, parts)
    }

    fn factor(&mut self, depth: usize) -> Option<Expression> {
        if depth > 64 {
            return None;
        }
        if self.accept(&["("]) {
            let inner = self.alternatives(depth + 1)?;
            return self.accept(&[")"]).then_some(inner);
        }
        let phrase = self.phrase()?;
        let leg = self.leg(&phrase)?;
        if !self.accept(&["with"]) {
            return Some(leg);
        }
        let exception = self.phrase()?;
        match leg {
            Expression::Term(term) if is_exception(&exception) => {
                Some(Expression::Term(term.with(&exception)))
            }
            _ => None,
        }
    }

    /// The words up to the next operator or bracket.
    fn phrase(&mut self) -> Option<String> {
        let start = self.next;
        while self.words.get(self.next).is_some_and(|word| !is_operator(word)) {
            self.next += 1;
        }
        let words = self.words.get(start..self.next)?;
        (!words.is_empty()).then(|| words.join(" "))
    }

    fn leg(&mut self, phrase: &str) -> Option<Expression> {
        let term = Term::from_id(phrase);
        if term.is_known() {
            return Some(Expression::Term(term));
        }
        if let Some((term, confidence)) = names::license(phrase) {
            self.confidence = self.confidence.max(confidence);
            return Some(Expression::Term(term));
        }
        is_idstring(phrase).then(|| unknown(phrase))
    }

    fn accept(&mut self, tokens: &[&str]) -> bool {
        let found = self
            .words
            .get(self.next)
            .is_some_and(|word| tokens.contains(&word.to_ascii_lowercase().as_str()));
        self.next += usize::from(found);
        found
    }
}

fn is_operator(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    matches!(
        word.as_str(),
        "or" | "/" | "||" | "and" | "&" | "&&" | "with" | "(" | ")"
    )
}

/// In a text that is not strict, only what surely is an exception counts as one.
fn is_exception(word: &str) -> bool {
    word.contains("AdditionRef-") || crate::catalogue::exception(word).is_some()
}
