//! Packages and their versions, interned: one row each for the whole portfolio.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ::advisories::Installed;
use ::inventory::{Component, Inventory};
use audit::Surroundings;

use crate::Error;
use crate::db::{Column, Insert, List, Session, Tx, statements};

statements! {
    VERSIONS = "SELECT id, identity FROM package_version
        WHERE identity IN (SELECT value FROM {elements}($1{json}))";
    /// Looks packages up by one ecosystem at a time, so that the list stays a list of names.
    PACKAGES = "SELECT id, name FROM package
        WHERE ecosystem = $1 AND name IN (SELECT value FROM {elements}($2{json}))";
    /// In one order for everybody, so that two transactions cannot wait for each other.
    LOCK = "SELECT id, revision FROM package
        WHERE id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))
        ORDER BY id {for_update}";
    ADVANCE = "UPDATE package SET revision = revision + 1
        WHERE id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))";
    WITH_VERSIONS = "SELECT p.id FROM package p
        WHERE p.id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))
          AND EXISTS (SELECT 1 FROM package_version v WHERE v.subject_package_id = p.id)
        ORDER BY p.id";
    /// The versions in an inventory of the packages that some versions belong to.
    SIBLINGS = "SELECT v.id, v.package_id, p.ecosystem, v.version
        FROM package_version v
        JOIN package p ON p.id = v.package_id
        JOIN inventory_component c ON c.package_version_id = v.id AND c.inventory_id = $1
        WHERE v.package_id IN (
            SELECT package_id FROM package_version
            WHERE id IN (SELECT CAST(value AS BIGINT) FROM {elements}($2{json})))";
}

static NEW_PACKAGE: Insert = Insert {
    table: "package",
    columns: &["ecosystem", "name", "revision"],
    suffix: "ON CONFLICT (ecosystem, name) DO NOTHING",
};

static NEW_VERSION: Insert = Insert {
    table: "package_version",
    columns: &[
        "package_id",
        "version",
        "identity",
        "subject_package_id",
        "subject_version",
        "distribution_release",
        "module_stream",
    ],
    suffix: "ON CONFLICT (identity) DO NOTHING",
};

/// What an index entry of PostgreSQL holds is bounded; no registry takes names or versions of this length.
const LONGEST_NAME: usize = 1_000;
const LONGEST_VERSION: usize = 400;
const LONGEST_RELEASE: usize = 100;

/// The text as both engines and their indexes take it: without NUL, and of bounded length. What is cut ends in a
/// digest of the whole, so that two long names stay two.
pub(crate) fn storable(text: &str, longest: usize) -> String {
    if text.len() <= longest && !text.contains('\0') {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(longest - DIGEST_SHOWN);
    let digest = crate::documents::digest(text.as_bytes());
    let digest = digest.get(..DIGEST_SHOWN).unwrap_or(&digest);
    format!(
        "{}{digest}",
        text.get(..end).unwrap_or_default().replace('\0', "")
    )
}

/// Hexadecimal digits of a digest that keep what is cut apart.
const DIGEST_SHOWN: usize = 32;

/// What a component is, apart from where it was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// The OSV ecosystem where there is one, else the purl type, else empty.
    pub ecosystem: String,
    pub name: String,
    /// Empty when the document gives none.
    pub version: String,
    /// The purl with no qualifiers but those that change what is known about a package of a distribution, or
    /// `unidentified:NAME@VERSION`.
    pub text: String,
    /// The package that advisories name in its place, of the same ecosystem; the package itself where that is
    /// the same.
    pub subject: String,
    /// The version that they speak of.
    pub subject_version: String,
    /// The release of the distribution; absent for everything else, and when it is not known.
    pub release: Option<String>,
    /// The module and stream that it was built for.
    pub module: Option<String>,
}

impl Identity {
    /// Reads the identity off a component by itself: by its purl, else by its bare name and version.
    #[must_use]
    pub fn of(component: &Component) -> Self {
        Self::within(component, &Surroundings::default())
    }

    /// The identities of all components of a document, in their order.
    #[must_use]
    pub fn all(inventory: &Inventory) -> Vec<Self> {
        let surroundings = Surroundings::of(inventory);
        let components = inventory.components.iter();
        components
            .map(|component| Self::within(component, &surroundings))
            .collect()
    }

