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
        // What these ask for, a resolver reads.
        "setup.cfg" | "setup.py" => ("PyPI", own_root(), Vec::new()),
        _ if manifest.ends_with(".in") => ("PyPI", own_root(), Vec::new()),
        _ => return Ok(None),
    };
    let is_told_elsewhere = !matches!(
        manifest,
        "package.json" | "Cargo.toml" | "pyproject.toml" | "Pipfile"
    );
    if asks.is_empty() && !is_told_elsewhere && !holds_members(manifest, beside) {
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
    let text = match count {
        0 => "there is no lockfile, so what is installed is not known".to_owned(),
        _ => format!(
            "there is no lockfile, so which versions its {count} dependencies and theirs have is not known"
        ),
    };
    tree.gaps.push(warning("not_resolved", "", text));
    tree.classify();
    tree.settle();
    Ok(Some(tree))
}

fn own_root() -> Node {
    Node {
        source: inventory::Source::Path(".".to_owned()),
        location: Some(String::new()),
        ..Node::default()
    }
}

/// Whether the project asks for nothing itself and has members that may.
fn holds_members(manifest: &str, beside: &dyn Beside) -> bool {
    let text = beside.text(manifest).unwrap_or_default();
    match manifest {
        "package.json" => {
            let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
            let value: Option<serde_json::Value> = serde_json::from_str(text).ok();
            value.is_some_and(|value| value.get("workspaces").is_some())
        }
        _ => false,
    }
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
