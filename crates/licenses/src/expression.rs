//! License expressions (SPDX 3.0 Annex B): the tree, its canonical text and the strict reader.

use std::fmt;

use crate::Term;

/// Brackets deeper than this are no license that a person wrote.
const MAX_DEPTH: usize = 64;
/// Longer texts are license texts, not expressions, in bytes.
pub(crate) const MAX_LENGTH: usize = 16 * 1024;

/// A license expression; `AND` and `OR` hold at least two parts and never a part of their own kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    Term(Term),
    Compound(Operator, Vec<Expression>),
}

/// How parts are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// All apply.
    And,
    /// One may be chosen.
    Or,
}

/// The text is no license expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a license expression: {why} at byte {at}")]
pub struct Malformed {
    pub why: &'static str,
    /// Bytes from the start of the text.
    pub at: usize,
}

impl Expression {
    /// Reads an expression by the letter of the specification, except that ids ignore case, that ids on no list
    /// are kept as unknown legs, and that deprecated ids become their current form.
    ///
    /// # Errors
    /// When the syntax is broken; [`crate::read`] then tries to make sense of the text all the same.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        if text.len() > MAX_LENGTH {
            return Err(Malformed {
                why: "too long",
                at: MAX_LENGTH,
            });
        }
        let tokens = tokens(text)?;
        let mut parser = Parser {
            tokens: &tokens,
            next: 0,
            end: text.len(),
        };
        let expression = parser.alternatives(0)?;
        match parser.peek() {
            None => Ok(expression),
            Some(_) => Err(parser.malformed("an operator is missing")),
        }
    }

    /// The parts joined by the operator: nested parts of the same kind are merged, a single part stays itself.
    ///
    /// `None` when there is no part.
    #[must_use]
    pub fn join(operator: Operator, parts: Vec<Self>) -> Option<Self> {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::Compound(inner, parts) if inner == operator => flat.extend(parts),
                other => flat.push(other),
            }
        }
        if flat.len() < 2 {
            return flat.pop();
        }
        Some(Self::Compound(operator, flat))
    }

    /// Every leg, from left to right.
    #[must_use]
    pub fn terms(&self) -> Vec<&Term> {
        match self {
            Self::Term(term) => vec![term],
            Self::Compound(_, parts) => parts.iter().flat_map(Self::terms).collect(),
        }
    }

    /// Whether it is nothing but one word that is on no list.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Term(term) if !term.is_known() && term.exception.is_none())
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Term(term) => term.fmt(f),
            Self::Compound(Operator::Or, parts) => separated(f, parts, " OR "),
            Self::Compound(Operator::And, parts) => separated(f, parts, " AND "),
        }
    }
}

/// `OR` binds loosest, so only an `OR` inside an `AND` needs brackets.
fn separated(f: &mut fmt::Formatter<'_>, parts: &[Expression], separator: &str) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(separator)?;
        }
        match part {
            Expression::Compound(Operator::Or, _) => write!(f, "({part})")?,
            _ => write!(f, "{part}")?,
        }
    }
    Ok(())
}

/// A word or a bracket, with its place.
struct Token<'a> {
    text: &'a str,
    at: usize,
}

fn tokens(text: &str) -> Result<Vec<Token<'_>>, Malformed> {
    let mut tokens = Vec::new();
    let mut word: Option<usize> = None;
    for (at, c) in text.char_indices() {
        let breaks = c.is_whitespace() || c == '(' || c == ')';
        if !breaks {
            word.get_or_insert(at);
            continue;
        }
        if let Some(start) = word.take() {
            tokens.push(Token {
                text: &text[start..at],
                at: start,
            });
        }
        if !c.is_whitespace() {
            tokens.push(Token {
                text: &text[at..=at],
                at,
            });
        }
    }
    if let Some(start) = word {
        tokens.push(Token {
            text: &text[start..],
            at: start,
        });
    }
    if tokens.is_empty() {
        Err(Malformed {
            why: "nothing there",
            at: 0,
        })
    } else {
        Ok(tokens)
    }
}

struct Parser<'a> {
    tokens: &'a [Token<'a>],
    next: usize,
    end: usize,
}

impl<'a> Parser<'a> {
    fn alternatives(&mut self, depth: usize) -> Result<Expression, Malformed> {
        let mut parts = vec![self.conjunction(depth)?];
        while self.accept("OR") {
            parts.push(self.conjunction(depth)?);
        }
        Expression::join(Operator::Or, parts).ok_or_else(|| self.malformed("nothing there"))
    }

    fn conjunction(&mut self, depth: usize) -> Result<Expression, Malformed> {
        let mut parts = vec![self.factor(depth)?];
        while self.accept("AND") {
            parts.push(self.factor(depth)?);
        }
        Expression::join(Operator::And, parts).ok_or_else(|| self.malformed("nothing there"))
    }

    fn factor(&mut self, depth: usize) -> Result<Expression, Malformed> {
        if depth > MAX_DEPTH {
            return Err(self.malformed("brackets nested too deeply"));
        }
        if self.accept("(") {
            let inner = self.alternatives(depth + 1)?;
            return if self.accept(")") {
                Ok(inner)
            } else {
                Err(self.malformed("a bracket is not closed"))
            };
        }
        let term = Term::from_id(self.id(is_license_word)?);
        if self.accept("WITH") {
            return Ok(Expression::Term(term.with(self.id(is_exception_word)?)));
        }
        Ok(Expression::Term(term))
    }

    fn id(&mut self, is_id: fn(&str) -> bool) -> Result<&'a str, Malformed> {
        match self.peek().filter(|word| is_id(word)) {
            Some(word) => {
                self.next += 1;
                Ok(word)
            }
            None => Err(self.malformed("an id is missing")),
        }
    }

    fn accept(&mut self, token: &str) -> bool {
        let found = self.peek() == Some(token);
        self.next += usize::from(found);
        found
    }

    fn peek(&self) -> Option<&'a str> {
        self.tokens.get(self.next).map(|token| token.text)
    }

    fn malformed(&self, why: &'static str) -> Malformed {
        let at = self.tokens.get(self.next).map_or(self.end, |token| token.at);
        Malformed { why, at }
    }
}

fn is_license_word(word: &str) -> bool {
    is_word(word.strip_suffix('+').unwrap_or(word), "LicenseRef-")
}

fn is_exception_word(word: &str) -> bool {
    is_word(word, "AdditionRef-")
}

/// An idstring that is no operator, or a complete reference of the kind.
fn is_word(word: &str, kind: &str) -> bool {
    let local = match word
        .strip_prefix("DocumentRef-")
        .and_then(|rest| rest.split_once(':'))
    {
        Some((document, local)) if is_idstring(document) && local.starts_with(kind) => local,
        Some(_) => return false,
        None => word,
    };
    is_idstring(local) && local != kind && !matches!(local, "AND" | "OR" | "WITH")
}

pub(crate) fn is_idstring(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
}
