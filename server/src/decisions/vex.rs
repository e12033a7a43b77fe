//! VEX documents that are given to a project: read, resolved against its builds, kept, and reported on.

use audit::Report;
use inventory::Inventory;
use inventory::statements::{self, Document, ProductId, Statement};
use policy::{DecisionState, Silence, SubjectProduct, speaks_of};
use serde::Serialize;
use store::audit_log::{self, Entry};
use store::builds;
use store::db::Session;
use store::projects::{self, Project};
use store::statements::{NewVexDocument, VexDocument};
use store::tokens::Action;
use store::waivers::rejudge;
use store::wake::Event;
use store::{inventories, verdicts};
use utoipa::ToSchema;

use crate::auth::Access;
use crate::documents::on_reader;
use crate::problem::{Fault, Problem};
use crate::state::Service;

/// Refs of a project whose state a document is compared with.
const MOST_REFERENCES: i64 = 20;
/// Lines of the report; the rest is counted.
const MOST_LINES: usize = 1_000;

/// What a document does in a project.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VexReport {
    /// The public id under which the document is kept.
    pub id: String,
    /// `OpenVEX`, `CSAF VEX` or `CycloneDX VEX`.
    pub format: String,
    pub author: String,
    pub statements: usize,
    pub applied: Vec<VexApplied>,
    /// Statements that do nothing today, and why. Those that are `kept` apply as soon as what they speak of is found.
    pub ignored: Vec<VexIgnored>,
    /// Lines of either list that are not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more: Option<usize>,
}

/// A statement that speaks of findings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VexApplied {
    /// Where in the document, a JSON pointer.
    pub statement: String,
    pub vulnerability: String,
    #[schema(value_type = String)]
    pub state: DecisionState,
    /// Whether the findings no longer count against the gate.
    pub suppresses: bool,
    /// Public ids of the findings.
    pub findings: Vec<String>,
}

/// A statement that speaks of nothing that is there.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VexIgnored {
    pub statement: String,
    pub vulnerability: String,
    pub why: String,
    pub kept: bool,
}

/// The state of one ref.
struct Held {
    inventory: Inventory,
    report: Report,
}

/// Reads, keeps and applies a document.
pub(crate) async fn import(
    service: &Service,
    access: &Access,
    project: &Project,
    bytes: Vec<u8>,
) -> Result<VexReport, Problem> {
    access.require_on(Action::Triage, project)?;
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let digest = store::documents::digest(&bytes);
    let (documents, name) = (service.documents.clone(), digest.clone());
    let document = on_reader(service, move || {
        let document = statements::read(&bytes).map_err(|error| {
            let fault = Fault::at(&error.place, error.message.clone());
            Problem::unreadable("no-vex", "This is no VEX document", fault)
        })?;
        documents.put(&name, &bytes)?;
        Ok(document)
    })
    .await?;
    let mut session = service.database.read().await?;
    let held = held(&mut session, project).await?;
    drop(session);
    let name = project.name.clone();
    let (document, mut report) = on_reader(service, move || {
        let mut document = document;
        resolve_links(&mut document, &held);
        let report = report(&document, &held, &name);
        Ok((document, report))
    })
    .await?;
    let stored = keep(service, access, project, &document, &digest, size).await?;
    report.id = stored.uuid;
    Ok(report)
}

async fn keep(
    service: &Service,
    access: &Access,
    project: &Project,
    document: &Document,
    digest: &str,
    size: i64,
) -> Result<VexDocument, Problem> {
    let now = service.now();
    let new = NewVexDocument {
        project: project.id,
        format: document.format,
        identifier: &document.id,
        author: &document.author,
        digest,
        size,
        actor: &access.actor,
        statements: &document.statements,
    };
    let mut tx = service.database.begin().await?;
    let stored = store::statements::import(&mut tx, &new, now).await?;
    rejudge::of_projects(&mut tx, &[project.id], now).await?;
    let detail = format!(
        "{} {} by {}: {} statements",
        document.format,
        document.id,
        document.author,
        document.statements.len()
    );
    let entry = Entry {
        actor: &access.actor,
        action: "vex.import",
        object: &project.name,
        detail: &detail,
    };
    audit_log::append(&mut tx, &entry, now).await?;
    tx.commit().await?;
    service.wake.send(Event::Job).await;
    Ok(stored)
}

/// Takes a document back; its statements no longer count.
pub(crate) async fn forget(service: &Service, access: &Access, id: &str) -> Result<(), Problem> {
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let none = || Problem::not_found("such VEX document");
    let document = store::statements::document(&mut tx, id).await?.ok_or_else(none)?;
    let owner = projects::by_id(&mut tx, document.project_id).await?;
    access.require_on(Action::Triage, &owner).map_err(|problem| {
        // Whoever may not see the project learns nothing of its documents.
        if problem.slug == "not-found" {
            none()
        } else {
            problem
        }
    })?;
    store::statements::delete(&mut tx, document.id).await?;
    rejudge::of_projects(&mut tx, &[owner.id], now).await?;
    let entry = Entry {
        actor: &access.actor,
        action: "vex.delete",
        object: &owner.name,
        detail: &document.identifier,
    };
    audit_log::append(&mut tx, &entry, now).await?;
    tx.commit().await?;
    service.wake.send(Event::Job).await;
    Ok(())
}

