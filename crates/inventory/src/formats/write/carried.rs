//! What the model knows and a format has no word for: facts under `plumbline:` names.
//!
//! CycloneDX documents carry them as properties, SPDX documents as lines `plumbline:NAME=VALUE` of a package's
//! comment.

use crate::formats::facts;
use crate::{Component, ComponentKind, Hash, Property, Scope, Source, SourcePackage};

/// What every such name begins with.
pub(in crate::formats) const PREFIX: &str = "plumbline:";
/// The references of what contains a component, where the format cannot nest it there.
pub(in crate::formats) const CONTAINED_BY: &str = "plumbline:contained-by";
/// The reference of what installed a component's files, where the format has no relation that says so.
pub(in crate::formats) const OWNED_BY: &str = "plumbline:owned-by";

const SCOPE: &str = "plumbline:scope";
const KIND: &str = "plumbline:kind";
const SOURCE: &str = "plumbline:source";
const SOURCE_PACKAGE: &str = "plumbline:source-package";
const HASH: &str = "plumbline:hash";
const CPE: &str = "plumbline:cpe";
const VERSION_RANGE: &str = "plumbline:version-range";

/// One fact.
pub(in crate::formats) type Fact = (&'static str, String);

/// Whether a property is one of ours: written anew from the model, never copied.
pub(in crate::formats) fn is_ours(name: &str) -> bool {
    name.starts_with(PREFIX)
}

pub(in crate::formats) fn scope(scope: Scope) -> Fact {
    let word = match scope {
        Scope::Required => "required",
        Scope::Optional => "optional",
        Scope::Dev => "dev",
        Scope::Excluded => "excluded",
    };
    (SCOPE, word.to_owned())
}

pub(in crate::formats) fn kind(kind: ComponentKind) -> Fact {
    (KIND, kind_word(kind).to_owned())
}

/// The word of CycloneDX where it has one.
pub(in crate::formats) const fn kind_word(kind: ComponentKind) -> &'static str {
    match kind {
        ComponentKind::Application => "application",
        ComponentKind::Framework => "framework",
        ComponentKind::Library => "library",
        ComponentKind::Container => "container",
        ComponentKind::OperatingSystem => "operating-system",
        ComponentKind::Firmware => "firmware",
        ComponentKind::Device => "device",
        ComponentKind::File => "file",
        ComponentKind::Data => "data",
        ComponentKind::Other => "other",
    }
}

pub(in crate::formats) fn source(source: &Source) -> Option<Fact> {
    let (word, url) = match source {
        Source::Registry => return None,
        Source::OtherRegistry(url) => ("registry", url),
        Source::Git(url) => ("git", url),
        Source::Path(url) => ("path", url),
        Source::Url(url) => ("url", url),
    };
    Some((SOURCE, format!("{word} {url}")))
}

pub(in crate::formats) fn source_package(package: &SourcePackage) -> Fact {
    let text = match &package.version {
        Some(version) => format!("{} {version}", package.name),
        None => package.name.clone(),
    };
    (SOURCE_PACKAGE, text)
}

pub(in crate::formats) fn hash(hash: &Hash) -> Fact {
    (HASH, format!("{} {}", hash.algorithm, hash.value))
}

pub(in crate::formats) fn cpe(text: &str) -> Fact {
    (CPE, text.to_owned())
}

pub(in crate::formats) fn version_range(text: &str) -> Fact {
    (VERSION_RANGE, text.to_owned())
}

