//! What is known about the components of one inventory: from a source directly, or from the store.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use advisories::{Advisory, Entry, MatchResult, match_package, osv};
use audit::Knowledge;
use clock::{SystemClock, Timestamp};
use fetch::feeds::{Limits, Source};
use inventory::Inventory;
use policy::FeedState;
use store::feeds;
use store::packages::Identity;

use super::Failure;
use crate::configuration::Configuration;
use crate::house::House;
use crate::state::State;

/// The packages of an inventory by ecosystem: only what is said about these is kept.
type Wanted = BTreeMap<&'static str, BTreeSet<String>>;

/// The entries of one feed about the wanted packages.
struct Loaded {
    entries: HashMap<String, Vec<Entry>>,
    records: u64,
    newest: Option<Timestamp>,
    /// Records that could not be read; the feed does not count as whole then.
    unreadable: Vec<String>,
}

/// Reads the feeds that the inventory needs and matches every component.
pub(super) async fn gather(
    inventory: &Inventory,
    source: &Source,
    now: Timestamp,
) -> Result<Knowledge, Failure> {
    let identities = Identity::all(inventory);
    let offered = source.ecosystems().await?;
    let mut knowledge = Knowledge::default();
    let mut matches: HashMap<&Identity, Arc<MatchResult>> = HashMap::new();
    for (ecosystem, names) in wanted(&identities) {
        if !offered.iter().any(|name| name == ecosystem) {
            continue;
        }
        let loaded = load(source, ecosystem, names).await?;
        for problem in &loaded.unreadable {
            eprintln!("plumbline: a record of {ecosystem} was left out: {problem}");
        }
        knowledge.feeds.push(state(ecosystem, &loaded, now));
        knowledge.covered.push(ecosystem.to_owned());
        let of_this = identities
            .iter()
            .filter(|identity| identity.ecosystem == ecosystem);
        for identity in of_this {
            if let Some(result) = match_identity(identity, &loaded) {
                matches.entry(identity).or_insert_with(|| Arc::new(result));
            }
        }
    }
    knowledge.matches = (0..)
        .zip(&identities)
        .filter_map(|(id, identity)| Some((id, Arc::clone(matches.get(identity)?))))
        .collect();
    Ok(knowledge)
}

/// Asks the advisories that `feeds sync` or a running service brought in.
///
/// # Errors
/// When there are none: an answer without any would look like a clean one.
pub(super) async fn stored(
    configuration: Configuration,
    inventory: Arc<Inventory>,
) -> Result<Knowledge, Failure> {
    let none = || {
        let why = "there are no advisories to check against: run `plumbline feeds sync` once, or name a source with --source";
        Failure::Usage(why.to_owned())
    };
    let state = State::open_existing(&configuration).await;
    let state = state.map_err(|failure| match failure {
        Failure::Usage(_) => none(),
        other => other,
    })?;
    if feeds::covered(&mut state.database.read().await?)
        .await?
        .is_empty()
    {
        return Err(none());
    }
    let house = House::new(configuration, state, Arc::new(SystemClock));
    server::knowledge(&house.service(), inventory)
        .await
        .map_err(Failure::Usage)
}

fn wanted(identities: &[Identity]) -> Wanted {
    let mut wanted = Wanted::new();
    for identity in identities {
        if let Some(ecosystem) = ecosystems::by_name(&identity.ecosystem) {
            wanted
                .entry(ecosystem.name())
                .or_default()
                .insert(identity.subject.clone());
        }
    }
    wanted
}

/// `None` when the release of its distribution is not known: it is not checked then.
fn match_identity(identity: &Identity, loaded: &Loaded) -> Option<MatchResult> {
    let entries = loaded
        .entries
        .get(&identity.subject)
        .map(Vec::as_slice)
        .unwrap_or_default();
    match_package(&identity.ecosystem, entries, &identity.installed())
}

async fn load(source: &Source, ecosystem: &'static str, names: BTreeSet<String>) -> Result<Loaded, Failure> {
    let bundle = source
        .all(ecosystem, &fetch::Validator::default())
        .await?
        .changed()
        // An unconditional request is never answered with "unchanged".
        .ok_or(Failure::Interrupted)?;
    tokio::task::spawn_blocking(move || read(bundle, ecosystem, &names))
        .await
        .map_err(|_| Failure::Interrupted)?
}

fn read(
    bundle: fetch::feeds::Bundle,
    ecosystem: &'static str,
    names: &BTreeSet<String>,
) -> Result<Loaded, Failure> {
    let mut loaded = Loaded {
        entries: HashMap::new(),
        records: 0,
        newest: None,
        unreadable: Vec::new(),
    };
    for record in bundle.open(Limits::default())? {
        let record = record?;
        match osv::Record::parse(&record.bytes) {
            Ok(parsed) => keep(&mut loaded, &parsed, ecosystem, names),
            Err(error) => loaded.unreadable.push(format!("{}: {error}", record.id)),
        }
    }
    Ok(loaded)
}

fn keep(loaded: &mut Loaded, record: &osv::Record, ecosystem: &str, names: &BTreeSet<String>) {
    let (advisory, _) = Advisory::compile(record);
    loaded.records += 1;
    loaded.newest = loaded.newest.max(Some(advisory.modified));
    let relevant = advisory
        .packages
        .into_iter()
        .filter(|p| p.ecosystem == ecosystem && names.contains(&p.name));
    for package in relevant {
        loaded
            .entries
            .entry(package.name)
            .or_default()
            .push(package.entry);
    }
}

fn state(ecosystem: &str, loaded: &Loaded, now: Timestamp) -> FeedState {
    FeedState {
        name: format!("osv:{ecosystem}"),
        revision: loaded.newest.map(|newest| newest.to_string()).unwrap_or_default(),
        fetched_at: Some(now),
        age_s: Some(0),
        records: loaded.records,
        stale: false,
    }
}
