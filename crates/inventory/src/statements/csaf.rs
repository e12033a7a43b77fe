//! CSAF 2.0: `product_status` of each vulnerability, over the product tree and its relationships.

use std::collections::{HashMap, HashSet};

use clock::Timestamp;
use serde_json::Value;

use super::json::{list, moment, sentences, text, texts};
use super::versions::VersionRange;
use super::{Document, Justification, NoVex, Product, ProductId, State, Statement, Statements};

/// Branches are nested at most this deep.
const DEEPEST: usize = 64;

/// The statuses that say something about whether a product is affected.
const STATUSES: [(&str, State); 8] = [
    ("known_not_affected", State::NotAffected),
    ("fixed", State::Fixed),
    ("first_fixed", State::Fixed),
    ("recommended", State::Fixed),
    ("known_affected", State::Affected),
    ("first_affected", State::Affected),
    ("last_affected", State::Affected),
    ("under_investigation", State::UnderInvestigation),
];

pub(super) fn read(document: &Value) -> Result<Document, NoVex> {
    let head = document
        .get("document")
        .ok_or_else(|| NoVex::new("/document", "a CSAF document has a head"))?;
    let version = text(head, "csaf_version");
    if !version.starts_with("2.") {
        let message = format!("CSAF {version} is not read; 2.0 is");
        return Err(NoVex::new("/document/csaf_version", message));
    }
    let tree = Tree::new(document.get("product_tree"));
    let tracking = head.get("tracking");
    let at =
        tracking.and_then(|tracking| moment(tracking, &["current_release_date", "initial_release_date"]));
    let mut statements = Statements::default();
    for (index, value) in list(document, "vulnerabilities").iter().enumerate() {
        let place = format!("/vulnerabilities/{index}");
        one(&mut statements, &tree, value, at, &place);
    }
    let publisher = head.get("publisher");
    Ok(Document {
        format: "CSAF VEX",
        id: tracking.map_or("", |tracking| text(tracking, "id")).to_owned(),
        author: publisher
            .map_or("", |publisher| text(publisher, "name"))
            .to_owned(),
        statements: statements.kept,
        skipped: statements.skipped,
    })
}

/// The products by their id, and the groups of them.
#[derive(Default)]
struct Tree<'a> {
    products: HashMap<&'a str, Product>,
    groups: HashMap<&'a str, Vec<&'a str>>,
}

impl<'a> Tree<'a> {
    fn new(tree: Option<&'a Value>) -> Self {
        let mut read = Self::default();
        let Some(tree) = tree else { return read };
        read.branches(list(tree, "branches"), 0);
        for product in list(tree, "full_product_names") {
            read.product(product, "");
        }
        for relationship in list(tree, "relationships") {
            read.relationship(relationship);
        }
        for group in list(tree, "product_groups") {
            read.groups
                .insert(text(group, "group_id"), texts(group, "product_ids"));
        }
        read
    }

    fn branches(&mut self, branches: &'a [Value], depth: usize) {
        for branch in branches {
            let range = match text(branch, "category") {
                "product_version_range" => text(branch, "name"),
                _ => "",
            };
            if let Some(product) = branch.get("product") {
                self.product(product, range);
            }
            if depth < DEEPEST {
                self.branches(list(branch, "branches"), depth + 1);
            }
        }
    }

    fn product(&mut self, product: &'a Value, range: &str) {
        let id = identity(product, range);
        let plain = Product {
            id,
            subcomponents: Vec::new(),
        };
        self.products.insert(text(product, "product_id"), plain);
    }

    /// A component as it is part of (or installed on) another product: that product, narrowed to the component.
    fn relationship(&mut self, relationship: &'a Value) {
        let Some(whole) = relationship.get("full_product_name") else {
            return;
        };
        let named = |key: &str| {
            let reference = text(relationship, key);
            let known = self.products.get(reference).map(|product| product.id.clone());
            known.unwrap_or_else(|| ProductId::Opaque(reference.to_owned()))
        };
        let product = Product {
            id: named("relates_to_product_reference"),
            subcomponents: vec![named("product_reference")],
        };
        self.products.insert(text(whole, "product_id"), product);
    }

