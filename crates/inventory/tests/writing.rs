//! What is written is read back as the same, whatever the format.

#![cfg(test)]

use std::collections::BTreeSet;

use clock::Timestamp;
use inventory::formats::{self, Export, Heading, Limits};
use inventory::{
    Component, ComponentId, ComponentKind, Hash, Inventory, LicenseClaim, LicenseSource, PackageFacts,
    Property, Purl, Scope, Source, SourcePackage,
};
use proptest::prelude::*;

fn heading() -> Heading<'static> {
    Heading {
        uuid: "0193f0aa-1c7e-7d02-9a55-6f2f3b1c0d11",
        created: Timestamp::from_millis(1_764_000_000_123),
        tool: ("plumbline", "1.0.0"),
        name: "product",
    }
}

fn written(inventory: &Inventory, export: Export) -> Vec<u8> {
    let mut out = Vec::new();
    formats::write(inventory, &[], &heading(), export, &mut out).unwrap();
    out
}

fn read(bytes: &[u8]) -> Inventory {
    formats::read(bytes, &Limits::default()).unwrap().0
}

/// What must survive, by names and not by positions: each component, each edge with what it says, who owns whom, the
/// root. An `installation` is what a lockfile says, and no format has a word for it. `parent` is not told from an edge
/// that contains, since SPDX has no other, and CycloneDX nests only what stands behind its parent. Of `details`, each
/// format keeps what it has fields for.
#[derive(Debug, PartialEq, Eq)]
struct Kept {
    components: BTreeSet<Vec<String>>,
    edges: BTreeSet<(String, String, bool)>,
    owners: BTreeSet<(String, String)>,
    root: Option<String>,
}

fn kept(inventory: &Inventory) -> Kept {
    let name = |id: &ComponentId| called(&inventory.components[*id as usize]);
    Kept {
        components: inventory.components.iter().map(facts).collect(),
        edges: inventory
            .edges
            .iter()
            .map(|edge| {
                let contains = inventory.containment.binary_search(edge).is_ok();
                (name(&edge.0), name(&edge.1), contains)
            })
            .collect(),
        owners: inventory
            .components
            .iter()
            .filter_map(|component| Some((name(&component.owned_by?), called(component))))
            .collect(),
        root: inventory.root.as_ref().map(name),
    }
}

/// Formats without groups show them as part of the name.
fn called(component: &Component) -> String {
    let name = component.group.as_ref().map_or_else(
        || component.name.clone(),
        |group| match &component.purl {
            Some(purl) if purl.namespace() == Some(group) && purl.name() == component.name => {
                purl.package_name()
            }
            _ => format!("{group}/{}", component.name),
        },
    );
    format!(
        "{name} {:?} {:?}",
        component.version,
        component.purl.as_ref().map(ToString::to_string)
    )
}

fn facts(component: &Component) -> Vec<String> {
    let mut hashes: Vec<String> = component
        .hashes
        .iter()
        .map(|hash| format!("{}:{}", hash.algorithm.to_uppercase(), hash.value))
        .collect();
    hashes.sort();
    let mut facts = vec![
        called(component),
        format!("{:?}", component.kind),
        format!("{:?}", component.scope),
        format!("{:?}", component.source),
        format!("{:?}", component.source_package),
        format!("{:?}", component.cpe),
        format!("{:?}", component.supplier),
        format!("{:?}", component.facts),
        license(component, LicenseSource::Declared),
        license(component, LicenseSource::Concluded),
    ];
    facts.extend(hashes);
    facts
}

/// All claims of a source as one expression, as judgements read them; a text that is no expression has become a
/// reference to a license of the document, which is told from others by its letters and digits.
fn license(component: &Component, source: LicenseSource) -> String {
    let claims = component.licenses.iter().filter(|claim| claim.source == source);
    let read = licenses::read_all(claims.map(|claim| claim.text.as_str()));
    let text = match read.stated {
        licenses::Stated::Expression(expression) => expression.to_string(),
        other => format!("{other:?}"),
    };
    let plain: String = text
        .replace("LicenseRef-", "")
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    plain.to_ascii_lowercase()
}

fn word() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9.<&\"' -]{0,8}[a-z0-9]"
}

fn license_claims() -> impl Strategy<Value = Vec<LicenseClaim>> {
    let text = prop_oneof![
        Just("MIT"),
        Just("Apache-2.0 OR MIT"),
        Just("GPL-2.0-only WITH Classpath-exception-2.0"),
        Just("(MIT OR Zlib) AND ISC"),
        Just("LicenseRef-own"),
        Just("Proprietary terms of Example"),
    ];
    let source = prop_oneof![Just(LicenseSource::Declared), Just(LicenseSource::Concluded)];
    let claim = (text, source).prop_map(|(text, source)| LicenseClaim {
        source,
        text: text.to_owned(),
        ..LicenseClaim::default()
    });
    proptest::collection::vec(claim, 0..3).prop_map(distinct)
}

