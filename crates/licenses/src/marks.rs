//! What about a stated license a person may want to look at, whatever a policy's lists say of it.

use crate::{Category, Expression, Operator, Term, catalogue};

impl Expression {
    /// Whether the Open Source Initiative has approved of it: of one leg of every `OR`, and of all of an `AND`.
    #[must_use]
    pub fn is_osi_approved(&self) -> bool {
        self.holds(&|term| term.id().is_some_and(spdx::LicenseId::is_osi_approved))
    }

    /// Whether somebody has sorted it into a category: one leg of every `OR`, and all of an `AND`.
    #[must_use]
    pub fn is_categorized(&self) -> bool {
        self.holds(&|term| term.category() != Category::Uncategorized)
    }

    /// Whether it is more than one license, or two to choose from: it has three legs, or an exception.
    #[must_use]
    pub fn is_involved(&self) -> bool {
        let terms = self.terms();
        terms.len() > 2 || terms.iter().any(|term| term.exception.is_some())
    }

    /// Whether the best choice of licenses fulfils a condition that each of them has to meet.
    fn holds(&self, condition: &dyn Fn(&Term) -> bool) -> bool {
        match self {
            Self::Term(term) => condition(term),
            Self::Compound(Operator::Or, parts) => parts.iter().any(|part| part.holds(condition)),
            Self::Compound(Operator::And, parts) => parts.iter().all(|part| part.holds(condition)),
        }
    }
}

/// The deprecated ids that a text uses, as the list spells them. Reading a text replaces them by their current form.
#[must_use]
pub fn deprecated_ids(text: &str) -> Vec<&'static str> {
    let words = text.split(|character: char| character.is_whitespace() || "()/,".contains(character));
    let mut found: Vec<&'static str> = words
        .filter_map(|word| catalogue::license(word).or_else(|| catalogue::license(word.strip_suffix('+')?)))
        .filter(|id| id.is_deprecated())
        .map(|id| id.name)
        .collect();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_as_good_as_its_best_leg_and_a_duty_as_its_worst() {
        for (text, approved, categorized, involved) in [
            ("MIT", true, true, false),
            ("WTFPL", false, true, false),
            ("WTFPL OR MIT", true, true, false),
            ("WTFPL AND MIT", false, true, false),
            ("BSD-2-Clause OR MIT OR Apache-2.0", true, true, true),
            ("Apache-2.0 WITH LLVM-exception", true, true, true),
            ("LicenseRef-ours", false, false, false),
            ("(MIT OR WTFPL) AND ISC", true, true, true),
        ] {
            let expression = Expression::parse(text).unwrap();
            assert_eq!(expression.is_osi_approved(), approved, "{text}");
            assert_eq!(expression.is_categorized(), categorized, "{text}");
            assert_eq!(expression.is_involved(), involved, "{text}");
        }
    }

    #[test]
    fn deprecated_ids_are_found_as_they_were_written() {
        for (text, expected) in [
            ("GPL-2.0", vec!["GPL-2.0"]),
            ("GPL-2.0+", vec!["GPL-2.0"]),
            ("MIT/GPL-3.0", vec!["GPL-3.0"]),
            (
                "(MIT OR gpl-2.0-with-classpath-exception)",
                vec!["GPL-2.0-with-classpath-exception"],
            ),
            ("GPL-2.0-only", vec![]),
            ("the usual", vec![]),
        ] {
            assert_eq!(deprecated_ids(text), expected, "{text}");
        }
    }
}
