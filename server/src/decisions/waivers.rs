//! Waivers: made, approved, changed and taken back under the rules of the policies that they are exceptions from.

use clock::Timestamp;
use policy::{FromRepository, Waiver, WaiverPolicy};
use store::audit_log::{self, Entry};
use store::db::{Session, Tx};
use store::projects::Project;
use store::tokens::Action;
use store::waivers::{self, NewWaiver, StoredWaiver, WaiverChange, WaiverState, rejudge};
use store::wake::Event;
use store::{policies, projects};

use super::pins;
use crate::auth::{Access, may};
use crate::extract;
use crate::problem::{Fault, Problem};
use crate::state::Service;

/// The most projects that one waiver names.
const MOST_PROJECTS: usize = 200;
/// Bytes of what people write into a waiver.
const LONGEST_TEXT: usize = 4_000;

/// A waiver that somebody asks for.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub waiver: Waiver,
    /// `api`, `page` or `file`.
    pub origin: &'static str,
    /// `name@version` of what was looked at; may be empty.
    pub decided_on: String,
}

/// What is done with a waiver that is there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edit {
    pub reason: Option<String>,
    pub ticket: Option<String>,
    pub expires_on: Option<policy::Day>,
    pub state: Option<WaiverState>,
    /// Why it is rejected or revoked.
    pub because: Option<String>,
}

/// The rules of all policies that a waiver is an exception from, taken together: the strictest of each.
#[derive(Clone, Debug)]
struct Conduct {
    max_days: u32,
    four_eyes: bool,
    from_repository: FromRepository,
}

impl Conduct {
    fn of(policies: &[WaiverPolicy]) -> Self {
        let rank = |from: &FromRepository| match from {
            FromRepository::Approved => 0,
            FromRepository::Pending => 1,
            FromRepository::Refused => 2,
        };
        Self {
            max_days: policies.iter().map(|policy| policy.max_days).min().unwrap_or(90),
            four_eyes: policies.iter().any(|policy| policy.four_eyes),
            from_repository: policies
                .iter()
                .map(|policy| policy.from_repository)
                .max_by_key(rank)
                .unwrap_or(FromRepository::Pending),
        }
    }

    async fn load(session: &mut Session, named: &[Project]) -> Result<Self, Problem> {
        let mut found = Vec::new();
        for project in named {
            found.push(policies::effective(session, project, None).await?.policy.waivers);
        }
        if named.is_empty() {
            found.push(policies::default(session).await?.policy.waivers);
        }
        Ok(Self::of(&found))
    }
}

/// Makes a waiver: active, or pending where a second person must look.
pub(crate) async fn create(
    service: &Service,
    access: &Access,
    asked: Asked,
) -> Result<StoredWaiver, Problem> {
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let stored = create_in(&mut tx, access, asked, now).await?;
    tx.commit().await?;
    service.wake.send(Event::Job).await;
    Ok(stored)
}

/// The same within a transaction; the caller commits and wakes the workers.
pub(crate) async fn create_in(
    tx: &mut Tx,
    access: &Access,
    asked: Asked,
    now: Timestamp,
) -> Result<StoredWaiver, Problem> {
    let named = named_projects(tx, access, &asked.waiver, Action::Triage).await?;
    check_malware(tx, access, &asked.waiver, &named).await?;
    let conduct = Conduct::load(tx, &named).await?;
    let ids: Vec<i64> = named.iter().map(|project| project.id).collect();
    let mut waiver = Waiver {
        id: String::new(),
        requested_by: None,
        approved_by: None,
        created_at: None,
        projects: named.iter().map(|project| project.name.clone()).collect(),
        pins: Vec::new(),
        ..asked.waiver
    };
    check(&waiver, now, &conduct)?;
    waiver.pins = pins::of(tx, &waiver, &ids).await?;
    let from_file = asked.origin == "file";
    if from_file && conduct.from_repository == FromRepository::Refused {
        let detail = "The policy takes no proposals from repositories (`waivers.from_repository`).";
        return Err(Problem::forbidden(detail));
    }
    let waits = conduct.four_eyes || (from_file && conduct.from_repository == FromRepository::Pending);
    let new = NewWaiver {
        waiver: &waiver,
        state: if waits {
            WaiverState::Pending
        } else {
            WaiverState::Active
        },
        projects: &ids,
        decided_on: &asked.decided_on,
        origin: asked.origin,
        requested_by: &access.actor,
        approved_by: None,
    };
    let stored = waivers::create(tx, &new, now).await?;
    if !waits {
        rejudge::enqueue(tx, &stored, now).await?;
    }
    log(tx, access, "waiver.create", &stored, &stored.document, now).await?;
    Ok(stored)
}

