//! Licenses that reviewers conclude.

use licenses::Entry;
use policy::PurlPattern;
use store::audit_log::{self, Entry as LogEntry};
use store::conclusions::{self, NewConclusion, StoredConclusion};
use store::db::Tx;
use store::projects;
use store::tokens::Action;
use store::waivers::rejudge;
use store::wake::Event;

use crate::auth::Access;
use crate::extract;
use crate::problem::{Fault, Problem};
use crate::state::Service;

/// Bytes of a reason.
const LONGEST_REASON: usize = 4_000;

/// What somebody concluded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Concluded<'a> {
    pub purl: &'a str,
    pub license: &'a str,
    pub reason: &'a str,
    /// `None` for all projects.
    pub project: Option<&'a str>,
}

/// Keeps a conclusion and asks for new verdicts.
pub(crate) async fn conclude(
    service: &Service,
    access: &Access,
    concluded: &Concluded<'_>,
) -> Result<StoredConclusion, Problem> {
    let license = check(concluded)?;
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let project = match concluded.project {
        Some(name) => {
            let project = extract::project(&mut tx, access, name).await?;
            access.require_on(Action::Triage, &project)?;
            Some(project)
        }
        None => {
            access.require(Action::Triage)?;
            None
        }
    };
    let new = NewConclusion {
        project: project.as_ref().map(|project| project.id),
        purl: concluded.purl.trim(),
        license: &license,
        reason: concluded.reason.trim(),
        author: &access.actor,
    };
    let stored = conclusions::create(&mut tx, &new, now).await?;
    judge_again(&mut tx, &stored, now).await?;
    let detail = format!("{} is {}: {}", stored.purl, stored.license, stored.reason);
    log(&mut tx, access, "license.conclude", &stored, &detail, now).await?;
    tx.commit().await?;
    service.wake.send(Event::Job).await;
    Ok(stored)
}

/// Takes a conclusion back and asks for new verdicts.
pub(crate) async fn take_back(service: &Service, access: &Access, id: &str) -> Result<(), Problem> {
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let none = || Problem::not_found("such conclusion");
    let stored = conclusions::by_uuid(&mut tx, id).await?.ok_or_else(none)?;
    match stored.project_id {
        Some(project) => {
            let project = projects::by_id(&mut tx, project).await?;
            access.require_on(Action::Triage, &project)?;
        }
        None => access.require(Action::Triage)?,
    }
    conclusions::delete(&mut tx, stored.id).await?;
    judge_again(&mut tx, &stored, now).await?;
    let detail = format!("{} is {}", stored.purl, stored.license);
    log(&mut tx, access, "license.retract", &stored, &detail, now).await?;
    tx.commit().await?;
    service.wake.send(Event::Job).await;
    Ok(())
}

async fn judge_again(
    tx: &mut Tx,
    stored: &StoredConclusion,
    now: clock::Timestamp,
) -> Result<(), store::Error> {
    match stored.project_id {
        Some(project) => rejudge::of_projects(tx, &[project], now).await,
        None => rejudge::everything(tx, now).await,
    }
}

async fn log(
    tx: &mut Tx,
    access: &Access,
    action: &str,
    stored: &StoredConclusion,
    detail: &str,
    now: clock::Timestamp,
) -> Result<(), Problem> {
    let entry = LogEntry {
        actor: &access.actor,
        action,
        object: &stored.uuid,
        detail,
    };
    audit_log::append(tx, &entry, now).await?;
    Ok(())
}

/// The expression in its canonical form.
fn check(concluded: &Concluded<'_>) -> Result<String, Problem> {
    let mut faults = Vec::new();
    if let Err(error) = concluded.purl.trim().parse::<PurlPattern>() {
        faults.push(Fault::at("/purl", error.to_string()));
    }
    let reason = concluded.reason.trim();
    if reason.is_empty() || reason.len() > LONGEST_REASON {
        let why = format!("say in 1 to {LONGEST_REASON} bytes how you know");
        faults.push(Fault::at("/reason", why));
    }
    let license = concluded.license.trim();
    let canonical = match license.parse::<Entry>() {
        Ok(Entry::Expression(expression)) => match Entry::Expression(expression.clone()).unknown_word() {
            None => Some(expression.to_string()),
            Some(word) => {
                let why = format!(
                    "`{word}` is no id on the SPDX list; write `LicenseRef-…` for a license of your own"
                );
                faults.push(Fault::at("/license", why));
                None
            }
        },
        Ok(Entry::Category(_)) => {
            faults.push(Fault::at("/license", "a category is no license"));
            None
        }
        Err(error) => {
            faults.push(Fault::at("/license", error.to_string()));
            None
        }
    };
    match canonical {
        Some(license) if faults.is_empty() => Ok(license),
        _ => Err(Problem::invalid(
            "The conclusion cannot be kept as it is.",
            faults,
        )),
    }
}
