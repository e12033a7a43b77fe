//! The rules of the house that a machine can hold: read from the sources, not from anybody's memory.
#![expect(clippy::panic, reason = "a test may stop at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Crates without network, database, clock, async or environment: they compute.
const PURE: [&str; 9] = [
    "clock",
    "inventory",
    "ecosystems",
    "sources",
    "advisories",
    "licenses",
    "policy",
    "audit",
    "web",
];
/// What a pure crate may never depend on.
const IMPURE: [&str; 11] = [
    "tokio",
    "tokio-util",
    "futures-util",
    "sqlx",
    "reqwest",
    "axum",
    "tower",
    "tower-http",
    "rustls",
    "tempfile",
    "getrandom",
];
/// The longest file of Rust.
const MOST_LINES: usize = 600;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Files below `folder` with one of the extensions, in a stable order; what is built or downloaded is left out.
fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in entries(&folder) {
            let name = entry
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if entry.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
                folders.push(entry);
            } else if entry
                .extension()
                .is_some_and(|ending| extensions.iter().any(|wanted| ending == *wanted))
            {
                found.push(entry);
            }
        }
    }
    found.sort();
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let listing = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    listing.flatten().map(|entry| entry.path()).collect()
}

/// One member of the workspace as its `Cargo.toml` describes it.
struct Member {
    name: String,
    folder: PathBuf,
    /// What the built crate uses, build scripts included.
    uses: BTreeSet<String>,
    /// What only its tests use.
    tests_use: BTreeSet<String>,
}

fn members() -> BTreeMap<String, Member> {
    let mut folders: Vec<_> = ["server", "worker", "web", "tests", "bench"]
        .map(|name| root().join(name))
        .to_vec();
    folders.extend(entries(&root().join("crates")));
    let members: BTreeMap<_, _> = folders
        .into_iter()
        .map(member)
        .map(|found| (found.name.clone(), found))
        .collect();
    assert!(members.len() >= 15, "the workspace has its crates");
    members
}

fn member(folder: PathBuf) -> Member {
    let path = folder.join("Cargo.toml");
    let manifest: toml::Table = read(&path)
        .parse()
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let name = manifest["package"]["name"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    Member {
        name,
        folder,
        uses: &tables(&manifest, "dependencies") | &tables(&manifest, "build-dependencies"),
        tests_use: tables(&manifest, "dev-dependencies"),
    }
}

/// The names in `[dependencies]` and in every `[target.….dependencies]`.
fn tables(manifest: &toml::Table, kind: &str) -> BTreeSet<String> {
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    let targets = targets
        .into_iter()
        .flat_map(toml::Table::values)
        .filter_map(toml::Value::as_table);
    let tables = targets
        .chain([manifest])
        .filter_map(|table| table.get(kind)?.as_table());
    tables.flat_map(toml::Table::keys).cloned().collect()
}

/// The built crates that depend on `dependency`.
fn users<'a>(members: &'a BTreeMap<String, Member>, dependency: &str) -> BTreeSet<&'a str> {
    members
        .values()
        .filter(|member| member.uses.contains(dependency))
        .map(|member| member.name.as_str())
        .collect()
}

/// Fails with everything that is wrong at once.
fn assert_none(rule: &str, wrong: &[String]) {
    assert!(wrong.is_empty(), "{rule}:\n  {}", wrong.join("\n  "));
}

#[test]
fn pure_crates_stay_pure() {
    let members = members();
    let ours: BTreeSet<_> = members.keys().map(String::as_str).collect();
    for name in PURE {
        let member = &members[name];
        for used in member.uses.iter().map(String::as_str) {
            assert!(!IMPURE.contains(&used), "{name} is pure and must not use {used}");
            assert!(
                !ours.contains(used) || PURE.contains(&used),
                "{name} is pure and must not use {used}, which is not"
            );
        }
        for used in member.tests_use.iter().map(String::as_str) {
            assert!(
                !ours.contains(used) || PURE.contains(&used),
                "the tests of {name} must not use {used}"
            );
        }
    }
}

