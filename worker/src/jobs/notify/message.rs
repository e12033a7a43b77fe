//! News as a message: our own JSON, or what chat services take. Pure.

use std::collections::{BTreeMap, BTreeSet};

use clock::Timestamp;
use serde_json::{Value, json};
use store::news::{Kind, News};
use store::webhooks::Shape;

/// Pieces of news in one message of ours; all of them are counted.
const MOST_EVENTS: usize = 100;
/// The same in a chat, where people read.
const MOST_LINES: usize = 10;
/// Names of projects in a sentence.
const MOST_NAMES: usize = 3;

pub(super) struct Message {
    /// One sentence.
    pub(super) summary: String,
    pub(super) body: String,
}

/// The message; `root` is the address of this service, and may be empty.
pub(super) fn write(
    shape: Shape,
    uuid: &str,
    topic: &str,
    heard: &[&News],
    root: &str,
    now: Timestamp,
) -> Message {
    let summary = summary(topic, heard);
    let body = match shape {
        Shape::Signed => ours(uuid, topic, &summary, heard, root, now).to_string(),
        Shape::Slack => slack(&summary, heard, root).to_string(),
        Shape::Teams => teams(&summary, heard, root).to_string(),
        Shape::Mail => letter(&summary, heard, root),
    };
    Message { summary, body }
}

/// One sentence about all of it.
fn summary(topic: &str, heard: &[&News]) -> String {
    if let [only] = heard {
        return only.title.clone();
    }
    let mut by_kind: BTreeMap<Kind, BTreeSet<&str>> = BTreeMap::new();
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    for news in heard {
        let projects = by_kind.entry(news.event).or_default();
        projects.extend(news.project.as_deref());
        *counts.entry(news.event).or_default() += 1;
    }
    let parts: Vec<String> = by_kind
        .iter()
        .map(|(kind, projects)| phrase(*kind, counts.get(kind).copied().unwrap_or(0), projects))
        .collect();
    let parts = parts.join("; ");
    match topic.strip_prefix("wave:") {
        Some("rules") | None => capitalized(&parts),
        Some(advisory) => format!("{advisory}: {parts}"),
    }
}

fn phrase(kind: Kind, count: usize, projects: &BTreeSet<&str>) -> String {
    let named = named(projects);
    match kind {
        Kind::GateFailed => format!("the gate turned red in {named}"),
        Kind::KnownExploited => format!("new findings that are known to be exploited in {named}"),
        Kind::Watched => format!("new findings in watched components of {named}"),
        Kind::WaiverEnding => format!("{count} waivers end soon"),
        Kind::FeedLate => format!("{count} feeds are late"),
        Kind::Test => "this is a trial".to_owned(),
    }
}

fn named(projects: &BTreeSet<&str>) -> String {
    let shown: Vec<&str> = projects.iter().copied().take(MOST_NAMES).collect();
    match projects.len().saturating_sub(MOST_NAMES) {
        0 => shown.join(", "),
        more => format!(
            "{} projects: {} and {more} more",
            projects.len(),
            shown.join(", ")
        ),
    }
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    first.chain(letters).collect()
}

fn address(root: &str, path: &str) -> String {
    format!("{root}{path}")
}

fn ours(uuid: &str, topic: &str, summary: &str, heard: &[&News], root: &str, now: Timestamp) -> Value {
    let events: Vec<Value> = heard
        .iter()
        .take(MOST_EVENTS)
        .map(|news| event(news, root))
        .collect();
    json!({
        "id": uuid,
        "topic": topic,
        "at": now,
        "summary": summary,
        "total": heard.len(),
        "events": events,
    })
}

fn event(news: &News, root: &str) -> Value {
    // Strings, numbers and lists always have a JSON form.
    let mut value = serde_json::to_value(news).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        fields.remove("path");
        fields.insert("html_url".to_owned(), address(root, &news.path).into());
    }
    value
}

/// Lines for people: the titles where there are several, else the details of the only one.
fn lines(heard: &[&News], line: impl Fn(&News) -> String) -> Vec<String> {
    if let [only] = heard {
        return only.details.clone();
    }
    let mut lines: Vec<String> = heard.iter().take(MOST_LINES).map(|news| line(news)).collect();
    let more = heard.len().saturating_sub(MOST_LINES);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines
}

/// Where one reads on: the page of the only piece of news, else the page of all findings.
fn read_on(heard: &[&News], root: &str) -> String {
    match heard {
        [only] => address(root, &only.path),
        _ => address(root, "/findings"),
    }
}

/// Slack's `mrkdwn`, which Mattermost takes, too.
fn slack(summary: &str, heard: &[&News], root: &str) -> Value {
    let linked = |news: &News| {
        if root.is_empty() {
            format!("• {}", escaped(&news.title))
        } else {
            format!("• <{}|{}>", address(root, &news.path), escaped(&news.title))
        }
    };
    let mut text = format!("*{}*", escaped(summary));
    let is_one = heard.len() == 1;
    for line in lines(heard, linked) {
        let line = if is_one {
            format!("• {}", escaped(&line))
        } else {
            line
        };
        text.push('\n');
        text.push_str(&line);
    }
    if !root.is_empty() {
        text.push_str(&format!("\n<{}|Open in Plumbline>", read_on(heard, root)));
    }
    json!({ "text": text })
}