/// Changes a waiver. Approving takes somebody who did not ask for it; a longer life must be approved like a new one.
pub(crate) async fn change(
    service: &Service,
    access: &Access,
    stored: &StoredWaiver,
    edit: Edit,
) -> Result<StoredWaiver, Problem> {
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let before = stored.waiver()?;
    let named = named_projects(&mut tx, access, &before, Action::Triage).await?;
    let conduct = Conduct::load(&mut tx, &named).await?;
    let edited = edit.reason.is_some() || edit.ticket.is_some() || edit.expires_on.is_some();
    let mut waiver = Waiver {
        reason: edit.reason.clone().unwrap_or_else(|| before.reason.clone()),
        ticket: edit.ticket.clone().or_else(|| before.ticket.clone()),
        expires_on: edit.expires_on.or(before.expires_on),
        ..before
    };
    let was = WaiverState::of(&stored.state).unwrap_or(WaiverState::Revoked);
    let mut state = edit.state.unwrap_or(was);
    let mut decided_by = stored.decided_by.clone();
    if edited && state == WaiverState::Active && conduct.four_eyes {
        state = WaiverState::Pending;
        decided_by = None;
    }
    // Who changes what was asked for asks for it as it is now, and cannot approve that.
    let asks = (edited && state == WaiverState::Pending).then_some(access.actor.as_str());
    if state == WaiverState::Active {
        check(&waiver, now, &conduct)?;
    }
    if edit.state == Some(WaiverState::Active) && was != WaiverState::Active {
        approve(access, stored, &conduct)?;
        check_malware(&mut tx, access, &waiver, &named).await?;
        decided_by = Some(access.actor.clone());
    }
    if matches!(edit.state, Some(WaiverState::Rejected | WaiverState::Revoked)) {
        decided_by = Some(access.actor.clone());
    }
    if edit.state == Some(WaiverState::Active) || edit.expires_on.is_some() {
        // Who decides anew decides on what is there now.
        let ids: Vec<i64> = named.iter().map(|project| project.id).collect();
        waiver.pins = pins::of(&mut tx, &waiver, &ids).await?;
    }
    let change = WaiverChange {
        waiver: &waiver,
        state,
        decided_by: decided_by.as_deref(),
        because: edit.because.as_deref(),
        requested_by: asks,
    };
    let changed = waivers::update(&mut tx, stored, &change, now)
        .await?
        .ok_or_else(|| Problem::precondition_failed("Somebody else has just changed it. Read it again."))?;
    rejudge::enqueue(&mut tx, &changed, now).await?;
    let action = match (edit.state, edited) {
        (Some(WaiverState::Active), _) => "waiver.approve",
        (Some(WaiverState::Rejected), _) => "waiver.reject",
        (Some(WaiverState::Revoked), _) => "waiver.revoke",
        _ => "waiver.change",
    };
    let detail = edit.because.unwrap_or_else(|| changed.document.clone());
    log(&mut tx, access, action, &changed, &detail, now).await?;
    tx.commit().await?;
    service.wake.send(Event::Job).await;
    Ok(changed)
}

fn approve(access: &Access, stored: &StoredWaiver, conduct: &Conduct) -> Result<(), Problem> {
    let same = stored.requested_by == access.actor;
    if same && (conduct.four_eyes || stored.origin == "file") {
        return Err(Problem::forbidden(
            "The policy wants a second person: who asked for a waiver cannot approve it.",
        ));
    }
    Ok(())
}

/// The waiver with this public id, if the caller may see it.
pub(crate) async fn find(session: &mut Session, access: &Access, id: &str) -> Result<StoredWaiver, Problem> {
    let none = || Problem::not_found("such waiver");
    let stored = waivers::by_uuid(session, id).await?.ok_or_else(none)?;
    if stored.everywhere {
        access.require_any()?;
        return Ok(stored);
    }
    let named = waivers::projects(session, &[stored.id]).await?;
    let visible = named
        .values()
        .flatten()
        .any(|project| may(access, Action::Read, Some(*project)));
    if visible { Ok(stored) } else { Err(none()) }
}

/// The projects that the waiver names, each of which the caller must be allowed to decide for.
async fn named_projects(
    session: &mut Session,
    access: &Access,
    waiver: &Waiver,
    action: Action,
) -> Result<Vec<Project>, Problem> {
    if waiver.projects.is_empty() {
        access.require(action)?;
        return Ok(Vec::new());
    }
    if waiver.projects.len() > MOST_PROJECTS {
        let fault = Fault::at("/projects", format!("more than {MOST_PROJECTS} projects"));
        return Err(Problem::invalid(
            "The waiver names too many projects.",
            vec![fault],
        ));
    }
    let mut named: Vec<Project> = Vec::new();
    for (index, name) in waiver.projects.iter().enumerate() {
        let project = match projects::find(session, name).await? {
            Some(project) if may(access, Action::Read, Some(project.id)) => project,
            _ => {
                let fault = Fault::at(
                    &format!("/projects/{index}"),
                    format!("there is no project `{name}`"),
                );
                return Err(Problem::invalid(
                    "The waiver names a project that is not there.",
                    vec![fault],
                ));
            }
        };
        access.require_on(action, &project)?;
        if !named.iter().any(|known| known.id == project.id) {
            named.push(project);
        }
    }
    Ok(named)
}

