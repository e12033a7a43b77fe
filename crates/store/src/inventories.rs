//! What is inside a build: stored once per distinct content.

use std::collections::HashMap;

use ::inventory::{Inventory, Scope};
use audit::Graph;

use crate::Error;
use crate::db::{Column, Insert, Session, Tx, statements};
use crate::packages::{self, Identity};
use crate::packed::{pack, unpack};

statements! {
    BY_DIGEST = "SELECT id FROM inventory WHERE digest = $1";
    CREATE = "INSERT INTO inventory (digest, content, members, components) VALUES ($1, $2, $3, $4)
        ON CONFLICT (digest) DO NOTHING RETURNING id";
    LOAD = "SELECT content, members FROM inventory WHERE id = $1";
    MEMBERS = "SELECT members FROM inventory WHERE id = $1";
}

static NEW_MEMBER: Insert = Insert {
    table: "inventory_component",
    columns: &["inventory_id", "package_version_id", "scope", "direct", "license"],
    suffix: "ON CONFLICT DO NOTHING",
};

/// Bytes of a license expression that lists are grouped by; the inventory itself holds it whole.
const LONGEST_LICENSE: usize = 1_000;

/// An inventory with the package version of each of its components.
#[derive(Clone, Debug)]
pub struct StoredInventory {
    pub inventory: Inventory,
    /// As long as `inventory.components`, in its order.
    pub members: Vec<i64>,
}

/// An inventory made ready for storing, outside any transaction.
#[derive(Debug)]
pub struct PreparedInventory {
    digest: String,
    content: Vec<u8>,
    identities: Vec<Identity>,
    facts: Vec<Facts>,
    components: i64,
}

/// What queries ask of a component in an inventory.
#[derive(Clone, Debug)]
struct Facts {
    /// Whether it is the product itself, which is stored to be matched but is no component of its own.
    is_root: bool,
    scope: Scope,
    direct: Option<bool>,
    license: Option<String>,
}

impl Facts {
    const fn scope_text(&self) -> &'static str {
        if self.is_root {
            "root"
        } else {
            scope_word(self.scope)
        }
    }
}

impl PreparedInventory {
    /// Compresses the inventory and names its components; pure work, best done on a worker thread.
    ///
    /// # Errors
    /// When the inventory has no JSON form.
    pub fn new(inventory: &Inventory) -> Result<Self, Error> {
        // When and under which number a document was written is no part of what it lists: builds that list the
        // same share one inventory, and the document itself is kept.
        let contents = Inventory {
            created: None,
            serial: None,
            ..inventory.clone()
        };
        let content = pack("inventory", &contents)?;
        let graph = Graph::new(inventory);
        let facts = (0..)
            .zip(&inventory.components)
            .map(|(id, component)| Facts {
                is_root: inventory.root == Some(id),
                scope: component.scope,
                direct: graph.direct(id),
                license: audit::effective_license(&component.licenses)
                    .map(|license| packages::storable(&license, LONGEST_LICENSE)),
            })
            .collect();
        Ok(Self {
            digest: hex::encode(inventory.digest()),
            content,
            identities: Identity::all(inventory),
            facts,
            components: i64::try_from(inventory.component_count()).unwrap_or(i64::MAX),
        })
    }

    #[must_use]
    pub const fn components(&self) -> i64 {
        self.components
    }
}

/// The id of the inventory, written when no equal one is stored.
pub async fn intern(tx: &mut Tx, prepared: &PreparedInventory) -> Result<i64, Error> {
    let known: Option<(i64,)> = tx
        .query(&BY_DIGEST)
        .bind(prepared.digest.as_str())
        .optional()
        .await?;
    if let Some((id,)) = known {
        return Ok(id);
    }
    let members = packages::intern(tx, &prepared.identities).await?;
    let created: Option<(i64,)> = tx
        .query(&CREATE)
        .bind(prepared.digest.as_str())
        .bind(prepared.content.as_slice())
        .bind(encode_members(&members))
        .bind(prepared.components)
        .optional()
        .await?;
    match created {
        Some((id,)) => {
            insert_members(tx, id, &members, &prepared.facts).await?;
            Ok(id)
        }
        // Another transaction wrote the same content in between.
        None => tx.query(&BY_DIGEST).bind(prepared.digest.as_str()).value().await,
    }
}

async fn insert_members(tx: &mut Tx, inventory: i64, members: &[i64], facts: &[Facts]) -> Result<(), Error> {
    let mut distinct: HashMap<i64, Facts> = HashMap::with_capacity(members.len());
    for (member, facts) in members.iter().zip(facts) {
        let merged = match distinct.get(member) {
            Some(seen) => Facts {
                is_root: seen.is_root && facts.is_root,
                scope: seen.scope.min(facts.scope),
                direct: seen.direct.max(facts.direct),
                license: seen.license.clone().or_else(|| facts.license.clone()),
            },
            None => facts.clone(),
        };
        distinct.insert(*member, merged);
    }
    let mut rows: Vec<(i64, Facts)> = distinct.into_iter().collect();
    rows.sort_unstable_by_key(|(member, _)| *member);
    let columns = vec![
        Column::Int(vec![inventory; rows.len()]),
        Column::Int(rows.iter().map(|(member, _)| *member).collect()),
        Column::Text(
            rows.iter()
                .map(|(_, facts)| facts.scope_text().to_owned())
                .collect(),
        ),
        Column::MaybeBool(rows.iter().map(|(_, facts)| facts.direct).collect()),
        Column::MaybeText(rows.into_iter().map(|(_, facts)| facts.license).collect()),
    ];
    tx.insert(&NEW_MEMBER, columns).await?;
    Ok(())
}

/// The word that JSON uses for a scope, too.
#[must_use]
pub const fn scope_word(scope: Scope) -> &'static str {
    match scope {
        Scope::Required => "required",
        Scope::Optional => "optional",
        Scope::Dev => "dev",
        Scope::Excluded => "excluded",
    }
}

/// Reads an inventory back.
pub async fn load(session: &mut Session, id: i64) -> Result<StoredInventory, Error> {
    let (content, members): (Vec<u8>, Vec<u8>) = session.query(&LOAD).bind(id).one().await?;
    let inventory: Inventory = unpack("inventory", &content)?;
    let members = decode_members(&members);
    if members.len() == inventory.components.len() {
        Ok(StoredInventory { inventory, members })
    } else {
        Err(Error::corrupt(
            "inventory",
            &"its members are not as many as its components",
        ))
    }
}

/// The package versions of an inventory, without reading its content.
pub async fn members(session: &mut Session, id: i64) -> Result<Vec<i64>, Error> {
    let bytes: Vec<u8> = session.query(&MEMBERS).bind(id).value().await?;
    Ok(decode_members(&bytes))
}

fn encode_members(members: &[i64]) -> Vec<u8> {
    members.iter().flat_map(|member| member.to_le_bytes()).collect()
}

fn decode_members(bytes: &[u8]) -> Vec<i64> {
    bytes
        .as_chunks::<8>()
        .0
        .iter()
        .map(|chunk| i64::from_le_bytes(*chunk))
        .collect()
}
