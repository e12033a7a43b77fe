//! The file of one crate in the sparse index: a line of JSON for each release.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use ::semver::Version;
use serde::Deserialize;

/// More releases than any crate has.
const MAX_RELEASES: usize = 50_000;
/// Lines of a newer form than this are left out, as Cargo does.
const NEWEST_FORM: u32 = 2;

/// The file, of which nothing but the versions is read until a release is wanted.
#[derive(Debug)]
pub(super) struct Index {
    text: Arc<[u8]>,
    pub lines: Vec<Line>,
}

#[derive(Debug)]
pub(super) struct Line {
    pub version: Version,
    range: Range<usize>,
}

/// A release that was only glanced at.
#[derive(Clone, Debug)]
pub(super) struct Unread {
    text: Arc<[u8]>,
    range: Range<usize>,
}

impl Unread {
    /// Reads the release whole; `None` when it is not of the form that it should have.
    pub fn read(&self) -> Option<Release<'_>> {
        serde_json::from_slice(self.text.get(self.range.clone())?).ok()
    }
}

/// One release as the index has it.
#[derive(Debug, Deserialize)]
pub(super) struct Release<'a> {
    #[serde(default, borrow)]
    pub deps: Vec<Dependency<'a>>,
    #[serde(default)]
    pub features: Option<Features>,
    #[serde(default)]
    pub features2: Option<Features>,
    #[serde(default)]
    pub cksum: Option<String>,
}

/// What choosing among releases looks at; the rest is read when a release is chosen.
#[derive(Debug, Deserialize)]
pub(super) struct Glance<'a> {
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    #[serde(borrow)]
    vers: Cow<'a, str>,
    #[serde(default, borrow)]
    pub deps: Vec<Requirement<'a>>,
    #[serde(default)]
    pub yanked: Option<bool>,
    #[serde(default, borrow)]
    pub links: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    pub rust_version: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    pub pubtime: Option<Cow<'a, str>>,
    #[serde(default)]
    v: Option<u32>,
}

/// Of a dependency, what can make the whole release unusable.
#[derive(Debug, Deserialize)]
pub(super) struct Requirement<'a> {
    #[serde(borrow)]
    pub req: Cow<'a, str>,
}

type Features = BTreeMap<String, Vec<String>>;

#[derive(Debug, Deserialize)]
pub(super) struct Dependency<'a> {
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    #[serde(borrow)]
    pub req: Cow<'a, str>,
    #[serde(default)]
    pub features: Option<Vec<String>>,
    #[serde(default)]
    pub optional: Option<bool>,
    #[serde(default)]
    pub default_features: Option<bool>,
    #[serde(default)]
    pub target: Option<String>,
    #[serde(default)]
    pub kind: Option<String>,
    #[serde(default)]
    pub registry: Option<String>,
    #[serde(default)]
    pub package: Option<String>,
}

impl Index {
    /// Finds the releases; lines that are none are left out.
    pub fn read(text: Arc<[u8]>) -> Self {
        let mut lines = Vec::new();
        let mut start = 0;
        for line in text.split(|byte| *byte == b'\n') {
            let range = start..start + line.len();
            start = range.end + 1;
            if lines.len() == MAX_RELEASES {
                break;
            }
            if let Some(version) = version_of(line) {
                lines.push(Line { version, range });
            }
        }
        Self { text, lines }
    }

    /// Glances at a release; `None` when the line is not what it seemed, or of a form that is too new.
    pub fn glance(&self, line: &Line) -> Option<Glance<'_>> {
        let glance: Glance<'_> = serde_json::from_slice(self.text.get(line.range.clone())?).ok()?;
        let readable = glance.v.unwrap_or(1) <= NEWEST_FORM;
        (readable && Version::parse(&glance.vers).ok()? == line.version).then_some(glance)
    }

    /// Where a release stands, to be read later.
    pub fn unread(&self, line: &Line) -> Unread {
        Unread {
            text: Arc::clone(&self.text),
            range: line.range.clone(),
        }
    }
}

/// The version of a line, found without reading the rest of it: of a popular crate only a handful of hundreds
/// of releases is ever looked at.
fn version_of(line: &[u8]) -> Option<Version> {
    const KEY: &[u8] = b"\"vers\"";
    let mut rest = line;
    loop {
        let at = rest.windows(KEY.len()).position(|window| window == KEY)?;
        rest = rest.get(at + KEY.len()..)?;
        let value = rest
            .trim_ascii_start()
            .strip_prefix(b":")
            .map(<[u8]>::trim_ascii_start);
        let Some(value) = value.and_then(|value| value.strip_prefix(b"\"")) else {
            continue;
        };
        let end = value.iter().position(|byte| *byte == b'"')?;
        return Version::parse(std::str::from_utf8(value.get(..end)?).ok()?).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_wherever_they_stand() {
        let text = concat!(
            r#"{"name":"vers","vers":"1.0.0","deps":[],"features":{},"yanked":false}"#,
            "\n",
            r#"{"features":{"vers":["a"]},"deps":[],"name":"x", "vers" : "2.0.0-rc.1+b" }"#,
            "\n",
            r#"{"name":"x","vers":"not one"}"#,
            "\n\nrubbish\n",
            r#"{"name":"x","vers":"3.0.0","v":9}"#,
        );
        let index = Index::read(text.as_bytes().into());
        let versions: Vec<_> = index.lines.iter().map(|line| line.version.to_string()).collect();
        assert_eq!(versions, ["1.0.0", "2.0.0-rc.1+b", "3.0.0"]);
        let readable: Vec<_> = index
            .lines
            .iter()
            .map(|line| index.glance(line).is_some())
            .collect();
        assert_eq!(readable, [true, true, false]);
    }
}
