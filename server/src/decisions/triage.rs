//! What people decide about a finding: it is waived, it does not affect, it is looked at.

use advisories::Severity;
use clock::Timestamp;
use inventory::statements::{Product, ProductId, State, Statement};
use policy::{Day, Finding, Justification, Waiver, WaiverStatus};
use store::audit_log::{self, Entry};
use store::db::Tx;
use store::findings::list::ListedFinding;
use store::findings::notes;
use store::tokens::Action;
use store::waivers::{StoredWaiver, WaiverChange, WaiverState, rejudge};
use store::wake::Event;
use store::{projects, statements};

use super::waivers::{self, Asked};
use crate::auth::Access;
use crate::problem::{Fault, Problem};
use crate::state::Service;

/// Bytes of a comment.
const LONGEST_COMMENT: usize = 4_000;

/// What is true of a finding, in the words of the API and of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// It is there and will be fixed.
    Affected,
    /// Somebody looks at it.
    InTriage,
    NotAffected,
    FalsePositive,
    /// It is there and tolerated until `expires_on`.
    AcceptedRisk,
    /// The same, while a fix is on its way.
    FixPending,
    /// What was decided before is taken back.
    Open,
}

/// For whom a decision holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Reach {
    #[default]
    Project,
    Everywhere,
}

/// For which versions of the package a decision holds. A version outside of them is a new question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Versions {
    /// Up to the fix where one is known; else this version and later ones of the same line.
    #[default]
    Affected,
    /// This one only.
    Exact,
    All,
}

/// A decision about one finding.
#[derive(Clone, Debug)]
pub(crate) struct Decision {
    pub verdict: Verdict,
    pub justification: Option<Justification>,
    pub reason: String,
    pub ticket: Option<String>,
    pub expires_on: Option<Day>,
    pub reach: Reach,
    pub versions: Versions,
    /// Whether only the ways to the package that are known today are meant.
    pub these_paths: bool,
    pub origin: &'static str,
}

/// What came of a decision.
#[derive(Clone, Debug)]
pub(crate) struct Decided {
    /// The waiver that was made, where one was.
    pub waiver: Option<StoredWaiver>,
}

/// Decides about one finding, with everything that belongs to it, and asks for new verdicts.
pub(crate) async fn decide(
    service: &Service,
    access: &Access,
    listed: &ListedFinding,
    decision: &Decision,
) -> Result<Decided, Problem> {
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let decided = decide_in(&mut tx, access, listed, decision, now).await?;
    tx.commit().await?;
    service.wake.send(Event::Job).await;
    Ok(decided)
}

async fn decide_in(
    tx: &mut Tx,
    access: &Access,
    listed: &ListedFinding,
    decision: &Decision,
    now: Timestamp,
) -> Result<Decided, Problem> {
    let project = projects::by_id(tx, listed.finding.project_id).await?;
    match decision.reach {
        Reach::Project => access.require_on(Action::Triage, &project)?,
        Reach::Everywhere => access.require(Action::Triage)?,
    }
    let finding = listed.finding.body()?;
    let reach = match decision.reach {
        Reach::Project => Some(project.id),
        Reach::Everywhere => None,
    };
    let waiver = match (status(decision.verdict), decision.verdict) {
        (Some(status), _) => Some(waive(tx, access, listed, &finding, decision, status, now).await?),
        (None, Verdict::Open) => {
            take_back(tx, access, &finding, reach, now).await?;
            None
        }
        (None, verdict) => {
            check_reason(decision)?;
            let state = if verdict == Verdict::Affected {
                State::Affected
            } else {
                State::UnderInvestigation
            };
            let statement = statement(&finding, decision, state, now);
            statements::decide(tx, reach, &access.actor, &statement, now).await?;
            None
        }
    };
    if waiver.is_none() {
        match reach {
            Some(project) => rejudge::of_projects(tx, &[project], now).await?,
            None => rejudge::of_vulnerability(tx, &finding.canonical, now).await?,
        }
    }
    let text = note(decision, waiver.as_ref());
    notes::add(tx, listed.finding.id, &access.actor, "decision", &text, now).await?;
    let entry = Entry {
        actor: &access.actor,
        action: "finding.triage",
        object: &listed.finding.uuid,
        detail: &text,
    };
    audit_log::append(tx, &entry, now).await?;
    Ok(Decided { waiver })
}

