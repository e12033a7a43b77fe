//! `plumbline admin token`: create, list, revoke.

use std::collections::HashMap;
use std::process::ExitCode;

use clock::{Clock, SystemClock, Timestamp};
use store::audit_log::{self, Entry};
use store::db::{Session, Tx};
use store::projects;
use store::tokens::{self, Action, NewToken};

use super::super::{Failure, output};
use super::ACTOR;
use crate::configuration::{Configuration, Interval, Layer, StateFlags};
use crate::state::State;

/// Tokens per page of the database.
const PAGE: i64 = 200;

/// Tokens for programs
#[derive(clap::Args)]
pub(super) struct Token {
    #[command(subcommand)]
    task: Task,
}

#[derive(clap::Subcommand)]
enum Task {
    Create(Create),
    List(List),
    Revoke(Revoke),
}

/// Makes a token and prints it, alone, on standard output; it is never shown again
#[derive(clap::Args)]
struct Create {
    /// What the token is for, as lists and the audit log show it
    name: String,
    /// The only project that it is good for; without it, all of them
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
    /// What it allows, separated by commas: read, upload, triage, admin
    #[arg(long, value_name = "ACTION", value_delimiter = ',', default_value = "read,upload", value_parser = action)]
    allow: Vec<Action>,
    /// After which time it is worthless, such as 90d; without it, never
    #[arg(long, value_name = "TIME")]
    expires: Option<Interval>,
    #[command(flatten)]
    state: StateFlags,
}

/// Shows every token but never its text
#[derive(clap::Args)]
struct List {
    #[command(flatten)]
    state: StateFlags,
}

/// Ends a token at once
#[derive(clap::Args)]
struct Revoke {
    /// The token's id, as `list` shows it
    id: String,
    #[command(flatten)]
    state: StateFlags,
}

fn action(word: &str) -> Result<Action, String> {
    Action::from_word(word).ok_or_else(|| "there are read, upload, triage and admin".to_owned())
}

impl Token {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        match self.task {
            Task::Create(create) => create.run().await?,
            Task::List(list) => list.run().await?,
            Task::Revoke(revoke) => revoke.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Create {
    async fn run(self) -> Result<(), Failure> {
        let configuration = Configuration::load(&self.state, Layer::default())?;
        let state = State::open(&configuration).await?;
        let now = SystemClock.now();
        let mut tx = state.database.begin().await?;
        let project_id = match &self.project {
            Some(name) => Some(project_id(&mut tx, name).await?),
            None => None,
        };
        let new = NewToken {
            name: &self.name,
            project_id,
            actions: &self.allow,
            created_by: ACTOR,
            expires_at: self.expires.map(|life| now.plus_millis(life.millis())),
        };
        let (token, text) = tokens::create(&mut tx, &new, now).await?;
        append(&mut tx, "token.create", &token, now).await?;
        tx.commit().await?;
        output::print(&format!("{text}\n"))
    }
}

async fn project_id(session: &mut Session, name: &str) -> Result<i64, Failure> {
    projects::find(session, name)
        .await?
        .map(|project| project.id)
        .ok_or_else(|| Failure::Usage(format!("there is no project `{name}`")))
}

async fn append(tx: &mut Tx, action: &str, token: &tokens::Token, now: Timestamp) -> Result<(), Failure> {
    let entry = Entry {
        actor: ACTOR,
        action,
        object: &token.uuid,
        detail: &token.name,
    };
    Ok(audit_log::append(tx, &entry, now).await?)
}

impl List {
    async fn run(self) -> Result<(), Failure> {
        let configuration = Configuration::load(&self.state, Layer::default())?;
        let state = State::open_existing(&configuration).await?;
        let now = SystemClock.now();
        let mut session = state.database.read().await?;
        let mut names = HashMap::new();
        let mut rows = Vec::new();
        let mut before = None;
        loop {
            let page = tokens::list(&mut session, before, PAGE).await?;
            for token in &page {
                let project = project_name(&mut session, &mut names, token.project_id).await?;
                rows.push(row(token, project, now));
            }
            before = page.last().map(|token| token.id);
            if before.is_none() {
                break;
            }
        }
        let titles = [
            "ID",
            "BEGINS",
            "NAME",
            "PROJECT",
            "ALLOWS",
            "EXPIRES",
            "LAST USED",
            "STATE",
        ];
        output::print(&output::table(titles, &rows))
    }
}

/// A project's name; each is asked for once.
async fn project_name(
    session: &mut Session,
    names: &mut HashMap<i64, String>,
    id: Option<i64>,
) -> Result<String, Failure> {
    let Some(id) = id else {
        return Ok("all".to_owned());
    };
    if let Some(name) = names.get(&id) {
        return Ok(name.clone());
    }
    let name = projects::by_id(session, id).await?.name;
    names.insert(id, name.clone());
    Ok(name)
}

fn row(token: &tokens::Token, project: String, now: Timestamp) -> [String; 8] {
    let date = |at: Option<i64>| at.map_or("never".to_owned(), |at| Timestamp::from_millis(at).date());
    let actions: Vec<&str> = token.action_list().into_iter().map(Action::word).collect();
    let state = match token.revoked_at {
        Some(_) => "revoked",
        None if token.is_good(now) => "good",
        None => "expired",
    };
    [
        token.uuid.clone(),
        token.prefix.clone(),
        token.name.clone(),
        project,
        actions.join(","),
        date(token.expires_at),
        date(token.last_used_at),
        state.to_owned(),
    ]
}

impl Revoke {
    async fn run(self) -> Result<(), Failure> {
        let configuration = Configuration::load(&self.state, Layer::default())?;
        let state = State::open_existing(&configuration).await?;
        let now = SystemClock.now();
        let mut tx = state.database.begin().await?;
        let token = tokens::by_uuid(&mut tx, &self.id)
            .await?
            .ok_or_else(|| Failure::Usage(format!("there is no token `{}`", self.id)))?;
        if !tokens::revoke(&mut tx, token.id, now).await? {
            eprintln!("plumbline: {} was revoked before", token.name);
            return Ok(());
        }
        append(&mut tx, "token.revoke", &token, now).await?;
        tx.commit().await?;
        eprintln!("plumbline: {} is revoked", token.name);
        Ok(())
    }
}
