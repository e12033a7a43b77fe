//! `requirements.txt`: options, includes, constraints, hashes, and the comments in which pip-compile and uv say who
//! needs what. Only a line that pins its package says what is installed; any other is a gap.

mod line;

use std::collections::{BTreeMap, BTreeSet};

use inventory::{Hash, Source};

use super::graph::{Graph, Link, hashes, tell_index};
use super::requirement::{Requirement, some};
use crate::Ecosystem;
use crate::lockfile::json::{unreadable, warning};
use crate::lockfile::{Beside, ReadError};
use crate::pypi::PyPi;
use crate::tree::{EdgeKind, Node, NodeId, Tree};
use line::{Line, lines};

/// How deep files may include one another.
const DEEPEST: usize = 10;
/// How many files may be included.
const MOST_FILES: usize = 200;

pub(crate) fn read(text: &str, beside: &dyn Beside) -> Result<Tree, ReadError> {
    let mut reader = Reader {
        beside,
        graph: Graph::new("requirements.txt"),
        constraints: BTreeMap::new(),
        found: Vec::new(),
        open: Vec::new(),
        seen: BTreeSet::new(),
        broken: 0,
    };
    let manifest = super::manifest::Manifest::pyproject(beside);
    let root = reader.graph.add_root(manifest.as_ref())?;
    reader.file(text, "", Role::Requirements);
    if reader.found.is_empty() && reader.broken > 0 {
        let place = reader
            .graph
            .tree
            .gaps
            .first()
            .map(|gap| gap.place.clone())
            .unwrap_or_default();
        return Err(ReadError::new(
            place,
            "it is no list of requirements: no line names a package",
        ));
    }
    reader.finish(root)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Requirements,
    /// Versions for what something else asks for.
    Constraints,
}

struct Reader<'a> {
    beside: &'a dyn Beside,
    graph: Graph,
    /// Pinned versions by normalised name.
    constraints: BTreeMap<String, String>,
    found: Vec<Found>,
    /// The files that are being read, the outermost first.
    open: Vec<String>,
    seen: BTreeSet<(String, Role)>,
    broken: usize,
}

/// One package that some line names.
struct Found {
    node: Node,
    requirement: Option<String>,
    /// Who needs it, by the comments below it; empty when nothing is said.
    via: Vec<String>,
}