const fn status(verdict: Verdict) -> Option<WaiverStatus> {
    match verdict {
        Verdict::NotAffected => Some(WaiverStatus::NotAffected),
        Verdict::FalsePositive => Some(WaiverStatus::FalsePositive),
        Verdict::AcceptedRisk => Some(WaiverStatus::AcceptedRisk),
        Verdict::FixPending => Some(WaiverStatus::FixPending),
        Verdict::Affected | Verdict::InTriage | Verdict::Open => None,
    }
}

async fn waive(
    tx: &mut Tx,
    access: &Access,
    listed: &ListedFinding,
    finding: &Finding,
    decision: &Decision,
    status: WaiverStatus,
    now: Timestamp,
) -> Result<StoredWaiver, Problem> {
    let waiver = Waiver {
        id: String::new(),
        vulnerability: Some(finding.canonical.clone()),
        rule: None,
        license: None,
        purl: Some(pattern(finding, decision.versions)),
        projects: match decision.reach {
            Reach::Project => vec![listed.project.clone()],
            Reach::Everywhere => Vec::new(),
        },
        refs: Vec::new(),
        paths: if decision.these_paths {
            paths(finding)
        } else {
            Vec::new()
        },
        status,
        justification: decision
            .justification
            .filter(|_| status == WaiverStatus::NotAffected),
        reason: decision.reason.trim().to_owned(),
        ticket: decision.ticket.clone(),
        expires_on: decision.expires_on,
        requested_by: None,
        approved_by: None,
        created_at: None,
        pins: Vec::new(),
    };
    let asked = Asked {
        waiver,
        origin: decision.origin,
        decided_on: format!("{}@{}", finding.component.name, finding.component.version),
    };
    waivers::create_in(tx, access, asked, now).await
}

/// The ways to the package by name, so that a new version of a package on the way is no new way.
fn paths(finding: &Finding) -> Vec<String> {
    let name = |step: &String| match step.rfind('@').filter(|at| *at > 0) {
        Some(at) => step.get(..at).unwrap_or(step).to_owned(),
        None => step.clone(),
    };
    let mut paths: Vec<String> = finding
        .paths
        .iter()
        .map(|path| path.iter().map(name).collect::<Vec<_>>().join(">"))
        .collect();
    paths.sort();
    paths.dedup();
    paths
}

/// The package with the versions that the decision is about.
pub(crate) fn pattern(finding: &Finding, versions: Versions) -> String {
    let purl = &finding.component.purl;
    let end = purl.find(['?', '#']).unwrap_or(purl.len());
    let bare = purl.get(..end).unwrap_or(purl);
    let package = match bare.rfind('@') {
        Some(at) if bare.get(..at).is_some_and(|front| !front.ends_with('/')) => {
            bare.get(..at).unwrap_or(bare)
        }
        _ => bare,
    };
    let version = &finding.component.version;
    match (versions, &finding.fix.version) {
        (Versions::All, _) => package.to_owned(),
        (Versions::Exact, _) => format!("{package}@{version}"),
        (Versions::Affected, Some(fix)) => format!("{package}@<{fix}"),
        (Versions::Affected, None) => match next_line(version) {
            Some(next) => format!("{package}@>={version},<{next}"),
            None => format!("{package}@{version}"),
        },
    }
}

/// The first version of the next line: of the next number that is not zero. `None` for what does not begin with numbers.
fn next_line(version: &str) -> Option<String> {
    let numbers: Vec<u64> = version
        .split(['.', '-', '+'])
        .map_while(|part| part.parse().ok())
        .take(3)
        .collect();
    let at = numbers.iter().position(|number| *number > 0)?;
    let next = numbers.get(at)?.checked_add(1)?;
    let mut line: Vec<String> = numbers.iter().take(at).map(u64::to_string).collect();
    line.push(next.to_string());
    line.resize(numbers.len(), "0".to_owned());
    Some(line.join("."))
}

fn check_reason(decision: &Decision) -> Result<(), Problem> {
    if decision.reason.len() > LONGEST_COMMENT {
        let fault = Fault::at("/reason", format!("longer than {LONGEST_COMMENT} bytes"));
        return Err(Problem::invalid(
            "The decision cannot be kept as it is.",
            vec![fault],
        ));
    }
    Ok(())
}

fn statement(finding: &Finding, decision: &Decision, state: State, now: Timestamp) -> Statement {
    let pattern = pattern(finding, Versions::All);
    Statement {
        place: String::new(),
        vulnerability: finding.canonical.clone(),
        aliases: finding.aliases.clone(),
        products: vec![Product {
            id: ProductId::of(&pattern),
            subcomponents: Vec::new(),
        }],
        state,
        justification: None,
        detail: decision.reason.trim().to_owned(),
        at: Some(now),
    }
}

