//! Shows what a folder becomes: `cargo run -p sources --example look DIR…`, one JSON object a folder.
#![expect(clippy::unwrap_used, reason = "a tool for whoever works on the readers")]

use std::path::Path;
use std::time::Instant;

use sources::{Collector, Limits};

fn main() {
    for folder in std::env::args().skip(1) {
        let mut collector = Collector::new(Limits::default());
        if Path::new(&folder).is_file() {
            let path = Path::new(&folder);
            let name = path.file_name().unwrap().to_str().unwrap();
            collector.keep(name.to_owned(), std::fs::read(path).unwrap());
        } else {
            walk(Path::new(&folder), Path::new(""), &mut collector);
        }
        let collection = collector.finish();
        let started = Instant::now();
        let (inventory, notices) = sources::inventory(&collection, "source");
        let seconds = started.elapsed().as_secs_f64();
        let shown = serde_json::json!({
            "folder": folder,
            "seconds": seconds,
            "inventory": inventory,
            "notices": notices,
        });
        println!("{shown}");
    }
}

fn walk(root: &Path, below: &Path, collector: &mut Collector) {
    let mut entries: Vec<_> = std::fs::read_dir(root.join(below)).unwrap().flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = below.join(entry.file_name());
        let text = path.to_str().unwrap().to_owned();
        let kind = entry.file_type().unwrap();
        collector.count();
        if kind.is_dir() {
            walk(root, &path, collector);
        } else if kind.is_symlink() {
            collector.link(&text);
        } else if let Some(kept) = collector.want(&text, entry.metadata().unwrap().len()) {
            collector.keep(kept, std::fs::read(root.join(&path)).unwrap());
        }
    }
}
