//! One page that needs nothing else: no script, no address of anybody, to be kept, mailed or printed.
//!
//! Everything from outside goes through [`escape::html`](super::escape::html); the style is one element whose digest
//! [`CONTENT_SECURITY_POLICY`] names, so that a server can send the page under a policy that allows nothing more.

use std::fmt::Write as _;

use policy::{Action, AppliedWaiver, Outcome, Verdict};

use super::escape::html as text;
use super::items::{Item, Subject, action_word, check_word, coverage, headline, outcome_word, tally};
use crate::{ComponentStatus, Upgrade};

const STYLE: &str = include_str!("html.css");

/// What a page of this kind may do: show its own style, and nothing else.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'sha256-3F9WanihJi0TcBHAcGJ47E28xcBNDY3MRVac0cupFUM='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Lines of the long tables; a browser and a printer have limits, too. The JSON has everything.
const ITEMS_SHOWN: usize = 2_000;
const COMPONENTS_SHOWN: usize = 5_000;
/// Paths of one finding.
const PATHS_SHOWN: usize = 3;

pub(super) fn render(subject: &Subject<'_>) -> String {
    let verdict = subject.verdict;
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n",
        title = text(&headline(verdict)),
    );
    write_head(&mut page, verdict);
    write_checks(&mut page, verdict);
    write_items(&mut page, &subject.items);
    write_upgrades(&mut page, subject.upgrades);
    write_unchecked(&mut page, subject.components);
    write_waivers(&mut page, verdict);
    write_notices(&mut page, verdict);
    write_feeds(&mut page, verdict);
    write_components(&mut page, subject.components);
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// Adds a line; writing to a string cannot fail.
macro_rules! put {
    ($page:expr, $($part:tt)*) => {
        let _ = writeln!($page, $($part)*);
    };
}

fn write_head(page: &mut String, verdict: &Verdict) {
    put!(page, "<h1>{}</h1>", text(&headline(verdict)));
    put!(
        page,
        "<p>{}: {}.</p>\n<p>{}.</p>",
        outcome_mark(verdict.verdict),
        text(&tally(verdict)),
        text(&coverage(verdict))
    );
    let reference = &verdict.reference;
    let facts = [
        ("Branch", Some(reference.branch.as_str())),
        ("Commit", reference.commit.as_deref()),
        ("Version", reference.version.as_deref()),
        ("Build", Some(verdict.build.id.as_str())),
        (
            "SHA-256 of the document",
            Some(verdict.build.sbom_sha256.as_str()),
        ),
    ];
    put!(page, "<table>\n<tbody>");
    for (name, value) in facts {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            put!(
                page,
                "<tr><th scope=\"row\">{name}</th><td><code>{}</code></td></tr>",
                text(value)
            );
        }
    }
    put!(
        page,
        "<tr><th scope=\"row\">Policy</th><td>{} revision {}, SHA-256 <code>{}</code></td></tr>",
        text(&verdict.policy.id),
        verdict.policy.revision,
        text(&verdict.policy.sha256)
    );
    put!(
        page,
        "<tr><th scope=\"row\">Evaluated</th><td>{} by Plumbline {}</td></tr>\n</tbody>\n</table>",
        verdict.evaluated_at,
        text(&verdict.engine)
    );
}

/// A word with a sign, so that colour is never all there is.
fn outcome_mark(outcome: Outcome) -> String {
    let sign = match outcome {
        Outcome::Pass => "✓",
        Outcome::Warn => "!",
        Outcome::Fail => "✗",
        Outcome::Indeterminate => "?",
        Outcome::Pending => "…",
    };
    mark(sign, outcome_word(outcome))
}

fn action_mark(action: Action) -> String {
    match action {
        Action::Fail => mark("✗", "fail"),
        Action::Indeterminate => mark("?", "indeterminate"),
        Action::Warn => mark("!", "warn"),
        Action::Ignore => mark("·", action_word(Action::Ignore)),
    }
}

fn mark(sign: &str, word: &str) -> String {
    format!("<span class=\"mark {word}\">{sign} {word}</span>")
}

fn write_checks(page: &mut String, verdict: &Verdict) {
    if verdict.checks.is_empty() {
        return;
    }
    section(page, "Checks", &["Check", "Result"]);
    for check in &verdict.checks {
        put!(
            page,
            "<tr><td>{}</td><td>{}</td></tr>",
            check_word(check.check),
            outcome_mark(check.verdict)
        );
    }
    end(page);
}

