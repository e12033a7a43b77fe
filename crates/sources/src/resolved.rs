//! Trees of resolvers in the place of what manifests merely ask for.

use ecosystems::tree::{NodeKind, Tree};
use inventory::Resolution;

use crate::notices::info;
use crate::read::{members, name_development};
use crate::{Found, Project};

impl Found {
    /// The projects that have no lockfile, outer folders first: a workspace speaks for its members.
    #[must_use]
    pub fn open(&self) -> Vec<Project> {
        let open = self.projects.iter().map(|read| &read.project);
        let mut open: Vec<Project> = open.filter(|project| !project.lockfile).cloned().collect();
        let depth = |project: &Project| project.folder.split('/').filter(|part| !part.is_empty()).count();
        open.sort_by_cached_key(|project| (depth(project), project.folder.clone(), project.path.clone()));
        open
    }

    /// Whether a project still stands for itself.
    #[must_use]
    pub fn has(&self, project: &Project) -> bool {
        self.projects.iter().any(|read| read.project == *project)
    }

    /// Gives a project the tree that a resolver found for it. Members of its workspace are in that tree, and are no
    /// projects of their own any more.
    pub fn resolve(&mut self, project: &Project, mut tree: Tree) {
        name_development(&mut tree, project);
        tree.notices.insert(0, told(&tree));
        let spoken_for = members(project, &tree);
        for read in &mut self.projects {
            if read.project == *project {
                self.resolutions.push(Resolution {
                    manifest: project.path.clone(),
                    tool: tree.format.clone(),
                    environment: tree.environment.clone(),
                });
                read.tree = std::mem::take(&mut tree);
            }
        }
        self.projects.retain(|read| {
            let other = &read.project;
            let is_member = spoken_for
                .iter()
                .any(|(folder, ecosystem)| *folder == other.folder && *ecosystem == other.ecosystem);
            other == project || other.lockfile || !is_member || other.folder == project.folder
        });
    }
}

/// What was resolved, and what that assumed.
fn told(tree: &Tree) -> inventory::Notice {
    let packages = tree.nodes.iter().filter(|node| node.kind == NodeKind::Package);
    let count = packages.filter(|node| node.version.is_some()).count();
    let assumed: Vec<String> = tree
        .environment
        .iter()
        .map(|(key, value)| format!("{key} {value}"))
        .collect();
    let assumed = if assumed.is_empty() {
        String::new()
    } else {
        format!(" ({})", assumed.join(", "))
    };
    let packages = if count == 1 {
        "1 package".to_owned()
    } else {
        format!("{count} packages")
    };
    let text = format!("there is no lockfile; {}: {packages}{assumed}", tree.format);
    info("resolved", "", text)
}
