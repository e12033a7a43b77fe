//! How long Cargo's resolver takes over a recorded index: `resolve_cargo PROJECT INDEX CUTOFF [ROUNDS]`.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a program to measure with"
)]

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ecosystems::cargo::index_path;
use ecosystems::cargo::resolve::{CargoResolver, Options};
use ecosystems::resolve::{Answer, Files, run};

fn below(root: &Path) -> Files {
    let mut files = Files::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Some(name) = path.strip_prefix(root).ok().and_then(Path::to_str) {
                let bytes = std::fs::read(&path).expect("a readable file");
                files.insert(name.to_owned(), bytes.into());
            }
        }
    }
    files
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().expect("PROJECT INDEX CUTOFF [ROUNDS]");
    let (project, index, cutoff) = (PathBuf::from(next()), PathBuf::from(next()), next());
    let rounds: usize = arguments.next().map_or(5, |text| text.parse().expect("a number"));
    let files = below(&project);
    let options = Options {
        cutoff: Some(cutoff.parse().expect("a moment")),
        ..Options::default()
    };
    let mut kept: HashMap<String, Option<Arc<[u8]>>> = HashMap::new();
    let mut best = Duration::MAX;
    let mut packages = 0;
    // The first round reads the files, and does not count.
    for round in 0..=rounds {
        let begun = Instant::now();
        let tree = run(&mut CargoResolver::new(&files, "", &options), |request| {
            let path = index_path(request.name());
            let found = kept
                .entry(path)
                .or_insert_with_key(|path| std::fs::read(index.join(path)).ok().map(Arc::from));
            found.clone().map_or(Answer::Absent, Answer::Found)
        });
        if round > 0 {
            best = best.min(begun.elapsed());
        }
        packages = tree.nodes.len();
    }
    println!(
        "{}: {packages} nodes, best of {rounds}: {best:.1?}",
        project.display()
    );
}
