//! A stored build judged once more, with what is known today, by whatever policy.

use audit::{Context, Knowledge};
use clock::Timestamp;
use policy::{Policy, RefName, Verdict};
use store::baselines;
use store::builds::Build;
use store::db::Session;
use store::inventories::{self, StoredInventory};
use store::policies::EffectivePolicy;
use store::projects::{Project, Reference};

use crate::decisions::Decisions;
use crate::knowledge;
use crate::problem::Problem;

/// What is judged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judged<'a> {
    pub project: &'a Project,
    pub reference: &'a Reference,
    pub build: &'a Build,
}

/// Everything that one judgement takes.
pub(crate) struct Case {
    stored: StoredInventory,
    knowledge: Knowledge,
    decisions: Decisions,
    policy: Policy,
    context: Context,
}

impl Case {
    /// Reads it all; `baseline` stands in for what the upload asked for.
    pub async fn load(
        session: &mut Session,
        subject: &Judged<'_>,
        policy: EffectivePolicy,
        baseline: Option<&str>,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let Judged {
            project,
            reference,
            build,
        } = *subject;
        let baseline = baselines::findings(session, build, project, &policy.policy, baseline).await?;
        let stored = inventories::load(session, build.inventory_id).await?;
        let decisions = Decisions::of(session, project).await?;
        let knowledge = knowledge::of_stored(session, build.inventory_id, &stored, &decisions, now).await?;
        let context = Context {
            project: project.name.clone(),
            reference: RefName {
                branch: reference.name.clone(),
                commit: build.commit_id.clone(),
                version: build.version.clone(),
            },
            build_id: build.uuid.clone(),
            sbom_sha256: build.document_digest.clone(),
            policy_id: policy.name,
            policy_revision: policy.revision,
            policy_extends: policy.extends,
            now,
            baseline,
            ..Context::default()
        };
        Ok(Self {
            stored,
            knowledge,
            decisions,
            policy: policy.policy,
            context,
        })
    }

    /// The verdict; pure work, best done beside the requests.
    pub fn judge(&self) -> Verdict {
        audit::audit(
            &self.stored.inventory,
            &self.knowledge,
            &self.policy,
            &self.decisions.waivers,
            &self.context,
        )
        .verdict
    }
}
