//! What the name of a distribution file says (the wheel and source distribution specifications).

use super::{PyPi, Version};
use crate::Ecosystem;

/// A file on the index, as its name describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distribution<'a> {
    /// In normal form (PEP 503).
    pub name: String,
    pub version: Version,
    pub archive: Archive<'a>,
}

/// What is in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Archive<'a> {
    Source,
    Wheel(Tags<'a>),
}

/// Where a wheel runs; each tag may be several, separated by dots, and is then any of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tags<'a> {
    pub interpreters: &'a str,
    pub abis: &'a str,
    pub platforms: &'a str,
}

impl<'a> Distribution<'a> {
    /// Reads the name of a wheel or of a source distribution; `None` when it is neither.
    #[must_use]
    pub fn parse(file_name: &'a str) -> Option<Self> {
        if let Some(stem) = file_name.strip_suffix(".whl") {
            return parse_wheel(stem);
        }
        let stem = file_name
            .strip_suffix(".tar.gz")
            .or_else(|| file_name.strip_suffix(".zip"))?;
        let (name, version) = stem.rsplit_once('-')?;
        if name.is_empty() {
            return None;
        }
        Self::new(name, version, Archive::Source)
    }

    fn new(name: &str, version: &str, archive: Archive<'a>) -> Option<Self> {
        let version = Version::parse(version)?;
        Some(Self {
            name: PyPi.normalize(name).into_owned(),
            version,
            archive,
        })
    }
}

/// `name-version[-build]-interpreters-abis-platforms`.
fn parse_wheel(stem: &str) -> Option<Distribution<'_>> {
    let parts: Vec<_> = stem.splitn(7, '-').collect();
    let (name, version, tags) = match parts.as_slice() {
        [name, version, interpreters, abis, platforms] => {
            (*name, *version, [*interpreters, *abis, *platforms])
        }
        [name, version, build, interpreters, abis, platforms] if starts_with_digit(build) => {
            (*name, *version, [*interpreters, *abis, *platforms])
        }
        _ => return None,
    };
    let [interpreters, abis, platforms] = tags;
    let are_tags = tags.iter().all(|tag| tag.split('.').all(|tag| !tag.is_empty()));
    if !is_wheel_name(name) || !are_tags || interpreters.split('.').any(starts_with_digit) {
        return None;
    }
    Distribution::new(
        name,
        version,
        Archive::Wheel(Tags {
            interpreters,
            abis,
            platforms,
        }),
    )
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
}

/// Letters of any script, digits, dots and single underscores.
fn is_wheel_name(name: &str) -> bool {
    let valid = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '_');
    !name.is_empty() && name.chars().all(valid) && !name.contains("__")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_wheel_says_where_it_runs() {
        let wheel =
            Distribution::parse("Foo_Bar-1.0-1-cp312.py3-abi3-musllinux_1_2_x86_64.whl").expect("a wheel");
        let tags = Tags {
            interpreters: "cp312.py3",
            abis: "abi3",
            platforms: "musllinux_1_2_x86_64",
        };
        assert_eq!(
            (wheel.name.as_str(), wheel.archive),
            ("foo-bar", Archive::Wheel(tags))
        );
    }

    #[test]
    fn what_is_neither_wheel_nor_source_is_nothing() {
        for name in [
            "foo-1.0.egg",
            "foo-1.0.exe",
            "foo.tar.gz",
            "-1.0.tar.gz",
            "foo-x.tar.gz",
            ".whl",
            "",
        ] {
            assert_eq!(Distribution::parse(name), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(name in "\\PC*(\\.whl|\\.zip|\\.tar\\.gz)|[a-c0-1._-]*\\.whl") {
            let _ = Distribution::parse(&name);
        }
    }
}
