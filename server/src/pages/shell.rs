//! What stands around every page: colours, what was said, the age of the feeds.

use axum::http::{HeaderMap, Uri};
use clock::Timestamp;
use policy::MetaPolicy;
use store::db::Session;
use store::feeds;
use web::layout::{FeedAge, Flash, FlashKind, Shell, Theme};

use crate::auth::{FLASH, THEME, read_cookie};

/// The path and query of this page.
pub(crate) fn here(uri: &Uri) -> String {
    uri.path_and_query()
        .map_or_else(|| "/".to_owned(), ToString::to_string)
}

/// What somebody sees who is not signed in.
pub(crate) fn stranger(headers: &HeaderMap, uri: &Uri, now: Timestamp) -> Shell {
    Shell {
        now,
        theme: Theme::from_name(read_cookie(headers, THEME).unwrap_or_default()),
        user: None,
        csrf: String::new(),
        feeds: Vec::new(),
        flash: flash(headers),
        here: here(uri),
    }
}

/// What everybody sees who is signed in; who that is, the caller adds.
pub(crate) async fn load(
    session: &mut Session,
    headers: &HeaderMap,
    uri: &Uri,
    now: Timestamp,
) -> Result<Shell, store::Error> {
    Ok(Shell {
        feeds: feeds(session, now).await?,
        ..stranger(headers, uri, now)
    })
}

/// Old is what the default policy warns of; who set another age sees it in the verdicts.
async fn feeds(session: &mut Session, now: Timestamp) -> Result<Vec<FeedAge>, store::Error> {
    let longest_s = i64::from(MetaPolicy::default().max_feed_age_hours) * 3_600;
    let states = feeds::states(session, now).await?;
    Ok(states
        .into_iter()
        .map(|state| FeedAge {
            stale: state.age_s.is_none_or(|age| age > longest_s),
            name: state.name,
            fetched_at: state.fetched_at,
        })
        .collect())
}

/// The sentence in the cookie; what is not of ours is nothing.
fn flash(headers: &HeaderMap) -> Option<Flash> {
    let (kind, text) = read_cookie(headers, FLASH)?.split_once('.')?;
    let kind = match kind {
        "done" => FlashKind::Done,
        "failed" => FlashKind::Failed,
        _ => return None,
    };
    Some(Flash {
        kind,
        text: decoded(text)?,
    })
}

/// Undoes percent-encoding.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let pair = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(str::from_utf8(&pair).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn what_was_encoded_for_a_cookie_reads_back() {
        let text = "Renamed “a b”; 100 %";
        assert_eq!(decoded(&web::links::segment(text)).as_deref(), Some(text));
        assert_eq!(decoded("%"), None);
        assert_eq!(decoded("%zz"), None);
    }
}
