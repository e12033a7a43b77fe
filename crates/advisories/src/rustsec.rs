//! RustSec's advisories as they are written: TOML between fences, then Markdown. They become OSV records.
//!
//! The requirements in `patched` and `unaffected` are not read as Cargo reads them: a missing part of a version
//! counts as zero, and releases before a version are ordered by precedence alone. That is what RustSec's own
//! export does, so both forms of one advisory say the same (`matching.md` §2.7).

mod intervals;

use serde::Deserialize;
use serde_json::{Value, json};

/// The largest advisory, in bytes; real ones have a few thousand.
const LARGEST: usize = 1 << 20;

/// The text is no advisory of RustSec.
#[derive(Debug, thiserror::Error)]
pub enum NotAnAdvisory {
    #[error("the advisory is not UTF-8")]
    NotText,
    #[error("the advisory is larger than {LARGEST} bytes")]
    TooLarge,
    #[error("the advisory does not begin with TOML between ```toml and ```")]
    NoFront,
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    #[error("`{0}` is no date such as 2024-05-01")]
    Date(String),
    #[error("the requirement `{requirement}` cannot be read: {why}")]
    Requirement { requirement: String, why: String },
}

#[derive(Deserialize)]
struct Front {
    advisory: Metadata,
    #[serde(default)]
    affected: Affected,
    #[serde(default)]
    versions: Versions,
}

#[derive(Deserialize)]
struct Metadata {
    id: String,
    package: String,
    date: String,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    related: Vec<String>,
    #[serde(default)]
    categories: Vec<String>,
    #[serde(default)]
    cvss: Option<String>,
    #[serde(default)]
    informational: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    references: Vec<String>,
    #[serde(default)]
    withdrawn: Option<String>,
    #[serde(default)]
    license: Option<String>,
}

#[derive(Default, Deserialize)]
struct Affected {
    #[serde(default)]
    arch: Vec<String>,
    #[serde(default)]
    os: Vec<String>,
    /// The versions of a function are those of the package, or fewer: the names alone are used.
    #[serde(default)]
    functions: std::collections::BTreeMap<String, toml::Value>,
}

#[derive(Default, Deserialize)]
struct Versions {
    #[serde(default)]
    patched: Vec<String>,
    #[serde(default)]
    unaffected: Vec<String>,
}

/// The advisory as an OSV record. Its `modified` is its date: the text knows no other.
///
/// # Errors
/// When it is no advisory, or a requirement is one that cannot be turned into ranges.
pub fn to_osv(text: &[u8]) -> Result<Vec<u8>, NotAnAdvisory> {
    if text.len() > LARGEST {
        return Err(NotAnAdvisory::TooLarge);
    }
    let text = std::str::from_utf8(text).map_err(|_| NotAnAdvisory::NotText)?;
    let (front, body) = split(text).ok_or(NotAnAdvisory::NoFront)?;
    let front: Front = toml::from_str(front)?;
    let record = record(&front, body)?;
    Ok(record.to_string().into_bytes())
}

/// The TOML and what follows it.
fn split(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let rest = text.strip_prefix("```toml")?;
    let rest = rest.strip_prefix('\r').unwrap_or(rest).strip_prefix('\n')?;
    if let Some(body) = rest.strip_prefix("```") {
        return Some(("", body));
    }
    let end = rest.find("\n```")?;
    let (front, body) = rest.split_at(end);
    Some((front, body.get(4..).unwrap_or_default()))
}

/// The first heading, and what follows it.
fn title(body: &str) -> (Option<&str>, &str) {
    let body = body.trim_start();
    let Some(heading) = body.strip_prefix("# ") else {
        return (None, body);
    };
    let (title, rest) = heading.split_once('\n').unwrap_or((heading, ""));
    (Some(title.trim()), rest)
}

