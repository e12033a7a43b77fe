//! Putting an inventory together: what every reader does alike once it knows its components.

use std::collections::{HashMap, HashSet};

use super::notices::Notices;
use super::place::{Mark, Place};
use super::write::carried::Related;
use super::{Limits, ReadError, cycles, extend_claims, extend_distinct, ownership};
use crate::{
    Component, ComponentId, ComponentKind, Inventory, Notice, Purl, Scope, Service, ServiceEdge, Source,
};

/// What a relation between two components says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    /// The first needs the second; the scope is what the relation says about the second, if anything.
    DependsOn(Option<Scope>),
    /// The second is inside the first.
    Contains,
}

pub(super) struct Assembly<'l> {
    pub(super) inventory: Inventory,
    pub(super) notices: Notices,
    limits: &'l Limits,
    by_reference: HashMap<String, ComponentId>,
    by_identity: HashMap<String, ComponentId>,
    /// References that the document defines but that are no components: files, services, the document itself.
    others: HashSet<String>,
    /// The last number that told references apart.
    suffix: usize,
    /// References of services, which relations may name.
    services: HashSet<String>,
    dependencies: Vec<(ComponentId, ComponentId)>,
    /// Where each of `dependencies` is said.
    origins: Vec<Mark>,
    containment: Vec<(ComponentId, ComponentId)>,
    /// Components with what they say of others, until all are known.
    related: Vec<(ComponentId, Related)>,
    /// Packages of languages that lie where the operating system installs them.
    in_system: Vec<ComponentId>,
    /// The strongest scope that relations give a component.
    scopes: HashMap<ComponentId, Scope>,
}

impl<'l> Assembly<'l> {
    pub(super) fn new(limits: &'l Limits) -> Self {
        Self {
            inventory: Inventory::default(),
            notices: Notices::default(),
            limits,
            by_reference: HashMap::new(),
            by_identity: HashMap::new(),
            others: HashSet::new(),
            suffix: 0,
            services: HashSet::new(),
            origins: Vec::new(),
            dependencies: Vec::new(),
            containment: Vec::new(),
            related: Vec::new(),
            in_system: Vec::new(),
            scopes: HashMap::new(),
        }
    }

    /// Adds a component, or merges it into the one with the same package URL and version.
    pub(super) fn add(
        &mut self,
        mut component: Component,
        place: &Place<'_>,
    ) -> Result<ComponentId, ReadError> {
        if component.reference.is_empty() {
            component.reference = match &component.purl {
                Some(purl) => purl.to_string(),
                None => place.to_string(),
            };
        }
        let identity = identity(&component);
        if let Some(known) = identity
            .as_ref()
            .and_then(|identity| self.by_identity.get(identity).copied())
        {
            self.merge(known, component, place);
            return Ok(known);
        }
        self.note_missing_version(&component, place);
        let id = self.insert(component, place)?;
        self.by_identity.extend(identity.map(|identity| (identity, id)));
        Ok(id)
    }

    fn insert(&mut self, mut component: Component, place: &Place<'_>) -> Result<ComponentId, ReadError> {
        let id = self.next_id()?;
        if self.by_reference.contains_key(&component.reference) {
            self.notices.warn(
                "duplicate_reference",
                place,
                format_args!(
                    "`{}` refers to another component already; relations go to that one",
                    component.reference
                ),
            );
            component.reference = self.free_reference(&component.reference);
        }
        self.by_reference.insert(component.reference.clone(), id);
        self.inventory.components.push(component);
        Ok(id)
    }

    fn next_id(&self) -> Result<ComponentId, ReadError> {
        let count = self.inventory.components.len();
        if count >= self.limits.components {
            let most = self.limits.components;
            return Err(ReadError::too_large(format!(
                "the document has more than {most} components"
            )));
        }
        ComponentId::try_from(count).map_err(|_| ReadError::too_large("too many components"))
    }

    /// The counter never goes back, so that a document full of such names costs each of them once.
    fn free_reference(&mut self, taken: &str) -> String {
        loop {
            self.suffix += 1;
            let candidate = format!("{taken}#{}", self.suffix);
            if !self.by_reference.contains_key(&candidate) {
                return candidate;
            }
        }
    }

    fn merge(&mut self, known: ComponentId, twin: Component, place: &Place<'_>) {
        self.notices.info(
            "duplicate_component",
            place,
            format_args!("`{}` stands in the document twice and is counted once", twin.name),
        );
        self.by_reference.entry(twin.reference.clone()).or_insert(known);
        if let Some(component) = self.component_mut(known) {
            absorb(component, twin);
        }
    }

