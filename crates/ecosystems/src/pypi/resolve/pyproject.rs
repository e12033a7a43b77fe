//! `pyproject.toml`: the standard tables (PEP 621, PEP 735) and those of the tools that came before them.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::super::PyPi;
use super::super::requirement::Requirement;
use super::inputs::{Own, Reader, RootScope, folder, join};
use super::requirements;
use crate::Ecosystem;

/// Reads the standard tables; whether there are any.
pub(super) fn read(reader: &mut Reader<'_>, table: &Table, path: &str) -> bool {
    let project = table.get("project").and_then(Value::as_table);
    let groups = table.get("dependency-groups").and_then(Value::as_table);
    let is_poetry = poetry_tells(table);
    if project.is_none() && (groups.is_none() || is_poetry) {
        return false;
    }
    if let Some(project) = project
        && !read_project(reader, project, table, path)
        && is_poetry
    {
        return false;
    }
    if let Some(groups) = groups {
        read_groups(reader, groups, path);
    }
    for tool in ["pdm", "uv"] {
        read_tool_groups(reader, table, tool, path);
    }
    true
}

/// Whether Poetry's own table states the dependencies.
fn poetry_tells(table: &Table) -> bool {
    let tool = table.get("tool").and_then(Value::as_table);
    let poetry = tool.and_then(|tool| tool.get("poetry")?.as_table());
    poetry.is_some_and(|poetry| poetry.contains_key("dependencies"))
}

/// `[project]`; whether it states its dependencies itself.
fn read_project(reader: &mut Reader<'_>, project: &Table, table: &Table, path: &str) -> bool {
    let text = |key: &str| project.get(key).and_then(Value::as_str).map(str::to_owned);
    let name = text("name").unwrap_or_default();
    reader.inputs.project = Some(Own {
        name: name.clone(),
        version: text("version"),
        license: license(project),
    });
    reader.inputs.requires_python = text("requires-python").or(reader.inputs.requires_python.take());
    let is_dynamic = |field: &str| {
        let dynamic = project.get("dynamic").and_then(Value::as_array);
        dynamic.is_some_and(|list| list.iter().any(|entry| entry.as_str() == Some(field)))
    };
    if is_dynamic("dependencies") {
        if poetry_tells(table) {
            return false;
        }
        read_dynamic(reader, table, path);
    }
    let extras = project.get("optional-dependencies").and_then(Value::as_table);
    for (index, entry) in list(project, "dependencies").enumerate() {
        let place = format!("{path}: /project/dependencies/{index}");
        add(reader, entry, &place, RootScope::Always, &name, extras);
    }
    for (extra, _) in extras.into_iter().flatten() {
        if reader.extras.takes(extra) {
            add_extra(reader, extra, path, &name, extras, RootScope::Extra);
        }
    }
    true
}

fn license(project: &Table) -> Option<String> {
    match project.get("license")? {
        Value::String(text) => Some(text.clone()),
        Value::Table(table) => Some(table.get("text")?.as_str()?.to_owned()),
        _ => None,
    }
}

fn list<'a>(table: &'a Table, key: &str) -> impl Iterator<Item = &'a str> {
    let list = table.get(key).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str)
}

/// The requirements of an extra; extras that it takes from the project itself are followed.
fn add_extra(
    reader: &mut Reader<'_>,
    extra: &str,
    path: &str,
    own: &str,
    extras: Option<&Table>,
    scope: RootScope,
) {
    let Some(extras_table) = extras else { return };
    let mut seen = BTreeSet::new();
    let mut waiting = vec![PyPi.normalize(extra).into_owned()];
    while let Some(extra) = waiting.pop() {
        let found = extras_table
            .iter()
            .find(|(name, _)| PyPi.normalize(name) == extra);
        let Some((name, _)) = found.filter(|_| seen.insert(extra.clone())) else {
            continue;
        };
        for (index, entry) in list(extras_table, name).enumerate() {
            let place = format!("{path}: /project/optional-dependencies/{name}/{index}");
            match Requirement::parse(entry) {
                Ok(of_own) if !own.is_empty() && of_own.project() == PyPi.normalize(own) => {
                    waiting.extend(of_own.extras);
                }
                Ok(requirement) => reader.add_requirement(requirement, &place, scope),
                Err(error) => reader.gap("requirement_invalid", &place, error.to_string()),
            }
        }
    }
}

