//! The tree as rows of text, for pages on which branches open and close.

use advisories::Severity;
use inventory::ComponentId;
use policy::Finding;

use super::marks::{Mark, Marks};
use super::plan::{Bounds, Part, What, plan};
use super::{Chart, Look};
use crate::Graph;
use crate::label::label;

/// Rows that a page can carry; what does not fit is counted in its place.
const BOUNDS: Bounds = Bounds {
    places: 1_500,
    children: 200,
    links: true,
};

/// Which part of the tree is written out.
#[derive(Clone, Copy, Debug)]
pub struct Extract<'a> {
    /// Begins at this component instead of at the product.
    pub from: Option<ComponentId>,
    pub only: Only<'a>,
    /// Steps from where it begins; what lies deeper is counted.
    pub max_depth: usize,
    /// Whether what only development needs is written out.
    pub include_dev: bool,
}

/// Which components are written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only<'a> {
    All,
    /// Affected ones, and what leads to them.
    Affected,
    /// Those whose name or version holds this text, whatever its case, and what leads to them.
    Named(&'a str),
}

/// The rows in reading order: what a component needs stands behind it, one step deeper.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    pub rows: Vec<OutlineRow>,
    /// Components that have a row.
    pub drawn: usize,
    /// Components that could have had one.
    pub total: usize,
    /// Components of the whole build that an open finding is about.
    pub affected: usize,
}

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutlineRow {
    pub what: Entry,
    pub depth: usize,
    pub has_children: bool,
}

/// What a row tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Where the outline begins; the product may have no component of its own.
    Top(Option<Node>),
    /// Holds what no way from the product leads to.
    Unplaced,
    Component(Node),
    /// A component whose row stands elsewhere.
    Again(Node),
    /// So many more below this component, or below the top.
    More(usize, Option<ComponentId>),
}

/// What is known of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    pub id: ComponentId,
    pub mark: Mark,
    /// Open findings of its own.
    pub findings: usize,
    /// The worst of them.
    pub worst: Option<Severity>,
    /// Components that name it.
    pub parents: usize,
}

/// An affected component and the open findings about it.
#[derive(Clone, Debug)]
pub struct Affected<'a> {
    pub id: ComponentId,
    pub findings: Vec<&'a Finding>,
    /// The worst of them.
    pub worst: Severity,
}

/// All affected components, worst first, then by name.
pub(super) fn affected<'a>(chart: &Chart<'a>) -> Vec<Affected<'a>> {
    let found = super::marks::by_component(chart.inventory, chart.findings);
    let name = |id: ComponentId| chart.inventory.components.get(id as usize).map(label);
    let mut all: Vec<(Option<String>, Affected<'a>)> = found
        .into_iter()
        .filter_map(|(id, findings)| {
            let worst = findings.iter().map(|finding| finding.severity.level).max()?;
            Some((name(id), Affected { id, findings, worst }))
        })
        .collect();
    all.sort_by(|(one, a), (other, b)| {
        b.worst
            .cmp(&a.worst)
            .then_with(|| b.findings.len().cmp(&a.findings.len()))
            .then_with(|| one.cmp(other))
            .then_with(|| a.id.cmp(&b.id))
    });
    all.into_iter().map(|(_, affected)| affected).collect()
}

pub(super) fn outline(chart: &Chart<'_>, extract: &Extract<'_>) -> Outline {
    let graph = Graph::new(chart.inventory);
    let marks = Marks::of(chart, &graph);
    let kept = kept(chart, &graph, &marks, extract.only);
    let look = Look {
        max_depth: extract.max_depth,
        include_dev: extract.include_dev,
        ..Look::named("")
    };
    let part = Part {
        from: extract.from,
        kept: kept.as_deref(),
    };
    let plan = plan(chart, &graph, &marks, &look, BOUNDS, part);
    let node = |id| Node {
        id,
        mark: marks.get(id),
        findings: marks.findings(id).len(),
        worst: marks.worst(id),
        parents: graph.dependents(id).len(),
    };
    let mut rows = Vec::with_capacity(plan.places.len());
    let mut left = vec![(0, None)];
    while let Some((index, above)) = left.pop() {
        let Some(place) = plan.places.get(index) else {
            continue;
        };
        let (what, own) = match place.what {
            What::Product(id) => (Entry::Top(id.map(node)), extract.from),
            What::Unplaced => (Entry::Unplaced, None),
            What::Component(id) => (Entry::Component(node(id)), Some(id)),
            What::Again(id, _) => (Entry::Again(node(id)), None),
            What::More(count) => (Entry::More(count, above), None),
        };
        rows.push(OutlineRow {
            what,
            depth: place.depth,
            has_children: !place.children.is_empty(),
        });
        left.extend(place.children.iter().rev().map(|child| (*child, own)));
    }
    Outline {
        rows,
        drawn: plan.drawn,
        total: plan.total,
        affected: marks.affected(),
    }
}