    /// As [`Identity::of`], with what the document says around the component.
    #[must_use]
    pub fn within(component: &Component, surroundings: &Surroundings) -> Self {
        let name = storable(&audit::package_name(component), LONGEST_NAME);
        let version = storable(audit::version(component).unwrap_or_default(), LONGEST_VERSION);
        let Some(purl) = &component.purl else {
            let text = format!("unidentified:{name}@{version}");
            return Self::plain(String::new(), name, version, text);
        };
        let (ecosystem, name) = match surroundings.ecosystem(component) {
            Some(ecosystem) => (
                ecosystem.name().to_owned(),
                ecosystem.normalize(&name).into_owned(),
            ),
            None => (purl.kind().to_owned(), name),
        };
        let Some(packaged) = surroundings.packaged(component) else {
            let text = format!("pkg:{}/{name}@{version}", purl.kind());
            return Self::plain(ecosystem, name, version, text);
        };
        let subject = storable(&packaged.name, LONGEST_NAME);
        let subject_version = storable(&packaged.version, LONGEST_VERSION);
        let version = storable(&packaged.own_version, LONGEST_VERSION);
        let mut identity = Self {
            release: packaged
                .release
                .map(|release| storable(&release, LONGEST_RELEASE)),
            module: packaged.module.map(|module| storable(&module, LONGEST_RELEASE)),
            subject,
            subject_version,
            ..Self::plain(ecosystem, name, version, String::new())
        };
        identity.text = identity.of_distribution();
        identity
    }

    fn plain(ecosystem: String, name: String, version: String, text: String) -> Self {
        Self {
            subject: name.clone(),
            subject_version: version.clone(),
            release: None,
            module: None,
            ecosystem,
            name,
            version,
            text,
        }
    }

    /// `pkg:deb/debian/libssl3@3.0.11-1?distro=12&upstream=openssl@3.0.11-1`.
    fn of_distribution(&self) -> String {
        let known = ecosystems::by_name(&self.ecosystem);
        let kind = known.map_or("", ecosystems::Ecosystem::purl_type);
        let vendor = known
            .and_then(|known| known.purl_namespaces().first())
            .unwrap_or(&"");
        let mut text = format!("pkg:{kind}/{vendor}/{}@{}", self.name, self.version);
        let source = self
            .source()
            .map(|source| format!("{source}@{}", self.subject_version));
        let qualifiers = [
            ("distro", self.release.as_deref()),
            ("modularitylabel", self.module.as_deref()),
            ("upstream", source.as_deref()),
        ];
        let stated = qualifiers
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)));
        for (position, (key, value)) in stated.enumerate() {
            let separator = if position == 0 { '?' } else { '&' };
            text.push_str(&format!("{separator}{key}={value}"));
        }
        text
    }

    /// The source package, where advisories name that in place of the package.
    fn source(&self) -> Option<&str> {
        let differs = self.subject != self.name || self.subject_version != self.version;
        differs.then_some(self.subject.as_str())
    }

    /// Ecosystem and name of the package that advisories name.
    #[must_use]
    pub fn subject_key(&self) -> (String, String) {
        (self.ecosystem.clone(), self.subject.clone())
    }

    /// What advisories are asked about.
    #[must_use]
    pub fn installed(&self) -> Installed<'_> {
        Installed {
            version: &self.subject_version,
            release: self.release.as_deref(),
            module: self.module.as_deref(),
            source: self.source(),
        }
    }
}

/// A version of a package.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Version {
    pub id: i64,
    pub package_id: i64,
    pub ecosystem: String,
    pub version: String,
}

/// The versions in an inventory of every package that one of `versions` belongs to.
pub async fn siblings(
    session: &mut Session,
    inventory: i64,
    versions: &[i64],
) -> Result<Vec<Version>, Error> {
    if versions.is_empty() {
        return Ok(Vec::new());
    }
    session
        .query(&SIBLINGS)
        .bind(inventory)
        .bind(List::of(versions))
        .all()
        .await
}

/// The ids of packages, made where they are new; keyed by `(ecosystem, name)`.
pub(crate) async fn intern_packages(
    tx: &mut Tx,
    names: &BTreeMap<&str, BTreeSet<&str>>,
) -> Result<HashMap<(String, String), i64>, Error> {
    let mut ids = known_packages(tx, names).await?;
    let missing: Vec<(&str, &str)> = names
        .iter()
        .flat_map(|(ecosystem, names)| names.iter().map(move |name| (*ecosystem, *name)))
        .filter(|(ecosystem, name)| !ids.contains_key(&((*ecosystem).to_owned(), (*name).to_owned())))
        .collect();
    if missing.is_empty() {
        return Ok(ids);
    }
    let columns = vec![
        Column::Text(
            missing
                .iter()
                .map(|(ecosystem, _)| (*ecosystem).to_owned())
                .collect(),
        ),
        Column::Text(missing.iter().map(|(_, name)| (*name).to_owned()).collect()),
        Column::Int(vec![0; missing.len()]),
    ];
    tx.insert(&NEW_PACKAGE, columns).await?;
    let mut wanted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (ecosystem, name) in missing {
        wanted.entry(ecosystem).or_default().insert(name);
    }
    ids.extend(known_packages(tx, &wanted).await?);
    Ok(ids)
}

