//! One query, understood: of which package, at which version, from where on.

use ecosystems::Ecosystem;
use inventory::{Component, Purl};
use store::packages::Identity;

use super::{Package, Query};
use crate::extract::{Paging, cursor};
use crate::problem::{Fault, Problem};

/// What one query asks.
#[derive(Clone)]
pub(super) enum Question {
    Package(PackageQuestion),
    /// Which commits contain a flaw is not known here.
    Commit(String),
}

/// A question about one package.
#[derive(Clone)]
pub(super) struct PackageQuestion {
    pub ecosystem: &'static dyn Ecosystem,
    /// Of a distribution, in its one form; absent when the query names none.
    pub release: Option<String>,
    /// Normalised.
    pub name: String,
    pub version: Option<String>,
    /// The last id of the answer before.
    pub after: Option<String>,
    /// Where it stands in the request: a JSON pointer, empty for the whole body.
    pointer: String,
}

impl Question {
    /// Reads a query as osv.dev does; what it would not understand either is refused by name.
    pub fn read(query: &Query, pointer: &str) -> Result<Self, Problem> {
        let wrong = |place: &str, why: &str| {
            let fault = Fault::at(&format!("{pointer}{place}"), why);
            let mut problem = Problem::bad_request(format!("The query cannot be answered: {why}."));
            problem.errors = vec![fault];
            problem
        };
        let package = query.package.clone().unwrap_or_default();
        if let Some(commit) = given(query.commit.as_deref()) {
            if query.package.is_some() || given(query.version.as_deref()).is_some() {
                return Err(wrong(
                    "/commit",
                    "a commit stands beside no package and no version",
                ));
            }
            return Ok(Self::Commit(commit.to_owned()));
        }
        let version = given(query.version.as_deref());
        let named = Named::read(&package, version).map_err(|why| wrong("/package", why))?;
        let after = given(query.page_token.as_deref())
            .map(|token| Paging::<String>::new(Some(token), None))
            .transpose()
            .map_err(|_| wrong("/page_token", "the token is not one that an answer gave"))?
            .and_then(|paging| paging.after);
        Ok(Self::Package(PackageQuestion {
            ecosystem: named.ecosystem,
            name: named.ecosystem.normalize(&named.name).into_owned(),
            release: named.release,
            version: named.version,
            after,
            pointer: pointer.to_owned(),
        }))
    }

    /// The question about a package; `None` for one about a commit.
    pub fn package(&self) -> Option<&PackageQuestion> {
        match self {
            Self::Package(question) => Some(question),
            Self::Commit(_) => None,
        }
    }
}

impl PackageQuestion {
    /// Ecosystem and name, as the store knows packages.
    pub fn names(&self) -> (String, String) {
        (self.ecosystem.name().to_owned(), self.name.clone())
    }

    /// A place in the query as a JSON pointer into the request.
    pub fn place(&self, place: &str) -> String {
        format!("{}{place}", self.pointer)
    }
}

/// The token that goes on after an id.
pub(super) fn token(id: &str) -> String {
    cursor(&id)
}

/// What a query names, by purl or by ecosystem and name.
struct Named {
    ecosystem: &'static dyn Ecosystem,
    release: Option<String>,
    name: String,
    version: Option<String>,
}

impl Named {
    fn read(package: &Package, version: Option<&str>) -> Result<Self, &'static str> {
        let name = given(package.name.as_deref());
        let ecosystem = given(package.ecosystem.as_deref());
        match given(package.purl.as_deref()) {
            Some(_) if name.is_some() || ecosystem.is_some() => {
                Err("a package is given by its purl or by ecosystem and name, not by both")
            }
            Some(purl) => Self::of_purl(purl, version),
            None => Ok(Self {
                ecosystem: ecosystems::by_name(ecosystem.ok_or("the ecosystem is missing")?)
                    .ok_or("the ecosystem is not supported")?,
                release: ecosystem.and_then(release),
                name: name.ok_or("the name is missing")?.to_owned(),
                version: version.map(str::to_owned),
            }),
        }
    }

    fn of_purl(text: &str, version: Option<&str>) -> Result<Self, &'static str> {
        let purl = Purl::lenient(text).map_err(|_| "the purl is no package URL")?;
        if purl.version().is_some() && version.is_some() {
            return Err("the version stands in the purl and beside it");
        }
        let component = Component {
            purl: Some(purl),
            ..Component::default()
        };
        // As osv.dev reads a purl: the package that it names is the one that records name.
        let identity = Identity::of(&component);
        let known = ecosystems::by_name(&identity.ecosystem).ok_or("the purl is of an unsupported type")?;
        Ok(Self {
            ecosystem: known,
            name: identity.name,
            release: identity.release,
            version: Some(identity.version)
                .filter(|version| !version.is_empty())
                .or_else(|| version.map(str::to_owned)),
        })
    }
}

/// The release in the suffix of an ecosystem's name.
fn release(ecosystem: &str) -> Option<String> {
    let (base, suffix) = ecosystem.split_once(':')?;
    ecosystems::by_name(base)?.distribution()?.release(suffix)
}

/// Clients send empty strings for what they do not mean.
fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(json: &str) -> Query {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_package_is_named_by_purl_or_by_ecosystem_and_name() {
        for (json, package, version) in [
            (
                r#"{"version":"1.0","package":{"ecosystem":"PyPI","name":"Django_X"}}"#,
                ("PyPI", "django-x"),
                Some("1.0"),
            ),
            (
                r#"{"package":{"purl":"pkg:npm/%40babel/core@7.0.0"}}"#,
                ("npm", "@babel/core"),
                Some("7.0.0"),
            ),
            (
                r#"{"version":"","commit":"","package":{"purl":"pkg:cargo/time"}}"#,
                ("crates.io", "time"),
                None,
            ),
        ] {
            let question = Question::read(&query(json), "").unwrap();
            let question = question.package().unwrap();
            assert_eq!(question.names(), (package.0.to_owned(), package.1.to_owned()));
            assert_eq!(question.version.as_deref(), version);
        }
    }

    #[test]
    fn what_cannot_be_answered_is_refused_with_its_place() {
        for (json, place) in [
            (r#"{"commit":"4f2c9ab","version":"1.0"}"#, "/queries/3/commit"),
            (r"{}", "/queries/3/package"),
            (
                r#"{"package":{"ecosystem":"Kernel","name":"x"}}"#,
                "/queries/3/package",
            ),
            (r#"{"package":{"ecosystem":"npm"}}"#, "/queries/3/package"),
            (r#"{"package":{"purl":"npm"}}"#, "/queries/3/package"),
            (
                r#"{"version":"1","package":{"purl":"pkg:npm/a@1"}}"#,
                "/queries/3/package",
            ),
            (
                r#"{"package":{"purl":"pkg:npm/a","name":"a"}}"#,
                "/queries/3/package",
            ),
            (
                r#"{"package":{"purl":"pkg:npm/a"},"page_token":"?"}"#,
                "/queries/3/page_token",
            ),
        ] {
            let problem = Question::read(&query(json), "/queries/3").err().unwrap();
            let found = problem.errors.first().and_then(|fault| fault.pointer.as_deref());
            assert_eq!(found, Some(place), "{json}");
        }
    }
}
