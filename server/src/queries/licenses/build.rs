//! Licenses of the components of one build, as its verdict judged them.

use std::collections::HashMap;

use audit::ComponentStatus;
use policy::{Check, LicensePolicy, Verdict, Violation};
use store::db::Session;
use store::{policies, verdicts};

use super::judge::{Decision, Judge, Judged, of_action};
use super::{LicenseQuery, contains};
use crate::extract::Total;
use crate::place::Place;
use crate::problem::Problem;

/// A component of a build with what its verdict says of its license.
#[derive(Clone, Debug)]
pub(crate) struct JudgedComponent {
    pub status: ComponentStatus,
    pub judged: Judged,
}

/// Where a list of a build's licenses goes on: decision, name in lower case, position in the document.
pub(crate) type JudgedKey = (u8, String, u32);

/// A page of the components of a build.
#[derive(Clone, Debug)]
pub(crate) struct JudgedPage {
    pub rows: Vec<JudgedComponent>,
    pub next: Option<String>,
    pub total: Total,
}

/// The components of the build that is the state of a ref; none when it was not judged yet.
pub(crate) async fn judged(
    session: &mut Session,
    place: &Place,
) -> Result<Option<Vec<JudgedComponent>>, Problem> {
    let Some((build, verdict)) = place
        .build
        .as_ref()
        .and_then(|build| Some((build, build.verdict_id?)))
    else {
        return Ok(None);
    };
    let report = verdicts::report(session, verdict).await?.report;
    let policy = policies::effective(session, &place.project, build.policy.as_deref())
        .await?
        .policy;
    Ok(Some(judge_components(
        report.components,
        &report.verdict,
        &policy.license,
    )))
}

/// The violations of the verdict decide; the lists only explain what they let pass.
fn judge_components(
    components: Vec<ComponentStatus>,
    verdict: &Verdict,
    policy: &LicensePolicy,
) -> Vec<JudgedComponent> {
    let mut judge = Judge::new(policy);
    let violations = worst(verdict);
    components
        .into_iter()
        .filter(|status| status.why_not != Some(audit::WhyNotChecked::NotAPackage))
        .map(|status| {
            let listed = judge.license(status.license.as_deref().unwrap_or_default());
            let violation = status.purl.as_deref().and_then(|purl| violations.get(purl));
            JudgedComponent {
                judged: ruled(&status, listed, violation.copied(), policy),
                status,
            }
        })
        .collect()
}

/// The strictest that the verdict says of the license of each package; several rules may speak of one.
fn worst(verdict: &Verdict) -> HashMap<&str, &Violation> {
    let mut worst: HashMap<&str, &Violation> = HashMap::new();
    let licenses = verdict.violations.iter();
    for violation in licenses.filter(|violation| violation.check == Check::License) {
        let Some(purl) = violation.purl.as_deref() else {
            continue;
        };
        let known = worst.entry(purl).or_insert(violation);
        if violation.action > known.action {
            *known = violation;
        }
    }
    worst
}

fn ruled(
    status: &ComponentStatus,
    listed: Judged,
    violation: Option<&Violation>,
    policy: &LicensePolicy,
) -> Judged {
    match (violation, listed.decision) {
        (_, Decision::Unknown) | (None, Decision::Allowed) => listed,
        (Some(violation), _) => Judged {
            decision: of_action(violation.action),
            why: violation.reason.clone(),
        },
        // A waiver that names no purl cannot be told from here; without one, the lists decide.
        (None, _) if status.purl.is_none() => listed,
        (None, _) => Judged {
            decision: Decision::Allowed,
            why: if status.scope == inventory::Scope::Dev && !policy.include_dev {
                "a development dependency, which the policy does not judge".to_owned()
            } else {
                "accepted by name or by a waiver".to_owned()
            },
        },
    }
}

impl LicenseQuery<JudgedKey> {
    /// A page of judged components, worst first.
    pub fn page(&self, mut rows: Vec<JudgedComponent>) -> JudgedPage {
        rows.retain(|row| self.fits(row));
        rows.sort_by_cached_key(key);
        let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        rows.retain(|row| self.paging.after.as_ref().is_none_or(|after| key(row) > *after));
        let next = self.paging.finish(&mut rows, key);
        JudgedPage {
            rows,
            next,
            total: Total::counted(total, i64::MAX),
        }
    }

    fn fits(&self, row: &JudgedComponent) -> bool {
        let license = row.status.license.as_deref().unwrap_or_default();
        self.decision.is_none_or(|wanted| row.judged.decision == wanted)
            && self
                .text
                .as_ref()
                .is_none_or(|text| contains(&row.status.name, text) || contains(license, text))
    }
}

fn key(row: &JudgedComponent) -> JudgedKey {
    let rank = Decision::ALL
        .iter()
        .position(|decision| *decision == row.judged.decision)
        .unwrap_or_default();
    (
        u8::try_from(rank).unwrap_or(u8::MAX),
        row.status.name.to_lowercase(),
        row.status.component,
    )
}
