//! Licenses: what the policy says of each, and why.

use std::collections::{BTreeMap, HashMap};

use audit::ComponentStatus;
use licenses::{Expression, Ground, Permission};
use policy::{Action, Check, LicensePolicy, Verdict, Violation};
use store::components::usage;
use store::components::{Filter, Key, Search};
use store::db::Session;
use store::findings::list::Narrowing;
use store::{policies, verdicts};

use super::components::{Held, search_page};
use crate::auth::Access;
use crate::extract::{Fields, Paging, Total};
use crate::place::Place;
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

    fn read(word: &str) -> Result<Self, Problem> {
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

const fn of_action(action: Action) -> Decision {
    match action {
        Action::Fail => Decision::Denied,
        Action::Warn | Action::Indeterminate => Decision::Review,
        Action::Ignore => Decision::Allowed,
    }
}

/// What is asked of a list of licenses.
#[derive(Clone, Debug)]
pub(crate) struct LicenseQuery<K> {
    /// A component or a license.
    pub text: Option<String>,
    pub decision: Option<Decision>,
    pub reference: Option<String>,
    pub paging: Paging<K>,
}

impl<K: serde::de::DeserializeOwned> LicenseQuery<K> {
    /// Reads `q, decision, ref, cursor, limit`.
    pub fn read(mut fields: Fields) -> Result<Self, Problem> {
        let decision = fields.one("decision")?;
        let read = Self {
            text: fields.one("q")?,
            decision: decision.as_deref().map(Decision::read).transpose()?,
            reference: fields.one("ref")?,
            paging: Paging::new(fields.one("cursor")?.as_deref(), fields.number("limit")?)?,
        };
        fields.finish()?;
        Ok(read)
    }
}

/// Components by decision.
pub(crate) type Tally = BTreeMap<Decision, i64>;

/// One license with the number of components under it.
#[derive(Clone, Debug)]
pub(crate) struct LicenseLine {
    /// Empty when nothing is stated.
    pub license: String,
    pub components: i64,
    pub judged: Judged,
}

/// All licenses, worst first, then by number of components.
#[derive(Clone, Debug, Default)]
pub(crate) struct Summary {
    pub lines: Vec<LicenseLine>,
    /// Whether counting stopped at its bound: there are more.
    pub at_least: bool,
}

impl Summary {
    fn new(counts: impl IntoIterator<Item = (String, i64, Judged)>, at_least: bool) -> Self {
        let mut lines: Vec<LicenseLine> = counts
            .into_iter()
            .map(|(license, components, judged)| LicenseLine {
                license,
                components,
                judged,
            })
            .collect();
        lines.sort_by(|a, b| {
            (a.judged.decision, -a.components, &a.license).cmp(&(
                b.judged.decision,
                -b.components,
                &b.license,
            ))
        });
        Self { lines, at_least }
    }

    /// Components by decision; `None` when there are no components at all.
    pub fn tally(&self) -> Option<Tally> {
        let mut tally = Tally::new();
        for line in &self.lines {
            *tally.entry(line.judged.decision).or_default() += line.components;
        }
        (!tally.is_empty()).then_some(tally)
    }

    /// Over the tracked refs that the caller may see, by the default policy: each project has its own for its gate.
    pub async fn everywhere(session: &mut Session, access: &Access) -> Result<Self, Problem> {
        let narrowing = Narrowing {
            project: access.project,
            ..Narrowing::default()
        };
        Self::narrowed(session, &narrowing).await
    }

    /// The same over the tracked refs of some projects.
    pub async fn narrowed(session: &mut Session, narrowing: &Narrowing) -> Result<Self, Problem> {
        let policy = policies::default(session).await?.policy;
        let mut judge = Judge::new(&policy.license);
        let found = usage::license_counts(session, narrowing).await?;
        let counts = found.counts.into_iter().map(|(license, components)| {
            let judged = judge.license(&license);
            (license, components, judged)
        });
        Ok(Self::new(counts, found.at_least))
    }

    /// Of the components of one build.
    pub fn of(components: &[JudgedComponent]) -> Self {
        let mut counts: BTreeMap<(String, Decision, String), i64> = BTreeMap::new();
        for component in components {
            let license = component.status.license.clone().unwrap_or_default();
            let judged = component.judged.clone();
            *counts.entry((license, judged.decision, judged.why)).or_default() += 1;
        }
        let counts = counts
            .into_iter()
            .map(|((license, decision, why), count)| (license, count, Judged { decision, why }));
        Self::new(counts, false)
    }
}

/// A version under one of the licenses that documents state for it.
#[derive(Clone, Debug)]
pub(crate) struct LicensedVersion {
    pub held: Held,
    pub license: String,
    pub projects: i64,
    pub judged: Judged,
}

/// A page of versions across projects.
#[derive(Clone, Debug)]
pub(crate) struct LicensedPage {
    pub rows: Vec<LicensedVersion>,
    pub next: Option<String>,
    pub total: Total,
}

impl LicenseQuery<Key> {
    /// Versions that the tracked refs hold, by name.
    pub async fn everywhere(
        &self,
        session: &mut Session,
        access: &Access,
        summary: &Summary,
    ) -> Result<LicensedPage, Problem> {
        if self.reference.is_some() {
            return Err(Problem::bad_parameter("ref", "goes with one project only"));
        }
        let judged: HashMap<&str, &Judged> = summary
            .lines
            .iter()
            .map(|line| (line.license.as_str(), &line.judged))
            .collect();
        let (search, wanted) = self.chosen(summary);
        let filter = Filter {
            project: access.project,
            ..Filter::default()
        };
        let page = search_page(session, &search, &filter, &self.paging).await?;
        let mut rows = Vec::new();
        for held in page.rows {
            for (license, projects) in held.usage.licenses.clone() {
                let shown = wanted.as_ref().is_none_or(|wanted| wanted.contains(&license));
                if let Some(judged) = judged.get(license.as_str()).filter(|_| shown) {
                    rows.push(LicensedVersion {
                        held: held.clone(),
                        license,
                        projects,
                        judged: (*judged).clone(),
                    });
                }
            }
        }
        Ok(LicensedPage {
            rows,
            next: page.next,
            total: page.total,
        })
    }

    /// The names and licenses that are asked for: a text that some license contains means licenses.
    fn chosen(&self, summary: &Summary) -> (Search, Option<Vec<String>>) {
        let text = self.text.as_deref().unwrap_or_default();
        let means_license =
            !text.is_empty() && summary.lines.iter().any(|line| contains(&line.license, text));
        if self.decision.is_none() && !means_license {
            return (Search::read(text), None);
        }
        let lines = summary.lines.iter();
        let wanted: Vec<String> = lines
            .filter(|line| {
                self.decision
                    .is_none_or(|decision| line.judged.decision == decision)
            })
            .filter(|line| !means_license || contains(&line.license, text))
            .map(|line| line.license.clone())
            .collect();
        let name = if means_license { "" } else { text };
        (Search::licensed(name, &wanted), Some(wanted))
    }
}

fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}

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
    let violations: HashMap<&str, &Violation> = verdict
        .violations
        .iter()
        .filter(|violation| violation.check == Check::License)
        .filter_map(|violation| Some((violation.purl.as_deref()?, violation)))
        .collect();
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
