use inventory::{Component, ComponentId, Inventory, Scope};

use super::{Chart, Look};
use crate::{Report, sample};

fn pictures(inventory: &Inventory, report: &Report, look: &Look<'_>) -> [String; 2] {
    let chart = Chart::of(inventory, report);
    [chart.tree(look), chart.treemap(look)]
}

fn named(purl: &str) -> Component {
    let purl: inventory::Purl = purl.parse().unwrap();
    Component {
        reference: purl.to_string(),
        name: purl.name().to_owned(),
        version: purl.version().map(str::to_owned),
        purl: Some(purl),
        ..Component::default()
    }
}

/// The root and `count` packages with edges between them.
fn many(count: u32, edges: Vec<(ComponentId, ComponentId)>) -> Inventory {
    let packages = (1..=count).map(|number| named(&format!("pkg:npm/p{number}@1.0.0")));
    Inventory {
        root: Some(0),
        components: std::iter::once(named("pkg:npm/shop@1.4.0"))
            .chain(packages)
            .collect(),
        edges,
        ..Inventory::default()
    }
}

/// A report that checked everything and found nothing.
fn clean(inventory: &Inventory) -> Report {
    let sample = sample::report();
    let template = sample.components[0].clone();
    Report {
        findings: Vec::new(),
        components: inventory
            .iter()
            .map(|(id, _)| crate::ComponentStatus {
                component: id,
                ..template.clone()
            })
            .collect(),
        ..sample
    }
}

