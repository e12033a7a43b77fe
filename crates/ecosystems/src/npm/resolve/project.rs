//! The manifests of a project.

use std::collections::{BTreeMap, HashMap};

use inventory::Notice;

use super::fields::Fields;
use super::manifest::ManifestId;
use super::overrides::Overrides;
use super::world::World;
use super::{Workspace, collate, paths, workspaces};
use crate::lockfile::json::warning;
use crate::resolve::Files;

/// Every `package.json` of a project, by the folder that it lies in; the project's own folder is the empty text.
#[derive(Clone, Debug, Default)]
pub struct Project {
    pub manifests: BTreeMap<String, String>,
    /// Requirements that count instead of those that are written.
    pub changes: Vec<Change>,
}

/// Another requirement for a direct dependency of the project or of one of its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The folder of the manifest.
    pub folder: String,
    /// The name under which it is required.
    pub name: String,
    pub requirement: String,
}

/// The project's own manifest cannot be read, so that there is nothing to resolve.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableProject {
    #[error("there is no package.json")]
    Missing,
    #[error("package.json is no JSON object: {0}")]
    Malformed(String),
}

/// The rest of a path below a folder.
pub(super) fn below<'a>(folder: &str, path: &'a str) -> Option<&'a str> {
    if folder.is_empty() {
        return Some(path);
    }
    path.strip_prefix(folder)?.strip_prefix('/')
}

/// A project in a world.
pub(super) struct Loaded {
    pub root: ManifestId,
    pub members: Vec<Workspace>,
    pub notices: Vec<Notice>,
    pub gaps: Vec<Notice>,
}

impl Project {
    /// A project of one manifest.
    pub fn single(manifest: impl Into<String>) -> Self {
        Self {
            manifests: BTreeMap::from([(String::new(), manifest.into())]),
            changes: Vec::new(),
        }
    }

    /// The project in a folder of a repository: its manifest and all those below.
    #[must_use]
    pub fn of(files: &Files, folder: &str) -> Self {
        let manifests = files.iter().filter_map(|(path, bytes)| {
            let place = below(folder, path)?.strip_suffix("package.json")?;
            let place = if place.is_empty() {
                place
            } else {
                place.strip_suffix('/')?
            };
            let is_own = !place.split('/').any(|part| part == "node_modules");
            is_own.then(|| (place.to_owned(), String::from_utf8_lossy(bytes).into_owned()))
        });
        Self {
            manifests: manifests.collect(),
            changes: Vec::new(),
        }
    }

    fn read(&self, folder: &str, text: &str) -> Result<Fields, serde_json::Error> {
        let mut fields = Fields::read(text)?;
        for change in self.changes.iter().filter(|change| change.folder == folder) {
            fields.require(&change.name, &change.requirement);
        }
        Ok(fields)
    }

    /// Reads the manifests into a world.
    pub(super) fn load(&self, world: &mut World) -> Result<Loaded, UnreadableProject> {
        let text = self.manifests.get("").ok_or(UnreadableProject::Missing)?;
        let fields = self
            .read("", text)
            .map_err(|error| UnreadableProject::Malformed(error.to_string()))?;
        let (mut notices, mut gaps) = (Vec::new(), Vec::new());
        let mut refused = Vec::new();
        world.overrides = Overrides::new(
            &fields.overrides,
            &mut world.names,
            &mut world.specs,
            &mut refused,
        );
        notices.extend(refused.into_iter().map(|key| {
            let text = format!("the override `{key}` names no package and was left out");
            warning("override_refused", "/overrides", text)
        }));
        let root = world.add_local(String::new(), &fields);
        self.load_folders(&fields, world, &mut gaps);
        let members = self.members(&fields, world, &mut gaps);
        Ok(Loaded {
            root,
            members,
            notices,
            gaps,
        })
    }

    /// Reads the manifests of other folders. A broken one matters where the project counts it among its members.
    fn load_folders(&self, own: &Fields, world: &mut World, gaps: &mut Vec<Notice>) {
        let folders: Vec<&str> = self.manifests.keys().map(String::as_str).collect();
        let members = workspaces::members(&own.workspaces.texts, &folders);
        for (path, text) in self.manifests.iter().filter(|(path, _)| !path.is_empty()) {
            match self.read(path, text) {
                Ok(fields) => {
                    world.add_local(path.clone(), &fields);
                }
                Err(_) if !members.contains(&path.as_str()) => {}
                Err(error) => {
                    let text = format!("package.json is no JSON object and was left out: {error}");
                    gaps.push(warning("manifest_malformed", path.clone(), text));
                }
            }
        }
    }

    fn members(&self, fields: &Fields, world: &World, gaps: &mut Vec<Notice>) -> Vec<Workspace> {
        let mut folders: Vec<&str> = world.locals.keys().map(String::as_str).collect();
        folders.sort_by_cached_key(|folder| collate::key(folder));
        let mut by_name: HashMap<String, String> = HashMap::new();
        let mut members = Vec::new();
        for path in workspaces::members(&fields.workspaces.texts, &folders) {
            let Some(manifest) = world.locals.get(path).copied() else {
                continue;
            };
            let name = world
                .manifest(manifest)
                .name
                .map(|name| world.names.text(name).to_string());
            let name = name.unwrap_or_else(|| paths::folder_name(path).to_owned());
            if let Some(other) = by_name.get(&name) {
                let text = format!(
                    "`{path}` and `{other}` both are the workspace `{name}`, which npm refuses; the former was left out"
                );
                gaps.push(warning("workspace_duplicate", path, text));
                continue;
            }
            by_name.insert(name.clone(), path.to_owned());
            members.push(Workspace {
                name,
                path: path.to_owned(),
                manifest,
            });
        }
        members
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_the_manifests_below_its_folder() {
        let paths = [
            "package.json",
            "web/package.json",
            "web/a/package.json",
            "web/a/my-package.json",
            "web/node_modules/b/package.json",
            "website/package.json",
        ];
        let files: Files = paths
            .iter()
            .map(|path| ((*path).to_owned(), b"{}".as_slice().into()))
            .collect();
        let project = Project::of(&files, "web");
        assert_eq!(project.manifests.keys().collect::<Vec<_>>(), ["", "a"]);
        assert_eq!(Project::of(&files, "").manifests.len(), 4);
    }
}
