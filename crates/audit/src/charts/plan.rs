//! Which components are drawn where: a tree over the graph in which each component stands once.

use std::collections::VecDeque;

use inventory::{ComponentId, Inventory, Scope};

use super::marks::{Mark, Marks};
use super::{Chart, Look};
use crate::Graph;
use crate::label::label;
use crate::status::is_grouping;

/// What is drawn of one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The product, or what stands for it where the document names none.
    Product(Option<ComponentId>),
    /// Holds what no way from the product leads to.
    Unplaced,
    Component(ComponentId),
    /// A component that is drawn elsewhere, at this place of the plan.
    Again(ComponentId, usize),
    /// So many more.
    More(usize),
}

#[derive(Clone, Debug)]
pub(super) struct Place {
    pub what: What,
    pub depth: usize,
    pub children: Vec<usize>,
}

/// How much is drawn at most.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Places altogether.
    pub places: usize,
    /// Below one place.
    pub children: usize,
    /// Whether a component that is drawn elsewhere gets a place that links there.
    pub links: bool,
}

/// Which part of the graph is planned.
#[derive(Clone, Copy, Default)]
pub(super) struct Part<'p> {
    /// Begins at this component instead of at the product; what it does not lead to is left out.
    pub from: Option<ComponentId>,
    /// Whether a component is kept, by its id; without it, all are.
    pub kept: Option<&'p [bool]>,
}

/// The places; the first is the product.
pub(super) struct Plan {
    pub places: Vec<Place>,
    /// Components that have a place.
    pub drawn: usize,
    /// Components that could have had one.
    pub total: usize,
}

struct Planner<'p> {
    inventory: &'p Inventory,
    graph: &'p Graph,
    marks: &'p Marks<'p>,
    look: &'p Look<'p>,
    bounds: Bounds,
    part: Part<'p>,
    /// Where the plan begins.
    root: Option<ComponentId>,
    /// The place of each component that has one.
    place_of: Vec<Option<usize>>,
    places: Vec<Place>,
    queue: VecDeque<usize>,
}

/// Breadth first, so that a component is drawn where it is nearest to the product.
pub(super) fn plan(
    chart: &Chart<'_>,
    graph: &Graph,
    marks: &Marks<'_>,
    look: &Look<'_>,
    bounds: Bounds,
    part: Part<'_>,
) -> Plan {
    let root = part.from.or(chart.inventory.root);
    let mut planner = Planner {
        inventory: chart.inventory,
        graph,
        marks,
        look,
        bounds,
        part,
        root,
        place_of: vec![None; chart.inventory.components.len()],
        places: vec![Place {
            what: What::Product(root),
            depth: 0,
            children: Vec::new(),
        }],
        queue: VecDeque::new(),
    };
    if let Some(root) = root {
        planner.note(root, 0);
    }
    let tops = planner.tops();
    planner.fill(0, &tops);
    planner.walk();
    let lost = if part.from.is_some() {
        Vec::new()
    } else {
        planner.unplaced()
    };
    if !lost.is_empty() {
        let holder = planner.push(0, What::Unplaced);
        planner.fill(holder, &lost);
    }
    let total = (0..)
        .zip(&chart.inventory.components)
        .filter(|(id, _)| planner.is_wanted(*id) && !planner.is_mere_grouping(*id))
        .count();
    let drawn = planner
        .places
        .iter()
        .filter(|place| matches!(place.what, What::Component(_)))
        .count();
    Plan {
        places: planner.places,
        drawn,
        total,
    }
}

