//! Just enough of two lockfile formats to know which package versions a project has.

use std::collections::BTreeSet;

use serde_json::Value;

type Packages = BTreeSet<(String, String)>;

/// Packages of the default registry; those from git or a folder match no advisory of crates.io.
pub fn cargo(text: &str) -> Packages {
    let lock: toml::Table = text.parse().expect("Cargo.lock is TOML");
    let packages = lock["package"].as_array().expect("a list of packages").iter();
    packages
        .filter(|package| {
            let source = package.get("source").and_then(toml::Value::as_str);
            source.is_some_and(|source| source.starts_with("registry+") && source.contains("crates.io"))
        })
        .map(|package| {
            let field = |key: &str| package[key].as_str().expect("a text").to_owned();
            (field("name"), field("version"))
        })
        .collect()
}

/// Installed packages of formats 1 (nested), 2 and 3 (by path).
pub fn npm(text: &str) -> Packages {
    let lock: Value = serde_json::from_str(text).expect("package-lock.json is JSON");
    let mut packages = Packages::new();
    match lock["packages"].as_object() {
        Some(by_path) => packages.extend(
            by_path
                .iter()
                .filter_map(|(path, package)| installed(path, package)),
        ),
        None => nested(&lock["dependencies"], &mut packages),
    }
    packages
}

fn installed(path: &str, package: &Value) -> Option<(String, String)> {
    let (_, folder) = path.rsplit_once("node_modules/")?;
    let name = package["name"].as_str().unwrap_or(folder);
    let version = package["version"].as_str()?;
    is_registry(package["resolved"].as_str().unwrap_or_default())
        .then(|| (name.to_owned(), version.to_owned()))
}

fn is_registry(resolved: &str) -> bool {
    !resolved.starts_with("git") && !resolved.starts_with("file:")
}

fn nested(dependencies: &Value, packages: &mut Packages) {
    for (name, package) in dependencies.as_object().into_iter().flatten() {
        let version = package["version"].as_str().expect("a version");
        match version
            .strip_prefix("npm:")
            .and_then(|alias| alias.rsplit_once('@'))
        {
            Some((name, version)) => packages.insert((name.to_owned(), version.to_owned())),
            None if version.contains(':') => false,
            None => packages.insert((name.clone(), version.to_owned())),
        };
        nested(&package["dependencies"], packages);
    }
}
