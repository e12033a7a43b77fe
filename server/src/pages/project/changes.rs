//! What changed on a branch, and why: the verdicts of its builds, as far as they differ.

use clock::Timestamp;
use policy::Outcome;
use store::builds::Build;
use store::db::Session;
use store::verdicts::{self, BuildVerdict};
use web::views::list::Tone;
use web::views::project::Change;

use crate::pages::numbers::outcome_of;
use crate::place::unsigned;
use crate::problem::Problem;

/// Verdicts that are looked through, and changes that are shown.
const MOST_VERDICTS: i64 = 200;
const MOST_CHANGES: usize = 6;

/// Newest first.
pub(super) async fn load(session: &mut Session, builds: &[Build]) -> Result<Vec<Change>, Problem> {
    let ids: Vec<i64> = builds.iter().map(|build| build.id).collect();
    let verdicts = verdicts::history_of_builds(session, &ids, MOST_VERDICTS).await?;
    Ok(changes(&verdicts, builds))
}

fn changes(verdicts: &[BuildVerdict], builds: &[Build]) -> Vec<Change> {
    let mut changes = Vec::new();
    for (at, verdict) in verdicts.iter().enumerate() {
        let before = verdicts.get(at + 1);
        if let Some((strong, tone)) = headline(verdict, before) {
            let build = builds.iter().find(|build| build.id == verdict.build_id);
            changes.push(Change {
                at: Timestamp::from_millis(verdict.created_at),
                strong: strong.to_owned(),
                tone,
                rest: format!("{}.", verdict.cause.trim_end_matches('.')),
                build: build.map(|build| unsigned(build.number)),
            });
        }
        if changes.len() == MOST_CHANGES {
            break;
        }
    }
    changes
}

/// How a verdict differs from the one before; `None` when it does not.
fn headline(verdict: &BuildVerdict, before: Option<&BuildVerdict>) -> Option<(&'static str, Tone)> {
    let outcome = outcome_of(&verdict.outcome);
    let Some(before) = before else {
        return Some(("First verdict.", Tone::Plain));
    };
    if outcome_of(&before.outcome) == outcome {
        let nothing = verdict.cause.is_empty() || verdict.cause.starts_with("No finding changed");
        return (!nothing).then_some(("", Tone::Plain));
    }
    Some(match outcome {
        Outcome::Fail => ("Turned red.", Tone::Worse),
        Outcome::Pass => ("Turned green.", Tone::Better),
        Outcome::Warn => ("Passes with warnings.", Tone::Plain),
        Outcome::Indeterminate | Outcome::Pending => ("Undecided.", Tone::Plain),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_told() {
        let verdict = |outcome: &str, cause: &str| BuildVerdict {
            build_id: 1,
            outcome: outcome.to_owned(),
            cause: cause.to_owned(),
            created_at: 0,
        };
        let verdicts = [
            verdict("fail", "Advisories spoke of CVE-2026-1"),
            verdict("pass", "No finding changed"),
            verdict("pass", "2 findings fixed or removed"),
            verdict("pass", "First audit of this ref"),
        ];
        let told: Vec<_> = changes(&verdicts, &[])
            .into_iter()
            .map(|change| format!("{} {}", change.strong, change.rest))
            .collect();
        assert_eq!(
            told,
            [
                "Turned red. Advisories spoke of CVE-2026-1.",
                " 2 findings fixed or removed.",
                "First verdict. First audit of this ref.",
            ]
        );
    }
}
