//! Assessments of vulnerabilities (`security_*`): VEX and scores.

use std::collections::BTreeMap;

use super::model::Element;
use super::{Elements, objects, str_of, strs_of};
use crate::formats::lenient::{Field, Number};
use crate::formats::{LONGEST_TEXT, LONGEST_VALUE, cut};
use crate::{Analysis, Rating, VexStatement, VexStatus, VexSubject};

/// One statement for each assessment, and one for each vulnerability that has none.
pub(super) fn statements(elements: &Elements<'_, '_>) -> Vec<VexStatement> {
    let ratings = ratings(elements);
    let mut statements = Vec::new();
    let mut assessed = std::collections::HashSet::new();
    for (_, element) in &elements.list {
        let Some((status, state)) = status(element.kind()) else {
            continue;
        };
        let Some(vulnerability) = str_of(&element.from) else {
            continue;
        };
        assessed.insert(vulnerability);
        let mut statement = about(elements, vulnerability, &ratings);
        statement.analysis = Some(Analysis {
            status: Some(status),
            state: Some(state.to_owned()),
            justification: kept(str_of(&element.justification), LONGEST_VALUE),
            detail: kept(
                str_of(&element.impact_statement).or_else(|| str_of(&element.status_notes)),
                LONGEST_TEXT,
            ),
            ..Analysis::default()
        });
        statement.recommendation = kept(str_of(&element.action_statement), LONGEST_TEXT);
        statement.affects = strs_of(&element.to).map(subject).collect();
        statements.push(statement);
    }
    for (_, element) in &elements.list {
        let id = element
            .id()
            .filter(|_| element.kind() == "security_Vulnerability");
        if let Some(id) = id.filter(|id| !assessed.contains(id)) {
            statements.push(about(elements, id, &ratings));
        }
    }
    statements
}

fn status(kind: &str) -> Option<(VexStatus, &'static str)> {
    Some(match kind {
        "security_VexNotAffectedVulnAssessmentRelationship" => (VexStatus::NotAffected, "not_affected"),
        "security_VexAffectedVulnAssessmentRelationship" => (VexStatus::Affected, "affected"),
        "security_VexFixedVulnAssessmentRelationship" => (VexStatus::Fixed, "fixed"),
        "security_VexUnderInvestigationVulnAssessmentRelationship" => {
            (VexStatus::UnderInvestigation, "under_investigation")
        }
        _ => return None,
    })
}

fn kept(text: Option<&str>, most: usize) -> Option<String> {
    text.map(|text| cut(text, most).to_owned())
}

fn subject(id: &str) -> VexSubject {
    VexSubject {
        reference: cut(id, LONGEST_VALUE).to_owned(),
        ..VexSubject::default()
    }
}

/// What is known of a vulnerability: its name is the CVE among its identifiers, or its own.
fn about(elements: &Elements<'_, '_>, id: &str, ratings: &BTreeMap<&str, Vec<Rating>>) -> VexStatement {
    let Some(element) = elements.get(id) else {
        return VexStatement {
            id: cut(id, LONGEST_VALUE).to_owned(),
            ..VexStatement::default()
        };
    };
    let mut names: Vec<&str> = objects(&element.external_identifiers)
        .filter_map(|identifier| str_of(&identifier.identifier))
        .collect();
    names.sort_by_key(|name| !name.starts_with("CVE-"));
    names.extend(str_of(&element.name));
    names.dedup();
    let mut names = names.into_iter().map(|name| cut(name, LONGEST_VALUE).to_owned());
    VexStatement {
        id: names.next().unwrap_or_else(|| cut(id, LONGEST_VALUE).to_owned()),
        aliases: names.take(100).collect(),
        ratings: ratings.get(id).cloned().unwrap_or_default(),
        description: kept(
            str_of(&element.description).or_else(|| str_of(&element.summary)),
            LONGEST_TEXT,
        ),
        published: kept(str_of(&element.published), LONGEST_VALUE),
        updated: kept(str_of(&element.modified), LONGEST_VALUE),
        ..VexStatement::default()
    }
}

/// Scores by the vulnerability that they are given to.
fn ratings<'d>(elements: &Elements<'d, '_>) -> BTreeMap<&'d str, Vec<Rating>> {
    let mut ratings: BTreeMap<&str, Vec<Rating>> = BTreeMap::new();
    for (_, element) in &elements.list {
        let (Some(method), Some(vulnerability)) = (method(element), str_of(&element.from)) else {
            continue;
        };
        let list = ratings.entry(vulnerability).or_default();
        if list.len() < 100 {
            list.push(Rating {
                score: match element.score {
                    Field::Is(Number(score)) => Some(score),
                    _ => None,
                },
                severity: kept(str_of(&element.severity), LONGEST_VALUE),
                method: Some(method.to_owned()),
                vector: kept(str_of(&element.vector), LONGEST_VALUE),
                ..Rating::default()
            });
        }
    }
    ratings
}

fn method(element: &Element<'_>) -> Option<&'static str> {
    Some(match element.kind() {
        "security_CvssV2VulnAssessmentRelationship" => "CVSSv2",
        "security_CvssV3VulnAssessmentRelationship" => "CVSSv3",
        "security_CvssV4VulnAssessmentRelationship" => "CVSSv4",
        "security_SsvcVulnAssessmentRelationship" => "SSVC",
        _ => return None,
    })
}
