//! What a bill of materials says about its own findings.

use crate::{Inventory, VexStatement, VexStatus, VexSubject, VexVersion};

use super::cyclonedx::{justification, state, without_version};
use super::json::sentences;
use super::{Justification, Product, ProductId, State, Statement, VersionRange};

/// The statements that stand in the document; what has no analysis states nothing.
#[must_use]
pub fn of_inventory(inventory: &Inventory) -> Vec<Statement> {
    let statements = inventory.vulnerabilities.iter().enumerate();
    statements
        .filter_map(|(index, stated)| one(inventory, stated, index))
        .collect()
}

fn one(inventory: &Inventory, stated: &VexStatement, index: usize) -> Option<Statement> {
    let analysis = stated.analysis.as_ref()?;
    let state = analysis
        .state
        .as_deref()
        .and_then(state)
        .or_else(|| analysis.status.map(of_status))?;
    let products: Vec<Product> = stated
        .affects
        .iter()
        .flat_map(|subject| products(inventory, subject, state))
        .collect();
    if stated.id.is_empty() || products.is_empty() {
        return None;
    }
    let word = analysis.justification.as_deref().unwrap_or_default();
    let at = [
        &analysis.last_updated,
        &analysis.first_issued,
        &stated.updated,
        &stated.published,
    ];
    Some(Statement {
        place: format!("/vulnerabilities/{index}"),
        vulnerability: stated.id.clone(),
        aliases: stated.aliases.clone(),
        products,
        state,
        justification: justification(word).or_else(|| Justification::read(word)),
        detail: sentences([
            analysis.detail.as_deref().unwrap_or_default(),
            &word.replace('_', " "),
        ]),
        at: at.into_iter().flatten().find_map(|text| text.parse().ok()),
    })
}

const fn of_status(status: VexStatus) -> State {
    match status {
        VexStatus::NotAffected => State::NotAffected,
        VexStatus::Affected => State::Affected,
        VexStatus::Fixed => State::Fixed,
        VexStatus::UnderInvestigation => State::UnderInvestigation,
    }
}

fn products(inventory: &Inventory, subject: &VexSubject, state: State) -> Vec<Product> {
    let component = subject
        .component
        .and_then(|id| inventory.components.get(id as usize));
    let id = match component.map(|component| component.purl.as_ref()) {
        Some(Some(purl)) => ProductId::of(&purl.to_string()),
        _ => ProductId::of(&subject.reference),
    };
    let plain = |id| Product {
        id,
        subcomponents: Vec::new(),
    };
    let ProductId::Purl { purl, .. } = &id else {
        return vec![plain(id)];
    };
    if subject.versions.is_empty() {
        return vec![plain(id)];
    }
    let clears = !matches!(state, State::Affected | State::UnderInvestigation);
    let meant = subject
        .versions
        .iter()
        .filter(|version| match version.status.as_deref() {
            None | Some("" | "affected") => true,
            Some("unaffected") => clears,
            Some(_) => false,
        });
    let bare = without_version(purl);
    meant
        .filter_map(range)
        .map(|range| {
            plain(ProductId::Purl {
                purl: bare.clone(),
                range: Some(range),
            })
        })
        .collect()
}

fn range(version: &VexVersion) -> Option<VersionRange> {
    match (&version.version, &version.range) {
        (Some(exact), _) => Some(VersionRange::exactly(exact)),
        (None, range) => VersionRange::read(range.as_deref()?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Analysis, Component, Purl};

    #[test]
    fn an_analysis_in_a_bill_of_materials_is_a_statement_about_its_components() {
        let subject = |component, versions: &[&str]| VexSubject {
            reference: "ref".to_owned(),
            component,
            versions: versions
                .iter()
                .map(|version| VexVersion {
                    version: Some((*version).to_owned()),
                    ..VexVersion::default()
                })
                .collect(),
        };
        let stated = |analysis, affects| VexStatement {
            id: "CVE-1".to_owned(),
            analysis,
            affects,
            ..VexStatement::default()
        };
        let not_affected = || {
            Some(Analysis {
                state: Some("not_affected".to_owned()),
                justification: Some("code_not_reachable".to_owned()),
                detail: Some("Never called.".to_owned()),
                last_updated: Some("2026-01-01T00:00:00Z".to_owned()),
                ..Analysis::default()
            })
        };
        let inventory = Inventory {
            components: vec![Component {
                purl: Purl::new("npm", None, "a", Some("1.0.0")).ok(),
                ..Component::default()
            }],
            vulnerabilities: vec![
                stated(not_affected(), vec![subject(Some(0), &[])]),
                stated(None, vec![subject(Some(0), &[])]),
                stated(
                    not_affected(),
                    vec![subject(Some(0), &["1.0.0", "1.1.0"]), subject(None, &[])],
                ),
                stated(not_affected(), Vec::new()),
            ],
            ..Inventory::default()
        };
        let read = of_inventory(&inventory);
        let labels: Vec<Vec<String>> = read
            .iter()
            .map(|statement| {
                statement
                    .products
                    .iter()
                    .map(|product| product.id.label())
                    .collect()
            })
            .collect();
        assert_eq!(
            labels,
            [
                vec!["pkg:npm/a@1.0.0"],
                vec!["pkg:npm/a (1.0.0)", "pkg:npm/a (1.1.0)", "ref"]
            ]
        );
        assert_eq!(
            read[0].justification,
            Some(Justification::VulnerableCodeNotInExecutePath)
        );
        assert_eq!(read[0].at, "2026-01-01T00:00:00Z".parse().ok());
    }
}
