use inventory::{Component, ComponentKind, Contact, Hash, Inventory, Metadata, Purl, Source};

use super::{Asked, Criterion, MOST_MISSING, Quality, quality};
use crate::sample;

fn asked(quality: &Quality, id: Asked) -> Option<&Criterion> {
    quality.criteria.iter().find(|criterion| criterion.id == id)
}

/// Share in percent, what meets it, of how many.
fn numbers(quality: &Quality, id: Asked) -> (u32, u32, u32) {
    let criterion = asked(quality, id).unwrap();
    (criterion.share / 100, criterion.met, criterion.of)
}

#[test]
fn the_weights_are_a_hundred() {
    let all: u32 = Asked::ALL.iter().map(|asked| asked.weight()).sum();
    assert_eq!(all, 100);
}

#[test]
fn every_number_can_be_counted_by_hand() {
    let quality = quality(&sample::inventory());
    for (id, expect) in [
        (Asked::Supplier, (0, 0, 7)),
        (Asked::Name, (100, 7, 7)),
        (Asked::Version, (100, 7, 7)),
        (Asked::Identifier, (100, 7, 7)),
        (Asked::Relationship, (100, 7, 7)),
        (Asked::Author, (0, 0, 1)),
        (Asked::Timestamp, (0, 0, 1)),
        (Asked::Matchable, (100, 7, 7)),
        (Asked::Graph, (100, 7, 7)),
        (Asked::License, (100, 7, 7)),
        (Asked::Hash, (0, 0, 7)),
    ] {
        assert_eq!(numbers(&quality, id), expect, "{id:?}");
    }
    assert_eq!(quality.score, Some(75), "5 + 10 + 10 + 10 + 20 + 10 + 10 of 100");
    let missing = &asked(&quality, Asked::Supplier).unwrap().missing;
    assert_eq!(missing[0], "bcrypt@5.0.0");
}

#[test]
fn what_is_mended_counts() {
    let mut inventory = sample::inventory();
    inventory.created = Some("2026-11-20T00:00:00Z".to_owned());
    inventory.tools = vec!["syft 1.18.1".to_owned()];
    assert_eq!(
        numbers(&quality(&inventory), Asked::Author).0,
        50,
        "a tool is no person"
    );
    let author = Contact {
        name: Some("Mara".to_owned()),
        ..Contact::default()
    };
    inventory.metadata = Metadata {
        authors: vec![author],
        ..Metadata::default()
    }
    .boxed();
    for component in &mut inventory.components {
        component.supplier = Some("Example".to_owned());
        component.hashes = vec![Hash {
            algorithm: "SHA-256".to_owned(),
            value: "00".repeat(32),
        }];
    }
    assert_eq!(quality(&inventory).score, Some(100));
    inventory.components[7].licenses.clear();
    let mended = quality(&inventory);
    assert_eq!(numbers(&mended, Asked::License), (85, 6, 7));
    assert_eq!(mended.score, Some(98), "nothing but everything is 100");
}

#[test]
fn what_does_not_apply_is_absent_and_never_zero() {
    let lockfile = Inventory {
        format: "package-lock.json".to_owned(),
        ..sample::inventory()
    };
    let read = quality(&lockfile);
    assert_eq!(
        (asked(&read, Asked::Author), asked(&read, Asked::Timestamp)),
        (None, None)
    );
    assert_eq!(read.score, Some(83), "75 of 90");
    let files = Inventory {
        format: "package-lock.json".to_owned(),
        components: vec![Component {
            kind: ComponentKind::File,
            name: "a.txt".to_owned(),
            ..Component::default()
        }],
        ..Inventory::default()
    };
    assert_eq!(
        (quality(&files).score, quality(&files).criteria),
        (None, Vec::new())
    );
    let mut own = sample::inventory();
    for component in &mut own.components {
        component.source = Source::Path(".".to_owned());
    }
    assert_eq!(
        asked(&quality(&own), Asked::Matchable),
        None,
        "own code is in no advisory"
    );
}

#[test]
fn without_a_graph_nothing_is_reached_and_containment_is_none() {
    let mut inventory = sample::inventory();
    inventory.containment = inventory.edges.clone();
    assert_eq!(numbers(&quality(&inventory), Asked::Graph).1, 0);
    assert_eq!(numbers(&quality(&inventory), Asked::Relationship).1, 7);
    inventory.edges.clear();
    inventory.containment.clear();
    assert_eq!(numbers(&quality(&inventory), Asked::Relationship).1, 0);
}

#[test]
fn examples_are_few_however_much_is_missing() {
    let component = |number: usize| Component {
        name: format!("a{number}"),
        purl: Purl::new("unheard-of", None, "a", None).ok(),
        ..Component::default()
    };
    let inventory = Inventory {
        components: (0..1_000).map(component).collect(),
        ..Inventory::default()
    };
    let read = quality(&inventory);
    let matchable = asked(&read, Asked::Matchable).unwrap();
    assert_eq!(
        (matchable.met, matchable.of, matchable.missing.len()),
        (0, 1_000, MOST_MISSING)
    );
}