/// The comment with our facts below it; `None` when there is neither.
pub(in crate::formats) fn comment(own: Option<&str>, facts: &[Fact]) -> Option<String> {
    let facts = facts.iter().map(|(name, value)| format!("{name}={value}"));
    let lines: Vec<String> = own.map(str::to_owned).into_iter().chain(facts).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// A comment without our facts, and these as properties.
pub(in crate::formats) fn split_comment(text: &str) -> (Option<String>, Vec<Property>) {
    let (ours, own): (Vec<&str>, Vec<&str>) =
        text.lines().partition(|line| is_ours(line) && line.contains('='));
    let property = |line: &str| {
        let (name, value) = line.split_once('=')?;
        Some(Property {
            name: name.to_owned(),
            value: Some(value.to_owned()),
        })
    };
    let own = own.join("\n");
    let own = Some(own.trim().to_owned()).filter(|own| !own.is_empty());
    (own, ours.into_iter().filter_map(property).collect())
}

/// Other components that facts of one name, by their references.
#[derive(Debug, Default)]
pub(in crate::formats) struct Related {
    /// What contains it.
    pub(in crate::formats) containers: Vec<String>,
    /// What installed its files.
    pub(in crate::formats) owner: Option<String>,
}

/// Takes our facts out of a component's properties and gives the component back what they say of it; returns what
/// they say of it and others.
pub(in crate::formats) fn take(component: &mut Component) -> Related {
    let mut related = Related::default();
    let Some(details) = component.details.as_deref_mut() else {
        return related;
    };
    let (ours, others) = std::mem::take(&mut details.properties)
        .into_iter()
        .partition::<Vec<_>, _>(|property| is_ours(&property.name));
    details.properties = others;
    let told = facts::of_properties(|name| {
        let property = ours.iter().find(|property| property.name == name)?;
        property.value.as_deref()
    });
    component.facts = told.or(std::mem::take(&mut component.facts));
    for property in ours {
        let value = property.value.unwrap_or_default();
        match property.name.as_str() {
            CONTAINED_BY => related.containers.push(value),
            OWNED_BY => related.owner = Some(value),
            name => adopt(component, name, &value),
        }
    }
    component.details = component.details.take().and_then(|details| details.boxed());
    related
}

/// Gives a component back what an export of ours says of it; anybody may write these names, so what makes no
/// sense is left alone.
pub(in crate::formats) fn adopt(component: &mut Component, name: &str, value: &str) {
    match name {
        SCOPE => component.scope = scope_of(value).unwrap_or(component.scope),
        KIND => component.kind = kind_of(value).unwrap_or(component.kind),
        SOURCE => component.source = source_of(value).unwrap_or_else(|| component.source.clone()),
        SOURCE_PACKAGE => component.source_package = Some(source_package_of(value)),
        HASH => {
            super::super::extend_distinct(&mut component.hashes, hash_of(value));
        }
        CPE => adopt_cpe(component, value),
        VERSION_RANGE => component.details.get_or_insert_default().version_range = Some(value.to_owned()),
        _ => {}
    }
}

fn adopt_cpe(component: &mut Component, value: &str) {
    if component.cpe.is_none() {
        component.cpe = Some(value.to_owned());
    } else {
        let more = &mut component.details.get_or_insert_default().more_cpes;
        super::super::extend_distinct(more, [value.to_owned()]);
    }
}

fn scope_of(word: &str) -> Option<Scope> {
    Some(match word {
        "required" => Scope::Required,
        "optional" => Scope::Optional,
        "dev" => Scope::Dev,
        "excluded" => Scope::Excluded,
        _ => return None,
    })
}

fn kind_of(word: &str) -> Option<ComponentKind> {
    use ComponentKind as Kind;
    [
        Kind::Application,
        Kind::Framework,
        Kind::Library,
        Kind::Container,
        Kind::OperatingSystem,
        Kind::Firmware,
        Kind::Device,
        Kind::File,
        Kind::Data,
        Kind::Other,
    ]
    .into_iter()
    .find(|kind| kind_word(*kind) == word)
}

fn source_of(text: &str) -> Option<Source> {
    let (word, url) = text.split_once(' ')?;
    let url = url.to_owned();
    Some(match word {
        "registry" => Source::OtherRegistry(url),
        "git" => Source::Git(url),
        "path" => Source::Path(url),
        "url" => Source::Url(url),
        _ => return None,
    })
}

fn source_package_of(text: &str) -> SourcePackage {
    let (name, version) = match text.split_once(' ') {
        Some((name, version)) => (name, Some(version)),
        None => (text, None),
    };
    SourcePackage {
        name: name.to_owned(),
        version: version.map(str::to_owned),
    }
}

fn hash_of(text: &str) -> Option<Hash> {
    let (algorithm, value) = text.rsplit_once(' ')?;
    let is_hash = !value.is_empty() && value.bytes().all(|b| b.is_ascii_hexdigit());
    is_hash.then(|| Hash {
        algorithm: algorithm.to_owned(),
        value: value.to_ascii_lowercase(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_comes_back() {
        let component = Component {
            kind: ComponentKind::Other,
            scope: Scope::Dev,
            source: Source::OtherRegistry("https://npm.example.org/a b".to_owned()),
            source_package: Some(SourcePackage {
                name: "util-linux".to_owned(),
                version: Some("1:2 3".to_owned()),
            }),
            cpe: Some("cpe:/a:b c".to_owned()),
            hashes: vec![Hash {
                algorithm: "SHA-224".to_owned(),
                value: "0a".to_owned(),
            }],
            ..Component::default()
        };
        let mut facts = vec![scope(component.scope), kind(component.kind)];
        facts.extend(source(&component.source));
        facts.extend(component.source_package.as_ref().map(source_package));
        facts.extend(component.cpe.as_deref().map(cpe));
        facts.extend(component.hashes.iter().map(hash));
        let mut read = Component::default();
        for (name, value) in &facts {
            assert!(is_ours(name));
            adopt(&mut read, name, value);
        }
        assert_eq!(read, component);
    }

    #[test]
    fn nonsense_is_left_alone() {
        let mut read = Component::default();
        for (name, value) in [
            (SCOPE, "never"),
            (KIND, ""),
            (SOURCE, "git"),
            (HASH, "SHA-1 xyz"),
            ("plumbline:unknown", "1"),
        ] {
            adopt(&mut read, name, value);
        }
        assert_eq!(read, Component::default());
    }
}
