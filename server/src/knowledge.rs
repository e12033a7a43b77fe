//! What the store knows about a document that is not stored, and about one that is.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use advisories::{Entry, MatchResult, match_package};
use audit::{Knowledge, Surroundings};
use clock::Timestamp;
use inventory::{ComponentId, Inventory};
use store::db::Session;
use store::inventories::StoredInventory;
use store::packages::{self, Identity};
use store::{exploited, feeds, matches, scores};

use crate::decisions::Decisions;
use crate::documents::on_reader;
use crate::problem::Problem;
use crate::state::Service;

/// Matches every component of an inventory against the stored records, in memory; nothing is written.
pub(crate) async fn of_document(
    service: &Service,
    inventory: Arc<Inventory>,
    decisions: &Decisions,
) -> Result<Knowledge, Problem> {
    let identities = Identity::all(&inventory);
    let mut session = service.database.read().await?;
    let ids = packages::ids(&mut session, &identities).await?;
    let wanted: Vec<i64> = ids.values().copied().collect();
    let entries = matches::entries(&mut session, &wanted).await?;
    let knowledge = Knowledge {
        statements: decisions.statements.clone(),
        conclusions: decisions.conclusions.clone(),
        ..around(&mut session, &inventory, service.now()).await?
    };
    drop(session);
    let matches = on_reader(service, move || Ok(matched(&identities, &ids, &entries))).await?;
    let epss = probabilities(&mut service.database.read().await?, &matches).await?;
    Ok(Knowledge {
        matches,
        epss,
        ..knowledge
    })
}

async fn probabilities(
    session: &mut Session,
    matches: &HashMap<ComponentId, Arc<MatchResult>>,
) -> Result<Option<HashMap<String, f64>>, store::Error> {
    let found = matches.values().flat_map(|result| &result.affected);
    let ids: BTreeSet<&str> = found.flat_map(|group| &group.ids).map(String::as_str).collect();
    scores::of_identifiers(session, &ids).await
}

/// One result for each distinct identity; an ecosystem whose versions cannot be compared has none.
fn matched(
    identities: &[Identity],
    ids: &HashMap<(String, String), i64>,
    entries: &HashMap<i64, Vec<Entry>>,
) -> HashMap<ComponentId, Arc<MatchResult>> {
    let mut known: BTreeMap<&Identity, Option<Arc<MatchResult>>> = BTreeMap::new();
    let mut results = HashMap::with_capacity(identities.len());
    for (component, identity) in (0..).zip(identities) {
        let result = known.entry(identity).or_insert_with(|| {
            let id = ids.get(&identity.subject_key());
            let entries = id.and_then(|id| entries.get(id)).map(Vec::as_slice);
            match_package(
                &identity.ecosystem,
                entries.unwrap_or_default(),
                &identity.installed(),
            )
            .map(Arc::new)
        });
        if let Some(result) = result {
            results.insert(component, Arc::clone(result));
        }
    }
    results
}

/// What is recorded about the versions of a stored inventory.
pub(crate) async fn of_stored(
    session: &mut Session,
    id: i64,
    stored: &StoredInventory,
    decisions: &Decisions,
    now: Timestamp,
) -> Result<Knowledge, Problem> {
    let known = matches::of_inventory(session, id).await?;
    let results: HashMap<i64, Arc<MatchResult>> = known
        .iter()
        .map(|(version, known)| (*version, Arc::new(known.result())))
        .collect();
    let matches: HashMap<ComponentId, Arc<MatchResult>> = (0..)
        .zip(&stored.members)
        .filter_map(|(component, version)| Some((component, Arc::clone(results.get(version)?))))
        .collect();
    Ok(Knowledge {
        epss: probabilities(session, &matches).await?,
        matches,
        statements: decisions.statements.clone(),
        conclusions: decisions.conclusions.clone(),
        ..around(session, &stored.inventory, now).await?
    })
}

/// Feeds and catalogues, as far as they concern the inventory.
async fn around(
    session: &mut Session,
    inventory: &Inventory,
    now: Timestamp,
) -> Result<Knowledge, store::Error> {
    Ok(Knowledge {
        feeds: feeds::states_of(session, &ecosystems_of(inventory), now).await?,
        covered: feeds::covered(session).await?,
        kev: exploited::identifiers(session).await?,
        ..Knowledge::default()
    })
}

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
