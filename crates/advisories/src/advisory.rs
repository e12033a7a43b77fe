//! From a published record to what the store keeps: one advisory, and one entry for each package.

use std::collections::BTreeSet;
use std::collections::HashMap;

use clock::Timestamp;
use ecosystems::Ecosystem;

use crate::entry::{Claim, Entry, Stance};
use crate::identity::{class, is_distribution, is_native, needs_release, orders_as_semver, split_ecosystem};
use crate::osv::{self, Record};
use crate::range::{self, Bound, Ending, Range};
use crate::severity::{Ratings, rate};
use crate::subject::MODULAR_BUILD;
use crate::{Class, Severity, SeverityRating, UndeterminedReason};

/// The longest summary that an entry carries, in characters.
const SUMMARY_LIMIT: usize = 240;

/// A record, compiled.
#[derive(Clone, Debug, PartialEq)]
pub struct Advisory {
    pub id: String,
    pub modified: Timestamp,
    pub published: Option<Timestamp>,
    pub withdrawn: Option<Timestamp>,
    pub aliases: Vec<String>,
    pub related: Vec<String>,
    pub upstream: Vec<String>,
    /// The summary, or the first line of the details where a database writes none.
    pub summary: String,
    pub details: Option<String>,
    /// `(type, address)`.
    pub references: Vec<(String, String)>,
    pub cwes: Vec<String>,
    /// One for each package, in the order of the record.
    pub packages: Vec<AdvisoryPackage>,
}

/// What a record says about one package; several `affected[]` of a package are one.
#[derive(Clone, Debug, PartialEq)]
pub struct AdvisoryPackage {
    /// The OSV name without suffix: `npm`, `Debian`. Each claim of the entry says for which release it is.
    pub ecosystem: String,
    /// Normalised as the ecosystem does.
    pub name: String,
    pub entry: Entry,
}

/// A defect of a record that did not keep it from being compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Where, as a JSON pointer into the record: `/affected/0/ranges/1`.
    pub place: String,
    pub message: String,
}

impl Advisory {
    /// Compiles a record; nothing in it can make this fail.
    #[must_use]
    pub fn compile(record: &Record) -> (Self, Vec<Note>) {
        let mut compiler = Compiler::new(record);
        for (index, affected) in record.affected.iter().enumerate() {
            compiler.add(index, affected);
        }
        let (packages, notes) = compiler.finish();
        let details = (!record.details.is_empty()).then(|| record.details.clone());
        let references = record.references.iter();
        let advisory = Self {
            id: record.id.clone(),
            modified: record.modified,
            published: record.published,
            withdrawn: record.withdrawn,
            aliases: record.aliases.clone(),
            related: record.related.clone(),
            upstream: record.upstream.clone(),
            summary: summary(record),
            details,
            references: references.map(|r| (r.kind.clone(), r.url.clone())).collect(),
            cwes: record.database_specific.cwe_ids.clone(),
            packages,
        };
        (advisory, notes)
    }
}

fn summary(record: &Record) -> String {
    let lines = record.details.lines();
    let mut lines = lines.map(|line| line.trim_start_matches('#').trim());
    let text = match record.summary.trim() {
        "" => lines.find(|line| !line.is_empty()).unwrap_or_default(),
        text => text,
    };
    text.chars().take(SUMMARY_LIMIT).collect()
}

/// Gathers the packages of one record.
struct Compiler<'r> {
    record: &'r Record,
    ratings: Ratings,
    packages: Vec<AdvisoryPackage>,
    /// (ecosystem, name) → index in `packages`.
    places: HashMap<(&'r str, String), usize>,
    notes: Vec<Note>,
}

impl<'r> Compiler<'r> {
    fn new(record: &'r Record) -> Self {
        let ratings = rate(&record.severity);
        let mut compiler = Self {
            record,
            packages: Vec::new(),
            places: HashMap::new(),
            notes: Vec::new(),
            ratings,
        };
        for message in std::mem::take(&mut compiler.ratings.remarks) {
            compiler.note("/severity".to_owned(), message);
        }
        compiler
    }

    fn note(&mut self, place: String, message: String) {
        self.notes.push(Note { place, message });
    }

