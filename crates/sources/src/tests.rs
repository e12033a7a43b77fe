//! What a source becomes, file by file; and what hostile ones come to.

use std::io::{Cursor, Write};

use inventory::{Component, ComponentKind, Level, Scope, Source};

use super::*;

fn collection(files: &[(&str, &str)]) -> Collection {
    let mut collector = Collector::new(Limits::default());
    for (path, text) in files {
        collector.count();
        if let Some(path) = collector.want(path, text.len() as u64) {
            collector.keep(path, text.as_bytes().to_vec());
        }
    }
    collector.finish()
}

/// One lockfile or manifest of a collection.
fn one(collection: &Collection, path: &str) -> (Inventory, Vec<Notice>) {
    assemble(read_one(collection, path), path)
}

fn codes(notices: &[Notice]) -> Vec<(&str, &str)> {
    notices
        .iter()
        .map(|notice| (notice.code.as_str(), notice.place.as_str()))
        .collect()
}

fn find<'a>(inventory: &'a Inventory, name: &str) -> &'a Component {
    let found = inventory
        .components
        .iter()
        .find(|component| component.name == name);
    found.unwrap_or_else(|| panic!("no {name} in {:?}", inventory.components))
}

const LOCK: &str = r#"{"lockfileVersion": 3, "packages": {
    "": {"name": "shop", "version": "1.0.0", "workspaces": ["packages/*"], "dependencies": {"a": "^1"}, "devDependencies": {"t": "^1"}},
    "node_modules/a": {"version": "1.0.0", "dependencies": {"b": "^1"}, "hasInstallScript": true, "license": "MIT"},
    "node_modules/b": {"version": "1.0.0"},
    "node_modules/t": {"version": "1.0.0", "dev": true, "dependencies": {"b": "^2"}},
    "node_modules/t/node_modules/b": {"version": "2.0.0", "dev": true},
    "node_modules/member": {"resolved": "packages/member", "link": true},
    "packages/member": {"name": "member", "version": "0.1.0", "dependencies": {"a": "^1"}}
}}"#;

#[test]
fn a_single_project_is_the_root() {
    let (inventory, notices) = inventory(&collection(&[("package-lock.json", LOCK)]), "folder");
    assert_eq!(notices, []);
    assert_eq!(inventory.complete, Some(true));
    assert_eq!(inventory.format, "package-lock.json v3");
    let root = &inventory.components[inventory.root.unwrap() as usize];
    assert_eq!(
        (root.name.as_str(), root.kind),
        ("shop", ComponentKind::Application)
    );
    assert_eq!(inventory.component_count(), 5);
    let a = find(&inventory, "a");
    let installation = a.installation.as_ref().unwrap();
    assert_eq!(installation.manifest, "package-lock.json");
    assert_eq!(installation.place, "/packages/node_modules~1a");
    assert_eq!(a.facts.install_script, Some(true));
    assert_eq!(a.purl.as_ref().unwrap().to_string(), "pkg:npm/a@1.0.0");
    assert_eq!(find(&inventory, "t").scope, Scope::Dev);
    let member = find(&inventory, "member");
    assert_eq!(
        (member.kind, &member.source),
        (
            ComponentKind::Application,
            &Source::Path("packages/member".to_owned())
        )
    );
}

#[test]
fn several_projects_stand_below_the_source_and_keep_their_places() {
    let files = [
        ("web/package-lock.json", LOCK),
        (
            "api/Cargo.lock",
            "version = 4\n[[package]]\nname = \"api\"\nversion = \"1.0.0\"\n",
        ),
        (
            "api/Cargo.toml",
            "[package]\nname = \"api\"\nversion = \"1.0.0\"\n",
        ),
    ];
    let (inventory, _) = inventory(&collection(&files), "repository");
    assert_eq!(inventory.components[0].name, "repository");
    assert_eq!(
        inventory.format,
        "source tree of 2 projects: Cargo.lock v4, package-lock.json v3"
    );
    let manifests: Vec<&str> = inventory
        .components
        .iter()
        .filter_map(|component| Some(component.installation.as_ref()?.manifest.as_str()))
        .collect();
    assert_eq!(
        manifests
            .iter()
            .filter(|path| **path == "web/package-lock.json")
            .count(),
        6
    );
    assert_eq!(find(&inventory, "api").source, Source::Path("api".to_owned()));
    let held: Vec<_> = inventory
        .containment
        .iter()
        .filter(|(from, _)| *from == 0)
        .collect();
    assert_eq!(held.len(), 2);
}

