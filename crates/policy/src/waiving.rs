//! Which waiver speaks of which matter, and how well it holds.

use std::collections::{BTreeSet, HashMap};

use advisories::Class;
use inventory::Purl;
use sha2::{Digest, Sha256};

use crate::codes::{Alias, AliasPackage};
use crate::glob::matches_glob;
use crate::purls::{PurlPattern, package_key};
use crate::{AppliedWaiver, Day, Finding, Subject, Waiver, WaiverPolicy, Waivers, WaysIn};

/// Something that a rule matched, or a finding that is only listed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Matter<'a> {
    pub rule: Option<&'a str>,
    pub finding: Option<&'a Finding>,
    pub purl: Option<&'a str>,
    pub license: Option<&'a str>,
    /// The ways to a component that is no finding.
    pub ways: Option<&'a WaysIn>,
}

/// What a finding looks like to someone who waives it: class, severity, fix, known exploitation.
/// When one of them changes, the pin does.
#[must_use]
pub fn pin_of(finding: &Finding) -> String {
    let fixable = finding.fix.version.is_some();
    digest(&format!(
        "{:?}|{:?}|{fixable}|{}",
        finding.class,
        finding.severity.level,
        finding.kev == Some(true)
    ))
}

/// The pin of a license: another expression is another matter.
#[must_use]
pub fn pin_of_license(expression: &str) -> String {
    digest(&format!("license|{expression}"))
}

/// Whether a waiver speaks of a finding, whatever the rule that matches it and wherever it is.
#[must_use]
pub fn waives_finding(waiver: &Waiver, finding: &Finding) -> bool {
    let anywhere = Waiver {
        rule: None,
        ..waiver.clone()
    };
    let Some(prepared) = prepare(&anywhere).filter(|_| waiver.license.is_none()) else {
        return false;
    };
    let matter = Matter {
        rule: None,
        finding: Some(finding),
        purl: Some(finding.component.purl.as_str()),
        license: None,
        ways: None,
    };
    prepared.names(&matter, Package::read(&finding.component.purl).as_ref())
}

fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text)).chars().take(16).collect()
}

/// The waivers that speak of the subject's project and ref, indexed by what they name.
pub(crate) struct Waiving<'a> {
    waivers: Vec<Prepared<'a>>,
    by_vulnerability: HashMap<String, Vec<usize>>,
    by_package: HashMap<String, Vec<usize>>,
    by_license: HashMap<String, Vec<usize>>,
    by_rule: HashMap<String, Vec<usize>>,
    /// Whether any of them names a purl, so that purls must be read at all.
    name_purls: bool,
    today: Day,
    /// Whether a second person must have approved.
    four_eyes: bool,
    found: Found,
}

struct Prepared<'a> {
    waiver: &'a Waiver,
    purl: Option<PurlPattern>,
    /// Canonical, so that `GPL-3.0` meets `GPL-3.0-only`.
    license: Option<String>,
    /// The rules that its `rule` names: one, or those of Sandworm's code.
    rules: Vec<&'a str>,
    /// The package of one issue of Sandworm's.
    issue: Option<AliasPackage>,
    paths: Vec<Vec<&'a str>>,
}

/// A component's purl, taken apart once for all the waivers that it is held against.
struct Package {
    purl: Purl,
    name: String,
    key: String,
}

impl Package {
    fn read(text: &str) -> Option<Self> {
        let purl: Purl = text.parse().ok()?;
        let name = purl.package_name();
        Some(Self {
            key: package_key(purl.kind(), &name),
            purl,
            name,
        })
    }

    fn is_met_by(&self, pattern: &PurlPattern) -> bool {
        pattern.matches_named(&self.purl, &self.name)
    }
}

/// What became of the waivers, by position.
#[derive(Default)]
struct Found {
    applied: Vec<(usize, Option<String>, Option<String>)>,
    expired: BTreeSet<usize>,
    stale: BTreeSet<usize>,
    unapproved: BTreeSet<usize>,
}

/// The end of the judgement, from the waivers' side.
pub(crate) struct Outcome {
    pub waivers: Waivers,
    /// Ids and last days of waivers that hold for at most 14 days more.
    pub expiring: Vec<(String, Day)>,
}

impl<'a> Waiving<'a> {
    pub(crate) fn new(policy: &WaiverPolicy, subject: &Subject<'a>) -> Self {
        let mut waivers: Vec<Prepared<'a>> = subject
            .waivers
            .iter()
            .filter(|waiver| concerns(waiver, subject))
            .filter_map(prepare)
            .collect();
        waivers.sort_by(|a, b| a.waiver.id.cmp(&b.waiver.id));
        let mut waiving = Self {
            waivers: Vec::new(),
            by_vulnerability: HashMap::new(),
            by_package: HashMap::new(),
            by_license: HashMap::new(),
            by_rule: HashMap::new(),
            name_purls: waivers
                .iter()
                .any(|waiver| waiver.purl.is_some() || waiver.issue.is_some()),
            today: Day::of(subject.now),
            four_eyes: policy.four_eyes,
            found: Found::default(),
        };
        for (index, waiver) in waivers.iter().enumerate() {
            waiving.index(index, waiver);
        }
        waiving.waivers = waivers;
        waiving
    }

