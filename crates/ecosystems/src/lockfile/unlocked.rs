//! Projects without a lockfile: what the manifest asks for, none of it resolved.

use super::json::warning;
use super::{Beside, ReadError, add};
use crate::tree::{Edge, EdgeKind, Node, NodeId, NodeKind, Tree};

/// One thing that a manifest asks for.
pub(crate) struct Ask {
    pub name: String,
    pub requirement: Option<String>,
    pub kind: EdgeKind,
    pub condition: Option<String>,
    pub source: inventory::Source,
}

/// A tree of a project and of what it asks for, without versions; `None` when it asks for nothing.
///
/// The tree has a gap: what is installed is not known.
///
/// # Errors
/// When the manifest is broken; the error names the place.
pub fn unlocked(manifest: &str, beside: &dyn Beside) -> Result<Option<Tree>, ReadError> {
    let (ecosystem, root, asks) = match manifest {
        "package.json" => crate::npm::lockfile::asks(beside)?,
        "Cargo.toml" => crate::cargo::lockfile::asks(beside)?,
        "pyproject.toml" | "Pipfile" => crate::pypi::lockfile::asks(manifest, beside)?,
        _ => return Ok(None),
    };
    if asks.is_empty() {
        return Ok(None);
    }
    let mut tree = Tree::new(ecosystem, format!("{manifest} without a lockfile"));
    let root = add(
        &mut tree,
        Node {
            kind: NodeKind::Root,
            ..root
        },
    )?;
    let count = asks.len();
    for ask in asks {
        push(&mut tree, root, ask)?;
    }
    let text = format!(
        "there is no lockfile, so which versions its {count} dependencies and theirs have is not known"
    );
    tree.gaps.push(warning("not_resolved", "", text));
    tree.classify();
    tree.settle();
    Ok(Some(tree))
}

fn push(tree: &mut Tree, root: NodeId, ask: Ask) -> Result<(), ReadError> {
    let known = tree
        .nodes
        .iter()
        .position(|node| node.kind == NodeKind::Package && node.name == ask.name);
    let to = match known {
        Some(id) => id,
        None => add(
            tree,
            Node {
                name: ask.name,
                source: ask.source,
                condition: ask.condition.clone(),
                ..Node::default()
            },
        )?,
    };
    tree.edges.push(Edge {
        from: root,
        to,
        kind: ask.kind,
        requirement: ask.requirement,
        condition: ask.condition,
    });
    Ok(())
}
