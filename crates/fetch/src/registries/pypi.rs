//! Python: pages of the simple API, and metadata of releases without their archives where that is possible.

use ecosystems::pypi::archive::{Tail, locate, source_metadata, unpack};
use ecosystems::pypi::simple;
use ecosystems::resolve::{Answer, ReleaseFile};
use url::Url;

use super::get::{Get, Part, Reply};
use super::{Kept, Place, RELEASE_DAYS, Registries, Wanted, is_absent, offline};
use crate::{Error, Origin, Validator};

/// How much of the end of a wheel is asked for first.
const FIRST_TAIL: u64 = 16 << 10;
/// The largest directory of a wheel.
const MAX_TAIL: u64 = 4 << 20;
/// The largest archive that is taken whole.
const MAX_ARCHIVE: u64 = 64 << 20;
/// The largest metadata file.
const MAX_METADATA: u64 = 4 << 20;

pub(super) async fn package(registries: &Registries, name: &str) -> Answer {
    let mut answer = Answer::Failed("no Python index is configured".to_owned());
    for place in &registries.settings.pypi {
        let Some(url) = page_url(place, name) else {
            return Answer::Absent;
        };
        let wanted = Wanted {
            key: format!("pypi {url}"),
            url,
            place,
            accept: "application/vnd.pypi.simple.v1+json",
            reduce: simple::reduce,
        };
        answer = registries.document(wanted).await;
        if answer != Answer::Absent {
            break;
        }
    }
    answer
}

fn page_url(place: &Place, name: &str) -> Option<Url> {
    place.base.join(&format!("{name}/")).ok()
}

/// The metadata of a release: beside a file, from the end of a wheel, from a source distribution, in this order.
pub(super) async fn release(
    registries: &Registries,
    name: &str,
    version: &str,
    files: &[ReleaseFile],
) -> Answer {
    let key = format!("pypi metadata {name} {version}");
    if let Some(kept) = registries.cache.get(&key).await {
        let age = registries.clock.now().since(kept.fetched_at);
        if registries.settings.offline || age < RELEASE_DAYS * clock::DAY_MS {
            return super::answer_of(&kept);
        }
    }
    if registries.settings.offline {
        return offline();
    }
    let mut failure = None;
    for file in chosen(files) {
        match of_file(registries, name, file).await {
            Ok(Some(metadata)) => {
                let content = Some(headers_of(&metadata));
                let kept = Kept {
                    fetched_at: registries.clock.now(),
                    content,
                    validator: Validator::default(),
                };
                registries.cache.put(&key, &kept).await;
                return super::answer_of(&kept);
            }
            Ok(None) => {}
            Err(error) => failure = Some(error.to_string()),
        }
    }
    failure.map_or(Answer::Absent, Answer::Failed)
}

/// The best wheel, and the source distribution in case it does not help.
fn chosen(files: &[ReleaseFile]) -> impl Iterator<Item = &ReleaseFile> {
    let is_wheel = |file: &&ReleaseFile| file.name.ends_with(".whl");
    let wheel = files.iter().find(is_wheel);
    let source = files.iter().find(|file| file.name.ends_with(".tar.gz"));
    wheel.into_iter().chain(source)
}

/// What follows the headers is prose that nobody asks for.
fn headers_of(metadata: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(metadata);
    let lines = text.lines().take_while(|line| !line.is_empty());
    lines
        .flat_map(|line| [line, "\n"])
        .collect::<String>()
        .into_bytes()
}