    fn component_mut(&mut self, id: ComponentId) -> Option<&mut Component> {
        self.inventory.components.get_mut(usize::try_from(id).ok()?)
    }

    fn note_missing_version(&mut self, component: &Component, place: &Place<'_>) {
        let versionless = matches!(
            component.kind,
            ComponentKind::File | ComponentKind::Data | ComponentKind::Device | ComponentKind::Other
        );
        if component.version.is_none() && !versionless {
            self.notices.info(
                "no_version",
                place,
                format_args!(
                    "`{}` has no version; whether it is affected cannot be determined",
                    component.name
                ),
            );
        }
    }

    /// Remembers a reference that relations may name although it is no component.
    pub(super) fn add_other(&mut self, reference: &str) {
        self.others.insert(reference.to_owned());
    }

    /// Adds a service and gives its position.
    pub(super) fn add_service(&mut self, service: Service) -> Result<u32, ReadError> {
        let count = self.inventory.services.len();
        let most = self.limits.components;
        let id = u32::try_from(count).ok().filter(|_| count < most);
        let id =
            id.ok_or_else(|| ReadError::too_large(format!("the document has more than {most} services")))?;
        if !service.reference.is_empty() {
            self.services.insert(service.reference.clone());
            self.add_other(&service.reference);
        }
        self.inventory.services.push(service);
        Ok(id)
    }

    pub(super) fn is_service(&self, reference: &str) -> bool {
        self.services.contains(reference)
    }

    /// Relates a service and a component, or two services, by their references.
    pub(super) fn relate_service(&mut self, from: String, to: String) -> Result<(), ReadError> {
        self.check_relations()?;
        if from != to {
            self.inventory.service_edges.push(ServiceEdge { from, to });
        }
        Ok(())
    }

    /// The reference of a component after reading.
    pub(super) fn reference(&self, id: ComponentId) -> String {
        let component = usize::try_from(id)
            .ok()
            .and_then(|id| self.inventory.components.get(id));
        component
            .map(|component| component.reference.clone())
            .unwrap_or_default()
    }

    /// The component that a reference or a package URL names, if any.
    pub(super) fn find(&self, name: &str) -> Option<ComponentId> {
        self.by_reference.get(name).copied().or_else(|| {
            let purl = Some(name).filter(|name| name.starts_with("pkg:"))?;
            let purl = Purl::lenient(purl).ok()?;
            let identity = format!("{purl}\0{}", purl.version().unwrap_or_default());
            self.by_identity.get(&identity).copied()
        })
    }

    pub(super) fn nest(&mut self, child: ComponentId, parent: ComponentId) {
        if let Some(component) = self.component_mut(child).filter(|_| child != parent) {
            component.parent = component.parent.or(Some(parent));
        }
    }

    /// The component that a reference names; `None` for other known things, and with a notice for unknown ones.
    pub(super) fn resolve(&mut self, reference: &str, place: &Place<'_>) -> Option<ComponentId> {
        let found = self.by_reference.get(reference).copied();
        if found.is_none() && !self.others.contains(reference) {
            self.notices.warn(
                "dangling_reference",
                place,
                format_args!("`{reference}` is not defined in the document"),
            );
        }
        found
    }

    pub(super) fn is_other(&self, reference: &str) -> bool {
        self.others.contains(reference)
    }

    /// Notes that one component's files were installed by another.
    pub(super) fn own(&mut self, owner: ComponentId, owned: ComponentId) {
        if let Some(component) = self.component_mut(owned).filter(|_| owner != owned) {
            component.owned_by = Some(owner);
        }
    }

    /// Notes that a component lies where the operating system installs its own.
    pub(super) fn lies_in_system(&mut self, id: ComponentId) {
        self.in_system.push(id);
    }

    pub(super) fn relate(
        &mut self,
        from: ComponentId,
        to: ComponentId,
        relation: Relation,
        origin: Mark,
    ) -> Result<(), ReadError> {
        self.check_relations()?;
        if from == to {
            return Ok(());
        }
        match relation {
            Relation::Contains => self.containment.push((from, to)),
            Relation::DependsOn(scope) => {
                self.dependencies.push((from, to));
                self.origins.push(origin);
                let scope = scope.unwrap_or_default();
                let strongest = self.scopes.entry(to).or_insert(scope);
                *strongest = scope.min(*strongest);
            }
        }
        Ok(())
    }