/// Every element is closed, which quick eyes and strict readers want.
fn check_well_formed(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    for part in svg.split('<').skip(1) {
        let (tag, _) = part.split_once('>').unwrap_or_else(|| panic!("<{part}"));
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{svg}");
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap());
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn the_pictures_are_as_agreed() {
    let (inventory, report) = (sample::inventory(), sample::report());
    let link = |id: ComponentId| Some(format!("/components/{id}"));
    let look = Look {
        link: &link,
        ..Look::named("shop")
    };
    let [tree, treemap] = pictures(&inventory, &report, &look);
    insta::assert_snapshot!("tree", tree);
    insta::assert_snapshot!("treemap", treemap);
}

#[test]
fn equal_arguments_give_equal_bytes_that_are_well_formed() {
    let (inventory, report) = (sample::inventory(), sample::report());
    let once = pictures(&inventory, &report, &Look::named("shop"));
    assert_eq!(once, pictures(&inventory, &report, &Look::named("shop")));
    once.iter().for_each(|svg| check_well_formed(svg));
}

#[test]
fn what_two_need_is_drawn_once_and_linked() {
    let (inventory, report) = (sample::inventory(), sample::report());
    let [tree, treemap] = pictures(&inventory, &report, &Look::named("shop"));
    assert_eq!(tree.matches("minimist@1.2.0</text>").count(), 1);
    let (_, link) = tree.split_once("<a href=\"#").unwrap();
    let (place, rest) = link.split_once('"').unwrap();
    assert!(rest.contains("minimist@1.2.0 ↗"), "{rest}");
    assert!(
        tree.contains(&format!("id=\"{place}\"")),
        "the link leads somewhere"
    );
    assert_eq!(treemap.matches("<title>minimist@1.2.0").count(), 1);
    assert!(treemap.contains("minimist@1.2.0 ·"), "shared by two");
}

/// Sandworm draws trees expanded: with development dependencies, eight megabytes (defect 11).
#[test]
fn a_graph_that_would_explode_stays_small() {
    // Every layer needs all of the next one: 10^8 ways.
    let mut edges = Vec::new();
    for layer in 0..8 {
        for from in 0..10 {
            for to in 0..10 {
                edges.push((1 + layer * 10 + from, 11 + layer * 10 + to));
            }
        }
    }
    edges.extend((1..=10).map(|first| (0, first)));
    edges.sort_unstable();
    let inventory = many(90, edges);
    let report = clean(&inventory);
    let look = Look {
        max_depth: 20,
        ..Look::named("shop")
    };
    for svg in pictures(&inventory, &report, &look) {
        assert!(svg.len() < 300_000, "{}", svg.len());
        check_well_formed(&svg);
        for number in 1..=90 {
            assert!(svg.contains(&format!("p{number}@1.0.0")), "{number}");
        }
    }
}

#[test]
fn what_does_not_fit_is_counted() {
    let wide = many(10_000, (1..=10_000).map(|id| (0, id)).collect());
    let [tree, treemap] = pictures(&wide, &clean(&wide), &Look::named("shop"));
    assert!(tree.contains("+9920 more"), "80 of 10,000 are drawn");
    assert!(tree.contains("9920 are only counted"));
    assert!(treemap.contains("more"), "what is too small is counted");
    let deep = many(40, (0..40).map(|id| (id, id + 1)).collect());
    let look = Look {
        max_depth: 3,
        ..Look::named("shop")
    };
    for svg in pictures(&deep, &clean(&deep), &look) {
        assert!(svg.contains("p3@1.0.0") && !svg.contains("p4@1.0.0"));
        assert!(svg.contains("+1 more"));
    }
}

#[test]
fn rings_lonely_components_and_documents_without_a_product_are_drawn() {
    let mut ring = many(3, vec![(0, 1), (1, 2), (2, 3), (3, 1)]);
    ring.components.push(named("pkg:npm/lonely@1.0.0"));
    let report = clean(&ring);
    for svg in pictures(&ring, &report, &Look::named("shop")) {
        check_well_formed(&svg);
        assert!(svg.contains("without a known place") && svg.contains("lonely@1.0.0"));
    }
    let rootless = Inventory { root: None, ..ring };
    let empty = Inventory::default();
    for inventory in [&rootless, &empty] {
        for svg in pictures(inventory, &clean(inventory), &Look::named("shop")) {
            check_well_formed(&svg);
            assert!(svg.contains("shop"));
        }
    }
}

#[test]
fn a_mark_is_a_sign_and_words_and_what_was_not_checked_is_not_clear() {
    let (inventory, mut report) = (sample::inventory(), sample::report());
    let [tree, _] = pictures(&inventory, &report, &Look::named("shop"));
    assert!(tree.contains("✗ minimist@1.2.0"));
    assert!(tree.contains("▲ bcrypt@5.0.0"), "it leads to minimist");
    assert!(tree.contains("● left-pad@1.3.0"));
    for status in &mut report.components {
        status.why_not = Some(crate::WhyNotChecked::FeedNotLoaded);
    }
    let [tree, treemap] = pictures(&inventory, &report, &Look::named("shop"));
    assert!(tree.contains("? left-pad@1.3.0") && treemap.contains("? left-pad@1.3.0"));
    report.components.clear();
    let [tree, _] = pictures(&inventory, &report, &Look::named("shop"));
    assert!(
        tree.contains("? left-pad@1.3.0"),
        "one that is not listed was not checked"
    );
}

#[test]
fn development_dependencies_are_drawn_when_asked_for() {
    let mut inventory = many(2, vec![(0, 1), (0, 2)]);
    inventory.components[2].scope = Scope::Dev;
    let report = clean(&inventory);
    let all = Look {
        include_dev: true,
        ..Look::named("shop")
    };
    assert!(!pictures(&inventory, &report, &Look::named("shop"))[0].contains("p2@1.0.0"));
    let [tree, treemap] = pictures(&inventory, &report, &all);
    assert!(tree.contains("p2@1.0.0") && treemap.contains("p2@1.0.0"));
    assert!(tree.contains("stroke-dasharray"), "and told apart");
}

#[test]
fn area_is_size_where_all_sizes_are_known() {
    let inventory = many(2, vec![(0, 1), (0, 2)]);
    let report = clean(&inventory);
    let size = |id: ComponentId| Some(if id == 1 { 9_000 } else { 1_000 });
    let look = Look {
        size: &size,
        ..Look::named("shop")
    };
    let [_, treemap] = pictures(&inventory, &report, &look);
    assert!(treemap.contains("Area is unpacked size") && treemap.contains("9000 bytes"));
    let partly = |id: ComponentId| (id == 1).then_some(9_000);
    let look = Look {
        size: &partly,
        ..Look::named("shop")
    };
    assert!(pictures(&inventory, &report, &look)[1].contains("Area counts packages"));
}

/// Sandworm puts advisory texts into pages as HTML (defect 7).
#[test]
fn nothing_from_outside_becomes_markup_or_an_address_that_runs() {
    let (mut inventory, mut report) = (sample::inventory(), sample::report());
    let nasty = "\"><script>alert(1)</script>\u{202e}<svg onload=x style=\"x\">";
    for component in &mut inventory.components {
        component.name = nasty.to_owned();
        component.purl = None;
        component.licenses[..]
            .iter_mut()
            .for_each(|claim| claim.text = nasty.to_owned());
    }
    for finding in &mut report.findings {
        finding.canonical = nasty.to_owned();
    }
    let link = |_: ComponentId| Some("javascript:alert(1)".to_owned());
    let look = Look {
        link: &link,
        prefix: nasty,
        ..Look::named(nasty)
    };
    for svg in pictures(&inventory, &report, &look) {
        check_well_formed(&svg);
        assert!(!svg.contains("<script") && !svg.contains("javascript:") && !svg.contains('\u{202e}'));
        assert!(!svg.contains(" onload") || !svg.contains("<svg onload"));
        assert!(!svg.contains(" style=\""), "no inline style");
    }
}

#[test]
fn fifty_thousand_components_take_no_stack() {
    let chain = many(50_000, (0..50_000).map(|id| (id, id + 1)).collect());
    let look = Look {
        max_depth: 100_000,
        ..Look::named("shop")
    };
    for svg in pictures(&chain, &clean(&chain), &look) {
        assert!(svg.contains("more"));
    }
}