    fn add(&mut self, index: usize, affected: &'r osv::Affected) {
        let Some(package) = &affected.package else {
            return self.note(format!("/affected/{index}"), "no package is named".to_owned());
        };
        let ecosystem = ecosystems::by_name(&package.ecosystem);
        let name = match ecosystem {
            Some(ecosystem) => ecosystem.normalize(&package.name).into_owned(),
            None => package.name.clone(),
        };
        let (base, release) = split_ecosystem(&package.ecosystem);
        let site = Site {
            base,
            release,
            ecosystem,
        };
        let claim = self.claim(index, affected, &site);
        let place = self.place(name, &site, affected);
        if let Some(package) = self.packages.get_mut(place) {
            package.entry.vectors.extend(rate(&affected.severity).vectors);
            package.entry.claims.push(claim);
        }
    }

    /// The index of the package's entry, which is made at its first mention.
    fn place(&mut self, name: String, site: &Site<'r>, affected: &osv::Affected) -> usize {
        let next = self.packages.len();
        let place = *self.places.entry((site.base, name.clone())).or_insert(next);
        if place == next {
            self.packages.push(AdvisoryPackage {
                ecosystem: site.base.to_owned(),
                name,
                entry: self.empty_entry(site.base, affected),
            });
        }
        place
    }

    fn empty_entry(&self, base: &str, affected: &osv::Affected) -> Entry {
        let record = self.record;
        let informational = affected.database_specific.informational.as_deref();
        Entry {
            id: record.id.clone(),
            aliases: record.aliases.clone(),
            upstream: record.upstream.clone(),
            concerns: concerns(base, record),
            modified: record.modified,
            published: record.published,
            withdrawn: record.withdrawn.is_some(),
            native: is_native(base, &record.id),
            class: class(&record.id, informational),
            summary: summary(record),
            rating: self.rating(base, affected),
            vectors: self.ratings.vectors.clone(),
            claims: Vec::new(),
        }
    }

    /// The record's rating (`matching.md` §2.9): vectors first, but a distribution's own word before all.
    fn rating(&self, base: &str, affected: &osv::Affected) -> SeverityRating {
        if class(&self.record.id, None) == Class::Malicious {
            return malicious();
        }
        let vendor = self.vendor_rating(base, affected);
        let general = self.record.database_specific.severity.as_deref();
        let general = general
            .map(SeverityRating::in_words)
            .filter(SeverityRating::is_known);
        let vector = self.ratings.rating.clone();
        let rating = if is_distribution(base) {
            vendor.or(vector).or(general)
        } else {
            vector.or(general).or(vendor)
        };
        rating.unwrap_or_default()
    }

    /// What the database of the ecosystem itself says in words, about this package before all.
    fn vendor_rating(&self, base: &str, affected: &osv::Affected) -> Option<SeverityRating> {
        let specific = &affected.ecosystem_specific;
        let words = [&specific.severity, &specific.ubuntu_priority, &specific.urgency];
        let mut words = words
            .into_iter()
            .flatten()
            .map(|word| SeverityRating::in_words(word));
        let scored = || {
            let own = rate(&affected.severity).word;
            own.or_else(|| self.ratings.word.clone())
        };
        words
            .find(SeverityRating::is_known)
            .or_else(|| scored().filter(|_| is_distribution(base)))
            .or_else(|| rated_in_title(base, &self.record.summary))
            .filter(SeverityRating::is_known)
    }

    /// The rating of one `affected[]` alone, where it differs from that of the record.
    fn claim_rating(&self, base: &str, affected: &osv::Affected, rated: Ratings) -> Option<SeverityRating> {
        if !is_distribution(base) {
            return rated.rating;
        }
        match self.vendor_rating(base, affected) {
            Some(vendor) => Some(vendor),
            None => rated.rating,
        }
    }

    fn claim(&mut self, index: usize, affected: &osv::Affected, site: &Site<'_>) -> Claim {
        let place = format!("/affected/{index}");
        let mut rated = rate(&affected.severity);
        for message in std::mem::take(&mut rated.remarks) {
            self.note(format!("{place}/severity"), message);
        }
        let (ranges, fixed, has_end) = self.ranges(&place, affected, site);
        let ceiling = match site.ecosystem {
            Some(ecosystem) if !has_end && !ranges.is_empty() => self.ceiling(&place, affected, ecosystem),
            _ => None,
        };
        let affects = &affected.ecosystem_specific.affects;
        let mut claim = Claim {
            release: site.release(),
            module: site.module(&fixed, &self.record.summary),
            restricted: site.is_restricted(),
            stance: stance(site.base, &affected.ecosystem_specific),
            git_only: ranges.is_empty() && affected.versions.is_empty() && !affected.ranges.is_empty(),
            ranges,
            fixed: ascending(fixed),
            ceiling,
            rating: self.claim_rating(site.base, affected, rated),
            arch: affects.arch.clone(),
            os: affects.os.clone(),
            functions: affects.functions.clone(),
            ..Claim::default()
        };
        list_versions(&mut claim, &affected.versions, site.ecosystem);
        claim
    }

