//! `resolved-issues.json`: issues that somebody settled, as waivers.

use std::collections::BTreeMap;

use inventory::Purl;
use serde::Deserialize;

use crate::codes::{Alias, AliasPackage};
use crate::document::read_json;
use crate::{Day, PolicyError, Waiver, WaiverStatus};

/// Codes by which Sandworm blames who asks for a dependency from elsewhere. A rule here blames what comes from there, so
/// that the way to it is one step longer.
const BLAMES_WHO_ASKS: [u16; 3] = [203, 204, 205];

/// Resolutions that one file holds.
const MOST: usize = 5_000;

/// What a file came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Imported {
    /// One for each issue, in the order of the file.
    pub waivers: Vec<Waiver>,
    pub left_out: Vec<LeftOut>,
}

/// A resolution that became no waiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// A JSON pointer.
    pub place: String,
    pub id: String,
    pub why: &'static str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Resolution {
    id: String,
    paths: Vec<String>,
    notes: String,
}

/// What the file itself does not say.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The type of its packages: `npm`.
    pub purl_type: &'a str,
    /// The name of the product, by which Sandworm calls what the product itself asks for.
    pub root: Option<&'a str>,
    /// The last day of the waivers: a risk that is taken needs an end, and Sandworm knows none.
    pub expires_on: Day,
}

/// Reads the file.
///
/// Resolutions of one issue are one waiver with the paths of all. A path that none of them names re-opens the issue, as
/// in Sandworm.
///
/// # Errors
/// When it is no such file; the place is a JSON pointer.
pub fn read_resolved(text: &str, origin: Origin<'_>) -> Result<Imported, PolicyError> {
    let resolutions: Vec<Resolution> = read_json(text)?;
    if resolutions.len() > MOST {
        return Err(PolicyError::new("", format!("more than {MOST} resolutions")));
    }
    let mut imported = Imported::default();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for (index, resolution) in resolutions.iter().enumerate() {
        resolution.check(index)?;
        if let Some(waiver) = known
            .get(&resolution.id)
            .and_then(|position| imported.waivers.get_mut(*position))
        {
            resolution.join(waiver);
            continue;
        }
        match resolution.waiver(index, origin)? {
            Ok(waiver) => {
                known.insert(resolution.id.clone(), imported.waivers.len());
                imported.waivers.push(waiver);
            }
            Err(why) => imported.left_out.push(LeftOut {
                place: format!("/{index}"),
                id: resolution.id.clone(),
                why,
            }),
        }
    }
    Ok(imported)
}

impl Resolution {
    fn check(&self, index: usize) -> Result<(), PolicyError> {
        let error = |key: &str, message: &str| Err(PolicyError::new(format!("/{index}/{key}"), message));
        if self.id.trim().is_empty() {
            return error("id", "a resolution names an issue");
        }
        if self.notes.trim().is_empty() {
            return error("notes", "a resolution needs a reason");
        }
        if self.paths.is_empty() {
            return error("paths", "a resolution without paths settles nothing");
        }
        Ok(())
    }

    fn join(&self, waiver: &mut Waiver) {
        for path in &self.paths {
            if !waiver.paths.contains(path) {
                waiver.paths.push(path.clone());
            }
        }
        let notes = self.notes.trim();
        if !waiver.reason.contains(notes) {
            waiver.reason = format!("{}; {notes}", waiver.reason);
        }
    }

    /// The waiver, or why there is none.
    fn waiver(&self, index: usize, origin: Origin<'_>) -> Result<Result<Waiver, &'static str>, PolicyError> {
        let waiver = Waiver {
            id: self.id.clone(),
            vulnerability: None,
            rule: None,
            license: None,
            purl: None,
            projects: Vec::new(),
            refs: Vec::new(),
            paths: self.paths.clone(),
            status: WaiverStatus::AcceptedRisk,
            justification: None,
            reason: self.notes.trim().to_owned(),
            ticket: None,
            expires_on: Some(origin.expires_on),
            requested_by: None,
            approved_by: None,
            created_at: None,
            pins: Vec::new(),
        };
        let alias = match Alias::read(&self.id) {
            None => {
                return Ok(match self.id.contains('*') {
                    true => Err("a wildcard over advisories would hide what is not known yet"),
                    false => Ok(Waiver {
                        vulnerability: Some(self.id.clone()),
                        ..waiver
                    }),
                });
            }
            Some(alias) => {
                alias.map_err(|error| PolicyError::new(format!("/{index}/id"), error.to_string()))?
            }
        };
        let Some(package) = alias.package else {
            return Ok(Err("it names no package"));
        };
        let number = alias.code.number;
        let paths = match &package.specifier {
            Some(dependency) if BLAMES_WHO_ASKS.contains(&number) => {
                let is_root = origin.root == Some(package.name.as_str());
                let path = |path: &String| match is_root && *path == package.name {
                    true => dependency.clone(),
                    false => format!("{path}>{dependency}"),
                };
                waiver.paths.iter().map(path).collect()
            }
            _ => waiver.paths.clone(),
        };
        Ok(
            of_issue(number, &package, origin.purl_type).map(|(rule, purl)| Waiver {
                rule: Some(rule),
                purl: Some(purl),
                paths,
                ..waiver
            }),
        )
    }
}

/// The rule and the package that an issue is about here.
fn of_issue(number: u16, package: &AliasPackage, kind: &str) -> Result<(String, String), &'static str> {
    if package.version.is_none() && matches!(number, 150 | 151) {
        return Err(
            "a wildcard over versions would hide a later change of the license; name the version, or write a `license.exceptions` entry",
        );
    }
    if number == 106 {
        return Err("whole expressions are judged here, so that there is no such issue");
    }
    let (name, version) = match &package.specifier {
        Some(dependency) if BLAMES_WHO_ASKS.contains(&number) => (dependency, None),
        _ => (&package.name, package.version.as_deref()),
    };
    let (namespace, bare) = match name.split_once('/') {
        Some((scope, bare)) => (Some(scope), bare),
        None => (None, name.as_str()),
    };
    let purl = Purl::new(kind, namespace, bare, version)
        .map_err(|_| "its package has a name that no package can have")?;
    Ok((format!("SWRM-{number}"), purl.to_string()))
}
