//! Uploads: from a document to a build that waits for its audit, in one transaction.

use clock::Timestamp;
use ecosystems::resolve::Assumptions;
use store::audit_log::{self, Entry};
use store::builds::{self, Build, NewBuild};
use store::db::Tx;
use store::jobs::{self, Lane};
use store::projects::{self, NewProject, Project, Reference};
use store::sources::{self, Origin};
use store::tokens::Action;
use store::wake::Event;
use store::{inventories, policies};

use crate::auth::Access;
use crate::documents::{self, KeptDocument, SentDocument};
use crate::metrics;
use crate::names;
use crate::problem::{Fault, Problem};
use crate::state::Service;

/// How often two uploads may meet before one is told to come back.
const TRIES: usize = 3;

/// What kind of line a build belongs to; it decides how long it is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Channel {
    #[default]
    Branch,
    Pr,
    Release,
}

impl Channel {
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Branch, Self::Pr, Self::Release]
            .into_iter()
            .find(|channel| channel.word() == word)
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Branch => "branch",
            Self::Pr => "pr",
            Self::Release => "release",
        }
    }
}

/// What an upload is an upload of, as the caller gave it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Target {
    /// Name or id.
    pub project: String,
    /// The project's default ref when it is not given.
    pub reference: Option<String>,
    pub channel: Channel,
    pub version: Option<String>,
    pub commit: Option<String>,
    pub baseline: Option<String>,
    pub policy: Option<String>,
    /// Whether a project that is not there is made.
    pub create: bool,
    /// The caller's own name for this upload.
    pub idempotency_key: Option<String>,
    /// Whether warnings about the document refuse it.
    pub is_strict: bool,
    /// For what has no lockfile.
    pub assumptions: Assumptions,
}

/// What became of an upload.
#[derive(Clone, Debug)]
pub(crate) struct Accepted {
    pub project: Project,
    pub reference: Reference,
    pub build: Build,
}

impl Target {
    /// Refuses what no build could carry, before anything is read.
    pub fn check(&self) -> Result<(), Problem> {
        if self.create {
            names::project(&self.project).map_err(|why| Problem::bad_parameter("project", why))?;
        }
        let words = [
            ("ref", &self.reference),
            ("version", &self.version),
            ("commit", &self.commit),
            ("Idempotency-Key", &self.idempotency_key),
        ];
        for (name, word) in words {
            if let Some(word) = word {
                names::word(word).map_err(|why| Problem::bad_parameter(name, why))?;
            }
        }
        match &self.baseline {
            Some(baseline) => {
                names::baseline(baseline).map_err(|why| Problem::bad_parameter("baseline", why))
            }
            None => Ok(()),
        }
    }
}

/// Lets pass who may upload to the target, and names the project if it is there.
pub(crate) async fn authorize(service: &Service, access: &Access, target: &Target) -> Result<(), Problem> {
    let mut session = service.database.read().await?;
    match projects::find(&mut session, &target.project).await? {
        Some(project) => access.require_on(Action::Upload, &project)?,
        None => may_create(access, target)?,
    }
    if let Some(name) = &target.policy
        && policies::by_name(&mut session, name).await?.is_none()
    {
        return Err(Problem::invalid(
            format!("There is no policy named `{name}`."),
            vec![Fault::parameter("policy", "no such policy")],
        ));
    }
    Ok(())
}

fn may_create(access: &Access, target: &Target) -> Result<(), Problem> {
    if access.project.is_some() {
        return Err(Problem::not_found("such project"));
    }
    access.require(Action::Upload)?;
    if target.create {
        return Ok(());
    }
    let mut problem = Problem::not_found("such project");
    problem.detail = format!(
        "There is no project `{}`. Add create=true to the query to make it.",
        target.project
    );
    Err(problem)
}

/// Reads and keeps the document, and records its build; equal uploads are one.
pub(crate) async fn accept(
    service: &Service,
    access: &Access,
    target: &Target,
    document: SentDocument,
) -> Result<Accepted, Problem> {
    let kept = documents::keep(service, document, target.is_strict).await;
    let kept = kept.inspect_err(|problem| metrics::upload(problem.slug))?;
    for _ in 0..TRIES {
        match record(service, access, target, &kept).await {
            Err(Refusal::Met) => {}
            Err(Refusal::For(problem)) => return Err(problem),
            Ok((accepted, is_new)) => {
                metrics::upload(if is_new { "created" } else { "repeated" });
                service.wake.send(Event::Job).await;
                return Ok(accepted);
            }
        }
    }
    Err(Problem::busy(
        "Several uploads to this project met. Send it again in a moment.",
    ))
}

/// Why a transaction came to nothing.
enum Refusal {
    /// Another transaction was in the way; trying again helps.
    Met,
    For(Problem),
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Self {
        if error.is_conflict() || error.is_transient() {
            Self::Met
        } else {
            Self::For(error.into())
        }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::For(problem)
    }
}