impl Planner<'_> {
    /// What the product needs; without a product, what nobody needs and what needs others.
    fn tops(&self) -> Vec<ComponentId> {
        if let Some(root) = self.root
            && (self.part.from.is_some() || !self.graph.dependencies(root).is_empty())
        {
            return self.ordered(self.graph.dependencies(root));
        }
        let ids = (0..).zip(&self.inventory.components).map(|(id, _)| id);
        let tops: Vec<ComponentId> = ids
            .filter(|id| self.graph.dependents(*id).is_empty() && !self.graph.dependencies(*id).is_empty())
            .collect();
        self.ordered(&tops)
    }

    /// What has no place although nothing cut it off: no way from the product leads there.
    fn unplaced(&self) -> Vec<ComponentId> {
        let mut reached = vec![false; self.place_of.len()];
        let mut queue: Vec<ComponentId> = self.root.into_iter().chain(self.tops()).collect();
        while let Some(id) = queue.pop() {
            let Some(slot) = reached.get_mut(id as usize) else {
                continue;
            };
            if !std::mem::replace(slot, true) {
                queue.extend(self.graph.dependencies(id));
            }
        }
        let lost: Vec<ComponentId> = (0..)
            .zip(&reached)
            .filter(|(_, reached)| !**reached)
            .map(|(id, _)| id)
            .filter(|id| !self.is_mere_grouping(*id))
            .collect();
        self.ordered(&lost)
    }

    /// Those that are wanted: what is affected first, what leads there next, then by name.
    fn ordered(&self, ids: &[ComponentId]) -> Vec<ComponentId> {
        let rank = |id: ComponentId| match self.marks.get(id) {
            Mark::Affected => 0,
            Mark::Leads => 1,
            Mark::NotChecked | Mark::Clear => 2,
        };
        let mut wanted: Vec<(u8, String, ComponentId)> = ids
            .iter()
            .filter(|id| self.is_wanted(**id))
            .filter_map(|id| {
                let component = self.inventory.components.get(*id as usize)?;
                Some((rank(*id), label(component), *id))
            })
            .collect();
        wanted.sort();
        wanted.dedup_by_key(|(_, _, id)| *id);
        wanted.into_iter().map(|(_, _, id)| id).collect()
    }

    fn is_wanted(&self, id: ComponentId) -> bool {
        let Some(component) = self.inventory.components.get(id as usize) else {
            return false;
        };
        let in_scope = match component.scope {
            Scope::Required | Scope::Optional => true,
            Scope::Dev => self.look.include_dev,
            Scope::Excluded => false,
        };
        let is_kept = self
            .part
            .kept
            .is_none_or(|kept| kept.get(id as usize).copied().unwrap_or(false));
        in_scope && is_kept && self.root != Some(id)
    }

    /// A file or an operating system that is only listed is nothing that a product needs.
    fn is_mere_grouping(&self, id: ComponentId) -> bool {
        let component = self.inventory.components.get(id as usize);
        component.is_some_and(is_grouping) && self.graph.dependencies(id).is_empty()
    }

    fn walk(&mut self) {
        while let Some(place) = self.queue.pop_front() {
            let Some(What::Component(id)) = self.places.get(place).map(|place| place.what) else {
                continue;
            };
            let needed = self.ordered(self.graph.dependencies(id));
            self.fill(place, &needed);
        }
    }

    /// Gives places below `parent`, as far as there is room.
    fn fill(&mut self, parent: usize, ids: &[ComponentId]) {
        let depth = self.places.get(parent).map_or(0, |place| place.depth);
        let room = self.bounds.places.saturating_sub(self.places.len());
        let limit = if depth >= self.look.max_depth {
            0
        } else {
            room.min(self.bounds.children)
        };
        let mut left_out = 0;
        let mut used = 0;
        for &id in ids {
            let known = self.place_of.get(id as usize).copied().flatten();
            match known {
                Some(_) if !self.bounds.links => {}
                _ if used >= limit => left_out += 1,
                Some(there) => {
                    self.push(parent, What::Again(id, there));
                    used += 1;
                }
                None => {
                    let place = self.push(parent, What::Component(id));
                    self.note(id, place);
                    self.queue.push_back(place);
                    used += 1;
                }
            }
        }
        if left_out > 0 {
            self.push(parent, What::More(left_out));
        }
    }

    fn push(&mut self, parent: usize, what: What) -> usize {
        let place = self.places.len();
        let depth = self.places.get(parent).map_or(0, |parent| parent.depth + 1);
        self.places.push(Place {
            what,
            depth,
            children: Vec::new(),
        });
        if let Some(parent) = self.places.get_mut(parent) {
            parent.children.push(place);
        }
        place
    }

    fn note(&mut self, id: ComponentId, place: usize) {
        if let Some(slot) = self.place_of.get_mut(id as usize) {
            *slot = Some(place);
        }
    }
}