    /// Remembers what a component says of others.
    pub(super) fn remember(&mut self, id: ComponentId, related: Related) {
        if !related.containers.is_empty() || related.owner.is_some() {
            self.related.push((id, related));
        }
    }

    /// Relates what was remembered, now that all components are known.
    pub(super) fn relate_remembered(&mut self, place: &Place<'_>) -> Result<(), ReadError> {
        for (id, related) in std::mem::take(&mut self.related) {
            for container in related.containers {
                if let Some(outer) = self.resolve(&container, place) {
                    self.relate(outer, id, Relation::Contains, Mark::None)?;
                }
            }
            if let Some(owner) = related.owner.and_then(|owner| self.resolve(&owner, place)) {
                self.own(owner, id);
            }
        }
        Ok(())
    }

    fn check_relations(&self) -> Result<(), ReadError> {
        let count = self.dependencies.len() + self.containment.len() + self.inventory.service_edges.len();
        let most = self.limits.edges;
        if count >= most {
            return Err(ReadError::too_large(format!(
                "the document has more than {most} relations"
            )));
        }
        Ok(())
    }

    /// Whether components may be nested this deep.
    pub(super) fn check_depth(&self, depth: usize, place: &Place<'_>) -> Result<(), ReadError> {
        let most = self.limits.nesting;
        if depth > most {
            return Err(
                ReadError::too_large(format!("components are nested deeper than {most} levels")).at(place),
            );
        }
        Ok(())
    }

    /// `relations` is the key of the document's list of relations.
    pub(super) fn finish(mut self, relations: &str) -> (Inventory, Vec<Notice>) {
        self.apply_scopes();
        self.note_cycles(relations);
        self.inventory.service_edges.sort_unstable();
        self.inventory.service_edges.dedup();
        ownership::find_owners(&mut self.inventory.components, &self.in_system);
        sort_and_dedup(&mut self.dependencies);
        sort_and_dedup(&mut self.containment);
        self.containment
            .retain(|edge| self.dependencies.binary_search(edge).is_err());
        let mut edges = self.dependencies;
        edges.extend_from_slice(&self.containment);
        edges.sort_unstable();
        self.inventory.edges = edges;
        self.inventory.containment = self.containment;
        if self.inventory.components.is_empty() {
            let text = format_args!("the document lists no components");
            self.notices.info("no_components", &Place::ROOT, text);
        }
        (self.inventory, self.notices.finish())
    }

    fn note_cycles(&mut self, relations: &str) {
        let components = &self.inventory.components;
        let origins = std::mem::take(&mut self.origins);
        let notices = &mut self.notices;
        cycles::find(components.len(), &self.dependencies, |edge, path| {
            let names: Vec<_> = path
                .iter()
                .filter_map(|id| components.get(*id).map(|component| component.name.as_str()))
                .collect();
            let place = Place::ROOT.key(relations);
            let origin = origins.get(edge).copied().unwrap_or_default();
            let text = format_args!("components depend on each other: {}", names.join(" → "));
            notices.info("cycle", &place.at(origin), text);
        });
    }

    /// Relations may only weaken what a component does not say of itself.
    fn apply_scopes(&mut self) {
        for (id, scope) in std::mem::take(&mut self.scopes) {
            if let Some(component) = self.component_mut(id) {
                component.scope = component.scope.max(scope);
            }
        }
    }
}

/// What makes two entries one component.
fn identity(component: &Component) -> Option<String> {
    let purl = component.purl.as_ref()?;
    Some(format!(
        "{purl}\0{}",
        component.version.as_deref().unwrap_or_default()
    ))
}

fn absorb(component: &mut Component, twin: Component) {
    component.scope = component.scope.min(twin.scope);
    if component.source != twin.source {
        // One of the two may be the public package, and advisories must find that one.
        component.source = Source::Registry;
    }
    component.group = component.group.take().or(twin.group);
    component.cpe = component.cpe.take().or(twin.cpe);
    component.supplier = component.supplier.take().or(twin.supplier);
    component.source_package = component.source_package.take().or(twin.source_package);
    component.parent = component.parent.or(twin.parent);
    component.details = component.details.take().or(twin.details);
    component.facts = std::mem::take(&mut component.facts).or(twin.facts);
    extend_claims(&mut component.licenses, twin.licenses);
    extend_distinct(&mut component.hashes, twin.hashes);
}

fn sort_and_dedup(edges: &mut Vec<(ComponentId, ComponentId)>) {
    edges.sort_unstable();
    edges.dedup();
}
