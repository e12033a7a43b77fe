//! Poetry's own tables, whose version constraints are translated to PEP 440.

use toml::{Table, Value};

use super::inputs::{Own, Reader, RootScope};

/// Reads `[tool.poetry]`; whether there is one.
pub(super) fn read(reader: &mut Reader<'_>, table: &Table, path: &str) -> bool {
    let tool = table.get("tool").and_then(Value::as_table);
    let Some(poetry) = tool.and_then(|tool| tool.get("poetry")?.as_table()) else {
        return false;
    };
    let text = |key: &str| poetry.get(key).and_then(Value::as_str).map(str::to_owned);
    if reader.inputs.project.is_none() {
        reader.inputs.project = Some(Own {
            name: text("name").unwrap_or_default(),
            version: text("version"),
            license: text("license"),
        });
    }
    let dependencies = poetry.get("dependencies").and_then(Value::as_table);
    if let Some(python) = dependencies.and_then(|table| table.get("python")?.as_str()) {
        let known = reader.inputs.requires_python.take();
        reader.inputs.requires_python = known.or_else(|| specifiers(python));
    }
    let base = format!("{path}: /tool/poetry/dependencies");
    read_table(reader, dependencies, &base, RootScope::Always);
    if reader.groups.takes("dev") {
        let dev = poetry.get("dev-dependencies").and_then(Value::as_table);
        let place = format!("{path}: /tool/poetry/dev-dependencies");
        read_table(reader, dev, &place, RootScope::Group);
    }
    let groups = poetry.get("group").and_then(Value::as_table);
    for (group, value) in groups.into_iter().flatten() {
        if reader.groups.takes(group) {
            let table = value
                .as_table()
                .and_then(|group| group.get("dependencies")?.as_table());
            let place = format!("{path}: /tool/poetry/group/{group}/dependencies");
            read_table(reader, table, &place, RootScope::Group);
        }
    }
    true
}

fn read_table(reader: &mut Reader<'_>, table: Option<&Table>, place: &str, scope: RootScope) {
    for (name, value) in table.into_iter().flatten().filter(|(name, _)| *name != "python") {
        let place = format!("{place}/{name}");
        // Several entries for one name apply under different conditions.
        let entries = match value {
            Value::Array(entries) => entries.as_slice(),
            one => std::slice::from_ref(one),
        };
        for entry in entries {
            read_entry(reader, name, entry, &place, scope);
        }
    }
}

fn read_entry(reader: &mut Reader<'_>, name: &str, entry: &Value, place: &str, scope: RootScope) {
    let empty = Table::new();
    let (table, version) = match entry {
        Value::String(version) => (&empty, Some(version.as_str())),
        Value::Table(table) => (table, table.get("version").and_then(Value::as_str)),
        _ => (&empty, None),
    };
    let text = |key: &str| table.get(key).and_then(Value::as_str);
    let is_optional = table.get("optional").and_then(Value::as_bool) == Some(true);
    let scope = if is_optional && scope == RootScope::Always {
        RootScope::Extra
    } else {
        scope
    };
    if is_optional && !reader.extras.takes(name) && *reader.extras != super::Selection::All {
        return;
    }
    if let Some(local) = text("path") {
        let what = format!("`{name}` lies at `{local}`; what it needs was not looked into");
        reader.gap("path_dependency", place, what);
        return;
    }
    let extras = table.get("extras").and_then(Value::as_array);
    let extras: Vec<_> = extras.into_iter().flatten().filter_map(Value::as_str).collect();
    let extras = if extras.is_empty() {
        String::new()
    } else {
        format!("[{}]", extras.join(","))
    };
    let target = match (text("git"), text("url")) {
        (Some(git), _) => format!(" @ git+{git}"),
        (None, Some(url)) => format!(" @ {url}"),
        (None, None) => match specifiers(version.unwrap_or("*")) {
            Some(specifiers) => specifiers,
            None => {
                let what = format!("`{}` is not a single range", version.unwrap_or_default());
                reader.gap("requirement_invalid", place, what);
                return;
            }
        },
    };
    let python = text("python").and_then(python_marker);
    let markers: Vec<_> = [text("markers").map(str::to_owned), python]
        .into_iter()
        .flatten()
        .map(|marker| format!("({marker})"))
        .collect();
    let marker = if markers.is_empty() {
        String::new()
    } else {
        format!(" ; {}", markers.join(" and "))
    };
    reader.add(&format!("{name}{extras}{target}{marker}"), place, scope);
}

