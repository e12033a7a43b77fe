//! One package's `package.json`, with names and specifications as numbers.

use std::collections::HashSet;
use std::sync::Arc;

use super::fields::Fields;
use super::json::{Pairs, Text};
use super::names::{Fold, Name, Names};
use super::spec::LOOSE;
use super::specs::{SpecId, Specs};
use crate::npm::parse_version;
use crate::semver::Version;

/// A manifest among all those of a resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ManifestId(pub u32);

/// Why a package depends on another; the names are npm's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Prod,
    Dev,
    Optional,
    Peer,
    PeerOptional,
    Workspace,
}

impl Kind {
    pub fn is_peer(self) -> bool {
        matches!(self, Self::Peer | Self::PeerOptional)
    }

    pub fn is_optional(self) -> bool {
        matches!(self, Self::Optional | Self::PeerOptional)
    }
}

/// One dependency as a manifest declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declaration {
    pub name: Name,
    pub kind: Kind,
    pub spec: SpecId,
    /// What is accepted beside.
    pub accept: Option<SpecId>,
}

/// What resolving looks at in a manifest, and what the tree tells of it.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    pub name: Option<Name>,
    /// Empty when there is none.
    pub version: Arc<str>,
    pub parsed: Option<Version>,
    /// The dependencies that count wherever the package lies.
    pub dependencies: Vec<Declaration>,
    /// The dependencies that count when the package is a project itself.
    pub with_dev: Vec<Declaration>,
    /// Peers that do not count, as by npm before version 7.
    pub ignored_peers: Vec<Declaration>,
    pub bundled: Vec<Name>,
    pub has_shrinkwrap: bool,
    pub from_registry: bool,
    pub about: About,
}

/// What is told of a package and does not change the tree.
#[derive(Clone, Debug, Default)]
pub struct About {
    pub license: Option<String>,
    pub deprecated: Option<String>,
    pub install_script: Option<bool>,
    pub integrity: Option<String>,
    pub shasum: Option<String>,
    pub condition: Option<String>,
    pub node: Option<String>,
}

/// Which kinds of dependencies count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peers {
    Count,
    /// As npm before version 7.
    Ignored,
}

impl Manifest {
    pub fn new(fields: &Fields, names: &mut Names, specs: &mut Specs, peers: Peers) -> Self {
        let version: Arc<str> = fields.version.0.as_deref().unwrap_or_default().into();
        let mut list = Declarations {
            names,
            specs,
            fields,
            list: Vec::new(),
            folds: HashSet::new(),
        };
        list.add_peers();
        let ignored_peers = match peers {
            Peers::Count => Vec::new(),
            Peers::Ignored => std::mem::take(&mut list.list),
        };
        list.add(&fields.dependencies, Kind::Prod);
        list.add(&fields.optional_dependencies, Kind::Optional);
        let dependencies = list.list.clone();
        list.add(&fields.dev_dependencies, Kind::Dev);
        let with_dev = list.list;
        Self {
            name: fields.name.0.as_deref().map(|name| names.intern(name)),
            parsed: parse_version(&version, LOOSE),
            version,
            dependencies,
            with_dev,
            ignored_peers,
            bundled: fields
                .bundled()
                .into_iter()
                .map(|name| names.intern(name))
                .collect(),
            has_shrinkwrap: fields.has_shrinkwrap.is_true,
            from_registry: false,
            about: About::new(fields),
        }
    }

    /// The specification of a direct dependency, as `$name` in `overrides` refers to it.
    pub fn reference(&self, name: Name) -> Option<SpecId> {
        let of_kind = |wanted: fn(Kind) -> bool| {
            self.with_dev
                .iter()
                .find(|found| found.name == name && wanted(found.kind))
                .map(|found| found.spec)
        };
        of_kind(|kind| kind == Kind::Dev)
            .or_else(|| of_kind(|kind| kind == Kind::Optional))
            .or_else(|| of_kind(|kind| kind == Kind::Prod))
            .or_else(|| of_kind(Kind::is_peer))
    }
}

