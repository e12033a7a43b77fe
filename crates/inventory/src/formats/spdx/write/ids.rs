//! Identifiers as SPDX allows them: letters, digits, dots and dashes.

use std::collections::HashSet;

use super::super::super::write::full_name;
use crate::{Component, Inventory};

pub(super) const DOCUMENT: &str = "SPDXRef-DOCUMENT";
const PREFIX: &str = "SPDXRef-";
/// Letters of a name that an id repeats.
const LONGEST_NAME: usize = 60;

/// The id of each component: its own where it is one of SPDX, else one made of its position and name.
pub(super) fn of_components(inventory: &Inventory) -> Vec<String> {
    let own = |component: &Component| {
        let id = component.reference.as_str();
        (is_id(id) && id != DOCUMENT).then(|| id.to_owned())
    };
    let mut taken: HashSet<String> = inventory.components.iter().filter_map(own).collect();
    let mut used = HashSet::new();
    let mut ids = Vec::with_capacity(inventory.components.len());
    for (position, component) in inventory.components.iter().enumerate() {
        let id = own(component)
            .filter(|id| used.insert(id.clone()))
            .unwrap_or_else(|| made_up(position, component, &mut taken));
        ids.push(id);
    }
    ids
}

fn made_up(position: usize, component: &Component, taken: &mut HashSet<String>) -> String {
    let name = idstring(&full_name(component), LONGEST_NAME);
    let mut id = format!("{PREFIX}Package-{position}-{name}");
    while !taken.insert(id.clone()) {
        id.push('.');
    }
    id
}

fn is_id(text: &str) -> bool {
    text.strip_prefix(PREFIX).is_some_and(is_idstring)
}

pub(super) fn is_idstring(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
}

/// The text with a dash for every run of what may not stand in an id.
pub(super) fn idstring(text: &str, longest: usize) -> String {
    let mut id = String::new();
    for c in text.chars() {
        if id.len() >= longest {
            break;
        }
        if c.is_ascii_alphanumeric() || c == '.' {
            id.push(c);
        } else if !id.is_empty() && !id.ends_with('-') {
            id.push('-');
        }
    }
    id.truncate(id.trim_end_matches('-').len());
    if id.is_empty() { "unnamed".to_owned() } else { id }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_kept_made_up_and_never_given_twice() {
        let component = |reference: &str, name: &str| Component {
            reference: reference.to_owned(),
            name: name.to_owned(),
            ..Component::default()
        };
        let inventory = Inventory {
            components: vec![
                component("SPDXRef-a", "a"),
                component("pkg:npm/%40b/c@1", "@b/c"),
                component("SPDXRef-DOCUMENT", "d"),
                component("SPDXRef-Package-1-b-c", "e"),
                component("", "ä"),
            ],
            ..Inventory::default()
        };
        assert_eq!(
            of_components(&inventory),
            [
                "SPDXRef-a",
                "SPDXRef-Package-1-b-c.",
                "SPDXRef-Package-2-d",
                "SPDXRef-Package-1-b-c",
                "SPDXRef-Package-4-unnamed"
            ]
        );
    }
}
