//! Recorded registries: what they answered on one day, in an archive.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ecosystems::resolve::{Answer, Files, Request, Resolver, Step};
use ecosystems::tree::{NodeKind, Tree};

use super::data;

/// Documents by their path below `registry/`.
pub type Registry = HashMap<String, Arc<[u8]>>;

/// The recorded registry of an ecosystem.
pub fn registry(ecosystem: &str) -> Registry {
    let path = folder(ecosystem).join("registry.tar.zst");
    let file = fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut bytes = Vec::new();
    zstd::Decoder::new(file)
        .expect("a zstd stream")
        .read_to_end(&mut bytes)
        .expect("the archive decompresses");
    let registry = unpack(&bytes);
    assert!(
        registry.len() > 500,
        "{}: {} files",
        path.display(),
        registry.len()
    );
    registry
}

fn folder(ecosystem: &str) -> PathBuf {
    data::unpacked().join("resolve").join(ecosystem)
}

/// The folders of the oracle's cases, sorted.
pub fn cases(ecosystem: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder(ecosystem)).expect("the oracle's cases are there");
    let mut cases: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.join("project").is_dir())
        .collect();
    cases.sort();
    cases
}

pub fn name(case: &Path) -> String {
    case.file_name().expect("a folder").to_string_lossy().into_owned()
}

/// The files of a case's project that `wanted` knows by their names.
pub fn project(case: &Path, wanted: impl Fn(&str) -> bool) -> Files {
    let root = case.join("project");
    let mut files = Files::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the project").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if wanted(&entry.file_name().to_string_lossy()) {
                let relative = path.strip_prefix(&root).expect("below the root");
                let bytes = fs::read(&path).expect("a readable file");
                files.insert(relative.to_string_lossy().replace('\\', "/"), bytes.into());
            }
        }
    }
    files
}

/// A tar archive's files by their names, without the first folder.
fn unpack(mut archive: &[u8]) -> Registry {
    let mut files = Registry::new();
    let mut long_name: Option<String> = None;
    while let Some((header, rest)) = archive.split_at_checked(512) {
        let text = |range: std::ops::Range<usize>| {
            let field = &header[range];
            let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
            String::from_utf8_lossy(&field[..end]).trim().to_owned()
        };
        let Ok(size) = usize::from_str_radix(&text(124..136), 8) else {
            break;
        };
        let content = &rest[..size];
        let name = match text(345..500) {
            prefix if prefix.is_empty() => text(0..100),
            prefix => format!("{prefix}/{}", text(0..100)),
        };
        match header[156] {
            b'L' => long_name = Some(String::from_utf8_lossy(content).trim_end_matches('\0').to_owned()),
            b'x' => long_name = pax_path(content).or(long_name),
            b'0' | 0 => {
                let name = long_name.take().unwrap_or(name);
                let name = name
                    .split_once('/')
                    .map_or(name.as_str(), |(_, rest)| rest)
                    .to_owned();
                files.insert(name, content.into());
            }
            _ => long_name = None,
        }
        archive = &rest[size.next_multiple_of(512)..];
    }
    files
}

fn pax_path(content: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(content);
    let path = text.lines().find_map(|line| line.split_once(" path="))?;
    Some(path.1.to_owned())
}

/// Which order and company documents arrive in.
pub struct Shuffle(u64);

impl Shuffle {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

/// Resolves while documents trickle in: some of those asked for, in any order.
pub fn run_shuffled(
    resolver: &mut dyn Resolver,
    shuffle: &mut Shuffle,
    mut source: impl FnMut(&Request) -> Answer,
) -> Tree {
    loop {
        match resolver.advance() {
            Step::Done(tree) => return *tree,
            Step::Needs(requests) => {
                let mut requests: Vec<_> = requests
                    .into_iter()
                    .map(|request| (shuffle.next(), request))
                    .collect();
                requests.sort();
                let some = 1 + usize::try_from(shuffle.next()).unwrap_or(0) % requests.len();
                for (_, request) in requests.into_iter().take(some) {
                    let answer = source(&request);
                    resolver.supply(request, answer);
                }
            }
        }
    }
}

/// `name version` of every node and `from → to` of every edge between them, members included.
pub fn ids_and_edges(tree: &Tree) -> (Vec<String>, Vec<String>) {
    let id = |node: usize| {
        let node = &tree.nodes[node];
        format!("{} {}", node.name, node.version.as_deref().unwrap_or("?"))
    };
    let is_real = |node: usize| {
        let node = &tree.nodes[node];
        node.version.is_some() && !(node.kind == NodeKind::Root && node.name.is_empty())
    };
    let ids: std::collections::BTreeSet<_> = (0..tree.nodes.len())
        .filter(|node| is_real(*node))
        .map(id)
        .collect();
    let edges: std::collections::BTreeSet<_> = tree
        .edges
        .iter()
        .filter(|edge| is_real(edge.from) && is_real(edge.to))
        .filter(|edge| edge.kind != ecosystems::tree::EdgeKind::Member)
        .map(|edge| format!("{} → {}", id(edge.from), id(edge.to)))
        .collect();
    (ids.into_iter().collect(), edges.into_iter().collect())
}

/// What one list has and the other has not; empty when they are equal.
pub fn difference(what: &str, expected: &[String], actual: &[String]) -> Vec<String> {
    let mut counts = BTreeMap::<&String, i32>::new();
    expected
        .iter()
        .for_each(|entry| *counts.entry(entry).or_default() += 1);
    actual
        .iter()
        .for_each(|entry| *counts.entry(entry).or_default() -= 1);
    counts
        .into_iter()
        .filter(|(_, count)| *count != 0)
        .map(|(entry, count)| format!("{what} {}: {entry}", if count > 0 { "missing" } else { "extra" }))
        .collect()
}
