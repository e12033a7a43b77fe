//! Where each component stands in the document, and what it is called there.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use crate::formats::write::text;
use crate::{ComponentId, Inventory};

/// Components are nested at most this deep: JSON parsers allow 128 levels, and each nesting takes two.
const DEEPEST: usize = 40;

/// A node of the graph and what it depends on, by reference.
pub(super) type Node<'l> = (&'l str, Vec<&'l str>);

pub(super) struct Layout<'i> {
    references: Vec<Cow<'i, str>>,
    /// What is nested directly in each component, by position.
    nested: HashMap<ComponentId, Vec<ComponentId>>,
    /// Components that stand in the outermost list, by position.
    top_level: Vec<ComponentId>,
    /// What contains each component without its being nested there.
    contained_by: HashMap<ComponentId, Vec<ComponentId>>,
    defined: HashSet<String>,
    /// Positions by the references of the inventory.
    ids: HashMap<&'i str, ComponentId>,
}

impl<'i> Layout<'i> {
    pub(super) fn new(inventory: &'i Inventory) -> Self {
        let (references, defined) = references(inventory);
        let mut layout = Self {
            references,
            nested: HashMap::new(),
            top_level: Vec::new(),
            contained_by: HashMap::new(),
            defined,
            ids: HashMap::new(),
        };
        layout.place(inventory);
        for (id, component) in (0..).zip(&inventory.components) {
            layout.ids.entry(component.reference.as_str()).or_insert(id);
        }
        layout
    }

    /// Nests a component in its parent, if that stands before it; what a merge of twins has turned around, and what
    /// would be nested too deep, stays in the outermost list.
    fn place(&mut self, inventory: &Inventory) {
        let mut depths: Vec<usize> = Vec::with_capacity(inventory.components.len());
        let mut inside: HashMap<ComponentId, ComponentId> = HashMap::new();
        for (id, component) in (0..).zip(&inventory.components) {
            let depth_of = |parent: ComponentId| depths.get(usize::try_from(parent).ok()?).copied();
            let parent = component
                .parent
                .filter(|parent| *parent < id && inventory.root != Some(id))
                .and_then(|parent| Some((parent, depth_of(parent)?)))
                .filter(|(_, depth)| *depth < DEEPEST);
            depths.push(parent.map_or(0, |(_, depth)| depth + 1));
            match parent {
                Some((parent, _)) => {
                    self.nested.entry(parent).or_default().push(id);
                    inside.insert(id, parent);
                }
                None if inventory.root == Some(id) => {}
                None => self.top_level.push(id),
            }
        }
        for (outer, inner) in &inventory.containment {
            if inside.get(inner) != Some(outer) {
                self.contained_by.entry(*inner).or_default().push(*outer);
            }
        }
    }

    pub(super) fn top_level(&self) -> impl Iterator<Item = ComponentId> {
        self.top_level.iter().copied()
    }

    pub(super) fn nested(&self, id: ComponentId) -> impl Iterator<Item = ComponentId> {
        self.nested.get(&id).into_iter().flatten().copied()
    }

    pub(super) fn reference(&self, id: ComponentId) -> &str {
        usize::try_from(id)
            .ok()
            .and_then(|index| self.references.get(index))
            .map_or("", Cow::as_ref)
    }

    /// References of what contains the component, where it is not nested in it.
    pub(super) fn contained_by(&self, id: ComponentId) -> Vec<String> {
        let outer = self.contained_by.get(&id).into_iter().flatten();
        outer.map(|outer| self.reference(*outer).to_owned()).collect()
    }

    /// The reference as it stands in this document, for one of the inventory's.
    pub(super) fn renamed<'r>(&'r self, reference: &'r str) -> &'r str {
        self.ids
            .get(reference)
            .map_or(reference, |id| self.reference(*id))
    }

    /// Those references that the document defines, each once.
    pub(super) fn defined<'r>(&'r self, references: &'r [String]) -> Vec<&'r str> {
        let mut seen = HashSet::new();
        references
            .iter()
            .map(|reference| self.renamed(reference))
            .filter(|reference| self.defined.contains(*reference) && seen.insert(*reference))
            .collect()
    }

    /// Every component with what it depends on.
    pub(super) fn graph<'l>(&'l self, inventory: &'l Inventory) -> impl Iterator<Item = Node<'l>> {
        let mut edges = inventory.edges.iter().peekable();
        (0..).zip(&inventory.components).map(move |(id, component)| {
            let mut targets = Vec::new();
            while let Some(edge) = edges.next_if(|edge| edge.0 <= id) {
                let is_containment = inventory.containment.binary_search(edge).is_ok();
                if edge.0 == id && !is_containment {
                    targets.push(self.reference(edge.1));
                }
            }
            targets.extend(self.services_of(inventory, &component.reference));
            (self.reference(id), targets)
        })
    }

    /// The services that a component depends on.
    fn services_of<'l>(
        &'l self,
        inventory: &'l Inventory,
        reference: &'l str,
    ) -> impl Iterator<Item = &'l str> {
        let start = inventory
            .service_edges
            .partition_point(|edge| edge.from.as_str() < reference);
        let edges = inventory.service_edges.get(start..).unwrap_or_default();
        edges
            .iter()
            .take_while(move |edge| edge.from == reference)
            .map(|edge| self.renamed(&edge.to))
    }

    /// Every service with what it depends on.
    pub(super) fn service_graph<'l>(&'l self, inventory: &'l Inventory) -> impl Iterator<Item = Node<'l>> {
        let mut nodes = BTreeMap::<&str, Vec<&str>>::new();
        for edge in &inventory.service_edges {
            if !self.ids.contains_key(edge.from.as_str()) && self.defined.contains(&edge.from) {
                nodes.entry(&edge.from).or_default().push(self.renamed(&edge.to));
            }
        }
        nodes.into_iter()
    }
}

/// The reference of each component, and all that the document defines. A reference that could not be read back (it
/// is empty, a link into another document, or has characters that XML lacks) is replaced.
fn references(inventory: &Inventory) -> (Vec<Cow<'_, str>>, HashSet<String>) {
    let mut defined: HashSet<String> = inventory
        .services
        .iter()
        .map(|service| service.reference.clone())
        .collect();
    let good = |reference: &str| {
        !reference.is_empty()
            && reference.trim() == reference
            && !reference.starts_with("urn:cdx:")
            && !reference.contains(['\n', '\r', '\t'])
            && text::is_clean(reference)
    };
    let mut references: Vec<Cow<'_, str>> = Vec::with_capacity(inventory.components.len());
    for (id, component) in inventory.components.iter().enumerate() {
        let mut reference = Cow::Borrowed(component.reference.as_str());
        let mut attempt = 0;
        while !good(&reference) || defined.contains(reference.as_ref()) {
            reference = Cow::Owned(match attempt {
                0 => format!("component-{id}"),
                _ => format!("component-{id}-{attempt}"),
            });
            attempt += 1;
        }
        defined.insert(reference.clone().into_owned());
        references.push(reference);
    }
    defined.remove("");
    (references, defined)
}
