//! Policies: read, set over what they extend, checked with everything that extends them, kept.

use policy::{Draft, Notation, Policy};
use store::audit_log::{self, Entry};
use store::db::Session;
use store::policies::{self, Ancestor, NewRevision, StoredPolicy, Written};
use store::tokens::Action;
use store::waivers::rejudge;
use store::wake::Event;

use crate::api::policies::invalid;
use crate::auth::Access;
use crate::names;
use crate::problem::{Fault, Problem};
use crate::state::Service;

/// Bytes of why a policy is changed.
const LONGEST_REASON: usize = 500;

/// Generations of policies that are checked below a changed one.
const DEEPEST: usize = 8;

/// A policy that is to be kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Save<'a> {
    pub name: &'a str,
    pub text: &'a str,
    pub notation: Notation,
    pub reason: &'a str,
    /// The revision that the author has seen; 0 when there was none.
    pub seen: i64,
}

/// Keeps the next revision of a policy and asks for new verdicts.
pub(crate) async fn save(
    service: &Service,
    access: &Access,
    asked: &Save<'_>,
) -> Result<StoredPolicy, Problem> {
    access.require(Action::Admin)?;
    names::plain(asked.name).map_err(|why| Problem::bad_parameter("name", why))?;
    let reason = reason(asked.reason)?;
    let draft = Draft::read(asked.text, asked.notation).map_err(|error| invalid(&error))?;
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let policy = effective(&mut tx, asked.name, &draft).await?;
    check_heirs(&mut tx, asked.name, &draft).await?;
    let new = NewRevision {
        name: asked.name,
        policy: &policy,
        written: Some(Written {
            text: asked.text,
            notation: asked.notation,
            extends: draft.extends(),
        }),
        reason,
        author: &access.actor,
        seen: asked.seen,
    };
    let stored = policies::put(&mut tx, &new, now)
        .await?
        .ok_or_else(|| Problem::precondition_failed("Somebody else has just changed it. Read it again."))?;
    rejudge::everything(&mut tx, now).await?;
    let detail = format!("revision {}: {reason}", stored.revision);
    let entry = Entry {
        actor: &access.actor,
        action: "policy.put",
        object: asked.name,
        detail: &detail,
    };
    audit_log::append(&mut tx, &entry, now).await?;
    tx.commit().await?;
    service.wake.send(Event::Job).await;
    Ok(stored)
}

fn reason(text: &str) -> Result<&str, Problem> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST_REASON {
        let why = format!("say in 1 to {LONGEST_REASON} bytes why");
        return Err(Problem::bad_parameter("reason", why));
    }
    Ok(text)
}

/// The policy that a draft is under this name, with what it inherits today.
pub(crate) async fn effective(session: &mut Session, name: &str, draft: &Draft) -> Result<Policy, Problem> {
    let chain = chain(session, name, draft).await?;
    policies::over(draft, &chain).map_err(|error| invalid(&error))
}

/// What a draft of this name inherits.
pub(crate) async fn chain(
    session: &mut Session,
    name: &str,
    draft: &Draft,
) -> Result<Vec<Ancestor>, Problem> {
    let Some(parent) = draft.extends() else {
        return Ok(Vec::new());
    };
    match policies::ancestry(session, name, parent).await {
        Ok(chain) => Ok(chain),
        Err(store::Error::Inheritance(broken)) => {
            let mut problem = Problem::invalid(
                format!("The policy is not valid: {broken}."),
                vec![Fault::at("/extends", broken.to_string())],
            );
            problem.slug = "invalid-policy";
            Err(problem)
        }
        Err(error) => Err(error.into()),
    }
}

/// Whoever extends this policy, and so on, must stay valid.
async fn check_heirs(session: &mut Session, name: &str, draft: &Draft) -> Result<(), Problem> {
    let mut line = vec![(name.to_owned(), effective(session, name, draft).await?)];
    for _ in 0..DEEPEST {
        let mut next = Vec::new();
        for (parent, policy) in &line {
            for child in heirs(session, parent).await? {
                let Some(stored) = policies::by_name(session, &child).await? else {
                    continue;
                };
                let changed = stored.draft()?.over(policy).map_err(|error| {
                    let detail = format!(
                        "The policy `{child}` extends this one and would no longer be valid: {error}."
                    );
                    Problem::invalid(detail, vec![Fault::at("", format!("{child}: {}", error.message))])
                })?;
                next.push((child, changed));
            }
        }
        if next.is_empty() {
            break;
        }
        line = next;
    }
    Ok(())
}

/// The policies that extend one; `organisation` is another name of `default`.
async fn heirs(session: &mut Session, name: &str) -> Result<Vec<String>, Problem> {
    let mut heirs = policies::children(session, name).await?;
    if name == policies::DEFAULT && policies::by_name(session, "organisation").await?.is_none() {
        heirs.extend(policies::children(session, "organisation").await?);
    }
    Ok(heirs)
}
