//! What a tree has to say beside its packages.

use inventory::{Level, Notice};

use super::graph::NodeId;
use super::output::Writer;
use super::{Issue, MAX_NODES, paths};
use crate::lockfile::json::{notice, warning};
use crate::npm::{Mode, Range};

impl Writer<'_, '_> {
    pub fn write_failure(&mut self, id: NodeId, is_optional: bool) {
        let builder = self.from;
        let Some(failure) = builder.node(id).failure else {
            return;
        };
        let failure = builder.world.failure(failure);
        let edge = builder.node(id).edges_in.first();
        let place = edge.map_or_else(
            || builder.path(id),
            |edge| builder.place_of(builder.edge(*edge).from, *edge),
        );
        if is_optional {
            let text = format!("{}; it is optional and was left out, as npm does", failure.text);
            self.tree
                .notices
                .push(notice(failure.code, Level::Info, place, text));
        } else {
            self.tree
                .gaps
                .push(warning(failure.code, place, failure.text.clone()));
        }
    }

    /// What lies in a package's archive is known by name alone, for the archive is not opened.
    pub fn write_bundle(&mut self, id: NodeId) {
        let builder = self.from;
        if builder.is_own(id) {
            return;
        }
        let location = builder.path(id);
        let manifest = builder.manifest(id);
        if !manifest.bundled.is_empty() {
            let text = format!(
                "{} brings {} packages in its own archive, which is not opened: their versions are not known",
                builder.label(id),
                manifest.bundled.len()
            );
            self.tree
                .gaps
                .push(warning("bundle_unread", location.clone(), text));
        }
        if manifest.has_shrinkwrap {
            let text = format!(
                "{} has a lockfile in its own archive, which is not opened: its dependencies were resolved without it",
                builder.label(id)
            );
            self.tree.gaps.push(warning("shrinkwrap_unread", location, text));
        }
    }

    pub fn write_issues(&mut self) {
        let builder = self.from;
        let mut issues: Vec<Notice> = builder
            .issues
            .iter()
            .filter_map(|issue| self.issue(issue))
            .collect();
        issues.extend(self.ids.keys().filter_map(|id| self.engine_issue(*id)));
        issues.extend(self.refused_overrides());
        issues.sort_by(|a, b| (&a.place, &a.code, &a.text).cmp(&(&b.place, &b.code, &b.text)));
        issues.dedup();
        let (gaps, notices): (Vec<_>, Vec<_>) = issues
            .into_iter()
            .partition(|issue| issue.code == "folder_missing");
        self.tree.gaps.extend(gaps);
        self.tree.notices.extend(notices);
        if builder.is_exhausted() {
            let text = format!(
                "the tree has more than {MAX_NODES} packages or takes too long; what is missing is not known"
            );
            self.tree.gaps.push(warning("too_large", "", text));
        }
    }

    fn issue(&self, issue: &Issue) -> Option<Notice> {
        let builder = self.from;
        match issue {
            Issue::NoFolder(name, path) => {
                let name = builder.world.names.text(*name);
                let why = if paths::is_outside(path) {
                    "lies outside the project"
                } else {
                    "has no package.json"
                };
                let text = format!("the dependency `{name}` is the folder `{path}`, which {why}");
                Some(warning("folder_missing", path.clone(), text))
            }
            Issue::Overruled(id) => {
                let edge = builder.edge(*id);
                if builder.node(edge.from).root != builder.ideal || edge.to.is_some() && builder.is_valid(*id)
                {
                    return None;
                }
                let (name, asked) = (
                    builder.world.names.text(edge.name),
                    builder.world.specs.text(builder.wanted(*id)),
                );
                let found = edge
                    .to
                    .map_or_else(|| "nothing".to_owned(), |to| builder.label(to));
                let text = format!(
                    "{} asks for `{name}@{asked}` and gets {found}, as npm does",
                    builder.label(edge.from)
                );
                Some(notice(
                    "peer_overruled",
                    Level::Info,
                    builder.place_of(edge.from, *id),
                    text,
                ))
            }
        }
    }

    fn engine_issue(&self, id: NodeId) -> Option<Notice> {
        let builder = self.from;
        let reach = self.reach.get(&id)?;
        let wanted = builder
            .manifest(id)
            .about
            .node
            .as_deref()
            .filter(|_| !reach.optional)?;
        let node = &builder.world.environment().node;
        let mode = Mode {
            loose: false,
            include_prerelease: true,
        };
        let fits = node.is_empty() || Range::parse(wanted, mode).is_ok_and(|range| range.satisfied_by(node));
        (!fits).then(|| {
            let text = format!(
                "{} is for node {wanted}, and this was resolved for {node}",
                builder.label(id)
            );
            notice("engine_unfit", Level::Info, builder.path(id), text)
        })
    }

    /// Rules against the project's own dependencies, which npm refuses.
    fn refused_overrides(&self) -> Vec<Notice> {
        let builder = self.from;
        let edges = builder.node(builder.ideal).edges_out.iter().copied();
        edges
            .filter(|edge| builder.wanted(*edge) != builder.edge(*edge).spec)
            .map(|edge| {
                let name = builder.world.names.text(builder.edge(edge).name);
                let text = format!("npm refuses to install this (EOVERRIDE): the override of `{name}` contradicts the project's own dependency on it");
                warning("override_conflict", builder.place_of(builder.ideal, edge), text)
            })
            .collect()
    }
}
