//! What a license policy says of a license.

use std::collections::HashMap;

use licenses::{Expression, Ground, Permission};
use policy::{Action, LicensePolicy};

use crate::problem::Problem;

/// What the policy says of a license, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Decision {
    Denied,
    Review,
    /// Nobody knows the license.
    Unknown,
    Allowed,
}

impl Decision {
    pub const ALL: [Self; 4] = [Self::Denied, Self::Review, Self::Unknown, Self::Allowed];

    /// The word in queries and in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Review => "review",
            Self::Unknown => "unknown",
            Self::Allowed => "allowed",
        }
    }

    pub(super) fn read(word: &str) -> Result<Self, Problem> {
        Self::ALL
            .into_iter()
            .find(|decision| decision.word() == word)
            .ok_or_else(|| Problem::bad_parameter("decision", "must be denied, review, unknown or allowed"))
    }
}

/// A decision with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Judged {
    pub decision: Decision,
    /// Which rule decided, as a clause.
    pub why: String,
}

/// What a license policy says of effective licenses, with a memory.
pub(crate) struct Judge<'a> {
    policy: &'a LicensePolicy,
    rules: licenses::Rules,
    known: HashMap<String, Judged>,
}

impl<'a> Judge<'a> {
    pub fn new(policy: &'a LicensePolicy) -> Self {
        Self {
            policy,
            rules: policy.rules(),
            known: HashMap::new(),
        }
    }

    /// What is to be said of an effective license; the empty one stands for none.
    pub fn license(&mut self, license: &str) -> Judged {
        if let Some(judged) = self.known.get(license) {
            return judged.clone();
        }
        let judged = self.judge(license);
        self.known.insert(license.to_owned(), judged.clone());
        judged
    }

    fn judge(&self, license: &str) -> Judged {
        let unknown = |why: &str| Judged {
            decision: Decision::Unknown,
            why: why.to_owned(),
        };
        if license.is_empty() {
            return unknown("the document states no license");
        }
        if license == "UNLICENSED" {
            return Judged {
                decision: of_action(self.policy.unlicensed),
                why: "no rights are granted at all".to_owned(),
            };
        }
        if license.starts_with("SEE LICENSE IN ") {
            return unknown("only a file is named, which was not read");
        }
        let Ok(expression) = Expression::parse(license) else {
            return unknown("it is no license expression");
        };
        let evaluation = self.rules.evaluate(&expression);
        let decision = match (evaluation.permission, evaluation.ground) {
            (Permission::Deny, _) => Decision::Denied,
            (Permission::Review, Ground::Unknown) => Decision::Unknown,
            (Permission::Review, _) => Decision::Review,
            (Permission::Allow, _) => Decision::Allowed,
        };
        let elected = evaluation.elected.to_string();
        let why = if elected == expression.to_string() {
            evaluation.because
        } else {
            format!("{elected} was chosen: {}", evaluation.because)
        };
        Judged { decision, why }
    }
}

pub(super) const fn of_action(action: Action) -> Decision {
    match action {
        Action::Fail => Decision::Denied,
        Action::Warn | Action::Indeterminate => Decision::Review,
        Action::Ignore => Decision::Allowed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_license_is_judged_by_the_lists_and_silence_is_unknown() {
        let policy = LicensePolicy::default();
        let mut judge = Judge::new(&policy);
        for (license, decision) in [
            ("MIT", Decision::Allowed),
            ("AGPL-3.0-only", Decision::Denied),
            ("MIT OR AGPL-3.0-only", Decision::Allowed),
            ("MIT AND AGPL-3.0-only", Decision::Denied),
            ("", Decision::Unknown),
            ("UNLICENSED", Decision::Denied),
            ("SEE LICENSE IN license.txt", Decision::Unknown),
            ("LicenseRef-house", Decision::Unknown),
        ] {
            assert_eq!(judge.license(license).decision, decision, "{license}");
        }
        assert!(
            judge
                .license("MIT OR AGPL-3.0-only")
                .why
                .starts_with("MIT was chosen")
        );
    }
}