/// `^3.8` as a condition on the interpreter.
fn python_marker(constraint: &str) -> Option<String> {
    let specifiers = specifiers(constraint)?;
    let parts = specifiers
        .split(',')
        .filter(|clause| !clause.is_empty())
        .map(|clause| {
            let end = clause
                .find(|sign: char| sign.is_ascii_digit())
                .unwrap_or(clause.len());
            let (operator, version) = clause.split_at(end);
            format!("python_full_version {operator} '{version}'")
        });
    let parts: Vec<_> = parts.collect();
    (!parts.is_empty()).then(|| parts.join(" and "))
}

/// Poetry's constraint as PEP 440 specifiers; `None` for a union, which they cannot express.
fn specifiers(constraint: &str) -> Option<String> {
    if constraint.contains('|') {
        return None;
    }
    let clauses = constraint
        .split([',', ' '])
        .map(str::trim)
        .filter(|clause| !clause.is_empty());
    let mut joined: Vec<String> = Vec::new();
    for clause in clauses {
        // An operator may stand apart from its version.
        match joined.last_mut() {
            Some(last) if last.chars().all(|sign| "<>=!~^".contains(sign)) => last.push_str(clause),
            _ => joined.push(clause.to_owned()),
        }
    }
    let translated = joined
        .iter()
        .map(|clause| translate(clause))
        .collect::<Option<Vec<_>>>()?;
    Some(
        translated
            .into_iter()
            .filter(|clause| !clause.is_empty())
            .collect::<Vec<_>>()
            .join(","),
    )
}

fn translate(clause: &str) -> Option<String> {
    if clause == "*" {
        return Some(String::new());
    }
    if let Some(version) = clause.strip_prefix('^') {
        let numbers = numbers(version)?;
        let significant = numbers
            .iter()
            .position(|number| *number != 0)
            .unwrap_or(numbers.len() - 1);
        return Some(format!(">={version},<{}", raised(&numbers, significant)?));
    }
    if let Some(version) = clause.strip_prefix('~').filter(|rest| !rest.starts_with('=')) {
        let numbers = numbers(version)?;
        return Some(format!(
            ">={version},<{}",
            raised(&numbers, 1.min(numbers.len() - 1))?
        ));
    }
    if clause.starts_with(['<', '>', '=', '!', '~']) {
        let doubled = clause.strip_prefix('=').filter(|rest| !rest.starts_with('='));
        return Some(doubled.map_or_else(|| clause.to_owned(), |version| format!("=={version}")));
    }
    Some(format!("=={clause}"))
}

/// The numbers of a release, whatever follows them.
fn numbers(version: &str) -> Option<Vec<u64>> {
    let end = version
        .find(|sign: char| !sign.is_ascii_digit() && sign != '.')
        .unwrap_or(version.len());
    let numbers = version.get(..end)?.trim_end_matches('.').split('.');
    numbers.map(|number| number.parse().ok()).collect()
}

/// The release with one number raised and what follows it left out.
fn raised(numbers: &[u64], at: usize) -> Option<String> {
    let mut kept = numbers.get(..=at)?.to_vec();
    let last = kept.last_mut()?;
    *last = last.checked_add(1)?;
    let texts: Vec<_> = kept.iter().map(u64::to_string).collect();
    Some(texts.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_are_translated() {
        for (poetry, expected) in [
            ("*", Some("")),
            ("^1.2.3", Some(">=1.2.3,<2")),
            ("^0.2.3", Some(">=0.2.3,<0.3")),
            ("^0.0.3", Some(">=0.0.3,<0.0.4")),
            ("^0", Some(">=0,<1")),
            ("~1.2.3", Some(">=1.2.3,<1.3")),
            ("~1", Some(">=1,<2")),
            ("~=1.4.2", Some("~=1.4.2")),
            ("1.2.*", Some("==1.2.*")),
            ("1.2.3", Some("==1.2.3")),
            (">=1.2, <2", Some(">=1.2,<2")),
            (">= 1.2 < 2", Some(">=1.2,<2")),
            ("^1.0 || ^2.0", None),
        ] {
            assert_eq!(specifiers(poetry).as_deref(), expected, "{poetry}");
        }
    }
}
