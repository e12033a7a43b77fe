//! Tokens: made and ended; the API and the pages do the same here.

use clock::Timestamp;
use store::audit_log::{self, Entry};
use store::db::Tx;
use store::projects::Project;
use store::tokens::{self, Action, NewToken, Token};

use crate::auth::{Access, may};
use crate::names;
use crate::problem::{Fault, Problem};
use crate::state::Service;

pub(crate) const DEFAULT_DAYS: u32 = 90;
const MOST_DAYS: u32 = 3_650;

/// A token as somebody asks for it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub name: String,
    /// The name of the only project that it is good for.
    pub project: Option<String>,
    pub actions: Vec<Action>,
    pub days: u32,
}

/// A token with its text, which is shown once.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub token: Token,
    pub text: String,
    pub project: Option<String>,
}

impl Asked {
    fn check(&self) -> Result<(), Problem> {
        let fault = if let Err(why) = names::plain(&self.name) {
            Fault::at("/name", why)
        } else if self.actions.is_empty() {
            Fault::at("/actions", "name at least one")
        } else if !(1..=MOST_DAYS).contains(&self.days) {
            Fault::at("/expires_in_days", format!("must be from 1 to {MOST_DAYS}"))
        } else {
            return Ok(());
        };
        Err(Problem::invalid(fault.detail.clone(), vec![fault]))
    }
}

/// Makes a token.
pub(crate) async fn create(service: &Service, access: &Access, asked: &Asked) -> Result<Made, Problem> {
    asked.check()?;
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let project = scope(&mut tx, access, asked.project.as_deref()).await?;
    let new = NewToken {
        name: &asked.name,
        project_id: project.as_ref().map(|project| project.id),
        actions: &asked.actions,
        created_by: &access.actor,
        expires_at: Some(now.plus_days(i64::from(asked.days))),
    };
    let (token, text) = make(&mut tx, access, &new, now).await?;
    tx.commit().await?;
    Ok(Made {
        token,
        text,
        project: project.map(|project| project.name),
    })
}

/// The project of a new token, if the caller may make tokens for it.
async fn scope(tx: &mut Tx, access: &Access, name: Option<&str>) -> Result<Option<Project>, Problem> {
    match name {
        None => access.require(Action::Admin).map(|()| None),
        Some(name) => crate::extract::project_for(tx, access, Action::Admin, name)
            .await
            .map(Some),
    }
}

/// Makes a token and says so in the audit log.
pub(crate) async fn make(
    tx: &mut Tx,
    access: &Access,
    new: &NewToken<'_>,
    now: Timestamp,
) -> Result<(Token, String), Problem> {
    let (token, text) = tokens::create(tx, new, now).await?;
    let detail = format!("{} for {}", token.actions, token.name);
    log(tx, access, "token.create", &token.uuid, &detail, now).await?;
    Ok((token, text))
}

/// Ends a token; `own` is the one that the caller showed, which everybody may end. Answers its name.
pub(crate) async fn revoke(
    service: &Service,
    access: &Access,
    id: &str,
    own: Option<i64>,
) -> Result<String, Problem> {
    let missing = || Problem::not_found("such token");
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let token = tokens::by_uuid(&mut tx, id).await?.ok_or_else(missing)?;
    if own != Some(token.id) && !may(access, Action::Admin, token.project_id) {
        return Err(missing());
    }
    if tokens::revoke(&mut tx, token.id, now).await? {
        log(&mut tx, access, "token.revoke", &token.uuid, &token.name, now).await?;
    }
    tx.commit().await?;
    Ok(token.name)
}

async fn log(
    tx: &mut Tx,
    access: &Access,
    action: &str,
    object: &str,
    detail: &str,
    now: Timestamp,
) -> Result<(), store::Error> {
    let entry = Entry {
        actor: &access.actor,
        action,
        object,
        detail,
    };
    audit_log::append(tx, &entry, now).await
}