/// The states of the project's refs, the tracked ones first.
async fn held(session: &mut Session, project: &Project) -> Result<Vec<Held>, Problem> {
    let mut held = Vec::new();
    for reference in projects::references(session, project.id, MOST_REFERENCES).await? {
        let Some(build) = reference.build_id else { continue };
        let build = builds::by_id(session, build).await?;
        let Some(verdict) = build.verdict_id else { continue };
        held.push(Held {
            inventory: inventories::load(session, build.inventory_id).await?.inventory,
            report: verdicts::report(session, verdict).await?.report,
        });
    }
    Ok(held)
}

/// Puts the package URL of the component in the place of a BOM-Link, where the document that it leads to is here.
fn resolve_links(document: &mut Document, held: &[Held]) {
    for statement in &mut document.statements {
        for product in &mut statement.products {
            let parts = std::iter::once(&mut product.id).chain(&mut product.subcomponents);
            for id in parts {
                if let Some(purl) = linked(id, held) {
                    *id = ProductId::of(&purl);
                }
            }
        }
    }
}

fn linked(id: &ProductId, held: &[Held]) -> Option<String> {
    let ProductId::BomLink { serial, reference } = id else {
        return None;
    };
    let meant = held.iter().filter(|held| {
        let known = held.inventory.serial.as_deref();
        known.is_some_and(|known| known.eq_ignore_ascii_case(serial))
    });
    meant
        .flat_map(|held| &held.inventory.components)
        .find(|component| component.reference == *reference)
        .and_then(|component| component.purl.as_ref())
        .map(ToString::to_string)
}

fn report(document: &Document, held: &[Held], project: &str) -> VexReport {
    let mut applied = Vec::new();
    let mut ignored: Vec<VexIgnored> = document
        .skipped
        .iter()
        .map(|skipped| VexIgnored {
            statement: skipped.place.clone(),
            vulnerability: skipped.vulnerability.clone(),
            why: skipped.why.clone(),
            kept: false,
        })
        .collect();
    for statement in &document.statements {
        match spoken_of(statement, held, project) {
            Ok(findings) => applied.push(line(statement, findings)),
            Err(why) => ignored.push(VexIgnored {
                statement: statement.place.clone(),
                vulnerability: statement.vulnerability.clone(),
                why,
                kept: true,
            }),
        }
    }
    let all = applied.len() + ignored.len();
    applied.truncate(MOST_LINES);
    ignored.truncate(MOST_LINES);
    let more = all - applied.len() - ignored.len();
    VexReport {
        id: String::new(),
        format: document.format.to_owned(),
        author: document.author.clone(),
        statements: document.statements.len() + document.skipped.len(),
        applied,
        ignored,
        more: (more > 0).then_some(more),
    }
}

fn line(statement: &Statement, findings: Vec<String>) -> VexApplied {
    use inventory::statements::State;
    let state = match statement.state {
        State::NotAffected => DecisionState::NotAffected,
        State::FalsePositive => DecisionState::FalsePositive,
        State::Fixed => DecisionState::Fixed,
        State::Affected => DecisionState::Affected,
        State::UnderInvestigation => DecisionState::UnderInvestigation,
    };
    VexApplied {
        statement: statement.place.clone(),
        vulnerability: statement.vulnerability.clone(),
        state,
        suppresses: state.suppresses(),
        findings,
    }
}

/// The findings that a statement speaks of, or why there are none: the reason that came closest.
fn spoken_of(statement: &Statement, held: &[Held], project: &str) -> Result<Vec<String>, String> {
    if held.is_empty() {
        return Err("no build of the project has been judged yet".to_owned());
    }
    let mut findings = Vec::new();
    let mut closest: Option<Silence> = None;
    for state in held {
        let root = state
            .inventory
            .root
            .and_then(|id| state.inventory.components.get(id as usize));
        let purl = root.and_then(|root| root.purl.as_ref()).map(ToString::to_string);
        let product = SubjectProduct {
            purl: purl.as_deref(),
            name: root.map(|root| root.name.as_str()),
            version: root.and_then(|root| root.version.as_deref()),
            project,
        };
        for finding in &state.report.findings {
            match speaks_of(statement, finding, product) {
                Ok(()) if findings.contains(&finding.id) => {}
                Ok(()) => findings.push(finding.id.clone()),
                Err(silence) => closest = closest.max(Some(silence)),
            }
        }
    }
    if !findings.is_empty() {
        return Ok(findings);
    }
    let is_link = |id: &ProductId| matches!(id, ProductId::BomLink { .. });
    if statement.products.iter().all(|product| is_link(&product.id)) {
        return Err(
            "no build of the project has the document (serial number) and component that it links to"
                .to_owned(),
        );
    }
    let names: Vec<String> = statement
        .products
        .iter()
        .map(|product| product.id.label())
        .take(3)
        .collect();
    let silence = closest.unwrap_or(Silence::OtherVulnerability);
    Err(format!("{} ({})", silence.words(), names.join(", ")))
}