/// Readers keep what is said twice once.
fn distinct<T: PartialEq>(list: Vec<T>) -> Vec<T> {
    let mut kept = Vec::new();
    for item in list {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    kept
}

fn hashes() -> impl Strategy<Value = Vec<Hash>> {
    let hash = prop_oneof![
        Just(("SHA-256", 64)),
        Just(("SHA-1", 40)),
        Just(("MD5", 32)),
        Just(("SHA-224", 56)),
        Just(("BLAKE2B-256", 64)),
        Just(("WHIRLPOOL", 128)),
        Just(("SHA-512", 6)),
    ]
    .prop_map(|(algorithm, length)| Hash {
        algorithm: algorithm.to_owned(),
        value: "0a".repeat(length / 2),
    });
    proptest::collection::vec(hash, 0..4).prop_map(distinct)
}

fn package_facts() -> impl Strategy<Value = PackageFacts> {
    let flag = || proptest::option::of(any::<bool>());
    let published = prop_oneof![
        Just(None),
        Just(Some("2024-02-29T12:00:00.5Z".to_owned())),
        Just(Some("2024-02-29T12:00:00+01:00".to_owned())),
    ];
    (flag(), flag(), flag(), flag(), published).prop_map(
        |(deprecated, yanked, install_script, repository, published)| PackageFacts {
            deprecated,
            yanked,
            install_script,
            repository,
            published,
        },
    )
}

fn source() -> impl Strategy<Value = Source> {
    prop_oneof![
        4 => Just(Source::Registry),
        1 => Just(Source::Git("git+https://example.org/a.git#1".to_owned())),
        1 => Just(Source::OtherRegistry("https://npm.example.org/".to_owned())),
        1 => Just(Source::Path("packages/a".to_owned())),
        1 => Just(Source::Url("https://example.org/a b.tgz".to_owned())),
    ]
}

fn component() -> impl Strategy<Value = Component> {
    let kind = prop_oneof![
        3 => Just(ComponentKind::Library),
        1 => Just(ComponentKind::Application),
        1 => Just(ComponentKind::File),
        1 => Just(ComponentKind::Data),
        1 => Just(ComponentKind::Device),
        1 => Just(ComponentKind::Other),
        1 => Just(ComponentKind::OperatingSystem),
    ];
    let scope = prop_oneof![
        Just(Scope::Required),
        Just(Scope::Optional),
        Just(Scope::Dev),
        Just(Scope::Excluded)
    ];
    let built_from = prop_oneof![
        3 => Just(None),
        1 => Just(Some(SourcePackage { name: "src".to_owned(), version: Some("1-2".to_owned()) })),
    ];
    let cpe = prop_oneof![
        Just(None),
        Just(Some("cpe:2.3:a:b:c:1:*:*:*:*:*:*:*".to_owned())),
        Just(Some("cpe:2.3:a:b:c++".to_owned())),
    ];
    let purl_kind = prop_oneof![
        Just(None),
        Just(Some("npm")),
        Just(Some("deb")),
        Just(Some("generic"))
    ];
    let head = (
        proptest::option::of(word()),
        word(),
        proptest::option::of("[0-9]{1,2}[.][0-9]"),
        purl_kind,
    );
    let tail = (
        kind,
        scope,
        license_claims(),
        hashes(),
        source(),
        built_from,
        cpe,
        (proptest::option::of(word()), package_facts()),
    );
    (head, tail).prop_map(|((group, name, version, purl_kind), tail)| {
        let (kind, scope, licenses, hashes, source, source_package, cpe, (supplier, facts)) = tail;
        let purl = purl_kind.and_then(|kind| {
            let namespace = if kind == "deb" { Some("debian") } else { None };
            Purl::new(kind, namespace, &name.replace(' ', "_"), version.as_deref()).ok()
        });
        // Only packages of operating systems are built from others.
        let is_system = purl.as_ref().is_some_and(|purl| purl.kind() == "deb");
        Component {
            kind,
            group,
            name,
            version,
            cpe,
            scope,
            licenses,
            hashes,
            supplier,
            source: if is_system { Source::Registry } else { source },
            source_package: source_package.filter(|_| is_system),
            purl,
            facts,
            ..Component::default()
        }
    })
}

/// Components with any relations; each thing is there once, as readers have it.
fn inventory() -> impl Strategy<Value = Inventory> {
    let edge = (0..12_u32, 0..12_u32, any::<bool>());
    let parts = (
        proptest::collection::vec(component(), 0..12),
        proptest::collection::vec(edge, 0..24),
        proptest::collection::vec((0..12_u32, 0..12_u32), 0..4),
    );
    (parts, proptest::option::of(0..12_u32), any::<bool>()).prop_map(|(parts, root, nest)| {
        let (components, edges, owners) = parts;
        let mut seen = BTreeSet::new();
        let mut components: Vec<Component> = components
            .into_iter()
            .filter(|component| seen.insert(called(component)))
            .collect();
        let count = u32::try_from(components.len()).unwrap();
        for (id, component) in components.iter_mut().enumerate() {
            component.reference = format!("ref <{id}> & \"{id}\"");
        }
        for (owner, owned) in owners {
            if owner != owned && owner < count && owned < count {
                components[owned as usize].owned_by = Some(owner);
            }
        }
        let edges: BTreeSet<_> = edges
            .into_iter()
            .filter(|(from, to, _)| from != to && *from < count && *to < count)
            .collect();
        let needs: BTreeSet<_> = edges
            .iter()
            .filter(|edge| !edge.2)
            .map(|edge| (edge.0, edge.1))
            .collect();
        let contains: BTreeSet<_> = edges
            .iter()
            .filter(|edge| edge.2)
            .map(|edge| (edge.0, edge.1))
            .filter(|edge| !needs.contains(edge))
            .collect();
        for (outer, inner) in contains.iter().filter(|_| nest) {
            components[*inner as usize].parent = Some(*outer);
        }
        Inventory {
            format: "CycloneDX 1.6 JSON".to_owned(),
            root: root.filter(|root| *root < count),
            edges: needs.union(&contains).copied().collect(),
            containment: contains.into_iter().collect(),
            components,
            ..Inventory::default()
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn nothing_is_lost_in_any_format(inventory in inventory()) {
        for export in Export::ALL {
            let bytes = written(&inventory, export);
            let back = read(&bytes);
            prop_assert_eq!(kept(&back), kept(&inventory), "{}\n{}", export, String::from_utf8_lossy(&bytes));
            prop_assert_eq!(&bytes, &written(&inventory, export), "equal inventories give equal bytes");
        }
    }

    /// A second journey through any other format changes nothing more.
    #[test]
    fn formats_can_be_chained(inventory in inventory()) {
        let there = read(&written(&inventory, Export::SpdxTagValue));
        let back = read(&written(&there, Export::CycloneDxXml));
        prop_assert_eq!(kept(&back), kept(&inventory));
    }

    #[test]
    fn no_text_breaks_a_document(text in ".{1,20}") {
        let inventory = Inventory {
            components: vec![Component {
                reference: text.clone(),
                name: format!("n{text}n"),
                group: Some(text.clone()),
                supplier: Some(text.clone()),
                licenses: vec![LicenseClaim { text, ..LicenseClaim::default() }],
                ..Component::default()
            }],
            ..Inventory::default()
        };
        for export in Export::ALL {
            let back = read(&written(&inventory, export));
            prop_assert_eq!(back.components.len(), 1, "{}", export);
        }
    }
}

#[test]
fn a_parent_that_stands_behind_and_a_deep_nest_keep_their_containment() {
    let component = |id: u32, parent: Option<u32>| Component {
        reference: format!("c{id}"),
        name: format!("c{id}"),
        parent,
        ..Component::default()
    };
    let mut components: Vec<Component> = (0..100_u32).map(|id| component(id, id.checked_sub(1))).collect();
    components[0].parent = Some(99);
    let mut edges: Vec<_> = (1..100).map(|id| (id - 1, id)).collect();
    edges.push((99, 0));
    edges.sort_unstable();
    let inventory = Inventory {
        components,
        containment: edges.clone(),
        edges,
        ..Inventory::default()
    };
    for export in Export::ALL {
        assert_eq!(
            kept(&read(&written(&inventory, export))),
            kept(&inventory),
            "{export}"
        );
    }
}

#[test]
fn a_long_comment_does_not_push_our_facts_out() {
    let comment = Property {
        name: "spdx:comment".to_owned(),
        value: Some("c".repeat(5_000)),
    };
    let details = inventory::Details {
        properties: vec![comment],
        ..inventory::Details::default()
    };
    let inventory = Inventory {
        components: vec![Component {
            reference: "a".to_owned(),
            name: "a".to_owned(),
            scope: Scope::Excluded,
            facts: PackageFacts {
                yanked: Some(true),
                ..PackageFacts::default()
            },
            details: details.boxed(),
            ..Component::default()
        }],
        ..Inventory::default()
    };
    for export in Export::ALL {
        assert_eq!(
            kept(&read(&written(&inventory, export))),
            kept(&inventory),
            "{export}"
        );
    }
}