/// A requirement, or the project itself with extras.
fn add(
    reader: &mut Reader<'_>,
    text: &str,
    place: &str,
    scope: RootScope,
    own: &str,
    extras: Option<&Table>,
) {
    match Requirement::parse(text) {
        Ok(of_own) if !own.is_empty() && of_own.project() == PyPi.normalize(own) => {
            let path = place.split(':').next().unwrap_or_default().to_owned();
            for extra in of_own.extras {
                add_extra(reader, &extra, &path, own, extras, scope);
            }
        }
        Ok(requirement) => reader.add_requirement(requirement, place, scope),
        Err(error) => reader.gap("requirement_invalid", place, error.to_string()),
    }
}

/// Dependencies that setuptools reads from other files; whatever else a build would tell is a gap.
fn read_dynamic(reader: &mut Reader<'_>, table: &Table, path: &str) {
    let at = |keys: &[&str]| {
        keys.iter()
            .try_fold(table, |table, key| table.get(*key)?.as_table())
    };
    let Some(dynamic) = at(&["tool", "setuptools", "dynamic", "dependencies"]) else {
        let text = "only a build would tell the dependencies, which is not done".to_owned();
        reader.gap("dynamic_metadata", &format!("{path}: /project/dynamic"), text);
        return;
    };
    let one = dynamic.get("file").and_then(Value::as_str);
    let files: Vec<_> = one
        .into_iter()
        .chain(list(dynamic, "file"))
        .map(str::to_owned)
        .collect();
    for file in files {
        let place = format!("{path}: /tool/setuptools/dynamic/dependencies/file");
        match join(folder(path), &file) {
            Some(file) => requirements::include(reader, &file, false, &place),
            None => reader.gap(
                "include_missing",
                &place,
                format!("`{file}` lies outside of the project"),
            ),
        }
    }
}

/// `[dependency-groups]`, includes followed.
fn read_groups(reader: &mut Reader<'_>, groups: &Table, path: &str) {
    let own = reader
        .inputs
        .project
        .as_ref()
        .map(|own| own.name.clone())
        .unwrap_or_default();
    for (group, _) in groups {
        if reader.groups.takes(group) {
            read_group(reader, groups, group, path, &own);
        }
    }
}

fn read_group(reader: &mut Reader<'_>, groups: &Table, group: &str, path: &str, own: &str) {
    let mut seen = BTreeSet::new();
    let mut waiting = vec![(PyPi.normalize(group).into_owned(), 0)];
    while let Some((group, from)) = waiting.pop() {
        let found = groups.iter().find(|(name, _)| PyPi.normalize(name) == group);
        let Some((name, entries)) = found else {
            let text = format!("there is no group `{group}`");
            reader.gap("group_missing", &format!("{path}: /dependency-groups"), text);
            continue;
        };
        if from == 0 && !seen.insert(group.clone()) {
            continue;
        }
        let entries = entries.as_array().map(Vec::as_slice).unwrap_or_default();
        for (index, entry) in entries.iter().enumerate().skip(from) {
            let place = format!("{path}: /dependency-groups/{name}/{index}");
            let included = entry
                .as_table()
                .and_then(|table| table.get("include-group")?.as_str());
            match (entry.as_str(), included) {
                (Some(text), _) => add(reader, text, &place, RootScope::Group, own, None),
                (None, Some(included)) => {
                    waiting.push((group.clone(), index + 1));
                    waiting.push((PyPi.normalize(included).into_owned(), 0));
                    break;
                }
                (None, None) => reader.gap("requirement_invalid", &place, "it is no requirement".to_owned()),
            }
        }
    }
}

/// `[tool.pdm.dev-dependencies]` by group, `[tool.uv] dev-dependencies` as one list.
fn read_tool_groups(reader: &mut Reader<'_>, table: &Table, tool: &str, path: &str) {
    let tools = table.get("tool").and_then(Value::as_table);
    let settings = tools.and_then(|tools| tools.get(tool)?.as_table());
    let Some(settings) = settings else { return };
    let place = format!("{path}: /tool/{tool}/dev-dependencies");
    let groups = settings.get("dev-dependencies").and_then(Value::as_table);
    let grouped = groups
        .into_iter()
        .flatten()
        .filter(|(group, _)| reader.groups.takes(group));
    let mut entries: Vec<String> = grouped
        .filter_map(|(_, list)| list.as_array())
        .flatten()
        .filter_map(|entry| entry.as_str().map(str::to_owned))
        .collect();
    if reader.groups.takes("dev") {
        entries.extend(list(settings, "dev-dependencies").map(str::to_owned));
    }
    for entry in entries {
        if entry.starts_with("-e") {
            let text = format!("`{entry}` is editable and not followed");
            reader.gap("path_outside", &place, text);
        } else {
            reader.add(&entry, &place, RootScope::Group);
        }
    }
}
