//! What time itself makes news: waivers that end soon, feeds that are late.

use clock::Timestamp;
use policy::Day;
use store::db::Session;
use store::feeds::{self, Feed};
use store::news::{self, Kind, News, Told, Topic};
use store::projects;
use store::waivers::{self, StoredWaiver};

use crate::{JobError, Parts};

/// Whether anything was told.
pub(super) async fn look(parts: &Parts, now: Timestamp) -> Result<bool, JobError> {
    let mut session = parts.database.read().await?;
    if !news::is_listened_to(&mut session).await? {
        return Ok(false);
    }
    let ending = waivers::to_warn(&mut session, Day::of(now)).await?;
    let mut late = feeds::all(&mut session).await?;
    late.retain(|feed| feed.is_late(now) && feed.late_since != feed.synced_at);
    if ending.is_empty() && late.is_empty() {
        return Ok(false);
    }
    let mut told = Vec::new();
    for waiver in &ending {
        told.push(ending_soon(&mut session, waiver, now).await?);
    }
    drop(session);
    told.extend(late.iter().map(|feed| is_late(feed, now)));
    let ids: Vec<i64> = ending.iter().map(|waiver| waiver.id).collect();
    let mut tx = parts.database.begin().await?;
    news::add(&mut tx, &told, now).await?;
    waivers::warned(&mut tx, &ids).await?;
    for feed in &late {
        feeds::late_told(&mut tx, feed.id).await?;
    }
    tx.commit().await?;
    Ok(true)
}

async fn ending_soon(session: &mut Session, stored: &StoredWaiver, now: Timestamp) -> Result<Told, JobError> {
    let waiver = stored.waiver()?;
    let last = stored.expires_day.map(Day::from_number);
    let left = last.map_or(0, |last| last.days_since(Day::of(now)));
    let named = [&waiver.vulnerability, &waiver.license, &waiver.rule];
    let what: Vec<&str> = named.into_iter().flatten().map(String::as_str).collect();
    let when = match left {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        days => format!("in {days} days"),
    };
    let holds = match waiver.projects.as_slice() {
        [] => "in all projects".to_owned(),
        [one] => format!("in {one}"),
        [first, rest @ ..] => format!("in {first} and {} more", rest.len()),
    };
    // A waiver of one project is news of that project; one of several is news for those who hear of all.
    let project_id = match waiver.projects.as_slice() {
        [one] => projects::find(session, one).await?.map(|project| project.id),
        _ => None,
    };
    Ok(Told {
        topic: Topic::Waivers,
        project_id,
        news: News {
            event: Kind::WaiverEnding,
            at: now,
            project: None,
            reference: None,
            build: None,
            title: format!("The waiver of {} ends {when}", what.join(", ")),
            details: vec![
                format!("{holds}, asked for by {}", stored.requested_by),
                waiver.reason,
            ],
            path: format!("/waivers/{}", stored.uuid),
        },
    })
}

fn is_late(feed: &Feed, now: Timestamp) -> Told {
    let hours = feed
        .synced_at
        .map_or(0, |synced| now.since(Timestamp::from_millis(synced)) / 3_600_000);
    let mut details = vec!["Findings published since then may be missing.".to_owned()];
    details.extend(feed.error.clone());
    Told {
        topic: Topic::Feeds,
        project_id: None,
        news: News {
            event: Kind::FeedLate,
            at: now,
            project: None,
            reference: None,
            build: None,
            title: format!("The feed {} was last read {hours} hours ago", feed.name),
            details,
            path: "/feeds".to_owned(),
        },
    }
}
