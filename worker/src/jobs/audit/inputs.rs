//! Everything that an audit looks at, read in one go.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use advisories::MatchResult;
use audit::{Context, Knowledge, Surroundings};
use clock::Timestamp;
use inventory::Inventory;
use policy::{FeedState, Links, RefName, Verdict};
use store::builds::{self, Build};
use store::db::Session;
use store::feeds::Feed;
use store::findings::{self, Known};
use store::inventories::{self, StoredInventory};
use store::matches::{self, VersionKnowledge};
use store::packages::{self, Version};
use store::policies::EffectivePolicy;
use store::projects::{self, Project, Reference};
use store::{baselines, exploited, feeds, policies, verdicts};

use super::plan;
use crate::{JobError, Parts};

/// What the ref's state was before this audit.
pub(super) struct Before {
    pub(super) verdict: Verdict,
    /// The package versions that the build holds.
    pub(super) members: HashSet<i64>,
    /// Versions of those packages whose presence changed.
    pub(super) siblings: Vec<Version>,
}

pub(super) struct Inputs {
    pub(super) now: Timestamp,
    pub(super) build: Build,
    pub(super) project: Project,
    /// As it was read: another `revision` at the end means that somebody else was quicker.
    pub(super) reference: Reference,
    /// Whether this build is, or becomes, the state of its ref.
    pub(super) is_state: bool,
    pub(super) stored: StoredInventory,
    pub(super) matches: HashMap<i64, VersionKnowledge>,
    pub(super) feeds: Vec<Feed>,
    pub(super) states: Vec<FeedState>,
    pub(super) covered: Vec<String>,
    pub(super) kev: Option<HashSet<String>>,
    pub(super) policy: EffectivePolicy,
    pub(super) known: Vec<Known>,
    pub(super) before: Option<Before>,
    /// Versions in this inventory of packages whose findings open or close.
    pub(super) siblings: Vec<Version>,
    pub(super) baseline: Option<HashSet<(String, String)>>,
    pub(super) links: Links,
}

impl Inputs {
    pub(super) async fn load(parts: &Parts, build: i64) -> Result<Self, JobError> {
        let now = parts.clock.now();
        let mut session = parts.database.read().await?;
        let session = &mut session;
        let build = builds::by_id(session, build).await?;
        let project = projects::by_id(session, build.project_id).await?;
        let reference = projects::reference_by_id(session, build.reference_id).await?;
        let current = current_build(session, &reference).await?;
        let is_state = current
            .as_ref()
            .is_none_or(|current| current.number <= build.number);
        let stored = inventories::load(session, build.inventory_id).await?;
        let matches = matches::of_inventory(session, build.inventory_id).await?;
        let known = findings::known(session, reference.id).await?;
        let policy = policies::effective(session, &project, build.policy.as_deref()).await?;
        let mut inputs = Self {
            now,
            is_state,
            feeds: feeds::all(session).await?,
            states: feeds::states_of(session, &ecosystems_of(&stored.inventory), now).await?,
            covered: feeds::covered(session).await?,
            kev: exploited::identifiers(session).await?,
            baseline: baselines::findings(session, &build, &project, &policy.policy, None).await?,
            links: links(parts.settings.public_url.as_deref(), &project, &build),
            before: None,
            siblings: Vec::new(),
            build,
            project,
            reference,
            stored,
            matches,
            policy,
            known,
        };
        if inputs.is_state {
            inputs.load_before(session, current).await?;
        }
        Ok(inputs)
    }

    /// What tells why findings open and close.
    async fn load_before(&mut self, session: &mut Session, current: Option<Build>) -> Result<(), JobError> {
        let touched = plan::touched_versions(self);
        self.siblings = packages::siblings(session, self.build.inventory_id, &touched).await?;
        let Some(current) = current else {
            return Ok(());
        };
        let Some(verdict) = current.verdict_id else {
            return Ok(());
        };
        self.before = Some(Before {
            verdict: verdicts::verdict(session, verdict).await?,
            members: inventories::members(session, current.inventory_id)
                .await?
                .into_iter()
                .collect(),
            siblings: packages::siblings(session, current.inventory_id, &touched).await?,
        });
        Ok(())
    }

    /// What is known about the components, with the plan's sightings of each finding.
    pub(super) fn knowledge(&self, plan: &plan::Plan) -> Knowledge {
        let mut results: HashMap<i64, Arc<MatchResult>> = HashMap::with_capacity(self.matches.len());
        for (version, known) in &self.matches {
            results.insert(*version, Arc::new(known.result()));
        }
        let by_component = (0..)
            .zip(&self.stored.members)
            .filter_map(|(id, version)| Some((id, Arc::clone(results.get(version)?))))
            .collect();
        Knowledge {
            matches: by_component,
            feeds: self.states.clone(),
            covered: self.covered.clone(),
            kev: self.kev.clone(),
            epss: None,
            seen: plan.seen(self),
        }
    }

    pub(super) fn context(&self) -> Context {
        Context {
            project: self.project.name.clone(),
            reference: RefName {
                branch: self.reference.name.clone(),
                commit: self.build.commit_id.clone(),
                version: self.build.version.clone(),
            },
            build_id: self.build.uuid.clone(),
            sbom_sha256: self.build.document_digest.clone(),
            policy_id: self.policy.name.clone(),
            policy_revision: self.policy.revision,
            now: self.now,
            links: self.links.clone(),
            baseline: self.baseline.clone(),
        }
    }
}

/// The ecosystems that the components belong to: what a feed of another one knows is of no account.
fn ecosystems_of(inventory: &Inventory) -> Vec<&'static str> {
    let surroundings = Surroundings::of(inventory);
    let mut names: Vec<&str> = inventory
        .components
        .iter()
        .filter_map(|component| surroundings.ecosystem(component))
        .map(ecosystems::Ecosystem::name)
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

async fn current_build(session: &mut Session, reference: &Reference) -> Result<Option<Build>, JobError> {
    match reference.build_id {
        Some(id) => Ok(Some(builds::by_id(session, id).await?)),
        None => Ok(None),
    }
}

fn links(public_url: Option<&str>, project: &Project, build: &Build) -> Links {
    let Some(root) = public_url else {
        return Links::default();
    };
    Links {
        html: Some(format!(
            "{root}/projects/{}/builds/{}",
            project.name, build.number
        )),
        sarif: Some(format!("{root}/v1/builds/{}/verdict?format=sarif", build.uuid)),
    }
}