#[test]
fn each_door_to_the_outside_has_one_crate() {
    let members = members();
    // The benchmarks and tests drive the real service over HTTP, from outside.
    let test_only = BTreeSet::from(["bench", "tests"]);
    let product = |dependency| &users(&members, dependency) - &test_only;
    assert_eq!(
        product("reqwest"),
        BTreeSet::from(["fetch"]),
        "only fetch speaks to the outside"
    );
    assert_eq!(
        product("rustls"),
        BTreeSet::from(["fetch"]),
        "only fetch sets up TLS"
    );
    assert_eq!(
        users(&members, "sqlx"),
        BTreeSet::from(["store"]),
        "only store speaks SQL"
    );
    assert_eq!(
        users(&members, "askama"),
        BTreeSet::from(["web"]),
        "only web knows how it looks"
    );
    assert_eq!(
        product("fetch"),
        BTreeSet::from(["plumbline", "worker"]),
        "the server never fetches"
    );
    for door in ["server", "worker"] {
        assert_eq!(
            product(door),
            BTreeSet::from(["plumbline"]),
            "only the binary knows the {door}"
        );
    }
    assert_eq!(
        product("plumbline"),
        BTreeSet::new(),
        "nothing depends on the binary"
    );
    assert_eq!(
        product("tests"),
        BTreeSet::new(),
        "no product code depends on the tests"
    );
    for name in ["store", "fetch"] {
        let impure: Vec<_> = members
            .keys()
            .filter(|other| !PURE.contains(&other.as_str()))
            .collect();
        let used: Vec<_> = impure
            .into_iter()
            .filter(|other| members[name].uses.contains(*other))
            .collect();
        assert!(used.is_empty(), "{name} uses pure crates only, not {used:?}");
    }
}

#[test]
fn every_crate_takes_part_in_the_house() {
    for member in members().values() {
        let manifest = read(&member.folder.join("Cargo.toml"));
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{} has the lints of the workspace",
            member.name
        );
        let versioned = manifest.lines().find(|line| line.contains("version = \""));
        assert_eq!(
            versioned, None,
            "{}: versions are named once, in the workspace",
            member.name
        );
        if member.name != "plumbline" {
            let readme = read(&member.folder.join("README.md"));
            assert!(
                readme.starts_with("# "),
                "{} has a README with a title",
                member.name
            );
        }
    }
}

/// Every file of Rust in the repository with its text.
fn sources() -> Vec<(PathBuf, String)> {
    let found: Vec<_> = files(&root(), &["rs"])
        .into_iter()
        .map(|path| (path.clone(), read(&path)))
        .collect();
    assert!(found.len() >= 20, "the sources are found");
    found
}

/// `path:line` of every line that breaks a rule.
fn offences<'a>(
    texts: impl IntoIterator<Item = &'a (PathBuf, String)>,
    breaks: impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in texts {
        for (number, line) in (1..).zip(text.lines()) {
            if breaks(line) {
                found.push(format!("{}:{number}: {}", path.display(), line.trim()));
            }
        }
    }
    found
}

#[test]
fn files_are_pages_of_a_book() {
    let long: Vec<_> = sources()
        .iter()
        .filter(|(_, text)| text.lines().count() > MOST_LINES)
        .map(|(path, text)| format!("{}: {} lines", path.display(), text.lines().count()))
        .collect();
    assert_none("no file of Rust has more than 600 lines", &long);
}

// The forbidden words are joined here, so that this file does not contain them.
#[test]
fn nothing_is_silenced_or_left_for_later() {
    let sources = sources();
    let silenced = [concat!("#[al", "low("), concat!("#![al", "low(")];
    assert_none(
        "a lint is expected with a reason, never allowed",
        &offences(&sources, |line| silenced.iter().any(|word| line.contains(word))),
    );
    let later = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X:"),
        concat!("HA", "CK"),
    ];
    let mut texts = sources;
    texts.extend(
        files(&root(), &["sql", "html", "css", "js", "mjs"])
            .into_iter()
            .map(|path| (path.clone(), read(&path))),
    );
    assert_none(
        "what is worth doing is done or in the issue tracker",
        &offences(&texts, |line| later.iter().any(|word| has_word(line, word))),
    );
}

/// Whether `word` stands in `line` with no letter, digit or dash before or behind it.
fn has_word(line: &str, word: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let (before, behind) = (&line[..at], &line[at + word.len()..]);
        !before.ends_with(inside) && !behind.starts_with(inside)
    })
}

