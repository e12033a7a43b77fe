//! Lists of allowed, doubtful and denied licenses, and what they say of an expression.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::later::later_versions;
use crate::{Category, Exception, Expression, License, Operator, Stated, Term, UnknownCategory, read};

/// What may be done with a license. The order is that of the lattice: `OR` takes the greatest, `AND` the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    Deny,
    /// A person must look.
    Review,
    Allow,
}

/// Whether a GNU `…-or-later` may be taken as any later version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GnuOrLater {
    /// `GPL-2.0-or-later` is judged under its own id only.
    #[default]
    Strict,
    /// `GPL-2.0-or-later` is as good as the best of `GPL-2.0-only`, `GPL-3.0-only`, ….
    Spdx,
}

/// One line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// `cat:permissive`: every license of a category.
    Category(Category),
    /// One license, a license `WITH` an exception as a unit, or a compound that must be met as a whole.
    Expression(Expression),
}

/// The text can be no line of a list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEntry {
    #[error(transparent)]
    Category(#[from] UnknownCategory),
    #[error("`{0}` is no license id, no expression of ids and no `cat:` category")]
    NotALicense(String),
}

impl Entry {
    /// The first word in it that is on no list and is no `LicenseRef-`.
    #[must_use]
    pub fn unknown_word(&self) -> Option<String> {
        match self {
            Self::Category(_) => None,
            Self::Expression(expression) => expression
                .terms()
                .into_iter()
                .find(|term| !term.is_known())
                .map(ToString::to_string),
        }
    }
}

impl FromStr for Entry {
    type Err = InvalidEntry;

    fn from_str(text: &str) -> Result<Self, InvalidEntry> {
        if let Some(category) = text.strip_prefix("cat:") {
            return Ok(Self::Category(category.parse()?));
        }
        match read(text).stated {
            Stated::Expression(expression) => Ok(Self::Expression(expression)),
            Stated::NoData | Stated::Unlicensed | Stated::File(_) => {
                Err(InvalidEntry::NotALicense(text.to_owned()))
            }
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Category(category) => write!(f, "cat:{category}"),
            Self::Expression(expression) => expression.fmt(f),
        }
    }
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor)
    }
}

/// A visitor rather than a `String`, so that readers of documents know the place of an error.
struct TextVisitor;

impl de::Visitor<'_> for TextVisitor {
    type Value = Entry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a license id, an expression or a category")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Entry, E> {
        text.parse().map_err(E::custom)
    }
}

/// What kind of reason decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ground {
    /// A line of a list, by id, unit, compound or category.
    Listed,
    /// The license is known but on no list.
    Unlisted,
    /// The license or exception is not known.
    Unknown,
}

/// What the lists say of an expression, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    pub permission: Permission,
    /// The part of the expression that was chosen: of every `OR` the best leg, the first on a tie.
    pub elected: Expression,
    /// What decided, as a clause: `AGPL-3.0-only is on the deny list`.
    pub because: String,
    pub ground: Ground,
}

/// The three lists, ready to be asked.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Licenses, units and whole compounds, by canonical text in lower case.
    listed: HashMap<String, Permission>,
    categories: HashMap<Category, Permission>,
    unlisted: Permission,
    unknown: Permission,
    gnu_or_later: GnuOrLater,
}

impl Rules {
    /// The same line in several lists: deny beats review beats allow. A license in no list needs a review.
    #[must_use]
    pub fn new(allow: &[Entry], review: &[Entry], deny: &[Entry]) -> Self {
        let mut rules = Self {
            listed: HashMap::new(),
            categories: HashMap::new(),
            unlisted: Permission::Review,
            unknown: Permission::Review,
            gnu_or_later: GnuOrLater::Strict,
        };
        for (entries, permission) in [
            (allow, Permission::Allow),
            (review, Permission::Review),
            (deny, Permission::Deny),
        ] {
            entries.iter().for_each(|entry| rules.add(entry, permission));
        }
        rules
    }

    /// Later lists are stricter ones.
    fn add(&mut self, entry: &Entry, permission: Permission) {
        match entry {
            Entry::Category(category) => self.categories.insert(*category, permission),
            Entry::Expression(expression) => self.listed.insert(key(expression), permission),
        };
    }

    /// What to do with a license on the SPDX list that is on none of the three.
    #[must_use]
    pub fn unlisted(mut self, permission: Permission) -> Self {
        self.unlisted = permission;
        self
    }

    /// What to do with a license, reference or exception that nobody knows.
    #[must_use]
    pub fn unknown(mut self, permission: Permission) -> Self {
        self.unknown = permission;
        self
    }

    #[must_use]
    pub fn gnu_or_later(mut self, reading: GnuOrLater) -> Self {
        self.gnu_or_later = reading;
        self
    }