pub(crate) async fn known_packages(
    session: &mut Session,
    names: &BTreeMap<&str, BTreeSet<&str>>,
) -> Result<HashMap<(String, String), i64>, Error> {
    let mut ids = HashMap::new();
    for (ecosystem, names) in names {
        let names: Vec<&str> = names.iter().copied().collect();
        let rows: Vec<(i64, String)> = session
            .query(&PACKAGES)
            .bind(*ecosystem)
            .bind(List::of(&names))
            .all()
            .await?;
        ids.extend(
            rows.into_iter()
                .map(|(id, name)| (((*ecosystem).to_owned(), name), id)),
        );
    }
    Ok(ids)
}

/// Holds packages until the transaction ends; answers with the revision of each.
pub(crate) async fn lock(tx: &mut Tx, packages: &[i64]) -> Result<HashMap<i64, i64>, Error> {
    let rows: Vec<(i64, i64)> = tx.query(&LOCK).bind(List::of(packages)).all().await?;
    Ok(rows.into_iter().collect())
}

/// Says that what is known about these packages has changed; answers with those that have stored versions.
pub(crate) async fn advance(tx: &mut Tx, packages: &[i64]) -> Result<Vec<i64>, Error> {
    tx.query(&ADVANCE).bind(List::of(packages)).run().await?;
    tx.query(&WITH_VERSIONS).bind(List::of(packages)).column().await
}

/// The ids of the packages that advisories name in place of these identities, keyed by
/// [`Identity::subject_key`]; one that nobody has spoken of yet is not among them.
pub async fn ids(
    session: &mut Session,
    identities: &[Identity],
) -> Result<HashMap<(String, String), i64>, Error> {
    let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for identity in identities {
        names
            .entry(&identity.ecosystem)
            .or_default()
            .insert(&identity.subject);
    }
    known_packages(session, &names).await
}

/// The ids of package versions, made where they are new; in the order given.
pub(crate) async fn intern(tx: &mut Tx, identities: &[Identity]) -> Result<Vec<i64>, Error> {
    let mut ids = known_versions(tx, identities.iter()).await?;
    let missing: BTreeSet<&Identity> = identities
        .iter()
        .filter(|identity| !ids.contains_key(&identity.text))
        .collect();
    if !missing.is_empty() {
        insert_versions(tx, &missing).await?;
        ids.extend(known_versions(tx, missing.into_iter()).await?);
    }
    identities
        .iter()
        .map(|identity| ids.get(&identity.text).copied())
        .collect::<Option<Vec<i64>>>()
        .ok_or_else(|| Error::corrupt("package version", &"a row that was just written is not there"))
}

async fn insert_versions(tx: &mut Tx, missing: &BTreeSet<&Identity>) -> Result<(), Error> {
    let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for identity in missing {
        let names = names.entry(&identity.ecosystem).or_default();
        names.insert(&identity.name);
        names.insert(&identity.subject);
    }
    let packages = intern_packages(tx, &names).await?;
    let package_of = |identity: &Identity, name: &str| {
        let key = (identity.ecosystem.clone(), name.to_owned());
        packages.get(&key).copied().unwrap_or_default()
    };
    let texts = |of: fn(&Identity) -> &String| missing.iter().map(|identity| of(identity).clone()).collect();
    let own = missing
        .iter()
        .map(|identity| package_of(identity, &identity.name));
    let subjects = missing
        .iter()
        .map(|identity| package_of(identity, &identity.subject));
    let columns = vec![
        Column::Int(own.collect()),
        Column::Text(texts(|identity| &identity.version)),
        Column::Text(texts(|identity| &identity.text)),
        Column::Int(subjects.collect()),
        Column::Text(texts(|identity| &identity.subject_version)),
        Column::MaybeText(missing.iter().map(|identity| identity.release.clone()).collect()),
        Column::MaybeText(missing.iter().map(|identity| identity.module.clone()).collect()),
    ];
    tx.insert(&NEW_VERSION, columns).await?;
    Ok(())
}

async fn known_versions(
    session: &mut Session,
    identities: impl Iterator<Item = &Identity>,
) -> Result<HashMap<String, i64>, Error> {
    let texts: Vec<&str> = identities.map(|identity| identity.text.as_str()).collect();
    let rows: Vec<(i64, String)> = session.query(&VERSIONS).bind(List::of(&texts)).all().await?;
    Ok(rows.into_iter().map(|(id, identity)| (identity, id)).collect())
}
