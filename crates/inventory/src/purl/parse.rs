//! From text, or from parts, to a canonical package URL.

use std::borrow::Cow;

use super::encoding::{StrayPercent, decode};
use super::{Purl, PurlParts, rules};

type Why = Cow<'static, str>;

pub(super) fn strict(text: &str) -> Result<Purl, Why> {
    let split = Split::of(text)?;
    if split
        .keys()
        .any(|key| key.starts_with(|c: char| c.is_ascii_uppercase()))
    {
        return Err("a qualifier key starts with a lower-case letter".into());
    }
    let purl = split.decode(StrayPercent::Refuse)?;
    rules::check(&purl)?;
    Ok(purl)
}

pub(super) fn lenient(text: &str) -> Result<Purl, Why> {
    Split::of(text.trim())?.decode(StrayPercent::Keep)
}

pub(super) fn from_parts(parts: &PurlParts<'_>) -> Result<Purl, Why> {
    let qualifiers = parts
        .qualifiers
        .iter()
        .map(|(key, value)| Ok((*key, Cow::Borrowed(*value))));
    let mut purl = Purl {
        kind: kind(parts.kind)?,
        namespace: path(parts.namespace.unwrap_or_default().split('/').map(Cow::Borrowed)),
        name: parts.name.trim_matches('/').to_owned(),
        version: parts.version.filter(|v| !v.is_empty()).map(str::to_owned),
        qualifiers: sorted(qualifiers)?,
        subpath: subpath(parts.subpath.unwrap_or_default().split('/').map(Cow::Borrowed)),
    };
    rules::normalise(&mut purl);
    require_name(&purl)?;
    rules::check(&purl)?;
    Ok(purl)
}

/// The text cut at its separators; nothing is decoded yet.
struct Split<'a> {
    kind: &'a str,
    namespace: &'a str,
    name: &'a str,
    version: &'a str,
    qualifiers: &'a str,
    subpath: &'a str,
}

impl<'a> Split<'a> {
    fn of(text: &'a str) -> Result<Self, Why> {
        let (rest, subpath) = text.rsplit_once('#').unwrap_or((text, ""));
        let (rest, qualifiers) = rest.rsplit_once('?').unwrap_or((rest, ""));
        let (scheme, rest) = rest.split_once(':').ok_or("it does not start with `pkg:`")?;
        if !scheme.eq_ignore_ascii_case("pkg") {
            return Err("it does not start with `pkg:`".into());
        }
        let (kind, rest) = rest
            .trim_matches('/')
            .split_once('/')
            .ok_or("it has no type, or no name")?;
        let (path, version) = split_version(rest);
        let (namespace, name) = if kind.eq_ignore_ascii_case("git") {
            path.split_once('/').unwrap_or(("", path))
        } else {
            path.rsplit_once('/').unwrap_or(("", path))
        };
        Ok(Self {
            kind,
            namespace,
            name,
            version,
            qualifiers,
            subpath,
        })
    }

    fn pairs(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let pairs = self.qualifiers.split('&').filter(|pair| !pair.is_empty());
        pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
    }

    fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.pairs().map(|(key, _)| key)
    }

    fn decode(&self, stray: StrayPercent) -> Result<Purl, Why> {
        let segments = |text: &'a str| -> Result<Vec<Cow<'a, str>>, Why> {
            text.split('/')
                .map(|segment| Ok(decode(segment, stray)?))
                .collect()
        };
        let qualifiers = self.pairs().map(|(key, value)| Ok((key, decode(value, stray)?)));
        let mut purl = Purl {
            kind: kind(self.kind)?,
            namespace: path(segments(self.namespace)?),
            name: decode(self.name, stray)?.into_owned(),
            version: Some(decode(self.version, stray)?.into_owned()).filter(|v| !v.is_empty()),
            qualifiers: sorted(qualifiers)?,
            subpath: subpath(segments(self.subpath)?),
        };
        rules::normalise(&mut purl);
        require_name(&purl)?;
        Ok(purl)
    }
}

/// Cuts at the last `@`, unless it opens a scope (`pkg:npm/@babel/core`), which many tools leave unencoded.
fn split_version(text: &str) -> (&str, &str) {
    match text.rsplit_once('@') {
        Some((before, after)) if (before.is_empty() || before.ends_with('/')) && after.contains('/') => {
            (text, "")
        }
        Some((before, after)) => (before, after),
        None => (text, ""),
    }
}

fn kind(text: &str) -> Result<String, Why> {
    let well_formed = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b));
    if well_formed {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("its type is not letters, digits, dots and dashes after a letter".into())
    }
}

fn require_name(purl: &Purl) -> Result<(), Why> {
    if purl.name.is_empty() {
        return Err("it has no name".into());
    }
    Ok(())
}

/// Joins what is not empty.
fn path<'a>(segments: impl IntoIterator<Item = Cow<'a, str>>) -> Option<String> {
    let segments: Vec<_> = segments.into_iter().filter(|s| !s.is_empty()).collect();
    Some(segments.join("/")).filter(|joined| !joined.is_empty())
}

/// Like a path, but it must not lead out of the package.
fn subpath<'a>(segments: impl IntoIterator<Item = Cow<'a, str>>) -> Option<String> {
    path(
        segments
            .into_iter()
            .filter(|segment| segment != "." && segment != ".."),
    )
}

/// Lower-cases and checks keys, drops empty values, sorts.
fn sorted<'a>(
    pairs: impl Iterator<Item = Result<(&'a str, Cow<'a, str>), Why>>,
) -> Result<Vec<(String, String)>, Why> {
    let mut qualifiers = Vec::new();
    for pair in pairs {
        let (key, value) = pair?;
        let well_formed = key.starts_with(|c: char| c.is_ascii_alphabetic())
            && key
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b));
        if !well_formed {
            return Err("a qualifier key is not letters, digits, `.`, `-` and `_` after a letter".into());
        }
        if !value.is_empty() {
            qualifiers.push((key.to_ascii_lowercase(), value.into_owned()));
        }
    }
    qualifiers.sort();
    if qualifiers
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if a.0 == b.0))
    {
        return Err("a qualifier key stands twice".into());
    }
    Ok(qualifiers)
}
