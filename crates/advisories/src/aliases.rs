//! Which records of a package speak of the same thing (`matching.md` §2.8).

use std::collections::{BTreeSet, HashMap};

use crate::entry::Entry;
use crate::identity::is_distribution;

/// A record with more aliases bundles several vulnerabilities; its aliases join nothing.
pub const BUNDLE_ALIASES: usize = 5;

/// A group with more ids is a mistake in someone's data and is taken apart.
pub const LARGEST_GROUP: usize = 32;

/// Live records joined by their aliases.
#[derive(Debug)]
pub(crate) struct Group {
    /// Indices into the entries, ascending.
    pub members: Vec<usize>,
    /// All ids, sorted.
    pub ids: Vec<String>,
    /// How many ids the group had before it was taken apart.
    pub split_from: Option<usize>,
}

impl Entry {
    /// The other names of the record that join it with records of the same names.
    ///
    /// A distribution's record about one vulnerability names that as its upstream; both then speak of
    /// the same component, for grouping sees the records of one package only.
    fn other_names(&self, base: &str) -> impl Iterator<Item = &str> {
        let names = |ids: &'_ [String], joins: bool| if joins { ids.len() } else { 0 };
        let aliases = names(&self.aliases, self.aliases.len() <= BUNDLE_ALIASES);
        let derived = is_distribution(base) && self.upstream.len() == 1;
        let upstream = names(&self.upstream, derived);
        let aliases = self.aliases.iter().take(aliases);
        aliases
            .chain(self.upstream.iter().take(upstream))
            .map(String::as_str)
    }
}

/// Joins the live entries, both ways and transitively. Groups come in the order of their first member.
pub(crate) fn group(base: &str, entries: &[Entry]) -> Vec<Group> {
    let mut sets = Sets::new(entries.len());
    let mut first_with: HashMap<&str, usize> = HashMap::new();
    for (index, entry) in live(entries) {
        for name in std::iter::once(entry.id.as_str()).chain(entry.other_names(base)) {
            let other = *first_with.entry(name).or_insert(index);
            sets.join(index, other);
        }
    }
    let mut members: HashMap<usize, Vec<usize>> = HashMap::new();
    for (index, _) in live(entries) {
        members.entry(sets.root(index)).or_default().push(index);
    }
    let mut members: Vec<Vec<usize>> = members.into_values().collect();
    members.sort_unstable();
    members
        .into_iter()
        .flat_map(|members| name_group(base, entries, members))
        .collect()
}

fn live(entries: &[Entry]) -> impl Iterator<Item = (usize, &Entry)> {
    entries.iter().enumerate().filter(|(_, entry)| !entry.withdrawn)
}

fn name_group(base: &str, entries: &[Entry], members: Vec<usize>) -> Vec<Group> {
    let of = |index: &usize| entries.get(*index);
    let mut ids: BTreeSet<&str> = BTreeSet::new();
    for entry in members.iter().filter_map(of) {
        ids.insert(&entry.id);
        ids.extend(entry.other_names(base));
    }
    if ids.len() <= LARGEST_GROUP {
        let ids = ids.into_iter().map(str::to_owned).collect();
        return vec![Group {
            members,
            ids,
            split_from: None,
        }];
    }
    let single = |index: usize| Group {
        ids: of(&index).map(|entry| entry.id.clone()).into_iter().collect(),
        members: vec![index],
        split_from: Some(ids.len()),
    };
    members.into_iter().map(single).collect()
}

/// Union-find over the indices of the entries.
struct Sets {
    parents: Vec<usize>,
}

impl Sets {
    fn new(size: usize) -> Self {
        Self {
            parents: (0..size).collect(),
        }
    }

    /// The representative, halving the path to it.
    fn root(&mut self, mut node: usize) -> usize {
        loop {
            let parent = self.parents.get(node).copied().unwrap_or(node);
            if parent == node {
                return node;
            }
            let grandparent = self.parents.get(parent).copied().unwrap_or(parent);
            if let Some(slot) = self.parents.get_mut(node) {
                *slot = grandparent;
            }
            node = grandparent;
        }
    }

    /// The lower root stays: the result does not depend on the order of joining.
    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        if let Some(slot) = self.parents.get_mut(one.max(other)) {
            *slot = one.min(other);
        }
    }
}