/// A page far into a list costs as much as the whole list; lists continue after a key instead.
#[test]
fn lists_are_paged_by_key() {
    let mut texts = sources();
    texts.retain(|(path, _)| path.components().any(|part| part.as_os_str() == "store"));
    texts.extend(
        files(&root(), &["sql"])
            .into_iter()
            .map(|path| (path.clone(), read(&path))),
    );
    assert!(!texts.is_empty(), "the store has sources");
    let skipping = |line: &str| !is_comment(line) && has_word(line, concat!("OFF", "SET"));
    assert_none("no statement skips rows", &offences(&texts, skipping));
}

fn is_comment(line: &str) -> bool {
    ["//", "--"]
        .iter()
        .any(|mark| line.trim_start().starts_with(mark))
}

/// The content security policy knows no inline script or style, so neither do the templates.
#[test]
fn templates_keep_the_content_security_policy() {
    let templates = files(&root().join("web"), &["html", "svg"]);
    let texts: Vec<_> = templates
        .into_iter()
        .map(|path| (path.clone(), read(&path)))
        .collect();
    assert_none(
        "no inline style",
        &offences(&texts, |line| has_attribute(line, |name| name == "style")),
    );
    assert_none(
        "no style element",
        &offences(&texts, |line| line.to_lowercase().contains("<style")),
    );
    assert_none(
        "no inline handler",
        &offences(&texts, |line| has_attribute(line, |name| name.starts_with("on"))),
    );
    assert_none(
        "no script address",
        &offences(&texts, |line| line.to_lowercase().contains("javascript:")),
    );
    let inline = |line: &str| {
        line.to_lowercase()
            .match_indices("<script")
            .any(|(at, _)| !line[at..].contains("src="))
    };
    assert_none("no inline script", &offences(&texts, inline));
    // What Rust writes as markup is held to the same.
    let mut written = sources();
    written.retain(|(path, _)| path.components().any(|part| part.as_os_str() == "web"));
    let written_style =
        |line: &str| !is_comment(line) && line.contains("<") && has_attribute(line, |name| name == "style");
    assert_none("no inline style from Rust", &offences(&written, written_style));
}

/// Whether a line has ` NAME=` with a name that `forbidden` knows.
fn has_attribute(line: &str, forbidden: impl Fn(&str) -> bool) -> bool {
    line.match_indices('=').any(|(at, _)| {
        let before = &line[..at];
        let start = before
            .rfind(|c: char| !c.is_ascii_alphabetic())
            .map_or(0, |last| last + 1);
        let spaced = before[..start].ends_with(char::is_whitespace);
        let name = before[start..].to_lowercase();
        spaced && name.len() > 2 && forbidden(&name)
    })
}

/// A database of one engine can be compared with one of the other, step by step.
#[test]
fn both_engines_have_the_same_migrations() {
    let folder = root().join("migrations");
    if !folder.exists() && files(&root().join("crates/store/src"), &["rs"]).len() <= 1 {
        return; // The store is not written yet; from its second file on there must be migrations.
    }
    let names = |engine: &str| -> Vec<String> {
        let paths = files(&folder.join(engine), &["sql"]);
        paths
            .iter()
            .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
            .collect()
    };
    let (sqlite, postgres) = (names("sqlite"), names("postgres"));
    assert!(!sqlite.is_empty(), "there are migrations");
    assert_eq!(sqlite, postgres, "same numbers and names on both engines");
    let numbers: BTreeSet<_> = sqlite.iter().filter_map(|name| name.split('_').next()).collect();
    assert_eq!(
        numbers.len(),
        sqlite.len(),
        "each migration has a number of its own: {sqlite:?}"
    );
}

#[test]
fn the_house_has_its_documents() {
    for name in [
        "LICENSE",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "deny.toml",
    ] {
        assert!(read(&root().join(name)).len() > 500, "{name} says something");
    }
}

#[test]
fn the_rules_see_what_they_forbid() {
    assert!(has_attribute(r#"<p style="color:red">"#, |name| name == "style"));
    assert!(has_attribute(r#"<a onclick="x()">"#, |name| name.starts_with("on")));
    assert!(!has_attribute(
        r#"<link rel="stylesheet" href="/one=two">"#,
        |name| name.starts_with("on")
    ));
    assert!(!has_attribute(r#"<a data-on="x" content="y">"#, |name| name
        == "style"
        || name.starts_with("on")));
    assert!(has_word("limit 5 OFFSET 10", "OFFSET"));
    assert!(!has_word("fn BYTE_OFFSET_OF() {}", "OFFSET"));
}
