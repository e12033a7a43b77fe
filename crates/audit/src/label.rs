//! What a component is called.

use inventory::{Component, Purl};

use crate::status::version;

/// The name as the ecosystem writes it; without a package URL, group and name as the document has them.
#[must_use]
pub fn package_name(component: &Component) -> String {
    match (&component.purl, &component.group) {
        (Some(purl), _) => purl.package_name(),
        (None, Some(group)) if !group.is_empty() => format!("{group}/{}", component.name),
        (None, _) => component.name.clone(),
    }
}

/// `name@version`, or the name alone.
pub(crate) fn label(component: &Component) -> String {
    let name = package_name(component);
    match version(component) {
        Some(version) => format!("{name}@{version}"),
        None => name,
    }
}

/// The package URL without version, qualifiers and subpath: the package itself.
#[must_use]
pub fn package_purl(purl: &Purl) -> String {
    let text = purl.to_string();
    let end = text.find(['?', '#']).unwrap_or(text.len());
    let bare = text.get(..end).unwrap_or(&text);
    let name_starts = bare.rfind('/').unwrap_or(0);
    match bare.rfind('@') {
        Some(at) if at > name_starts && purl.version().is_some() => bare.get(..at).unwrap_or(bare).to_owned(),
        _ => bare.to_owned(),
    }
}