/// Malware is let in by administrators only.
async fn check_malware(
    session: &mut Session,
    access: &Access,
    waiver: &Waiver,
    named: &[Project],
) -> Result<(), Problem> {
    let Some(id) = &waiver.vulnerability else {
        return Ok(());
    };
    if !waivers::is_malware(session, id).await? {
        return Ok(());
    }
    for project in named {
        access.require_on(Action::Admin, project)?;
    }
    if named.is_empty() {
        access.require(Action::Admin)?;
    }
    Ok(())
}

fn check(waiver: &Waiver, now: Timestamp, conduct: &Conduct) -> Result<(), Problem> {
    let mut faults: Vec<Fault> = waiver
        .check(now, conduct.max_days)
        .iter()
        .map(|error| Fault::at(&error.place, error.message.clone()))
        .collect();
    let texts = [
        ("/reason", Some(&waiver.reason)),
        ("/ticket", waiver.ticket.as_ref()),
    ];
    for (place, text) in texts {
        if text.is_some_and(|text| text.len() > LONGEST_TEXT) {
            faults.push(Fault::at(place, format!("longer than {LONGEST_TEXT} bytes")));
        }
    }
    let whole_rule = waiver.vulnerability.is_none() && waiver.license.is_none();
    if whole_rule && waiver.purl.is_none() && waiver.projects.is_empty() {
        let why =
            "a rule is waived for packages (`purl`), licenses or projects, not for everything everywhere";
        faults.push(Fault::at("/rule", why));
    }
    if let Some(rule) = &waiver.rule
        && rule.starts_with("meta.")
    {
        let why = "that not enough is known cannot be waived; the policy says how much must be known";
        faults.push(Fault::at("/rule", why));
    }
    if faults.is_empty() {
        return Ok(());
    }
    let detail = "The waiver cannot be kept as it is.";
    Err(Problem::invalid(detail, faults))
}

async fn log(
    tx: &mut Tx,
    access: &Access,
    action: &str,
    waiver: &StoredWaiver,
    detail: &str,
    now: Timestamp,
) -> Result<(), Problem> {
    let entry = Entry {
        actor: &access.actor,
        action,
        object: &waiver.uuid,
        detail,
    };
    audit_log::append(tx, &entry, now).await?;
    Ok(())
}

/// What became of the proposals of a file.
#[derive(Debug, Default)]
pub(crate) struct Proposed {
    pub created: Vec<StoredWaiver>,
    pub known: usize,
}

/// Proposes waivers for one project from a file in its repository. Whoever may upload may propose.
pub(crate) async fn propose(
    service: &Service,
    access: &Access,
    name: &str,
    proposals: Vec<Waiver>,
) -> Result<Proposed, Problem> {
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let project = extract::project(&mut tx, access, name).await?;
    access.require_on(Action::Upload, &project)?;
    let everything = waivers::Filter {
        shelf: waivers::Shelf::All,
        project: Some(project.id),
        text: None,
    };
    let today = policy::Day::of(now);
    let kept = waivers::page(&mut tx, &everything, today, None, MOST_KNOWN).await?;
    let mut known = Vec::new();
    for stored in kept.iter().filter(|stored| stored.origin == "file") {
        known.push(bare(&stored.waiver()?));
    }
    let mut proposed = Proposed::default();
    for (index, waiver) in proposals.into_iter().enumerate() {
        let elsewhere = waiver.projects.iter().any(|named| *named != project.name);
        if elsewhere {
            let place = format!("/waivers/{index}/projects");
            let fault = Fault::at(&place, "a repository proposes for its own project only");
            return Err(Problem::invalid(
                "The file proposes for other projects.",
                vec![fault],
            ));
        }
        let waiver = Waiver {
            projects: vec![project.name.clone()],
            ..waiver
        };
        if known.contains(&bare(&waiver)) {
            proposed.known += 1;
            continue;
        }
        let asked = Asked {
            waiver,
            origin: "file",
            decided_on: String::new(),
        };
        // Proposing takes no right to decide: what is proposed holds once somebody who has it approves, or where the policy
        // trusts the repository.
        let stored = create_in(&mut tx, &access.proposing(), asked, now).await;
        proposed
            .created
            .push(stored.map_err(|problem| problem.within(&format!("/waivers/{index}")))?);
    }
    tx.commit().await?;
    service.wake.send(Event::Job).await;
    Ok(proposed)
}

/// Waivers of a project that proposals are compared with.
const MOST_KNOWN: i64 = 5_000;

/// A waiver as its author wrote it, to tell whether it was proposed before.
fn bare(waiver: &Waiver) -> Waiver {
    Waiver {
        id: String::new(),
        requested_by: None,
        approved_by: None,
        created_at: None,
        pins: Vec::new(),
        ..waiver.clone()
    }
}