#[test]
fn what_is_left_out_is_told() {
    let files = [
        ("package-lock.json", LOCK),
        ("yarn.lock", "# yarn lockfile v1\n"),
        ("node_modules/x/package-lock.json", LOCK),
        ("crate/tests/fixtures/a/Cargo.lock", "version = 4\n"),
        ("crate/tests/fixtures/b/Cargo.lock", "version = 4\n"),
    ];
    let (inventory, notices) = inventory(&collection(&files), "x");
    assert_eq!(
        codes(&notices),
        [
            ("folder_left_out", "crate/tests"),
            ("folder_left_out", "node_modules"),
            ("lockfile_left_out", "yarn.lock")
        ]
    );
    assert!(notices.iter().all(|notice| notice.level == Level::Info));
    assert_eq!(
        inventory.complete,
        Some(true),
        "what is left out on purpose is no gap"
    );
}

#[test]
fn a_manifest_without_a_lockfile_is_a_gap_unless_a_workspace_speaks_for_it() {
    let files = [
        ("package-lock.json", LOCK),
        (
            "packages/member/package.json",
            "{\"name\": \"member\", \"dependencies\": {\"a\": \"^1\"}}",
        ),
        (
            "other/package.json",
            "{\"name\": \"other\", \"dependencies\": {\"lodash\": \"^4\", \"l3\": \"npm:lodash@^3\"}}",
        ),
        ("config/package.json", "{\"type\": \"module\"}"),
    ];
    let (inventory, notices) = inventory(&collection(&files), "x");
    assert_eq!(codes(&notices), [("not_resolved", "other/package.json")]);
    assert_eq!(inventory.complete, Some(false));
    assert_eq!(
        find(&inventory, "lodash").version,
        None,
        "what is installed is not known"
    );
}

#[test]
fn a_broken_lockfile_is_a_gap_and_its_manifest_speaks() {
    let files = [
        ("package-lock.json", "{\"lockfileVersion\": 3,\n<<<<<<< HEAD\n"),
        (
            "package.json",
            "{\"name\": \"shop\", \"dependencies\": {\"a\": \"^1\"}}",
        ),
    ];
    let (inventory, notices) = inventory(&collection(&files), "x");
    assert_eq!(
        codes(&notices),
        [
            ("file_not_read", "package-lock.json: line 2, column 1"),
            ("not_resolved", "package.json")
        ]
    );
    assert_eq!(find(&inventory, "a").version, None);
}

#[test]
fn a_lockfile_that_is_named_is_read_whatever_else_is_there() {
    let files = [
        ("package-lock.json", LOCK),
        ("yarn.lock", "# yarn lockfile v1\n\na@^1:\n  version \"1.5.0\"\n"),
        (
            "package.json",
            "{\"name\": \"shop\", \"dependencies\": {\"a\": \"^1\"}}",
        ),
        ("other/Cargo.lock", "broken"),
    ];
    let (inventory, notices) = one(&collection(&files), "yarn.lock");
    assert_eq!(notices, []);
    assert_eq!(find(&inventory, "a").version.as_deref(), Some("1.5.0"));
}