    /// The same rules, but these lines are allowed whatever the lists say.
    #[must_use]
    pub fn accepting<'a>(&self, entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut rules = self.clone();
        entries
            .into_iter()
            .for_each(|entry| rules.add(entry, Permission::Allow));
        rules
    }

    /// Evaluates an expression: a line that names it whole decides, else `OR` is its best leg, `AND` its worst.
    #[must_use]
    pub fn evaluate(&self, expression: &Expression) -> Evaluation {
        match expression {
            Expression::Term(term) => self.term(term),
            Expression::Compound(operator, parts) => match self.listed.get(&key(expression)) {
                Some(permission) => Evaluation {
                    permission: *permission,
                    elected: expression.clone(),
                    because: on_list(expression, *permission),
                    ground: Ground::Listed,
                },
                None => self.compound(*operator, parts),
            },
        }
    }

    fn compound(&self, operator: Operator, parts: &[Expression]) -> Evaluation {
        let legs: Vec<Evaluation> = parts.iter().map(|part| self.evaluate(part)).collect();
        let decided = match operator {
            Operator::Or => first_by(&legs, |leg, best| leg > best),
            Operator::And => first_by(&legs, |leg, worst| leg < worst),
        };
        let decided = decided.cloned().unwrap_or_else(|| self.nothing());
        if operator == Operator::Or {
            return decided;
        }
        let elected = legs.into_iter().map(|leg| leg.elected).collect();
        Evaluation {
            elected: Expression::join(Operator::And, elected).unwrap_or(decided.elected.clone()),
            ..decided
        }
    }

    /// A compound without parts, which no reader makes.
    fn nothing(&self) -> Evaluation {
        let elected = Expression::Term(Term::plain(License::Unknown(String::new())));
        Evaluation {
            permission: self.unknown,
            elected,
            because: "nothing is stated".to_owned(),
            ground: Ground::Unknown,
        }
    }

    /// The unit first, then what the license without exception is; an unknown exception may restrict.
    fn term(&self, term: &Term) -> Evaluation {
        if let Some(permission) = self.exact(term) {
            return listed(term, term, permission);
        }
        let base = self.license(&Term {
            exception: None,
            ..term.clone()
        });
        match &term.exception {
            Some(Exception::Unknown(word)) if self.unknown < base.permission => Evaluation {
                permission: self.unknown,
                elected: Expression::Term(term.clone()),
                because: format!("{word} is no known exception"),
                ground: Ground::Unknown,
            },
            exception => Evaluation {
                elected: with_exception(base.elected, exception.clone()),
                ..base
            },
        }
    }

    /// A license without exception: itself, or the best later version that may be chosen.
    fn license(&self, term: &Term) -> Evaluation {
        let own = self.alone(term);
        let choices = match term.id() {
            Some(id) if term.or_later || self.gnu_or_later == GnuOrLater::Spdx => {
                later_versions(id, term.or_later)
            }
            _ => Vec::new(),
        };
        choices
            .into_iter()
            .map(|id| self.alone(&Term::plain(License::Listed(id))))
            .fold(own, |best, choice| {
                if choice.permission > best.permission {
                    choice
                } else {
                    best
                }
            })
    }

    /// The line of the license itself, then that of its category, then what holds for all others.
    fn alone(&self, term: &Term) -> Evaluation {
        let bare = Term::plain(term.license.clone());
        let category = bare.category();
        let exact = self.exact(term).or_else(|| self.exact(&bare));
        let by_category = self.categories.get(&category).filter(|_| term.id().is_some());
        match (exact, by_category, term.id()) {
            (Some(permission), ..) => listed(term, &bare, permission),
            (None, Some(permission), _) => listed(term, &format!("cat:{category} ({bare})"), *permission),
            (None, None, Some(_)) => on_none(term, self.unlisted, "is on no list", Ground::Unlisted),
            (None, None, None) => on_none(term, self.unknown, "is no known license", Ground::Unknown),
        }
    }

    fn exact(&self, term: &Term) -> Option<Permission> {
        self.listed.get(&key(term)).copied()
    }
}

fn key(what: &impl fmt::Display) -> String {
    what.to_string().to_ascii_lowercase()
}

fn on_list(what: &impl fmt::Display, permission: Permission) -> String {
    let list = match permission {
        Permission::Allow => "allow",
        Permission::Review => "review",
        Permission::Deny => "deny",
    };
    format!("{what} is on the {list} list")
}

fn listed(term: &Term, line: &impl fmt::Display, permission: Permission) -> Evaluation {
    Evaluation {
        permission,
        elected: Expression::Term(term.clone()),
        because: on_list(line, permission),
        ground: Ground::Listed,
    }
}

fn on_none(term: &Term, permission: Permission, why: &str, ground: Ground) -> Evaluation {
    let because = format!("{} {why}", term.license_text());
    Evaluation {
        permission,
        elected: Expression::Term(term.clone()),
        because,
        ground,
    }
}

/// What was elected for the license alone, with the exception of the whole.
fn with_exception(elected: Expression, exception: Option<Exception>) -> Expression {
    match elected {
        Expression::Term(base) => Expression::Term(Term {
            exception: exception.or(base.exception.clone()),
            ..base
        }),
        compound @ Expression::Compound(..) => compound,
    }
}

/// The first leg that no other leg outdoes.
fn first_by(legs: &[Evaluation], outdoes: fn(Permission, Permission) -> bool) -> Option<&Evaluation> {
    let mut chosen = legs.first()?;
    for leg in legs {
        if outdoes(leg.permission, chosen.permission) {
            chosen = leg;
        }
    }
    Some(chosen)
}