struct Declarations<'a> {
    names: &'a mut Names,
    specs: &'a mut Specs,
    fields: &'a Fields,
    list: Vec<Declaration>,
    folds: HashSet<Fold>,
}

impl Declarations<'_> {
    fn add_peers(&mut self) {
        let meta = &self.fields.peer_dependencies_meta.0;
        let optional: HashSet<_> = meta
            .iter()
            .filter(|(_, optional)| optional.0)
            .map(|(name, _)| name.as_str())
            .collect();
        let is_optional = |name: &str| optional.contains(name);
        let (optional, required): (Vec<_>, Vec<_>) = self
            .fields
            .peer_dependencies
            .texts()
            .partition(|(name, _)| is_optional(name));
        for (name, spec) in required {
            self.push(name, spec, Kind::Peer);
        }
        for (name, spec) in optional {
            self.push(name, spec, Kind::PeerOptional);
        }
    }

    fn add(&mut self, pairs: &Pairs<Text>, kind: Kind) {
        for (name, spec) in pairs.texts() {
            self.push(name, spec, kind);
        }
    }

    /// A later declaration of a name takes the place of an earlier one, at the end.
    fn push(&mut self, name: &str, spec: &str, kind: Kind) {
        let name = self.names.intern(name);
        let fold = self.names.fold(name);
        if !self.folds.insert(fold) {
            self.list.retain(|earlier| self.names.fold(earlier.name) != fold);
        }
        let accept = self
            .fields
            .accept_dependencies
            .get(self.names.text(name))
            .map(|text| self.specs.intern(text));
        self.list.push(Declaration {
            name,
            kind,
            spec: self.specs.intern(spec),
            accept,
        });
    }
}

impl About {
    fn new(fields: &Fields) -> Self {
        let dist = |key: &str| fields.dist.get(key).map(str::to_owned);
        Self {
            license: fields.license.0.clone().or_else(|| fields.licenses.0.clone()),
            deprecated: fields
                .deprecated
                .is_true
                .then(|| fields.deprecated.text.clone().unwrap_or_default()),
            install_script: fields.install_script(),
            integrity: dist("integrity"),
            shasum: dist("shasum"),
            condition: fields.condition(),
            node: fields.engines.get("node").map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_kind_takes_the_place_of_an_earlier_one_at_the_end() {
        let fields = Fields::read(
            r#"{"dependencies": {"a": "1", "b": "1", "c": "1"}, "optionalDependencies": {"a": "2"},
                "peerDependencies": {"p": "1", "q": "1", "b": "9"}, "peerDependenciesMeta": {"p": {"optional": true}},
                "devDependencies": {"c": "3", "d": "1"}}"#,
        )
        .expect("fields");
        let (mut names, mut specs) = (Names::default(), Specs::default());
        let manifest = Manifest::new(&fields, &mut names, &mut specs, Peers::Count);
        let show = |list: &[Declaration]| -> Vec<(String, Kind)> {
            list.iter()
                .map(|found| (names.text(found.name).to_string(), found.kind))
                .collect()
        };
        let expect = |list: &[(&str, Kind)]| -> Vec<(String, Kind)> {
            list.iter()
                .map(|(name, kind)| ((*name).to_owned(), *kind))
                .collect()
        };
        use Kind::{Dev, Optional, Peer, PeerOptional, Prod};
        let plain = [
            ("q", Peer),
            ("p", PeerOptional),
            ("b", Prod),
            ("c", Prod),
            ("a", Optional),
        ];
        assert_eq!(show(&manifest.dependencies), expect(&plain));
        let all = [
            ("q", Peer),
            ("p", PeerOptional),
            ("b", Prod),
            ("a", Optional),
            ("c", Dev),
            ("d", Dev),
        ];
        assert_eq!(show(&manifest.with_dev), expect(&all));
    }
}