impl Reader<'_> {
    fn file(&mut self, text: &str, path: &str, role: Role) {
        for line in lines(text) {
            self.line(&line, path, role);
        }
    }

    fn line(&mut self, line: &Line, path: &str, role: Role) {
        let place = place(path, line.number);
        if let Some(via) = line.text.strip_prefix('#') {
            if role == Role::Requirements
                && let Some(last) = self.found.last_mut()
            {
                line::collect_via(via, &mut last.via);
            }
            return;
        }
        match line.option() {
            Some(("-r" | "--requirement", file)) => self.include(file, path, role, &place),
            Some(("-c" | "--constraint", file)) => self.include(file, path, Role::Constraints, &place),
            Some(("-e" | "--editable", what)) => self.editable(what, &place),
            Some(("-i" | "--index-url" | "--extra-index-url", url)) => {
                tell_index(&mut self.graph.tree, Some(url));
            }
            // All other options say how to install, not what.
            Some(_) => {}
            None => self.requirement(line, role, place),
        }
    }

    /// Reads a file that is named relative to the one that names it.
    fn include(&mut self, file: &str, from: &str, role: Role, place: &str) {
        let problem = match resolve(from, file) {
            None => Some(format!("`{file}` is no file of the source and was not read")),
            Some(path) if self.open.contains(&path) => Some(format!("`{path}` includes itself")),
            Some(_) if self.open.len() >= DEEPEST => {
                Some(format!("files include one another more than {DEEPEST} deep"))
            }
            Some(_) if self.seen.len() >= MOST_FILES => {
                Some(format!("more than {MOST_FILES} files are included"))
            }
            Some(path) if !self.seen.insert((path.clone(), role)) => None,
            Some(path) => match self.beside.text(&path) {
                None => Some(format!("`{path}` is not in the source")),
                Some(text) => {
                    self.open.push(path.clone());
                    self.file(&text, &path, role);
                    self.open.pop();
                    None
                }
            },
        };
        if let Some(problem) = problem {
            self.graph
                .tree
                .gaps
                .push(warning("include_not_read", place, problem));
        }
    }

    fn editable(&mut self, what: &str, place: &str) {
        // Extras in brackets belong to the package, not to its path.
        let what = match what.split_once('[') {
            Some((path, _)) if !what.contains('#') => path.trim(),
            _ => what,
        };
        let source = address(what).unwrap_or_else(|| Source::Path(what.to_owned()));
        let name = egg(what).unwrap_or_else(|| what.trim_end_matches('/').rsplit('/').next().unwrap_or(what));
        // The project itself, installed from its own folder.
        if matches!(&source, Source::Path(path) if matches!(path.as_str(), "." | "./")) {
            return;
        }
        self.push(
            Node {
                name: name.split('[').next().unwrap_or(name).to_owned(),
                source,
                place: place.to_owned(),
                ..Node::default()
            },
            None,
        );
    }

    fn requirement(&mut self, line: &Line, role: Role, place: String) {
        let (text, digests) = line.without_options();
        if let Some(source) = address(&text) {
            if role == Role::Requirements {
                self.bare_address(&text, source, digests, place);
            }
            return;
        }
        let Some(requirement) = Requirement::parse(&text) else {
            self.broken += 1;
            let shown: String = text.chars().take(80).collect();
            self.graph
                .tree
                .gaps
                .push(unreadable(place, format!("`{shown}` is no requirement")));
            return;
        };
        // `asdf 1.0` is no requirement, and pip refuses it.
        if requirement
            .specifier
            .starts_with(|c: char| !matches!(c, '<' | '>' | '=' | '!' | '~'))
        {
            self.broken += 1;
            self.graph.tree.gaps.push(unreadable(
                place,
                format!("`{}` is no requirement", requirement.name),
            ));
            return;
        }
        if role == Role::Constraints {
            if let Some(version) = requirement.pin() {
                self.constraints
                    .insert(PyPi.normalize(requirement.name).into_owned(), version.to_owned());
            }
            return;
        }
        let node = Node {
            name: requirement.name.to_owned(),
            version: requirement.pin().map(str::to_owned),
            source: some(requirement.url)
                .map_or(Source::Registry, |url| address(&url).unwrap_or(Source::Url(url))),
            hashes: digests,
            condition: some(requirement.marker),
            place,
            ..Node::default()
        };
        self.push(
            node,
            some(requirement.specifier).or_else(|| some(requirement.url)),
        );
    }

    /// An archive or a repository without a name before it.
    fn bare_address(&mut self, text: &str, source: Source, digests: Vec<Hash>, place: String) {
        let file = text
            .split(['#', '?'])
            .next()
            .unwrap_or(text)
            .trim_end_matches('/');
        let file = file.rsplit('/').next().unwrap_or(file);
        let read = crate::pypi::Distribution::parse(file);
        let name = egg(text)
            .map(str::to_owned)
            .or_else(|| read.as_ref().map(|file| file.name.clone()));
        self.push(
            Node {
                name: name.unwrap_or_else(|| file.to_owned()),
                version: read.map(|file| file.version.to_string()),
                source,
                hashes: digests,
                place,
                ..Node::default()
            },
            Some(text.to_owned()),
        );
    }

    fn push(&mut self, node: Node, requirement: Option<String>) {
        self.found.push(Found {
            node,
            requirement,
            via: Vec::new(),
        });
    }

    fn finish(mut self, root: NodeId) -> Result<Tree, ReadError> {
        let found = std::mem::take(&mut self.found);
        // Several lines may speak of one package; one of them pins it.
        for found in found.iter().filter(|found| found.node.source == Source::Registry) {
            if let Some(version) = &found.node.version {
                let name = PyPi.normalize(&found.node.name).into_owned();
                self.constraints.entry(name).or_insert_with(|| version.clone());
            }
        }
        let has_via = found.iter().any(|found| !found.via.is_empty());
        let mut added: Vec<(NodeId, Found)> = Vec::new();
        for mut found in found {
            self.pin(&mut found);
            let mut known = self.graph.named(&found.node.name).iter().copied();
            let twin = known.find(|id| self.graph.tree.nodes[*id].version == found.node.version);
            let id = match twin {
                Some(id) => id,
                None => self.graph.add(std::mem::take(&mut found.node))?,
            };
            added.push((id, found));
        }
        for (id, found) in added {
            let via: Vec<&String> = found.via.iter().filter(|via| !via.is_empty()).collect();
            let parents: Vec<NodeId> = via
                .iter()
                .flat_map(|via| self.graph.named(via).to_vec())
                .collect();
            // Whoever is not in the list is a file or the project.
            let is_direct =
                !has_via || via.is_empty() || via.iter().any(|via| self.graph.named(via).is_empty());
            for parent in parents {
                self.graph.tree.link(parent, id, EdgeKind::Normal);
            }
            if is_direct {
                self.direct(root, id, found.requirement.as_deref());
            }
        }
        Ok(self.graph.finish())
    }

    /// Gives a package that is not pinned the version of a constraint, or tells that it has none.
    fn pin(&mut self, found: &mut Found) {
        let node = &mut found.node;
        if node.version.is_some() || node.source != Source::Registry {
            return;
        }
        node.version = self.constraints.get(PyPi.normalize(&node.name).as_ref()).cloned();
        if node.version.is_none() {
            let text = format!(
                "`{}` is not pinned to a version, so what is installed is not known",
                node.name
            );
            self.graph
                .tree
                .gaps
                .push(warning("not_pinned", node.place.clone(), text));
        }
    }

    fn direct(&mut self, root: NodeId, id: NodeId, requirement: Option<&str>) {
        let node = &self.graph.tree.nodes[id];
        let (name, version) = (node.name.clone(), node.version.clone());
        self.graph.link(
            root,
            Link {
                name: &name,
                version: version.as_deref(),
                requirement,
                ..Link::default()
            },
        );
    }
}