/// The three signs that mean something in `mrkdwn`'s links.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn teams(summary: &str, heard: &[&News], root: &str) -> Value {
    let mut body = vec![json!({
        "type": "TextBlock", "text": plain(summary), "weight": "Bolder", "wrap": true
    })];
    for line in lines(heard, |news| news.title.clone()) {
        body.push(json!({"type": "TextBlock", "text": format!("- {}", plain(&line)), "wrap": true, "spacing": "None"}));
    }
    let mut card = json!({
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.4",
        "body": body,
    });
    if !root.is_empty() {
        card["actions"] = json!([{
            "type": "Action.OpenUrl", "title": "Open in Plumbline", "url": read_on(heard, root)
        }]);
    }
    json!({
        "type": "message",
        "summary": summary,
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null, "content": card
        }],
    })
}

/// Plain text, with the address of each page on a line of its own.
fn letter(summary: &str, heard: &[&News], root: &str) -> String {
    let mut text = format!("{summary}.\n");
    let linked = |news: &News| match root {
        "" => format!("- {}", news.title),
        root => format!("- {}\n  {}", news.title, address(root, &news.path)),
    };
    let is_one = heard.len() == 1;
    for line in lines(heard, linked) {
        let line = if is_one { format!("- {line}") } else { line };
        text.push('\n');
        text.push_str(&line);
    }
    if !root.is_empty() {
        text.push_str("\n\nOpen in Plumbline: ");
        text.push_str(&read_on(heard, root));
    }
    text.push('\n');
    text
}

/// Text in which nothing is a link or a picture: cards read Markdown.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '[' | ']' | '*' | '_' | '\\' | '`' | '<' | '>') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn news(event: Kind, project: &str, title: &str) -> News {
        News {
            event,
            at: Timestamp::from_millis(1_772_366_400_000),
            project: Some(project.to_owned()),
            reference: Some("main".to_owned()),
            build: Some(7),
            title: title.to_owned(),
            details: vec!["CVE-2026-1: left <pad> 1.0, fixed in 1.1".to_owned()],
            path: format!("/projects/{project}/builds/7"),
        }
    }

    fn said(shape: Shape, topic: &str, heard: &[&News]) -> (String, Value) {
        let now = Timestamp::from_millis(1_772_366_400_000);
        let message = write(shape, "u1", topic, heard, "https://plumbline.example.org", now);
        (message.summary, serde_json::from_str(&message.body).unwrap())
    }

    #[test]
    fn one_piece_of_news_says_its_own_sentence() {
        let red = news(Kind::GateFailed, "shop", "The gate of shop turned red on main");
        let (summary, body) = said(Shape::Signed, "build:b", &[&red]);
        assert_eq!(summary, "The gate of shop turned red on main");
        assert_eq!(body["total"], 1);
        let event = &body["events"][0];
        assert_eq!(event["event"], "gate.failed");
        assert_eq!(
            event["html_url"],
            "https://plumbline.example.org/projects/shop/builds/7"
        );
        assert_eq!(event.get("path"), None);
    }

    #[test]
    fn a_wave_is_one_sentence_with_a_count() {
        let names: Vec<String> = (0..37).map(|n| format!("p{n:02}")).collect();
        let mut all: Vec<News> = names
            .iter()
            .map(|name| news(Kind::KnownExploited, name, "x"))
            .collect();
        all.push(news(Kind::GateFailed, "p00", "x"));
        let heard: Vec<&News> = all.iter().collect();
        let (summary, body) = said(Shape::Signed, "wave:CVE-2026-1", &heard);
        assert_eq!(
            summary,
            "CVE-2026-1: the gate turned red in p00; new findings that are known to be exploited in 37 projects: \
             p00, p01, p02 and 34 more"
        );
        assert_eq!(body["total"], 38);
        let (_, chat) = said(Shape::Slack, "wave:CVE-2026-1", &heard);
        let text = chat["text"].as_str().unwrap();
        assert!(text.contains("and 28 more"), "{text}");
    }

    #[test]
    fn a_letter_is_plain_text_with_addresses() {
        let red = news(Kind::GateFailed, "shop", "The gate of shop turned red on main");
        let now = Timestamp::from_millis(0);
        let message = write(
            Shape::Mail,
            "u1",
            "build:b",
            &[&red],
            "https://plumbline.example.org",
            now,
        );
        assert_eq!(
            message.body,
            "The gate of shop turned red on main.\n\n- CVE-2026-1: left <pad> 1.0, fixed in 1.1\n\nOpen in Plumbline: \
             https://plumbline.example.org/projects/shop/builds/7\n"
        );
    }

    #[test]
    fn what_was_uploaded_cannot_make_links_in_a_chat() {
        let evil = news(Kind::GateFailed, "shop", "<https://evil.example|click> [a](b)");
        let (_, slack) = said(Shape::Slack, "build:b", &[&evil]);
        let text = slack["text"].as_str().unwrap();
        assert!(!text.contains("<https://evil.example"), "{text}");
        let (_, teams) = said(Shape::Teams, "build:b", &[&evil]);
        let block = teams["attachments"][0]["content"]["body"][0]["text"]
            .as_str()
            .unwrap();
        assert!(block.contains("\\[a\\]"), "{block}");
    }
}