/// Whether each component is written out; `None` when all are.
fn kept(chart: &Chart<'_>, graph: &Graph, marks: &Marks<'_>, only: Only<'_>) -> Option<Vec<bool>> {
    let components = &chart.inventory.components;
    let ids = || (0..).zip(components);
    match only {
        Only::All => None,
        Only::Affected => Some(
            ids()
                .map(|(id, _)| matches!(marks.get(id), Mark::Affected | Mark::Leads))
                .collect(),
        ),
        Only::Named(text) => {
            let text = text.to_lowercase();
            let mut kept = vec![false; components.len()];
            let mut queue: Vec<ComponentId> = ids()
                .filter(|(_, component)| label(component).to_lowercase().contains(&text))
                .map(|(id, _)| id)
                .collect();
            while let Some(id) = queue.pop() {
                let Some(slot) = kept.get_mut(id as usize) else {
                    continue;
                };
                if !std::mem::replace(slot, true) {
                    queue.extend(graph.dependents(id));
                }
            }
            Some(kept)
        }
    }
}

#[cfg(test)]
mod tests {
    use inventory::{Component, Inventory};

    use super::*;
    use crate::sample;

    fn whole() -> Extract<'static> {
        Extract {
            from: None,
            only: Only::All,
            max_depth: 9,
            include_dev: true,
        }
    }

    /// `a → b → c`, `a → c`, and `d` that nothing leads to; `shop` needs `a`.
    fn inventory() -> Inventory {
        let named = |name: &str| {
            let purl: inventory::Purl = format!("pkg:npm/{name}@1.0.0").parse().unwrap();
            Component {
                reference: name.to_owned(),
                name: name.to_owned(),
                version: Some("1.0.0".to_owned()),
                purl: Some(purl),
                ..Component::default()
            }
        };
        Inventory {
            root: Some(0),
            components: ["shop", "a", "b", "c", "d"].map(named).to_vec(),
            edges: vec![(0, 1), (1, 2), (1, 3), (2, 3), (3, 1)],
            ..Inventory::default()
        }
    }

    /// Names by depth, `=` before one that stands elsewhere.
    fn written(inventory: &Inventory, extract: &Extract<'_>) -> Vec<String> {
        let chart = Chart {
            inventory,
            findings: &[],
            components: &[],
        };
        let name = |node: &Node| inventory.components[node.id as usize].name.clone();
        let rows = chart.outline(extract).rows;
        rows.iter()
            .map(|row| {
                let text = match &row.what {
                    Entry::Top(node) => node.as_ref().map(name).unwrap_or_default(),
                    Entry::Unplaced => "?".to_owned(),
                    Entry::Component(node) => name(node),
                    Entry::Again(node) => format!("={}", name(node)),
                    Entry::More(count, below) => format!("{count} below {below:?}"),
                };
                format!("{}{text}", " ".repeat(row.depth))
            })
            .collect()
    }

    #[test]
    fn each_component_stands_once_and_cycles_end() {
        assert_eq!(
            written(&inventory(), &whole()),
            ["shop", " a", "  b", "   =c", "  c", "   =a", " ?", "  d"]
        );
    }

    #[test]
    fn a_part_is_what_is_asked_for() {
        let named = Extract {
            only: Only::Named("C@1"),
            ..whole()
        };
        assert_eq!(
            written(&inventory(), &named),
            ["shop", " a", "  b", "   =c", "  c", "   =a"]
        );
        let below = Extract {
            from: Some(2),
            ..whole()
        };
        assert_eq!(written(&inventory(), &below), ["b", " c", "  a", "   =c"]);
        let shallow = Extract {
            max_depth: 1,
            ..whole()
        };
        assert_eq!(
            written(&inventory(), &shallow),
            ["shop", " a", "  2 below Some(1)", " ?", "  1 below None"]
        );
    }

    #[test]
    fn only_what_leads_to_a_finding_is_kept_on_request() {
        let (inventory, report) = (sample::inventory(), sample::report());
        let chart = Chart::of(&inventory, &report);
        let affected = Extract {
            only: Only::Affected,
            ..whole()
        };
        let outline = chart.outline(&affected);
        assert!(outline.affected > 0 && outline.total < chart.outline(&whole()).total);
        for row in &outline.rows {
            if let Entry::Component(node) = row.what {
                assert!(matches!(node.mark, Mark::Affected | Mark::Leads), "{node:?}");
                assert_eq!(node.findings > 0, node.mark == Mark::Affected, "{node:?}");
            }
        }
    }
}