    /// The product ids that a flag or a threat speaks of; none means all.
    fn meant(&self, value: &'a Value) -> HashSet<&'a str> {
        let groups = texts(value, "group_ids");
        let grouped = groups
            .iter()
            .filter_map(|group| self.groups.get(group))
            .flatten()
            .copied();
        texts(value, "product_ids").into_iter().chain(grouped).collect()
    }
}

/// A package URL wherever one is given, else the name.
fn identity(product: &Value, range: &str) -> ProductId {
    let helper = product.get("product_identification_helper");
    let purl = helper.map_or("", |helper| match text(helper, "purl") {
        "" => texts(helper, "purls").first().copied().unwrap_or_default(),
        purl => purl,
    });
    if purl.is_empty() {
        return ProductId::Opaque(text(product, "name").to_owned());
    }
    ProductId::Purl {
        purl: purl.to_owned(),
        range: Some(range)
            .filter(|range| range.starts_with("vers:"))
            .and_then(VersionRange::read),
    }
}

fn one(
    statements: &mut Statements,
    tree: &Tree<'_>,
    value: &Value,
    document_at: Option<Timestamp>,
    place: &str,
) {
    let (vulnerability, aliases) = names(value);
    if vulnerability.is_empty() {
        return statements.skip(place, "", "it has neither `cve` nor `ids`");
    }
    let Some(status) = value.get("product_status") else {
        return statements.skip(place, &vulnerability, "it has no product_status");
    };
    let at = document_at.or_else(|| moment(value, &["release_date", "discovery_date"]));
    for (key, state) in STATUSES {
        for (index, id) in texts(status, key).into_iter().enumerate() {
            let place = format!("{place}/product_status/{key}/{index}");
            let Some(product) = tree.products.get(id) else {
                let why = format!("`{id}` is no product of the product tree");
                statements.skip(&place, &vulnerability, why);
                continue;
            };
            let (justification, detail) = reasons(tree, value, id, state);
            if state == State::NotAffected && justification.is_none() && detail.is_empty() {
                let why =
                    format!("`{id}` is not affected without a flag or an impact statement that says why");
                statements.skip(&place, &vulnerability, why);
                continue;
            }
            statements.kept.push(Statement {
                place,
                vulnerability: vulnerability.clone(),
                aliases: aliases.clone(),
                products: vec![product.clone()],
                state,
                justification,
                detail,
                at,
            });
        }
    }
}

fn names(value: &Value) -> (String, Vec<String>) {
    let cve = text(value, "cve");
    let others = list(value, "ids").iter().map(|id| text(id, "text"));
    let mut names: Vec<&str> = std::iter::once(cve)
        .chain(others)
        .filter(|name| !name.is_empty())
        .collect();
    if names.is_empty() {
        return (String::new(), Vec::new());
    }
    let first = names.remove(0).to_owned();
    (first, names.into_iter().map(str::to_owned).collect())
}

/// The flag and the texts that speak of a product.
fn reasons(tree: &Tree<'_>, value: &Value, id: &str, state: State) -> (Option<Justification>, String) {
    let speaks = |entry: &&Value| {
        let meant = tree.meant(entry);
        meant.is_empty() || meant.contains(id)
    };
    let justification = list(value, "flags")
        .iter()
        .filter(speaks)
        .find_map(|flag| Justification::read(text(flag, "label")))
        .filter(|_| state == State::NotAffected);
    let impacts = list(value, "threats")
        .iter()
        .filter(|threat| text(threat, "category") == "impact")
        .filter(speaks);
    let remedies = list(value, "remediations").iter().filter(speaks);
    let detail = match state {
        State::NotAffected => sentences(impacts.map(|threat| text(threat, "details"))),
        _ => sentences(remedies.map(|remedy| text(remedy, "details"))),
    };
    (justification, detail)
}