/// The one transaction: project, ref, inventory, build, job, audit log.
async fn record(
    service: &Service,
    access: &Access,
    target: &Target,
    kept: &KeptDocument,
) -> Result<(Accepted, bool), Refusal> {
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let project = ensure_project(&mut tx, access, target, now).await?;
    let name = target.reference.as_deref().unwrap_or(&project.default_ref);
    let reference = projects::ensure_reference(&mut tx, &project, name, target.channel.word()).await?;
    let (found, key) = earlier(&mut tx, &reference, target, kept).await?;
    if let Some(build) = found {
        tx.commit().await?;
        let accepted = Accepted {
            project,
            reference,
            build,
        };
        return Ok((accepted, false));
    }
    let new = new_build(&mut tx, access, target, kept, key).await?;
    let build = builds::create(&mut tx, &project, &reference, &new, now).await?;
    let build = match &kept.read.origin {
        // What its documents are like is known when they have been read.
        Some(origin) => {
            let token = kept.read.token.as_deref();
            sources::begin(&mut tx, &build, origin, token, &target.assumptions, now).await?;
            builds::by_id(&mut tx, build.id).await?
        }
        None => {
            store::quality::record(&mut tx, build.id, &kept.quality).await?;
            jobs::enqueue_audit(&mut tx, &[build.id], Lane::Interactive, now).await?;
            build
        }
    };
    let detail = format!("{} {}", project.name, reference.name);
    log(&mut tx, access, "build.upload", &build.uuid, &detail, now).await?;
    tx.commit().await?;
    let accepted = Accepted {
        project,
        reference,
        build,
    };
    Ok((accepted, true))
}

async fn new_build(
    tx: &mut Tx,
    access: &Access,
    target: &Target,
    kept: &KeptDocument,
    idempotency_key: String,
) -> Result<NewBuild, Refusal> {
    let read = &kept.read;
    Ok(NewBuild {
        version: target.version.clone(),
        commit_id: target.commit.clone(),
        document_digest: read.digest.clone(),
        document_size: read.size,
        idempotency_key,
        inventory_id: inventories::intern(tx, &kept.prepared).await?,
        format: read.inventory.format.clone(),
        tools: read.inventory.tools.clone(),
        notices: serde_json::to_string(&read.notices).unwrap_or_else(|_| "[]".to_owned()),
        policy: target.policy.clone(),
        baseline: target.baseline.clone(),
        actor: access.actor.clone(),
        components: kept.prepared.components(),
    })
}

async fn ensure_project(
    tx: &mut Tx,
    access: &Access,
    target: &Target,
    now: Timestamp,
) -> Result<Project, Refusal> {
    if let Some(project) = projects::find(tx, &target.project).await? {
        access.require_on(Action::Upload, &project)?;
        return Ok(project);
    }
    may_create(access, target)?;
    let default_ref = match (&target.reference, target.channel) {
        (Some(name), Channel::Branch) => name.clone(),
        _ => "main".to_owned(),
    };
    let new = NewProject {
        name: target.project.clone(),
        default_ref,
        ..NewProject::default()
    };
    let project = projects::create(tx, &new, now).await?.ok_or(Refusal::Met)?;
    log(tx, access, "project.create", &project.name, "by an upload", now).await?;
    Ok(project)
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

/// The build that an earlier, equal upload made, or the key under which to make a new one.
///
/// A key of the caller's own always means the same build. Without one, equal bytes for an equal target are the same
/// build as long as nothing came in between: going back to an older state is news.
async fn earlier(
    tx: &mut Tx,
    reference: &Reference,
    target: &Target,
    kept: &KeptDocument,
) -> Result<(Option<Build>, String), Refusal> {
    if let Some(word) = &target.idempotency_key {
        let key = format!("key:{word}");
        let found = builds::by_key(tx, reference.id, &key).await?;
        if let Some(build) = &found
            && build.document_digest != kept.read.digest
        {
            return Err(Refusal::For(Problem::conflict(
                "This Idempotency-Key was used for another document on this ref.",
            )));
        }
        return Ok((found, key));
    }
    let key = own_key(target, &kept.read.digest);
    // The same address is another state tomorrow.
    if matches!(kept.read.origin, Some(Origin::Repository { .. })) {
        return Ok((None, format!("{key}:{}", store::new_uuid())));
    }
    let newest = builds::newest_any(tx, reference.project_id, &reference.name).await?;
    let Some(newest) = newest else {
        return Ok((None, key));
    };
    let is_same = newest.idempotency_key == key || newest.idempotency_key.starts_with(&format!("{key}:"));
    if is_same && newest.status != "failed" {
        return Ok((Some(newest), key));
    }
    // The plain key may belong to an older build.
    let key = format!("{key}:{}", newest.number);
    Ok((None, key))
}

/// The digest of the document and of what it was sent as.
fn own_key(target: &Target, digest: &str) -> String {
    let assumed = serde_json::to_string(&target.assumptions).unwrap_or_default();
    let assumed = (!target.assumptions.is_empty()).then_some(assumed);
    let mut parts = vec![
        Some(digest),
        Some(target.channel.word()),
        target.version.as_deref(),
        target.commit.as_deref(),
        target.policy.as_deref(),
        target.baseline.as_deref(),
    ];
    // Keys of uploads that assume nothing stay as they were.
    parts.extend(assumed.as_deref().map(Some));
    let text = serde_json::to_string(&parts).unwrap_or_default();
    store::documents::digest(text.as_bytes())
}