async fn of_file(registries: &Registries, name: &str, file: &ReleaseFile) -> crate::Result<Option<Vec<u8>>> {
    for (url, place) in file_urls(registries, name, file) {
        if file.has_metadata != Some(false)
            && let Some(found) = beside(registries, place, &url).await?
        {
            return Ok(Some(found));
        }
        let found = if file.name.ends_with(".whl") {
            from_wheel(registries, place, &url).await?
        } else {
            from_source(registries, place, &url, file.size).await?
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Where a file may be: its URL, or that seen from the page of each index.
fn file_urls<'a>(registries: &'a Registries, name: &str, file: &ReleaseFile) -> Vec<(Url, &'a Place)> {
    let places = &registries.settings.pypi;
    let mut urls: Vec<(Url, &Place)> = Vec::new();
    for place in places {
        let Some(mut url) = page_url(place, name).and_then(|page| page.join(&file.url).ok()) else {
            continue;
        };
        url.set_fragment(None);
        // An absolute URL is the same from everywhere; its own index goes along, for its token.
        let is_home = Origin::of(&url) == Origin::of(&place.base);
        match urls.iter_mut().find(|(known, _)| *known == url) {
            Some(known) if is_home => known.1 = place,
            Some(_) => {}
            None => urls.push((url, place)),
        }
    }
    urls
}

async fn from_source(
    registries: &Registries,
    place: &Place,
    url: &Url,
    size: Option<u64>,
) -> crate::Result<Option<Vec<u8>>> {
    if size.is_some_and(|size| size > MAX_ARCHIVE) {
        return Ok(None);
    }
    let reply = registries.get(&get(place, url, None, MAX_ARCHIVE)).await;
    Ok(absent_as_none(reply)?.and_then(|(archive, _)| source_metadata(&archive)))
}

async fn beside(registries: &Registries, place: &Place, file: &Url) -> crate::Result<Option<Vec<u8>>> {
    let mut url = file.clone();
    url.set_path(&format!("{}.metadata", file.path()));
    let reply = registries.get(&get(place, &url, None, MAX_METADATA)).await;
    Ok(absent_as_none(reply)?.map(|(body, _)| body))
}

/// Reads the directory at the end of a wheel, then the one entry.
async fn from_wheel(registries: &Registries, place: &Place, url: &Url) -> crate::Result<Option<Vec<u8>>> {
    let mut length = FIRST_TAIL;
    let (entry, tail, start) = loop {
        let reply = registries
            .get(&get(place, url, Some(Part::Last(length)), MAX_ARCHIVE))
            .await;
        let Some((tail, part)) = absent_as_none(reply)? else {
            return Ok(None);
        };
        // Without ranges everything came.
        let whole = u64::try_from(tail.len()).unwrap_or(u64::MAX);
        let (start, size) = part.unwrap_or((0, whole));
        match locate(&tail, size) {
            Tail::Found(entry) => break (entry, tail, start),
            Tail::NeedsMore(more) if part.is_some() && more > length && more <= MAX_TAIL => length = more,
            Tail::NeedsMore(_) | Tail::Nothing => return Ok(None),
        }
    };
    // A small wheel's entry may lie in what came already.
    let inside = entry
        .offset
        .checked_sub(start)
        .and_then(|at| usize::try_from(at).ok());
    if let Some(found) = inside.and_then(|at| unpack(tail.get(at..)?, &entry)) {
        return Ok(Some(found));
    }
    let range = entry.offset..entry.offset.saturating_add(entry.room);
    let reply = registries
        .get(&get(place, url, Some(Part::Bytes(range)), MAX_ARCHIVE))
        .await;
    Ok(absent_as_none(reply)?.and_then(|(body, _)| unpack(&body, &entry)))
}

fn get(place: &Place, url: &Url, range: Option<Part>, limit: u64) -> Get {
    let is_home = Origin::of(url) == Origin::of(&place.base) && url.scheme() == place.base.scheme();
    Get {
        url: url.clone(),
        accept: "",
        authorization: place.authorization.clone().filter(|_| is_home),
        range,
        known: Validator::default(),
        limit,
    }
}

type Body = (Vec<u8>, Option<(u64, u64)>);

fn absent_as_none(reply: crate::Result<Reply>) -> Result<Option<Body>, Error> {
    match reply {
        Ok(Reply::Document { body, part, .. }) => Ok(Some((body, part))),
        Ok(Reply::Unchanged) => Ok(None),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(error),
    }
}
