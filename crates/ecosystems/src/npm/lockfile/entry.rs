//! Packages at places, and how Node finds one from another: what `package-lock.json` and `bun.lock` share.

use std::collections::HashMap;

use crate::lockfile::ReadError;
use crate::lockfile::json::warning;
use crate::tree::{Edge, EdgeKind, NodeId, NodeKind, Tree};

/// Missing dependencies that are told one by one.
const MISSING_TOLD: usize = 20;

/// What one package asks for.
pub(super) struct Asks {
    pub from: NodeId,
    /// Name, specifier, kind.
    pub requirements: Vec<(String, String, EdgeKind)>,
}

/// Links every package with what it finds; `find` looks a name up from a node.
pub(super) fn link(
    tree: &mut Tree,
    asks: Vec<Asks>,
    find: impl Fn(&Tree, NodeId, &str) -> Option<NodeId>,
) -> Result<(), ReadError> {
    let mut missing = 0;
    for Asks { from, requirements } in asks {
        for (name, requirement, kind) in requirements {
            match find(tree, from, &name) {
                Some(to) => tree.edges.push(Edge {
                    from,
                    to,
                    kind,
                    requirement: Some(requirement),
                    condition: None,
                }),
                None if is_needed(kind) => {
                    missing += 1;
                    if missing <= MISSING_TOLD {
                        tell_missing(tree, from, &name, &requirement);
                    }
                }
                None => {}
            }
        }
    }
    if missing > MISSING_TOLD {
        let text = format!(
            "{} more dependencies are not in the lockfile",
            missing - MISSING_TOLD
        );
        tree.gaps.push(warning("missing_dependency", "", text));
    }
    Ok(())
}

/// Optional packages may be left out on purpose, and peers are the business of whoever installs.
fn is_needed(kind: EdgeKind) -> bool {
    matches!(kind, EdgeKind::Normal | EdgeKind::Build | EdgeKind::Dev)
}

pub(super) fn tell_missing(tree: &mut Tree, from: NodeId, name: &str, requirement: &str) {
    let Some(node) = tree.nodes.get(from) else { return };
    let who = match node.kind {
        NodeKind::Package => format!("`{}`", node.name),
        _ => "the project".to_owned(),
    };
    let text = format!("{who} needs `{name}` ({requirement}), which is not in the lockfile");
    let place = node.place.clone();
    tree.gaps.push(warning("missing_dependency", place, text));
}

/// Nodes by the place they are put at.
pub(super) type Places = HashMap<String, NodeId>;

/// Looks a name up as Node does: in the `node_modules` of the folder, then of every folder above it.
pub(super) fn find_upwards(places: &Places, location: &str, name: &str) -> Option<NodeId> {
    let mut folder = location;
    loop {
        // A folder of packages has none of its own.
        if folder != "node_modules" && !folder.ends_with("/node_modules") {
            let place = if folder.is_empty() {
                format!("node_modules/{name}")
            } else {
                format!("{folder}/node_modules/{name}")
            };
            if let Some(found) = places.get(&place) {
                return Some(*found);
            }
        }
        if folder.is_empty() {
            return None;
        }
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
    }
}
