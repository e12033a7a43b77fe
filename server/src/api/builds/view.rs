//! A build as the API shows it.

use audit::quality::Quality;
use clock::Timestamp;
use policy::{Outcome, Verdict};
use serde::Serialize;
use store::builds::Build;
use store::db::Session;
use store::projects::{Project, Reference};
use store::sources::{Origin, Progress};
use store::verdicts;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::queries::quality;
use crate::state::Service;

/// One upload of one project's ref.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Build)]
pub(crate) struct BuildView {
    pub id: String,
    /// Whole name, `team/name` where there is a team.
    pub project: String,
    #[serde(rename = "ref")]
    pub reference: String,
    /// Counts the builds of the project from 1.
    pub number: i64,
    /// `branch`, `pr` or `release`.
    pub channel: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// `queued`, `running`, `succeeded` or `failed`.
    pub status: String,
    /// `read`, `fetch`, `discover` and `resolve` of a source that is being read; then `audit` while it waits for that,
    /// `match`, `judge`, and `done`.
    pub stage: String,
    /// How far the stage is, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress: Option<ProgressView>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The verdict in one word, once there is one.
    #[schema(value_type = Option<String>)]
    pub outcome: Option<String>,
    /// Absent until they are known: not read is not 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub components: Option<i64>,
    /// Absent until there is a verdict: not looked at is not 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evaluated: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undetermined: Option<i64>,
    /// Open findings by severity, as in the verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub findings: Option<policy::Counts>,
    /// The policy that the upload asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    pub document: DocumentView,
    pub uploaded_by: String,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Timestamp>,
}

/// Steps that are done, of how many; of a resolution, documents of registries that came, of those known to be needed.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Progress)]
pub(crate) struct ProgressView {
    pub done: u64,
    pub total: u64,
    /// Which of several: `web/package.json (2 of 5)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
}

/// What was sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Document)]
pub(crate) struct DocumentView {
    pub sha256: String,
    /// What components were read from, when the document does not list them: `{kind, name}` of a file or archive,
    /// `{kind, url, reference}` of a repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub source: Option<Origin>,
    pub format: String,
    pub tools: Vec<String>,
    /// What the reader lived with: `{code, level, place, text}`.
    #[schema(value_type = Vec<Object>)]
    pub notices: Vec<inventory::Notice>,
}

/// Where to go on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct BuildLinks {
    #[serde(rename = "self")]
    this: String,
    html: String,
    verdict: String,
    sarif: String,
    sbom: String,
    vex: String,
    quality: String,
}

/// A build with its verdict, as an upload and `GET /v1/builds/{id}` answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct BuildAnswer {
    pub build: BuildView,
    /// The object of schema `gate/1`; null until there is one.
    #[schema(value_type = Option<Object>)]
    pub verdict: Option<Verdict>,
    /// How good the document is, schema `quality/1`.
    #[schema(value_type = Object)]
    pub quality: Quality,
    pub links: BuildLinks,
}

impl BuildView {
    pub fn new(project: &Project, reference: &str, build: Build) -> Self {
        let is_judged = build.verdict_id.is_some();
        let progress = build.stage_progress();
        let components = build.is_read().then_some(build.components);
        Self {
            project: project.name.clone(),
            reference: reference.to_owned(),
            number: build.number,
            document: DocumentView {
                source: build.source(),
                tools: build.tool_list(),
                notices: build.notice_list(),
                sha256: build.document_digest,
                format: build.format,
            },
            id: build.uuid,
            channel: build.channel,
            version: build.version,
            commit: build.commit_id,
            status: build.status,
            stage: build.stage,
            progress: progress.map(|Progress { done, total, what }| ProgressView { done, total, what }),
            error: build.error,
            outcome: build.outcome,
            components,
            evaluated: is_judged.then_some(build.evaluated),
            undetermined: is_judged.then_some(build.undetermined),
            findings: None,
            policy: build.policy,
            baseline: build.baseline,
            uploaded_by: build.actor,
            created_at: Timestamp::from_millis(build.created_at),
            finished_at: build.finished_at.map(Timestamp::from_millis),
        }
    }
}

impl BuildAnswer {
    /// Loads the verdict, where there is one.
    pub async fn load(
        service: &Service,
        session: &mut Session,
        project: &Project,
        reference: &Reference,
        build: Build,
    ) -> Result<Self, Problem> {
        let verdict = match build.verdict_id {
            Some(id) => Some(verdicts::verdict(session, id).await?),
            None => None,
        };
        let links = BuildLinks::new(service, project, &build);
        let quality = quality::of_build(session, &build).await?;
        let mut build = BuildView::new(project, &reference.name, build);
        build.findings = verdict
            .as_ref()
            .filter(|verdict| verdict.verdict != Outcome::Pending)
            .map(|verdict| verdict.counts.clone());
        Ok(Self {
            build,
            verdict,
            quality,
            links,
        })
    }
}

impl BuildLinks {
    fn new(service: &Service, project: &Project, build: &Build) -> Self {
        let root = service.settings.public_url.as_deref().unwrap_or_default();
        let this = format!("{root}/v1/builds/{}", build.uuid);
        let number = u64::try_from(build.number).unwrap_or(0);
        Self {
            html: format!("{root}{}", web::links::build(&project.name, number)),
            verdict: format!("{this}/verdict"),
            sarif: format!("{this}/verdict?format=sarif"),
            sbom: format!("{this}/sbom"),
            vex: format!("{this}/vex"),
            quality: format!("{this}/quality"),
            this,
        }
    }
}
