//! `requirements.txt`, `.in` and constraints files.

use super::super::requirement::Requirement;
use super::inputs::{Reader, RootScope, folder, join};

/// Reads a file and what it includes; as constraints, or as requirements.
pub(super) fn include(reader: &mut Reader<'_>, path: &str, is_constraint: bool, place: &str) {
    // A stack of own, so that a chain of includes of any length is no danger.
    let mut waiting = vec![(path.to_owned(), is_constraint, place.to_owned(), 0)];
    while let Some((path, is_constraint, place, from)) = waiting.pop() {
        if from == 0 && !reader.enters(&path, is_constraint, &place) {
            continue;
        }
        let text = reader.text(&path).unwrap_or_default();
        let lines = logical_lines(&text);
        for (index, (number, line)) in lines.iter().enumerate().skip(from) {
            let place = format!("{path}: line {number}");
            if let Some((included, as_constraint)) = inclusion(line) {
                // What is included comes at this place, and the rest of this file after it.
                waiting.push((path.clone(), is_constraint, place.clone(), index + 1));
                match join(folder(&path), included) {
                    Some(included) => waiting.push((included, as_constraint || is_constraint, place, 0)),
                    None => {
                        let text = format!("`{included}` lies outside of the project");
                        reader.gap("include_missing", &place, text);
                    }
                }
                break;
            }
            read_line(reader, line, is_constraint, &path, &place);
        }
    }
}

/// The lines without comments, continued ones joined, with their numbers.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let (start, mut joined) = open.take().unwrap_or((number, String::new()));
        let is_comment = line.trim_start().starts_with('#');
        match line.strip_suffix('\\') {
            Some(line) if !is_comment => {
                joined.push_str(line);
                open = Some((start, joined));
                continue;
            }
            _ => joined.push_str(if is_comment { "" } else { line }),
        }
        let uncommented = match joined.find(" #").or_else(|| joined.find("\t#")) {
            Some(at) => &joined[..at],
            None => joined.as_str(),
        };
        let uncommented = uncommented.trim();
        if !uncommented.is_empty() && !uncommented.starts_with('#') {
            lines.push((start, uncommented.to_owned()));
        }
    }
    lines.extend(open.filter(|(_, line)| !line.trim().is_empty()));
    lines
}

/// The file of `-r` and `-c` lines, and whether it holds constraints.
fn inclusion(line: &str) -> Option<(&str, bool)> {
    for (option, is_constraint) in [
        ("--requirement", false),
        ("--constraint", true),
        ("-r", false),
        ("-c", true),
    ] {
        if let Some(rest) = line.strip_prefix(option) {
            let rest = rest.trim_start();
            return Some((rest.strip_prefix('=').unwrap_or(rest).trim(), is_constraint));
        }
    }
    None
}

fn read_line(reader: &mut Reader<'_>, line: &str, is_constraint: bool, path: &str, place: &str) {
    if line.contains("${") {
        let text = "it depends on a variable of the environment".to_owned();
        reader.gap("variable_unknown", place, text);
        return;
    }
    let editable = ["--editable", "-e"]
        .iter()
        .find_map(|option| line.strip_prefix(option));
    if let Some(target) = editable {
        let target = target.trim_start().trim_start_matches('=').trim();
        read_target(reader, target, path, place);
        return;
    }
    if line.starts_with('-') {
        // Indexes are configured by the operator, never by what is examined.
        let chooses_index = ["-i", "--index-url", "--extra-index-url", "-f", "--find-links"];
        let is_asked = || {
            let address = line.split([' ', '=', '\t']).rfind(|word| !word.is_empty());
            let plain = |address: &str| address.trim_end_matches('/').to_owned();
            let asked = |address: &str| reader.indexes.iter().any(|index| plain(index) == plain(address));
            !line.starts_with("-f") && !line.starts_with("--find-links") && address.is_some_and(asked)
        };
        if chooses_index.iter().any(|option| line.starts_with(option)) && !is_asked() {
            let text = "the index that the file names is not asked; only configured ones are".to_owned();
            reader.gap("index_ignored", place, text);
        }
        return;
    }
    let text = without_options(line);
    let is_target = text.starts_with(['.', '/', '~']) || (text.contains("://") && !text.contains(" @ "));
    match Requirement::parse(text) {
        Ok(requirement) if is_constraint => {
            // A constraint binds what is asked for by others; one that does not apply binds nothing.
            reader.inputs.constraints.push(requirement);
        }
        Ok(requirement) => reader.add_requirement(requirement, place, RootScope::Always),
        Err(_) if is_target => read_target(reader, text, path, place),
        Err(error) => reader.gap("requirement_invalid", place, error.to_string()),
    }
}