#[test]
fn nothing_at_all_is_a_gap_and_a_project_without_dependencies_is_none() {
    let (nothing, notices) = inventory(&collection(&[("README.md", "")]), "x");
    assert_eq!(codes(&notices), [("nothing_found", "")]);
    assert_eq!(nothing.complete, Some(false));
    let (empty, notices) = inventory(&collection(&[("package.json", "{\"name\": \"a\"}")]), "x");
    assert_eq!((notices.len(), empty.complete), (0, Some(true)));
}

#[test]
fn lists_of_requirements_include_one_another_and_never_endlessly() {
    let files = [
        (
            "app/requirements.txt",
            "-r ../common/base.txt\n-r requirements.txt\nb==1.0\n-c pins.txt\nc\n",
        ),
        ("app/pins.txt", "c==3.0\nunused==1.0\n"),
        ("common/base.txt", "a==1.0\n-r base.txt\n-r ../../../etc/passwd\n"),
        ("app/requirements-dev.txt", "-r requirements.txt\nd==1.0\n"),
    ];
    let (inventory, notices) = inventory(&collection(&files), "x");
    let mut found: Vec<_> = inventory
        .iter()
        .filter(|(_, component)| component.kind == ComponentKind::Library)
        .map(|(_, component)| {
            format!(
                "{}@{} {:?}",
                component.name,
                component.version.as_deref().unwrap(),
                component.scope
            )
        })
        .collect();
    found.sort();
    let expected = [
        "a@1.0 Dev",
        "a@1.0 Required",
        "b@1.0 Dev",
        "b@1.0 Required",
        "c@3.0 Dev",
        "c@3.0 Required",
        "d@1.0 Dev",
    ];
    assert_eq!(found, expected);
    let gaps: Vec<_> = notices
        .iter()
        .filter(|notice| notice.code == "include_not_read")
        .map(|notice| notice.text.as_str())
        .collect();
    assert!(
        gaps.iter().any(|text| text.contains("includes itself")),
        "{gaps:?}"
    );
    assert!(
        gaps.iter().any(|text| text.contains("is not in the source")),
        "{gaps:?}"
    );
}

