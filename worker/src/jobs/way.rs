//! Ways to green of one build: what its blocking transitive findings need, found by resolving again.
//!
//! The audit asks for it and does not wait: a verdict is there first, and is given again when ways were found.

use std::time::Duration;

use audit::Upgrade;
use ecosystems::resolve::Assumptions;
use inventory::Purl;
use store::builds::{self, Build};
use store::jobs::{self, Lane, WayJob};
use store::sources::Origin;
use store::wake::Event;
use store::ways::{self, FoundWay};
use store::{inventories, matches, verdicts};

use super::{Held, resolve};
use crate::resolving::{self, Affected, What};
use crate::{JobError, Parts};

/// How long all packages of one build are looked at.
const PATIENCE: Duration = Duration::from_secs(45);

pub(super) async fn run(parts: &Parts, held: &Held, job: WayJob) -> Result<(), JobError> {
    let found = builds::find(&mut parts.database.read().await?, job.build).await?;
    let source = found.and_then(|build| Some((build.source()?, build)));
    let Some((origin, build)) = source.filter(|(origin, _)| is_kept(origin)) else {
        return super::finish(parts, held).await;
    };
    let (affected, assumptions) = affected(parts, &build).await?;
    if affected.is_empty() {
        return super::finish(parts, held).await;
    }
    let (affected, known): (Vec<Affected>, Vec<String>) = affected.into_iter().unzip();
    let names: Vec<String> = affected.iter().map(|package| package.purl.clone()).collect();
    let mut ways = search(parts, &build, &origin, affected, &assumptions).await?;
    let now = parts.clock.now();
    let mut tx = parts.database.begin().await?;
    for (purl, findings) in names.into_iter().zip(known) {
        // What nothing was found for is not looked for again until something else is known about it.
        let way = ways.remove(&purl).unwrap_or(audit::Way::None { tried: 0 });
        ways::put(
            &mut tx,
            build.inventory_id,
            &purl,
            &FoundWay { findings, way },
            now,
        )
        .await?;
    }
    jobs::enqueue_audit(&mut tx, &[build.id], Lane::Interactive, now).await?;
    held.finish(&mut tx, now).await?;
    tx.commit().await?;
    parts.wake.send(Event::Job).await;
    Ok(())
}

/// Whether the files of a source can be read again; those of a repository are not kept.
pub(super) const fn is_kept(origin: &Origin) -> bool {
    matches!(origin, Origin::File { .. } | Origin::Archive { .. })
}

/// Whether a step is one for which nobody has resolved again yet.
pub(super) fn is_open(step: &Upgrade) -> bool {
    step.direct == Some(false) && !step.resolved && step.purl.starts_with("pkg:npm/")
}

/// The packages to be got rid of, each with what is known against it; and what the tree assumes.
async fn affected(parts: &Parts, build: &Build) -> Result<(Vec<(Affected, String)>, Assumptions), JobError> {
    let Some(verdict) = build.verdict_id else {
        return Ok((Vec::new(), Assumptions::default()));
    };
    let mut session = parts.database.read().await?;
    let report = verdicts::report(&mut session, verdict).await?.report;
    let stored = inventories::load(&mut session, build.inventory_id).await?;
    let matches = matches::of_inventory(&mut session, build.inventory_id).await?;
    let known = matches::known_ids(&stored, &matches);
    let steps = report.upgrades.iter().filter(|step| is_open(step));
    let affected = steps.filter_map(|step| {
        let purl: Purl = step.purl.parse().ok()?;
        let package = Affected {
            name: purl.package_name(),
            version: purl.version()?.to_owned(),
            purl: step.purl.clone(),
        };
        let known = known.get(&step.purl)?.clone();
        Some((package, known))
    });
    let resolved = stored.inventory.resolutions.first();
    let assumptions = resolved.map(|resolved| Assumptions::of(&resolved.environment));
    Ok((affected.collect(), assumptions.unwrap_or_default()))
}

async fn search(
    parts: &Parts,
    build: &Build,
    origin: &Origin,
    affected: Vec<Affected>,
    assumptions: &Assumptions,
) -> Result<std::collections::HashMap<String, audit::Way>, JobError> {
    let documents = parts.documents.clone();
    let (digest, origin) = (build.document_digest.clone(), origin.clone());
    let opened = tokio::task::spawn_blocking(move || {
        let bytes = documents.get(&digest)?;
        Ok::<_, store::Error>(bytes.and_then(|bytes| resolve::open(&origin, bytes).ok()))
    });
    let Some(collection) = opened.await?? else {
        return Ok(std::collections::HashMap::new());
    };
    let registries = resolve::registries(parts)?;
    let reading = resolving::read(collection, What::All(""), &registries, assumptions, |_| {}).await?;
    resolving::ways(
        reading.npm,
        affected,
        registries,
        parts.database.clone(),
        PATIENCE,
    )
    .await
}
