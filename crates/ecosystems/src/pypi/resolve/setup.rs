//! `setup.cfg`: the declarative part of setuptools.

use super::inputs::{Own, Reader, RootScope};

/// Reads it; whether it states dependencies or at least a project.
pub(super) fn read(reader: &mut Reader<'_>, text: &str, path: &str) -> bool {
    let entries = entries(text);
    let find = |section: &str, key: &str| {
        let mut entries = entries.iter();
        entries
            .find(|entry| entry.section == section && entry.key == key)
            .map(|entry| entry.value.trim().to_owned())
    };
    let name = find("metadata", "name");
    let requires = find("options", "install_requires");
    let has_extras = entries
        .iter()
        .any(|entry| entry.section == "options.extras_require");
    if requires.is_none() && !has_extras {
        return false;
    }
    reader.inputs.project = Some(Own {
        name: name.unwrap_or_default(),
        version: find("metadata", "version").filter(|version| !version.contains(':')),
        license: find("metadata", "license"),
    });
    reader.inputs.requires_python =
        find("options", "python_requires").or(reader.inputs.requires_python.take());
    for entry in &entries {
        let is_base = entry.section == "options" && entry.key == "install_requires";
        let is_extra = entry.section == "options.extras_require" && reader.extras.takes(&entry.key);
        if !is_base && !is_extra {
            continue;
        }
        let scope = if is_base {
            RootScope::Always
        } else {
            RootScope::Extra
        };
        let place = format!("{path}: line {}", entry.line);
        if entry.value.trim_start().starts_with("file:") {
            let text = "the requirements are in another file that only a build reads".to_owned();
            reader.gap("dynamic_metadata", &place, text);
            continue;
        }
        for (offset, line) in entry.value.lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                let place = format!("{path}: line {}", entry.line + offset);
                reader.add(line, &place, scope);
            }
        }
    }
    true
}

struct Entry {
    section: String,
    key: String,
    value: String,
    line: usize,
}

/// An INI file with indented continuation lines, as Python's configparser reads it.
fn entries(text: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut section = String::new();
    for (number, line) in (1..).zip(text.lines()) {
        let content = line.trim();
        if content.starts_with('#') || content.starts_with(';') {
            // A comment inside a value keeps the count of its lines.
            if let Some(entry) = entries.last_mut().filter(|_| line.starts_with([' ', '\t'])) {
                entry.value.push('\n');
            }
        } else if line.starts_with([' ', '\t']) && !content.is_empty() {
            if let Some(entry) = entries.last_mut() {
                entry.value.push('\n');
                entry.value.push_str(content);
            }
        } else if let Some(name) = content.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
            section = name.trim().to_owned();
        } else if let Some((key, value)) = content.split_once(['=', ':']) {
            entries.push(Entry {
                section: section.clone(),
                key: key.trim().to_lowercase().replace('-', "_"),
                value: value.trim().to_owned(),
                line: number,
            });
        }
    }
    entries
}
