//! Everything that an audit looks at, read in one go.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use ::advisories::MatchResult;
use audit::{Conclusion, Context, Knowledge, Surroundings, Way};
use clock::Timestamp;
use inventory::Inventory;
use policy::{Baseline, FeedState, Links, RefName, StatedVex, Verdict, Waiver};
use store::builds::{self, Build};
use store::db::Session;
use store::feeds::Feed;
use store::findings::{self, Known};
use store::inventories::{self, StoredInventory};
use store::matches::{self, VersionKnowledge};
use store::packages::{self, Version};
use store::policies::EffectivePolicy;
use store::projects::{self, Project, Reference};
use store::ways::FoundWay;
use store::{
    advisories, baselines, conclusions, exploited, feeds, policies, scores, statements, verdicts, waivers,
    ways,
};

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
    /// Of the ids that the matches name.
    pub(super) scores: Option<HashMap<String, f64>>,
    pub(super) policy: EffectivePolicy,
    pub(super) known: Vec<Known>,
    pub(super) before: Option<Before>,
    /// Versions in this inventory of packages whose findings open or close.
    pub(super) siblings: Vec<Version>,
    /// The records that findings without a match rested on: when each was withdrawn, if it was; one that no feed
    /// carries any more is missing.
    pub(super) records: HashMap<String, Option<Timestamp>>,
    pub(super) baseline: Option<Baseline>,
    pub(super) waivers: Vec<Waiver>,
    pub(super) statements: Vec<StatedVex>,
    pub(super) conclusions: Vec<Conclusion>,
    pub(super) links: Links,
    /// What resolving again has shown, by package URL, with what was known then.
    pub(super) ways: HashMap<String, FoundWay>,
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
            scores: scores_of(session, &matches).await?,
            baseline: baselines::findings(session, &build, &project, &policy.policy, None).await?,
            waivers: waivers::of_project(session, project.id).await?,
            statements: statements::of_project(session, project.id).await?,
            conclusions: conclusions::of_project(session, project.id).await?,
            links: links(parts.settings.public_url.as_deref(), &project, &build),
            ways: ways::of_inventory(session, build.inventory_id).await?,
            before: None,
            siblings: Vec::new(),
            records: HashMap::new(),
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
        if !touched.is_empty() {
            self.records = advisories::withdrawals(session, &plan::doubtful_records(self)).await?;
        }
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
            epss: self.scores.clone(),
            seen: plan.seen(self),
            statements: self.statements.clone(),
            conclusions: self.conclusions.clone(),
            ways: self.ways(),
            misconfigurations: None,
        }
    }

    /// The ways that were found for what is known now.
    pub(super) fn ways(&self) -> HashMap<String, Way> {
        if self.ways.is_empty() {
            return HashMap::new();
        }
        let known = matches::known_ids(&self.stored, &self.matches);
        let still = |(purl, found): (&String, &FoundWay)| {
            (known.get(purl) == Some(&found.findings)).then(|| (purl.clone(), found.way.clone()))
        };
        self.ways.iter().filter_map(still).collect()
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
            policy_extends: self.policy.extends.clone(),
            now: self.now,
            links: self.links.clone(),
            baseline: self.baseline.clone(),
        }
    }
}

async fn scores_of(
    session: &mut Session,
    matches: &HashMap<i64, VersionKnowledge>,
) -> Result<Option<HashMap<String, f64>>, JobError> {
    let found = matches.values().flat_map(|known| &known.matches);
    let ids: BTreeSet<&str> = found
        .flat_map(|found| &found.evidence.ids)
        .map(String::as_str)
        .collect();
    Ok(scores::of_identifiers(session, &ids).await?)
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

/// Where people and machines read on: whole addresses where the service knows its own, else paths.
fn links(public_url: Option<&str>, project: &Project, build: &Build) -> Links {
    let root = public_url.unwrap_or_default();
    Links {
        html: Some(format!(
            "{root}/projects/{}/builds/{}",
            project.name, build.number
        )),
        sarif: Some(format!("{root}/v1/builds/{}/verdict?format=sarif", build.uuid)),
    }
}
