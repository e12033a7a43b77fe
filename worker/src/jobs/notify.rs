//! Hands news to the webhooks that want it: one message a topic, so that nobody is told the same thing forty times.

mod message;
pub(super) mod signature;

use std::collections::BTreeMap;

use clock::Timestamp;
use store::jobs;
use store::news::{self, LONGEST_MS, News, QUIET_MS, Topic, Waiting};
use store::webhooks::{self, NewDelivery, Webhook};

use super::Held;
use crate::{JobError, Parts};

/// Rows that are looked at in one go; the rest is handed out by the next job.
const MOST: i64 = 5_000;

/// News about one topic, oldest first.
struct Group {
    topic: String,
    rows: Vec<(Waiting, News)>,
}

pub(super) async fn run(parts: &Parts, held: &Held) -> Result<(), JobError> {
    let now = parts.clock.now();
    let mut tx = parts.database.begin().await?;
    let rows = news::waiting(&mut tx, MOST).await?;
    let is_full = i64::try_from(rows.len()).unwrap_or(i64::MAX) >= MOST;
    let hooks = webhooks::all(&mut tx).await?;
    let root = parts.settings.public_url.as_deref().unwrap_or_default();
    let mut next: Option<Timestamp> = is_full.then_some(now);
    let (groups, mut told) = groups(rows);
    for group in groups {
        if let Some(ready) = group.ready_at().filter(|ready| *ready > now && !is_full) {
            next = Some(next.map_or(ready, |next: Timestamp| next.min(ready)));
            continue;
        }
        for hook in &hooks {
            let heard = group.heard_by(hook);
            if heard.is_empty() {
                continue;
            }
            let uuid = store::new_uuid();
            let said = message::write(hook.shape(), &uuid, &group.topic, &heard, root, now);
            let new = NewDelivery {
                uuid: &uuid,
                webhook: hook.id,
                summary: &said.summary,
                body: &said.body,
            };
            webhooks::deliver(&mut tx, &new, now).await?;
        }
        told.extend(group.rows.iter().map(|(row, _)| row.id));
    }
    news::told(&mut tx, &told, now).await?;
    held.finish(&mut tx, now).await?;
    if let Some(due) = next {
        jobs::enqueue_notify(&mut tx, due, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// By topic, in the order in which topics began; beside them the rows that cannot be read, which nobody is told.
fn groups(rows: Vec<Waiting>) -> (Vec<Group>, Vec<i64>) {
    let mut by_topic: BTreeMap<String, Group> = BTreeMap::new();
    let mut unreadable = Vec::new();
    for row in rows {
        let news = match row.news() {
            Ok(news) => news,
            Err(error) => {
                tracing::error!(outbox = row.id, error = %error, "news could not be read");
                unreadable.push(row.id);
                continue;
            }
        };
        let group = by_topic.entry(row.topic.clone()).or_insert_with(|| Group {
            topic: row.topic.clone(),
            rows: Vec::new(),
        });
        group.rows.push((row, news));
    }
    let mut groups: Vec<Group> = by_topic.into_values().collect();
    groups.sort_by_key(|group| group.rows.first().map(|(row, _)| row.id));
    (groups, unreadable)
}

impl Group {
    /// When it is told; `None` for what is told at once.
    fn ready_at(&self) -> Option<Timestamp> {
        if !Topic::is_gathered(&self.topic) {
            return None;
        }
        let first = Timestamp::from_millis(self.rows.first()?.0.created_at);
        let last = Timestamp::from_millis(self.rows.last()?.0.created_at);
        Some(last.plus_millis(QUIET_MS).min(first.plus_millis(LONGEST_MS)))
    }

    /// What a webhook is told of it.
    fn heard_by(&self, hook: &Webhook) -> Vec<&News> {
        if let Some(tried) = Topic::tried(&self.topic) {
            let is_it = tried == hook.uuid;
            return self.rows.iter().filter(|_| is_it).map(|(_, news)| news).collect();
        }
        let heard = self
            .rows
            .iter()
            .filter(|(row, news)| hook.hears(news.event, row.project_id));
        heard.map(|(_, news)| news).collect()
    }
}