/// A requirement without `--hash` and the like behind it.
fn without_options(line: &str) -> &str {
    line.find(" --").map_or(line, |at| &line[..at]).trim()
}

/// A folder of the project, or something at a URL.
fn read_target(reader: &mut Reader<'_>, target: &str, path: &str, place: &str) {
    let target = target.split(';').next().unwrap_or(target).trim();
    if target.contains("://") {
        read_url(reader, target, place);
        return;
    }
    let (target, extras) = match target.strip_suffix(']').and_then(|target| target.split_once('[')) {
        Some((target, extras)) => (
            target,
            extras.split(',').map(|extra| extra.trim().to_owned()).collect(),
        ),
        None => (target, Vec::new()),
    };
    let target = target.strip_prefix("file:").unwrap_or(target);
    let Some(local) = join(folder(path), target) else {
        let text = format!("`{target}` lies outside of the project");
        reader.gap("path_outside", place, text);
        return;
    };
    if !reader.included.insert((format!("{local}/"), false)) {
        return;
    }
    // Only what is named here takes part, whatever else the folder's manifest offers.
    let selection = super::Selection::Only(extras);
    let none = super::Selection::Only(Vec::new());
    let mut inner = Reader::new(reader.files, &selection, &none);
    inner.included = std::mem::take(&mut reader.included);
    inner.read_project(&local);
    reader.included = inner.included;
    let inner = inner.inputs;
    reader.inputs.roots.extend(inner.roots);
    reader.inputs.gaps.extend(inner.gaps);
    reader.inputs.project = reader.inputs.project.take().or(inner.project);
    reader.inputs.requires_python = reader.inputs.requires_python.take().or(inner.requires_python);
}

/// `git+https://…#egg=name`, or an archive whose name tells the project.
fn read_url(reader: &mut Reader<'_>, url: &str, place: &str) {
    let fragment = url.split_once('#').map_or("", |(_, fragment)| fragment);
    let egg = fragment.split('&').find_map(|part| part.strip_prefix("egg="));
    let file = url
        .split(['#', '?'])
        .next()
        .and_then(|url| url.rsplit('/').next());
    let name = match egg {
        Some(egg) => Some(egg.split('[').next().unwrap_or(egg).to_owned()),
        None => file.and_then(|file| Some(super::super::Distribution::parse(file)?.name)),
    };
    let Some(name) = name else {
        let text =
            format!("nothing tells which project {url} is; neither it nor what it needs was looked into");
        reader.gap("url_unnamed", place, text);
        return;
    };
    reader.add(&format!("{name} @ {url}"), place, RootScope::Always);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_and_comments_left_out() {
        let text = "a==1 \\\n    --hash=sha256:x # why\n# note \\\nb#c\n\n  -r  base.in\n";
        let lines = logical_lines(text);
        let lines: Vec<_> = lines
            .iter()
            .map(|(number, line)| (*number, line.as_str()))
            .collect();
        assert_eq!(
            lines,
            [(1, "a==1     --hash=sha256:x"), (4, "b#c"), (6, "-r  base.in")]
        );
        assert_eq!(inclusion("-r  base.in"), Some(("base.in", false)));
        assert_eq!(inclusion("--constraint=c.txt"), Some(("c.txt", true)));
        assert_eq!(without_options(lines[0].1), "a==1");
    }
}