fn record(front: &Front, body: &str) -> Result<Value, NotAnAdvisory> {
    let Metadata { id, package, .. } = &front.advisory;
    let meta = &front.advisory;
    let (heading, details) = title(body);
    let unaffected = front.versions.patched.iter().chain(&front.versions.unaffected);
    let events = intervals::affected(unaffected.map(String::as_str))?;
    let published = moment(&meta.date)?;
    let mut record = json!({
        "id": id,
        "modified": published,
        "published": published,
        "aliases": meta.aliases,
        "related": meta.related,
        "summary": meta.title.as_deref().or(heading).unwrap_or_default(),
        "details": meta.description.as_deref().unwrap_or(details).trim(),
        "severity": severity(meta.cvss.as_deref()),
        "affected": [{
            "package": {"ecosystem": "crates.io", "name": package, "purl": format!("pkg:cargo/{package}")},
            "ranges": [{"type": "SEMVER", "events": events}],
            "versions": [],
            "ecosystem_specific": {"affects": {
                "arch": front.affected.arch,
                "os": front.affected.os,
                "functions": front.affected.functions.keys().collect::<Vec<_>>(),
            }},
            "database_specific": {
                "categories": meta.categories,
                "cvss": meta.cvss,
                "informational": meta.informational,
            },
        }],
        "references": references(meta),
        "database_specific": {"license": meta.license.as_deref().unwrap_or("CC0-1.0")},
    });
    if let (Some(withdrawn), Some(fields)) = (&meta.withdrawn, record.as_object_mut()) {
        fields.insert("withdrawn".to_owned(), json!(moment(withdrawn)?));
    }
    Ok(record)
}

/// Noon of the day, as RustSec's export writes it.
fn moment(date: &str) -> Result<String, NotAnAdvisory> {
    let text = format!("{date}T12:00:00Z");
    let parsed: Result<clock::Timestamp, _> = text.parse();
    parsed
        .map(|moment| moment.to_string())
        .map_err(|_| NotAnAdvisory::Date(date.chars().take(40).collect()))
}

fn severity(vector: Option<&str>) -> Vec<Value> {
    let kind = |vector: &str| match vector {
        v if v.starts_with("CVSS:4.") => "CVSS_V4",
        v if v.starts_with("CVSS:3.") => "CVSS_V3",
        _ => "CVSS_V2",
    };
    vector
        .map(|vector| json!({"type": kind(vector), "score": vector}))
        .into_iter()
        .collect()
}

fn references(meta: &Metadata) -> Vec<Value> {
    let all = meta.url.iter().chain(&meta.references);
    all.map(|url| json!({"type": "WEB", "url": url})).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "```toml\n[advisory]\nid = \"RUSTSEC-2024-9999\"\npackage = \"example\"\n\
        date = \"2024-05-01\"\ncvss = \"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\"\naliases = [\"CVE-2024-1\"]\n\
        informational = \"unsound\"\n\n[affected]\nos = [\"windows\"]\nfunctions = { \"example::read\" = [\"< 1.2\"] }\n\n\
        [versions]\npatched = [\">= 1.2\"]\nunaffected = [\"< 0.3\"]\n```\n\n# Reads too far\n\nThe reader reads too far.\n";

    #[test]
    fn an_advisory_becomes_a_record() {
        let json = to_osv(TEXT.as_bytes()).unwrap();
        let record = crate::Record::parse(&json).unwrap();
        assert_eq!(record.summary, "Reads too far");
        assert_eq!(record.details, "The reader reads too far.");
        assert_eq!(record.modified.to_string(), "2024-05-01T12:00:00Z");
        let affected = &record.affected[0];
        assert_eq!(affected.ecosystem_specific.affects.functions, ["example::read"]);
        assert_eq!(
            affected.database_specific.informational.as_deref(),
            Some("unsound")
        );
        let events: Vec<_> = affected.ranges[0].events.iter().collect();
        assert_eq!(events[0].introduced.as_deref(), Some("0.3.0"));
        assert_eq!(events[1].fixed.as_deref(), Some("1.2.0"));
    }

    #[test]
    fn what_is_none_is_refused_with_the_reason() {
        for (text, why) in [
            ("# Title".to_owned(), "does not begin with TOML"),
            (TEXT.replace("id = ", "idd = "), "missing field `id`"),
            (TEXT.replace("2024-05-01", "yesterday"), "`yesterday` is no date"),
            (TEXT.replace(">= 1.2\"", "newest\""), "`newest` cannot be read"),
        ] {
            let error = to_osv(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