    /// The ranges that are not of commits, their fixed versions, and whether one of them ends.
    fn ranges(
        &mut self,
        place: &str,
        affected: &osv::Affected,
        site: &Site<'_>,
    ) -> (Vec<Range>, Vec<Bound>, bool) {
        let mut ranges = Vec::new();
        let mut fixed = Vec::new();
        let mut has_end = false;
        for (index, range) in affected.ranges.iter().enumerate() {
            if range.kind == "GIT" {
                continue;
            }
            let compiled = site.compile(range);
            for remark in compiled.remarks {
                self.note(format!("{place}/ranges/{index}"), remark);
            }
            has_end |= compiled.has_end;
            fixed.extend(compiled.fixed);
            ranges.push(compiled.range);
        }
        (ranges, fixed, has_end)
    }

    fn ceiling(
        &mut self,
        place: &str,
        affected: &osv::Affected,
        ecosystem: &dyn Ecosystem,
    ) -> Option<(Ending, Bound)> {
        if !self.record.id.starts_with("GHSA-") {
            return None;
        }
        let text = &affected.database_specific.last_known_affected_version_range;
        let text = text.as_deref()?;
        let ceiling = range::parse_end(ecosystem, text);
        if ceiling.is_none() {
            self.note(
                format!("{place}/database_specific"),
                format!("the bound `{text}` cannot be read"),
            );
        }
        ceiling
    }

    fn finish(mut self) -> (Vec<AdvisoryPackage>, Vec<Note>) {
        for package in &mut self.packages {
            let entry = &mut package.entry;
            keep_first_builds(&mut entry.claims);
            let mut seen = BTreeSet::new();
            entry.vectors.retain(|vector| seen.insert(vector.clone()));
            // What all claims say is the record's own rating already.
            for claim in &mut entry.claims {
                claim.rating = claim.rating.take().filter(|rating| *rating != entry.rating);
            }
        }
        (self.packages, self.notes)
    }
}

/// Malware carries no vector; its class is its severity.
pub(crate) fn malicious() -> SeverityRating {
    SeverityRating {
        level: Severity::Critical,
        ..SeverityRating::default()
    }
}

fn ascending(mut bounds: Vec<Bound>) -> Vec<Bound> {
    bounds.sort_by(|a, b| a.key.cmp(&b.key));
    bounds.dedup_by(|a, b| a.key == b.key);
    bounds
}

/// The CVEs that an erratum names as related: distributions of RPM packages write no other link to them.
fn concerns(base: &str, record: &Record) -> Vec<String> {
    if !is_distribution(base) || !record.upstream.is_empty() {
        return Vec::new();
    }
    let related = record.related.iter().filter(|id| id.starts_with("CVE-"));
    related.cloned().collect()
}

/// `Important: openssl security update`: errata of RPM distributions begin with the vendor's rating.
fn rated_in_title(base: &str, title: &str) -> Option<SeverityRating> {
    let ecosystem = ecosystems::by_name(base)?;
    let (word, _) = title.split_once(':')?;
    (ecosystem.purl_type() == "rpm" && word.len() <= 9).then(|| SeverityRating::in_words(word))
}

/// What Debian's tracker says beyond versions; OSV's export keeps the urgency alone.
fn stance(base: &str, specific: &osv::EcosystemSpecific) -> Option<Stance> {
    if base != "Debian" {
        return None;
    }
    match specific.urgency.as_deref() {
        Some("unimportant") => return Some(Stance::Negligible),
        Some("end-of-life") => return Some(Stance::Unsupported),
        _ => {}
    }
    match (specific.status.as_deref(), specific.nodsa_reason.as_deref()) {
        (Some("undetermined"), _) => Some(Stance::UnderInvestigation),
        (Some("open"), Some("ignored")) => Some(Stance::WontFix),
        (Some("open"), Some(_)) => Some(Stance::Deferred),
        _ => None,
    }
}

/// One erratum lists every build of a module's package, which differ in nothing but the platform that they
/// were built for: whoever has the first one is mended.
fn keep_first_builds(claims: &mut Vec<Claim>) {
    let mut first: Vec<Claim> = Vec::with_capacity(claims.len());
    for claim in claims.drain(..) {
        let same = first.iter_mut().find(|other| is_same_build(other, &claim));
        match same {
            None => first.push(claim),
            Some(other) => {
                let sooner = claim.fixed.first().zip(other.fixed.first());
                if sooner.is_some_and(|(new, old)| new.key < old.key) {
                    *other = claim;
                }
            }
        }
    }
    *claims = first;
}