    /// Under the one thing by which the waiver is met most seldom.
    fn index(&mut self, index: usize, prepared: &Prepared<'_>) {
        let waiver = prepared.waiver;
        let package = prepared.purl.as_ref().and_then(PurlPattern::key);
        if waiver.vulnerability.is_none() && package.is_none() && prepared.license.is_none() {
            for rule in &prepared.rules {
                self.by_rule.entry((*rule).to_owned()).or_default().push(index);
            }
            return;
        }
        let bucket = if let Some(id) = &waiver.vulnerability {
            self.by_vulnerability.entry(id.to_ascii_lowercase()).or_default()
        } else if let Some(package) = package {
            self.by_package.entry(package).or_default()
        } else if let Some(license) = &prepared.license {
            self.by_license.entry(license.clone()).or_default()
        } else {
            return;
        };
        bucket.push(index);
    }

    /// The waiver that holds for the matter; remembers which one it was, or which would have been.
    pub(crate) fn waives(&mut self, matter: Matter<'_>) -> Option<&'a Waiver> {
        if self.waivers.is_empty() {
            return None;
        }
        let package = matter.purl.filter(|_| self.name_purls).and_then(Package::read);
        for index in self.candidates(&matter, package.as_ref()) {
            let Some(prepared) = self
                .waivers
                .get(index)
                .filter(|waiver| waiver.names(&matter, package.as_ref()))
            else {
                continue;
            };
            let waiver = prepared.waiver;
            if waiver.expires_on.is_some_and(|last| self.today > last) {
                self.found.expired.insert(index);
            } else if self.four_eyes && !waiver.is_approved_by_another() {
                self.found.unapproved.insert(index);
            } else if prepared.is_stale(&matter) {
                self.found.stale.insert(index);
            } else {
                let finding = matter.finding.map(|finding| finding.id.clone());
                let component = if finding.is_none() {
                    matter.purl.map(str::to_owned)
                } else {
                    None
                };
                self.found.applied.push((index, finding, component));
                return Some(waiver);
            }
        }
        None
    }

    /// Positions of waivers that could speak of the matter, in the order of their ids.
    fn candidates(&self, matter: &Matter<'_>, package: Option<&Package>) -> Vec<usize> {
        let of_package = package.and_then(|package| self.by_package.get(&package.key));
        let of_license = matter.license.and_then(|license| self.by_license.get(license));
        let of_rule = matter.rule.and_then(|rule| self.by_rule.get(rule));
        let ids = matter
            .finding
            .into_iter()
            .flat_map(|finding| std::iter::once(&finding.canonical).chain(&finding.aliases));
        let of_ids = ids.filter_map(|id| self.by_vulnerability.get(&id.to_ascii_lowercase()));
        let buckets = of_ids.chain(of_package).chain(of_license).chain(of_rule);
        let mut candidates: Vec<usize> = buckets.flatten().copied().collect();
        candidates.sort_unstable();
        candidates.dedup();
        candidates
    }

    pub(crate) fn finish(self) -> Outcome {
        let mut applied: Vec<AppliedWaiver> = Vec::new();
        let mut used = BTreeSet::new();
        for (index, finding, purl) in &self.found.applied {
            used.insert(*index);
            applied.extend(self.entry(*index).map(|entry| AppliedWaiver {
                finding: finding.clone(),
                purl: purl.clone(),
                ..entry
            }));
        }
        applied.sort_by(|a, b| (&a.id, &a.finding, &a.purl).cmp(&(&b.id, &b.finding, &b.purl)));
        let unused = (0..self.waivers.len()).filter(|index| self.is_unused(*index, &used));
        let entries =
            |indexes: &BTreeSet<usize>| indexes.iter().filter_map(|index| self.entry(*index)).collect();
        let waivers = Waivers {
            unused: unused.filter_map(|index| self.entry(index)).collect(),
            expired: entries(&self.found.expired),
            stale: entries(&self.found.stale),
            unapproved: entries(&self.found.unapproved),
            applied,
        };
        Outcome {
            waivers,
            expiring: self.expiring(&used),
        }
    }

    fn expiring(&self, used: &BTreeSet<usize>) -> Vec<(String, Day)> {
        let waivers = used
            .iter()
            .filter_map(|index| self.waivers.get(*index))
            .map(|prepared| prepared.waiver);
        let dated = waivers.filter_map(|waiver| Some((waiver.id.clone(), waiver.expires_on?)));
        dated
            .filter(|(_, last)| last.days_since(self.today) <= 14)
            .collect()
    }

    /// It holds today and nothing called for it.
    fn is_unused(&self, index: usize, used: &BTreeSet<usize>) -> bool {
        let Some(prepared) = self.waivers.get(index) else {
            return false;
        };
        let over = prepared.waiver.expires_on.is_some_and(|last| self.today > last);
        let called_for = [&self.found.stale, &self.found.unapproved]
            .iter()
            .any(|found| found.contains(&index));
        !over && !used.contains(&index) && !called_for
    }

    fn entry(&self, index: usize) -> Option<AppliedWaiver> {
        let waiver = self.waivers.get(index)?.waiver;
        Some(AppliedWaiver {
            id: waiver.id.clone(),
            reason: waiver.reason.clone(),
            finding: None,
            expires_on: waiver.expires_on.map(|day| day.to_string()),
            purl: None,
            status: Some(waiver.status),
        })
    }
}

/// Whether the waiver is for this project and ref.
fn concerns(waiver: &Waiver, subject: &Subject<'_>) -> bool {
    let projects = &waiver.projects;
    let project = projects.is_empty() || projects.iter().any(|name| name == subject.project);
    let refs = &waiver.refs;
    project && (refs.is_empty() || refs.iter().any(|name| matches_glob(name, subject.reference)))
}

/// The rules that a waiver's `rule` means, and the package where it is the id of one issue. `None` for an alias that
/// means none: a waiver with it waives nothing.
fn named_rules(rule: &str) -> Option<(Vec<&str>, Option<AliasPackage>)> {
    match Alias::read(rule) {
        None => Some((vec![rule], None)),
        Some(Ok(alias)) => Some((alias.code.rules.to_vec(), alias.package)),
        Some(Err(_)) => None,
    }
}

/// `None` for a waiver that names no vulnerability, rule or license, or a purl that cannot be read: it waives nothing.
fn prepare(waiver: &Waiver) -> Option<Prepared<'_>> {
    if waiver.vulnerability.is_none() && waiver.rule.is_none() && waiver.license.is_none() {
        return None;
    }
    let purl = match &waiver.purl {
        Some(text) => Some(text.parse().ok()?),
        None => None,
    };
    let license = waiver.license.as_deref().map(canonical_license);
    let paths = waiver
        .paths
        .iter()
        .map(|path| path.split('>').map(str::trim).collect())
        .collect();
    let (rules, issue) = match waiver.rule.as_deref() {
        None => (Vec::new(), None),
        Some(rule) => named_rules(rule)?,
    };
    Some(Prepared {
        waiver,
        purl,
        license,
        rules,
        issue,
        paths,
    })
}