fn tar(entries: &[(&str, ::tar::EntryType, &[u8])]) -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    for (path, kind, bytes) in entries {
        let mut header = ::tar::Header::new_gnu();
        // The library refuses to write such paths itself.
        header.as_gnu_mut().unwrap().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_entry_type(*kind);
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        if kind.is_symlink() {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_cksum();
        builder.append(&header, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        writer
            .start_file(*path, ::zip::write::SimpleFileOptions::default())
            .unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn archives_of_every_kind_hold_the_same() {
    use ::tar::EntryType::Regular;
    let plain = tar(&[
        ("repo-1.0/package-lock.json", Regular, LOCK.as_bytes()),
        ("repo-1.0/src/a.js", Regular, b"code"),
    ]);
    let files: [(&str, &[u8]); 2] = [
        ("repo-1.0/package-lock.json", LOCK.as_bytes()),
        ("repo-1.0/src/a.js", b"code"),
    ];
    for bytes in [
        gzip(&plain),
        zstd::encode_all(plain.as_slice(), 3).unwrap(),
        zip(&files),
        plain,
    ] {
        let read = archive::read(Cursor::new(bytes), &Limits::default()).unwrap();
        assert_eq!(
            read.paths().collect::<Vec<_>>(),
            ["package-lock.json"],
            "without the folder of the forge"
        );
    }
    for bytes in [
        &b""[..],
        b"hello",
        &gzip(b"{\"bomFormat\": 1}"),
        b"PK\x03\x04 no zip",
    ] {
        assert!(archive::read(Cursor::new(bytes.to_vec()), &Limits::default()).is_err());
    }
}

#[test]
fn hostile_archives_reach_nothing_outside() {
    use ::tar::EntryType::{Regular, Symlink};
    let bytes = tar(&[
        ("../../package-lock.json", Regular, LOCK.as_bytes()),
        ("/etc/Cargo.lock", Regular, b"version = 4"),
        ("yarn.lock", Symlink, b""),
        ("a/package-lock.json", Regular, LOCK.as_bytes()),
        ("a/./package-lock.json", Regular, b"{}"),
    ]);
    let read = archive::read(Cursor::new(bytes), &Limits::default()).unwrap();
    assert_eq!(
        read.notices
            .iter()
            .filter(|notice| notice.code == "bad_path")
            .count(),
        2,
        "{:?}",
        read.notices
    );
    assert_eq!(
        codes(&read.gaps),
        [
            ("link_not_followed", "yarn.lock"),
            ("same_path", "a/package-lock.json")
        ]
    );
    assert_eq!(
        read.get("package-lock.json"),
        Some(LOCK.as_bytes()),
        "the first of two counts"
    );
}

#[test]
fn bombs_end_at_the_limits() {
    use ::tar::EntryType::Regular;
    let limits = Limits {
        entries: 50,
        inflated: 1 << 20,
        file: 64 << 10,
        kept: 100 << 10,
        depth: 8,
    };
    let zeros = vec![b' '; 3 << 20];
    let bomb = gzip(&tar(&[
        ("big.bin", Regular, &zeros),
        ("package-lock.json", Regular, b"{}"),
    ]));
    let read = archive::read(Cursor::new(bomb), &limits).unwrap();
    assert_eq!(codes(&read.gaps), [("source_cut_off", "")]);
    let many: Vec<String> = (0..200).map(|number| format!("{number}/x")).collect();
    let many: Vec<_> = many
        .iter()
        .map(|path| (path.as_str(), Regular, &b""[..]))
        .collect();
    let read = archive::read(Cursor::new(tar(&many)), &limits).unwrap();
    assert_eq!((read.seen, codes(&read.gaps)), (50, vec![("source_cut_off", "")]));
    let large = vec![b' '; 70 << 10];
    let half = vec![b' '; 60 << 10];
    let deep = "d/".repeat(9) + "package-lock.json";
    for bytes in [
        tar(&[
            ("Cargo.lock", Regular, &large),
            ("a/Cargo.lock", Regular, &half),
            ("b/Cargo.lock", Regular, &half),
            (&deep, Regular, b"{}"),
        ]),
        zip(&[
            ("Cargo.lock", &large),
            ("a/Cargo.lock", &half),
            ("b/Cargo.lock", &half),
            (&deep, b"{}"),
        ]),
    ] {
        let read = archive::read(Cursor::new(bytes), &limits).unwrap();
        assert_eq!(
            codes(&read.gaps),
            [
                ("file_too_large", "Cargo.lock"),
                ("file_too_large", "b/Cargo.lock")
            ]
        );
        assert!(read.notices.iter().any(|notice| notice.code == "too_deep"));
    }
}

#[test]
fn archives_that_break_off_are_read_as_far_as_they_go() {
    use ::tar::EntryType::Regular;
    let whole = gzip(&tar(&[
        ("package-lock.json", Regular, LOCK.as_bytes()),
        ("b/package-lock.json", Regular, LOCK.as_bytes()),
    ]));
    let mut read = 0;
    for cut in 0..whole.len() {
        if let Ok(collection) = archive::read(Cursor::new(whole[..cut].to_vec()), &Limits::default()) {
            read += usize::from(!collection.gaps.is_empty());
            let (inventory, _) = inventory(&collection, "x");
            assert_eq!(inventory.complete, Some(collection.gaps.is_empty()));
        }
    }
    assert!(read > 0);
}

#[test]
fn a_million_files_are_counted_and_not_kept() {
    let mut collector = Collector::new(Limits::default());
    for number in 0..1_000_000 {
        assert!(collector.count());
        assert_eq!(collector.want(&format!("src/{number}.rs"), 10), None);
    }
    assert!(!collector.count());
    collector.too_many();
    let (inventory, notices) = inventory(&collector.finish(), "x");
    assert_eq!(codes(&notices), [("source_cut_off", "")]);
    assert_eq!(inventory.complete, Some(false));
}

#[test]
fn a_resolved_tree_takes_the_place_of_what_was_asked_for_and_speaks_for_its_members() {
    use ecosystems::tree::{EdgeKind, Node, NodeKind, Tree};
    let files = [
        (
            "package.json",
            r#"{"name": "shop", "workspaces": ["packages/*"]}"#,
        ),
        (
            "packages/ui/package.json",
            r#"{"name": "ui", "dependencies": {"a": "^1"}}"#,
        ),
        (
            "tools/package.json",
            r#"{"name": "tools", "dependencies": {"b": "^1"}}"#,
        ),
    ];
    let collection = collection(&files);
    let mut found = read(&collection, discover(&collection));
    let paths: Vec<String> = found.open().into_iter().map(|project| project.path).collect();
    assert_eq!(
        paths,
        ["package.json", "tools/package.json", "packages/ui/package.json"],
        "outer folders first"
    );
    let mut tree = Tree::new("npm", "resolved as npm 11 would");
    tree.environment.push(("node".to_owned(), "24.0.0".to_owned()));
    for (kind, name, location) in [
        (NodeKind::Root, "shop", ""),
        (NodeKind::Member, "ui", "packages/ui"),
        (NodeKind::Package, "a", "node_modules/a"),
    ] {
        tree.add(Node {
            kind,
            name: name.to_owned(),
            version: Some("1.0.0".to_owned()),
            location: Some(location.to_owned()),
            ..Node::default()
        });
    }
    tree.link(0, 1, EdgeKind::Member);
    tree.link(1, 2, EdgeKind::Normal);
    found.resolve(&found.open()[0].clone(), tree);
    let left: Vec<String> = found.open().into_iter().map(|project| project.path).collect();
    assert_eq!(
        left,
        ["package.json", "tools/package.json"],
        "the member is in the tree"
    );
    let (inventory, notices) = assemble(found, "folder");
    let resolution = &inventory.resolutions[0];
    assert_eq!(
        (resolution.manifest.as_str(), resolution.tool.as_str()),
        ("package.json", "resolved as npm 11 would")
    );
    assert_eq!(resolution.environment, [("node".to_owned(), "24.0.0".to_owned())]);
    let told = codes(&notices);
    assert!(told.contains(&("resolved", "package.json")), "{told:?}");
    assert!(told.contains(&("not_resolved", "tools/package.json")), "{told:?}");
    assert_eq!(find(&inventory, "a").version.as_deref(), Some("1.0.0"));
}

#[test]
fn what_tells_its_needs_elsewhere_is_seen_and_what_has_no_versions_is_open() {
    let open = |files: &[(&str, &str)]| -> Vec<String> {
        let collection = collection(files);
        let found = read(&collection, discover(&collection));
        found.open().into_iter().map(|project| project.path).collect()
    };
    assert_eq!(
        open(&[("requirements.txt", "a==1\nb>=2\n")]),
        ["requirements.txt"],
        "a list that leaves versions open locks nothing"
    );
    assert_eq!(open(&[("requirements.txt", "a==1\nb==2\n")]), [""; 0]);
    assert_eq!(open(&[("setup.py", "setup()")]), ["setup.py"]);
    let metadata = "[metadata]\nname = x\n";
    let built = "[build-system]\nrequires = [\"setuptools\"]\n";
    assert_eq!(
        open(&[("setup.cfg", metadata), ("pyproject.toml", built)]),
        ["pyproject.toml"]
    );
    assert_eq!(
        open(&[("setup.cfg", "[flake8]\n"), ("pyproject.toml", built)]),
        [""; 0]
    );
    assert_eq!(
        open(&[("requirements.in", "a\n"), ("requirements-dev.in", "b\n")]),
        ["requirements-dev.in", "requirements.in"]
    );
    assert_eq!(
        open(&[("requirements.in", "a\n"), ("requirements.txt", "a==1\n")]),
        [""; 0]
    );
}
