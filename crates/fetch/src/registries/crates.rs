//! Cargo: sparse indexes, and the manifest inside an archive for its license.

use ecosystems::cargo::archive::{self, Found};
use ecosystems::cargo::index_path;
use ecosystems::resolve::Answer;
use url::Url;

use super::get::{Get, Part, Reply};
use super::{Place, Registries, Wanted};
use crate::Validator;

/// How much of an archive is asked for first; it doubles until the manifest is there.
const FIRST_PREFIX: u64 = 32 << 10;
/// How much of an archive is asked for at most.
const LAST_PREFIX: u64 = 4 << 20;

pub(super) async fn package(registries: &Registries, name: &str, registry: Option<&str>) -> Answer {
    let Some(place) = place(registries, registry) else {
        let which = registry.map_or_else(|| "crates.io".to_owned(), |name| format!("the registry `{name}`"));
        return Answer::Failed(format!("{which} is not configured"));
    };
    // A name comes from a manifest or from an index, and becomes a part of a path.
    let url = place.base.join(&index_path(name)).ok().filter(|_| is_name(name));
    let Some(url) = url else {
        return Answer::Absent;
    };
    let wanted = Wanted {
        key: format!("crates {url}"),
        url,
        place,
        accept: "",
        reduce: |bytes| std::str::from_utf8(bytes).is_ok().then(|| bytes.to_vec()),
    };
    registries.document(wanted).await
}

/// Whether a crate can have this name.
fn is_name(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !name.is_empty() && name.len() <= 128 && name.bytes().all(is_letter)
}

fn place<'a>(registries: &'a Registries, registry: Option<&str>) -> Option<&'a Place> {
    let name = registry.unwrap_or_default();
    let name = name.strip_prefix("sparse+").unwrap_or(name);
    let places = &registries.settings.crates;
    let by_url = || {
        places
            .values()
            .find(|place| place.base.as_str().trim_end_matches('/') == name.trim_end_matches('/'))
    };
    places.get(name).or_else(by_url)
}

pub(super) async fn license(registries: &Registries, name: &str, version: &str) -> Option<String> {
    let place = place(registries, None).filter(|_| is_name(name))?;
    let key = format!("crates license {name} {version}");
    if let Some(kept) = registries.cache.get(&key).await {
        return String::from_utf8(kept.content?).ok();
    }
    if registries.settings.offline {
        return None;
    }
    let url = archive_url(registries, place, name, version).await?;
    let manifest = manifest(registries, place, &url).await?;
    let license = archive::license(&manifest)?;
    let kept = super::Kept {
        fetched_at: registries.clock.now(),
        content: Some(license.clone().into_bytes()),
        validator: Validator::default(),
    };
    registries.cache.put(&key, &kept).await;
    Some(license)
}

/// Where the index's `config.json` says that archives are.
async fn archive_url(registries: &Registries, place: &Place, name: &str, version: &str) -> Option<Url> {
    let url = place.base.join("config.json").ok()?;
    let wanted = Wanted {
        key: format!("crates {url}"),
        url,
        place,
        accept: "",
        reduce: |bytes| {
            serde_json::from_slice::<serde_json::Value>(bytes)
                .is_ok()
                .then(|| bytes.to_vec())
        },
    };
    let Answer::Found(config) = registries.document(wanted).await else {
        return None;
    };
    let config: serde_json::Value = serde_json::from_slice(&config).ok()?;
    download_url(config.get("dl")?.as_str()?, name, version)
}

/// The template with its marks filled in; without marks the usual path is added.
fn download_url(template: &str, name: &str, version: &str) -> Option<Url> {
    let path = index_path(name);
    let prefix = path.rsplit_once('/').map_or("", |(prefix, _)| prefix);
    let has_marks = ["{crate}", "{version}", "{prefix}", "{lowerprefix}"]
        .iter()
        .any(|mark| template.contains(mark));
    let url = if has_marks {
        template
            .replace("{crate}", name)
            .replace("{version}", version)
            .replace("{lowerprefix}", prefix)
            .replace("{prefix}", prefix)
    } else {
        format!("{}/{name}/{version}/download", template.trim_end_matches('/'))
    };
    Url::parse(&url).ok()
}

/// Asks for ever more of the archive until its manifest is in it.
async fn manifest(registries: &Registries, place: &Place, url: &Url) -> Option<Vec<u8>> {
    let is_home = crate::Origin::of(url) == crate::Origin::of(&place.base);
    let mut length = FIRST_PREFIX;
    loop {
        let get = Get {
            url: url.clone(),
            accept: "",
            authorization: place.authorization.clone().filter(|_| is_home),
            range: Some(Part::Bytes(0..length)),
            known: Validator::default(),
            // A server that knows no ranges sends everything.
            limit: LAST_PREFIX * 4,
        };
        let Ok(Reply::Document { body, part, .. }) = registries.get(&get).await else {
            return None;
        };
        match archive::manifest(&body) {
            Found::Manifest(manifest) => return Some(manifest),
            Found::NeedsMore if part.is_some() && length < LAST_PREFIX => length *= 2,
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_are_where_the_index_says() {
        let url = |template| download_url(template, "Serde_json", "1.0.0").map(String::from);
        assert_eq!(
            url("https://example.org/crates").as_deref(),
            Some("https://example.org/crates/Serde_json/1.0.0/download")
        );
        assert_eq!(
            url("https://example.org/{prefix}/{crate}-{version}.crate").as_deref(),
            Some("https://example.org/se/rd/Serde_json-1.0.0.crate")
        );
        assert_eq!(url("no url"), None);
    }
}
