//! CycloneDX JSON: `vulnerabilities[].analysis`, about components in the document itself or behind a BOM-Link.

use std::collections::HashMap;

use serde_json::Value;

use super::json::{list, moment, sentences, text};
use super::versions::VersionRange;
use super::{Document, Justification, NoVex, Product, ProductId, State, Statement, Statements};

/// Components are nested at most this deep.
const DEEPEST: usize = 64;

pub(super) fn read(document: &Value) -> Result<Document, NoVex> {
    if document
        .get("vulnerabilities")
        .and_then(Value::as_array)
        .is_none()
    {
        return Err(NoVex::new(
            "/vulnerabilities",
            "the document speaks of no vulnerability",
        ));
    }
    let mut purls = HashMap::new();
    if let Some(root) = document
        .get("metadata")
        .and_then(|metadata| metadata.get("component"))
    {
        collect(std::slice::from_ref(root), &mut purls, 0);
    }
    collect(list(document, "components"), &mut purls, 0);
    let mut statements = Statements::default();
    for (index, value) in list(document, "vulnerabilities").iter().enumerate() {
        one(
            &mut statements,
            value,
            &purls,
            &format!("/vulnerabilities/{index}"),
        );
    }
    Ok(Document {
        format: "CycloneDX VEX",
        id: text(document, "serialNumber").to_owned(),
        author: author(document).to_owned(),
        statements: statements.kept,
        skipped: statements.skipped,
    })
}

/// The package URL of each reference of the document.
fn collect<'a>(components: &'a [Value], purls: &mut HashMap<&'a str, &'a str>, depth: usize) {
    for component in components {
        let purl = text(component, "purl");
        if !purl.is_empty() {
            purls.insert(text(component, "bom-ref"), purl);
        }
        if depth < DEEPEST {
            collect(list(component, "components"), purls, depth + 1);
        }
    }
}

fn author(document: &Value) -> &str {
    let Some(metadata) = document.get("metadata") else {
        return "";
    };
    let of = |key: &str| metadata.get(key).map_or("", |entity| text(entity, "name"));
    let people = list(metadata, "authors")
        .first()
        .map_or("", |person| text(person, "name"));
    ["supplier", "manufacturer", "manufacture"]
        .into_iter()
        .map(of)
        .chain([people])
        .find(|name| !name.is_empty())
        .unwrap_or_default()
}

fn one(statements: &mut Statements, value: &Value, purls: &HashMap<&str, &str>, place: &str) {
    let vulnerability = text(value, "id");
    if vulnerability.is_empty() {
        return statements.skip(place, "", "it names no vulnerability");
    }
    let Some(analysis) = value.get("analysis") else {
        return statements.skip(place, vulnerability, "it has no analysis");
    };
    let Some(state) = state(text(analysis, "state")) else {
        let why = format!("`{}` is no state of an analysis", text(analysis, "state"));
        return statements.skip(place, vulnerability, why);
    };
    let products: Vec<Product> = list(value, "affects")
        .iter()
        .flat_map(|affected| products(affected, purls, state))
        .collect();
    if products.is_empty() {
        return statements.skip(place, vulnerability, "it names no component under `affects`");
    }
    let word = text(analysis, "justification");
    let aliases = list(value, "references")
        .iter()
        .map(|reference| text(reference, "id"));
    statements.kept.push(Statement {
        place: place.to_owned(),
        vulnerability: vulnerability.to_owned(),
        aliases: aliases.filter(|id| !id.is_empty()).map(str::to_owned).collect(),
        products,
        state,
        justification: justification(word),
        detail: sentences([text(analysis, "detail"), &word.replace('_', " ")]),
        at: moment(analysis, &["lastUpdated", "firstIssued"])
            .or_else(|| moment(value, &["updated", "published"])),
    });
}

pub(super) fn state(word: &str) -> Option<State> {
    Some(match word {
        "not_affected" => State::NotAffected,
        "false_positive" => State::FalsePositive,
        "resolved" | "resolved_with_pedigree" => State::Fixed,
        "exploitable" => State::Affected,
        "in_triage" => State::UnderInvestigation,
        _ => return None,
    })
}

/// CycloneDX has more words than OpenVEX; each becomes the one that it is a case of.
pub(super) fn justification(word: &str) -> Option<Justification> {
    Some(match word {
        "code_not_present" => Justification::VulnerableCodeNotPresent,
        "code_not_reachable" | "requires_configuration" | "requires_environment" => {
            Justification::VulnerableCodeNotInExecutePath
        }
        "requires_dependency" => Justification::ComponentNotPresent,
        "protected_by_compiler"
        | "protected_at_runtime"
        | "protected_at_perimeter"
        | "protected_by_mitigating_control" => Justification::InlineMitigationsAlreadyExist,
        _ => return None,
    })
}

/// The component with each version that is meant; all of it when no version is told apart.
fn products(affected: &Value, purls: &HashMap<&str, &str>, state: State) -> Vec<Product> {
    let reference = text(affected, "ref");
    if reference.is_empty() {
        return Vec::new();
    }
    let id = purls
        .get(reference)
        .map_or_else(|| ProductId::of(reference), |purl| ProductId::of(purl));
    let plain = |id| Product {
        id,
        subcomponents: Vec::new(),
    };
    let versions = list(affected, "versions");
    let ProductId::Purl { purl, .. } = &id else {
        return vec![plain(id)];
    };
    // What clears a component clears its listed versions, be they called affected (by the code) or not.
    let clears = !matches!(state, State::Affected | State::UnderInvestigation);
    let meant = versions.iter().filter(|version| match text(version, "status") {
        "" | "affected" => true,
        "unaffected" => clears,
        _ => false,
    });
    let ranges: Vec<VersionRange> = meant
        .filter_map(
            |version| match (text(version, "version"), text(version, "range")) {
                ("", range) => VersionRange::read(range),
                (exact, _) => Some(VersionRange::exactly(exact)),
            },
        )
        .collect();
    if versions.is_empty() {
        return vec![plain(id)];
    }
    let bare = without_version(purl);
    ranges
        .into_iter()
        .map(|range| {
            plain(ProductId::Purl {
                purl: bare.clone(),
                range: Some(range),
            })
        })
        .collect()
}

/// The package URL without its version: the list of versions speaks instead.
pub(super) fn without_version(purl: &str) -> String {
    let (before, behind) = match purl.find(['?', '#']) {
        Some(at) => purl.split_at(at),
        None => (purl, ""),
    };
    let package = match before.rfind('@') {
        Some(at) if before.get(..at).is_some_and(|front| !front.ends_with('/')) => {
            before.get(..at).unwrap_or(before)
        }
        _ => before,
    };
    format!("{package}{behind}")
}

/// `urn:cdx:SERIAL/VERSION#REFERENCE`.
pub(super) fn bom_link(text: &str) -> Option<ProductId> {
    let rest = text.strip_prefix("urn:cdx:")?;
    let (document, reference) = rest.split_once('#').unwrap_or((rest, ""));
    let serial = document.split('/').next().unwrap_or_default();
    Some(ProductId::BomLink {
        serial: format!("urn:uuid:{serial}"),
        reference: decoded(reference),
    })
}

/// Percent-encoding undone; what is no encoding stands as it is.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let code = (*byte == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(code) => {
                out.push(code);
                at += 3;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}