/// Takes back what people here said and revokes the waiver that holds, if it is of this reach.
async fn take_back(
    tx: &mut Tx,
    access: &Access,
    finding: &Finding,
    reach: Option<i64>,
    now: Timestamp,
) -> Result<(), Problem> {
    let any = Decision {
        verdict: Verdict::Open,
        justification: None,
        reason: String::new(),
        ticket: None,
        expires_on: None,
        reach: Reach::Project,
        versions: Versions::All,
        these_paths: false,
        origin: "api",
    };
    let said = statement(finding, &any, State::Affected, now);
    statements::retract(tx, reach, &said).await?;
    let source = finding.decision.as_ref().map(|decision| decision.source.as_str());
    let Some(id) = source.and_then(|source| source.strip_prefix("waiver:")) else {
        return Ok(());
    };
    let stored = waivers::find(tx, access, id).await?;
    if stored.everywhere && reach.is_some() {
        let detail = "What was decided holds in all projects: take it back everywhere (`scope=everywhere`), or change the waiver.";
        return Err(Problem::conflict(detail));
    }
    let waiver = stored.waiver()?;
    let change = WaiverChange {
        waiver: &waiver,
        state: WaiverState::Revoked,
        decided_by: Some(&access.actor),
        because: Some("taken back from the finding"),
        requested_by: None,
    };
    store::waivers::update(tx, &stored, &change, now)
        .await?
        .ok_or_else(|| {
            Problem::precondition_failed("Somebody else has just changed the waiver. Read it again.")
        })?;
    rejudge::enqueue(tx, &stored, now).await?;
    Ok(())
}

/// What the history of the finding says.
fn note(decision: &Decision, waiver: Option<&StoredWaiver>) -> String {
    let what = match decision.verdict {
        Verdict::Affected => "Affected, will be fixed",
        Verdict::InTriage => "In triage",
        Verdict::NotAffected => "Not affected",
        Verdict::FalsePositive => "False positive",
        Verdict::AcceptedRisk => "Tolerated",
        Verdict::FixPending => "Tolerated, a fix is on its way",
        Verdict::Open => "The decision was taken back",
    };
    let until = decision
        .expires_on
        .map(|day| format!(" until {day}"))
        .unwrap_or_default();
    let waits = waiver.is_some_and(|waiver| waiver.state == WaiverState::Pending.word());
    let waits = if waits { " (waits for approval)" } else { "" };
    let reach = match decision.reach {
        Reach::Project => "",
        Reach::Everywhere => ", in all projects",
    };
    let reason = decision.reason.trim();
    let colon = if reason.is_empty() { "" } else { ": " };
    format!("{what}{until}{reach}{waits}{colon}{reason}")
}

/// Adds a comment to a finding.
pub(crate) async fn comment(
    service: &Service,
    access: &Access,
    listed: &ListedFinding,
    text: &str,
) -> Result<(), Problem> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST_COMMENT {
        let fault = Fault::at("/text", format!("a comment has 1 to {LONGEST_COMMENT} bytes"));
        return Err(Problem::invalid(
            "The comment cannot be kept as it is.",
            vec![fault],
        ));
    }
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let project = projects::by_id(&mut tx, listed.finding.project_id).await?;
    access.require_on(Action::Triage, &project)?;
    notes::add(&mut tx, listed.finding.id, &access.actor, "comment", text, now).await?;
    let entry = Entry {
        actor: &access.actor,
        action: "finding.comment",
        object: &listed.finding.uuid,
        detail: text,
    };
    audit_log::append(&mut tx, &entry, now).await?;
    tx.commit().await?;
    Ok(())
}

/// How long a risk of this severity is proposed to be tolerated, in days.
#[must_use]
pub(crate) const fn proposed_days(severity: Severity) -> i64 {
    match severity {
        Severity::Critical => 14,
        Severity::High => 30,
        _ => 60,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_holds_up_to_the_fix_or_to_the_end_of_the_line() {
        for (version, next) in [
            ("1.2.3", Some("2.0.0")),
            ("0.2.3", Some("0.3.0")),
            ("0.0.3", Some("0.0.4")),
            ("4.17.1-beta.1", Some("5.0.0")),
            ("2024.5", Some("2025.0")),
            ("5", Some("6")),
            ("0.0.0", None),
            ("v1", None),
            ("", None),
        ] {
            assert_eq!(next_line(version).as_deref(), next, "{version}");
        }
    }
}