fn write_items(page: &mut String, items: &[Item<'_>]) {
    if items.is_empty() {
        put!(
            page,
            "<h2>Findings</h2>\n<p>Nothing was found among what was checked.</p>"
        );
        return;
    }
    section(
        page,
        "Findings",
        &[
            "Gate",
            "Severity",
            "What",
            "Package",
            "Fixed in",
            "Why",
            "How it comes in",
        ],
    );
    for item in items.iter().take(ITEMS_SHOWN) {
        put!(page, "{}", row(item));
    }
    end(page);
    more(page, items.len(), ITEMS_SHOWN);
}

fn row(item: &Item<'_>) -> String {
    let summary = item.finding.map_or("", |finding| finding.summary.as_str());
    let fix = match item.finding.map(|finding| finding.fix.version.as_deref()) {
        Some(Some(version)) => format!("<code>{}</code>", text(version)),
        Some(None) => "no fix known".to_owned(),
        None => String::new(),
    };
    let severity = item.finding.map_or_else(String::new, |_| {
        format!(
            "<span class=\"mark {word}\">{word}</span>",
            word = item.severity()
        )
    });
    format!(
        "<tr><td>{}</td><td>{severity}</td><td><code>{}</code> {}</td><td><code>{}</code></td><td>{fix}</td><td>{}</td><td>{}</td></tr>",
        action_mark(item.action),
        text(item.id()),
        text(summary),
        text(&item.package()),
        text(&item.reason),
        paths(item)
    )
}

fn paths(item: &Item<'_>) -> String {
    let Some(finding) = item.finding else {
        return String::new();
    };
    let shown: Vec<String> = finding
        .paths
        .iter()
        .take(PATHS_SHOWN)
        .map(|path| text(&path.join(" › ")))
        .collect();
    let total = usize::try_from(finding.path_count).unwrap_or(usize::MAX);
    let rest = match total.saturating_sub(shown.len()) {
        0 => String::new(),
        more => format!("<br><span class=\"dim\">+{more} more</span>"),
    };
    format!("{}{rest}", shown.join("<br>"))
}

fn write_upgrades(page: &mut String, upgrades: &[Upgrade]) {
    if upgrades.is_empty() {
        return;
    }
    section(
        page,
        "Shortest way to green",
        &["Package", "From", "To", "Clears", "Command"],
    );
    for step in upgrades {
        let to = match (&step.to, &step.fixed) {
            (Some(to), _) => text(to),
            (None, Some(fixed)) => format!(
                "{} or later, which {} must admit",
                text(fixed),
                text(&step.via.join(", "))
            ),
            (None, None) => "a replacement".to_owned(),
        };
        put!(
            page,
            "<tr><td><code>{}</code></td><td><code>{}</code></td><td>{to}</td><td>{} ({} critical)</td><td><code>{}</code></td></tr>",
            text(&step.name),
            text(&step.from),
            step.clears.len(),
            step.clears_critical,
            text(step.command.as_deref().unwrap_or_default())
        );
    }
    end(page);
}

fn write_unchecked(page: &mut String, components: &[ComponentStatus]) {
    let open = || components.iter().filter(|component| component.why_not.is_some());
    let count = open().count();
    if count == 0 {
        return;
    }
    section(page, "Not checked", &["Component", "Version", "Why not"]);
    for component in open().take(ITEMS_SHOWN) {
        put!(
            page,
            "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
            text(&component.name),
            text(component.version.as_deref().unwrap_or_default()),
            component
                .why_not
                .map_or("", crate::WhyNotChecked::as_str)
                .replace('_', " ")
        );
    }
    end(page);
    more(page, count, ITEMS_SHOWN);
}

fn write_waivers(page: &mut String, verdict: &Verdict) {
    let waivers = &verdict.waivers;
    let lists: [(&str, &[AppliedWaiver]); 5] = [
        ("applied", &waivers.applied),
        ("expired", &waivers.expired),
        ("stale", &waivers.stale),
        ("not approved", &waivers.unapproved),
        ("unused", &waivers.unused),
    ];
    if lists.iter().all(|(_, list)| list.is_empty()) {
        return;
    }
    section(page, "Waivers", &["State", "Waiver", "Reason", "Last day"]);
    for (state, list) in lists {
        for waiver in list.iter().take(ITEMS_SHOWN) {
            put!(
                page,
                "<tr><td>{state}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                text(&waiver.id),
                text(&waiver.reason),
                text(waiver.expires_on.as_deref().unwrap_or("none"))
            );
        }
    }
    end(page);
}

fn write_notices(page: &mut String, verdict: &Verdict) {
    if verdict.notices.is_empty() {
        return;
    }
    put!(page, "<h2>Notices</h2>\n<ul>");
    for notice in &verdict.notices {
        put!(page, "<li>{}</li>", text(&notice.text));
    }
    put!(page, "</ul>");
}

fn write_feeds(page: &mut String, verdict: &Verdict) {
    if verdict.feeds.is_empty() {
        return;
    }
    section(
        page,
        "Advisory feeds",
        &["Feed", "Revision", "Records", "Fetched"],
    );
    for feed in &verdict.feeds {
        put!(
            page,
            "<tr><td>{}</td><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
            text(&feed.name),
            text(&feed.revision),
            feed.records,
            feed.fetched_at
                .map_or_else(|| "never".to_owned(), |at| at.to_string())
        );
    }
    end(page);
}

fn write_components(page: &mut String, components: &[ComponentStatus]) {
    if components.is_empty() {
        return;
    }
    section(
        page,
        "Components",
        &["Component", "Version", "License", "Scope", "Direct"],
    );
    for component in components.iter().take(COMPONENTS_SHOWN) {
        put!(
            page,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            text(&component.name),
            text(component.version.as_deref().unwrap_or_default()),
            text(component.license.as_deref().unwrap_or("not known")),
            super::csv::scope_word(component.scope),
            match component.direct {
                Some(true) => "yes",
                Some(false) => "no",
                None => "not known",
            }
        );
    }
    end(page);
    more(page, components.len(), COMPONENTS_SHOWN);
}

/// A heading and the start of a table.
fn section(page: &mut String, title: &str, columns: &[&str]) {
    put!(page, "<h2>{title}</h2>\n<table>\n<thead>\n<tr>");
    for column in columns {
        put!(page, "<th scope=\"col\">{column}</th>");
    }
    put!(page, "</tr>\n</thead>\n<tbody>");
}

fn end(page: &mut String) {
    put!(page, "</tbody>\n</table>");
}

fn more(page: &mut String, total: usize, shown: usize) {
    if total > shown {
        put!(
            page,
            "<p class=\"dim\">{} more are not shown; the JSON report has them.</p>",
            total - shown
        );
    }
}