fn place(path: &str, line: usize) -> String {
    if path.is_empty() {
        format!("line {line}")
    } else {
        format!("{path}, line {line}")
    }
}

/// A repository or an archive; `None` for anything else.
fn address(text: &str) -> Option<Source> {
    let text = text.trim();
    let owned = || text.to_owned();
    if ["git+", "hg+", "svn+", "bzr+"]
        .iter()
        .any(|prefix| text.starts_with(prefix))
    {
        return Some(Source::Git(owned()));
    }
    if text.starts_with("https://") || text.starts_with("http://") {
        return Some(Source::Url(owned()));
    }
    let is_file = [".whl", ".tar.gz", ".zip"]
        .iter()
        .any(|ending| text.ends_with(ending));
    // What has a name before it is a requirement that ends in a file.
    let is_file = is_file && !text.contains(['@', '=', ' ']);
    let is_path = text.starts_with("./")
        || text.starts_with("../")
        || text.starts_with('/')
        || text.starts_with("file:")
        || is_file;
    is_path.then(|| Source::Path(owned()))
}

/// The name in `…#egg=NAME`.
fn egg(text: &str) -> Option<&str> {
    let (_, fragment) = text.split_once('#')?;
    let name = fragment.split('&').find_map(|part| part.strip_prefix("egg="))?;
    Some(name.split('[').next().unwrap_or(name)).filter(|name| !name.is_empty())
}

/// The path of a file that another one names, relative to the first; `None` when it is no relative path. It may lead
/// above the project's folder: whether that is inside of the source is for whoever holds the files to say.
fn resolve(from: &str, file: &str) -> Option<String> {
    if file.starts_with('/') || file.contains("://") || file.contains('\\') {
        return None;
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in file.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