fn is_same_build(one: &Claim, other: &Claim) -> bool {
    let built = |claim: &Claim| {
        let [fixed] = claim.fixed.as_slice() else {
            return None;
        };
        let (build, _) = fixed.text.split_once(MODULAR_BUILD)?;
        Some(build.to_owned())
    };
    one.release == other.release
        && one.module.is_some()
        && one.ranges.len() == 1
        && other.ranges.len() == 1
        && built(one).is_some_and(|build| built(other) == Some(build))
}

/// Where one `affected[]` stands.
struct Site<'a> {
    base: &'a str,
    release: Option<&'a str>,
    ecosystem: Option<&'static dyn Ecosystem>,
}

impl Site<'_> {
    /// The release in its one form. A suffix that names none keeps its own words, which no host says.
    fn release(&self) -> Option<String> {
        let release = self.release?;
        let distribution = self.ecosystem?.distribution();
        let known = distribution.and_then(|distribution| distribution.release(release));
        Some(known.unwrap_or_else(|| release.to_owned()))
    }

    fn is_restricted(&self) -> bool {
        let distribution = self.ecosystem.and_then(Ecosystem::distribution);
        let restricted = distribution.zip(self.release);
        restricted.is_some_and(|(distribution, release)| distribution.is_restricted(release))
    }

    /// `nodejs:14` of `Important: nodejs:14 security update` when what is fixed are builds of a module.
    fn module(&self, fixed: &[Bound], title: &str) -> Option<String> {
        let modular = fixed.iter().any(|fixed| fixed.text.contains(MODULAR_BUILD));
        if !modular || self.ecosystem?.purl_type() != "rpm" {
            return None;
        }
        let is_stream = |word: &&str| {
            let parts = word.split_once(':');
            parts.is_some_and(|(module, stream)| !module.is_empty() && !stream.is_empty())
        };
        let stream = title.split_whitespace().find(is_stream);
        Some(stream.unwrap_or_default().to_owned())
    }

    fn compile(&self, range: &osv::Range) -> range::Compiled {
        let unknown = |detail: String| range::Compiled {
            range: Range::Unknown(UndeterminedReason::UnsupportedEcosystem, detail),
            fixed: Vec::new(),
            has_end: true,
            remarks: Vec::new(),
        };
        match self.ecosystem {
            None => unknown(format!("versions of {} cannot be compared yet", self.base)),
            Some(_) if needs_release(self.base) && self.release.is_none() => unknown(format!(
                "the record does not say which {} release it means",
                self.base
            )),
            Some(_) if range.kind == "SEMVER" && !orders_as_semver(self.base) => {
                unknown(format!("{} does not order its versions as SemVer", self.base))
            }
            Some(_) if range.kind != "SEMVER" && range.kind != "ECOSYSTEM" => {
                unknown(format!("ranges of type `{}` are not known", range.kind))
            }
            Some(ecosystem) => range::compile(ecosystem, range),
        }
    }
}

/// Keeps the listed versions that the ranges do not cover: a handful of the 139,372 that PYSEC records list.
fn list_versions(claim: &mut Claim, versions: &[String], ecosystem: Option<&'static dyn Ecosystem>) {
    for text in versions {
        let keys = ecosystem.and_then(|e| Some((e.key(text).ok()?, e.public_key(text).ok()?)));
        match keys {
            None => claim.literal.push(text.clone()),
            Some((key, public)) if is_covered(claim, &key, &public) => {}
            Some((key, _)) => claim.listed.push(Bound {
                text: text.clone(),
                key,
            }),
        }
    }
    claim.listed.sort_by(|a, b| a.key.cmp(&b.key));
    claim.listed.dedup_by(|a, b| a.key == b.key);
}

/// Whether a range says *affected* for every version that the listed one equals: its local builds too.
fn is_covered(claim: &Claim, key: &ecosystems::VersionKey, public: &ecosystems::VersionKey) -> bool {
    if claim.ceiling.is_some() {
        return false;
    }
    let covers = |range: &Range| {
        let interval = range.find(key, public)?;
        // A fixed local build (`1.5.0+2`) ends in the midst of the builds of `1.5.0`.
        let splits = |(_, bound): &(Ending, Bound)| bound.text.contains('+');
        Some(!interval.end.as_ref().is_some_and(splits))
    };
    claim.ranges.iter().any(|range| covers(range) == Some(true))
}