fn canonical_license(text: &str) -> String {
    licenses::read(text)
        .expression()
        .map_or_else(|| text.to_owned(), ToString::to_string)
}

impl Prepared<'_> {
    /// Whether everything that the waiver names holds for the matter.
    fn names(&self, matter: &Matter<'_>, package: Option<&Package>) -> bool {
        self.names_vulnerability(matter)
            && (self.rules.is_empty() || self.rules.iter().any(|rule| matter.rule == Some(*rule)))
            && self.issue.as_ref().is_none_or(|issue| {
                package.is_some_and(|package| issue.is_of(&package.name, package.purl.version()))
            })
            && self
                .license
                .as_deref()
                .is_none_or(|license| matter.license == Some(license))
            && self
                .purl
                .as_ref()
                .is_none_or(|pattern| package.is_some_and(|package| package.is_met_by(pattern)))
            && self.names_all_paths(matter)
    }

    /// Malware is waived by its id or not at all.
    fn names_vulnerability(&self, matter: &Matter<'_>) -> bool {
        match (&self.waiver.vulnerability, matter.finding) {
            (Some(id), Some(finding)) => {
                let mut ids = std::iter::once(&finding.canonical).chain(&finding.aliases);
                ids.any(|other| other.eq_ignore_ascii_case(id))
            }
            (Some(_), None) => false,
            (None, finding) => finding.is_none_or(|finding| finding.class != Class::Malicious),
        }
    }

    /// With paths named, every path of the finding is named: a path that nobody saw re-opens it.
    fn names_all_paths(&self, matter: &Matter<'_>) -> bool {
        if self.paths.is_empty() {
            return true;
        }
        let (paths, count) = match (matter.finding, matter.ways) {
            (Some(finding), _) => (&finding.paths, finding.path_count),
            (None, Some(ways)) => (&ways.paths, ways.count),
            (None, None) => return false,
        };
        let all_known = !paths.is_empty() && u64::try_from(paths.len()).is_ok_and(|shown| shown >= count);
        all_known
            && paths
                .iter()
                .all(|path| self.paths.iter().any(|named| is_same_path(named, path)))
    }

    fn is_stale(&self, matter: &Matter<'_>) -> bool {
        let pin = match (matter.finding, matter.license) {
            (Some(finding), _) => pin_of(finding),
            (None, Some(license)) => pin_of_license(license),
            (None, None) => return false,
        };
        !self.waiver.pins.is_empty() && !self.waiver.pins.contains(&pin)
    }
}

/// Steps with a version are equal, steps without one (`name`) meet every version.
fn is_same_path(named: &[&str], path: &[String]) -> bool {
    named.len() == path.len()
        && named
            .iter()
            .zip(path)
            .all(|(step, actual)| is_same_step(step, actual))
}

fn is_same_step(named: &str, actual: &str) -> bool {
    let name = actual
        .rfind('@')
        .filter(|at| *at > 0)
        .and_then(|at| actual.get(..at));
    named == actual || name == Some(named)
}
