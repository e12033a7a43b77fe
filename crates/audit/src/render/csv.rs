//! Comma-separated values (RFC 4180): one line an item, safe to open in a spreadsheet.

use super::escape;
use super::items::{Item, Subject, action_word, check_word};

const COLUMNS: [&str; 22] = [
    "action",
    "rule",
    "check",
    "id",
    "aliases",
    "severity",
    "score",
    "kev",
    "epss",
    "package",
    "version",
    "ecosystem",
    "purl",
    "scope",
    "direct",
    "fixed_version",
    "via",
    "path_count",
    "path",
    "first_seen",
    "due",
    "reason",
];

pub(super) fn render(subject: &Subject<'_>) -> String {
    let mut text = line(&COLUMNS.map(str::to_owned));
    for item in &subject.items {
        text.push_str(&line(&fields(item)));
    }
    text
}

/// One line of such a file, safe to open in a spreadsheet.
#[must_use]
pub fn line(fields: &[String]) -> String {
    let fields: Vec<String> = fields.iter().map(|field| escape::csv(field)).collect();
    format!("{}\r\n", fields.join(","))
}

fn fields(item: &Item<'_>) -> [String; COLUMNS.len()] {
    let finding = item.finding;
    let text = |of: fn(&policy::Finding) -> String| finding.map(of).unwrap_or_default();
    [
        action_word(item.action).to_owned(),
        item.rule.to_owned(),
        check_word(item.check).to_owned(),
        finding.map_or_else(String::new, |finding| finding.canonical.clone()),
        text(|finding| finding.aliases.join(" ")),
        finding.map_or_else(String::new, |_| item.severity().to_owned()),
        text(|finding| shown(finding.severity.score)),
        text(|finding| shown(finding.kev)),
        text(|finding| shown(finding.epss)),
        text(|finding| finding.component.name.clone()),
        text(|finding| finding.component.version.clone()),
        text(|finding| finding.component.ecosystem.clone()),
        finding.map_or_else(
            || item.purl.unwrap_or_default().to_owned(),
            |finding| finding.component.purl.clone(),
        ),
        text(|finding| scope_word(finding.component.scope).to_owned()),
        text(|finding| shown(finding.component.direct)),
        text(|finding| finding.fix.version.clone().unwrap_or_default()),
        text(|finding| finding.fix.via.clone().unwrap_or_default()),
        text(|finding| finding.path_count.to_string()),
        text(|finding| {
            finding
                .paths
                .first()
                .map(|path| path.join(" > "))
                .unwrap_or_default()
        }),
        text(|finding| shown(finding.first_seen)),
        text(|finding| shown(finding.due)),
        item.reason.clone(),
    ]
}

/// What is not known is an empty field, never a zero.
fn shown(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

pub(super) fn scope_word(scope: inventory::Scope) -> &'static str {
    use inventory::Scope::{Dev, Excluded, Optional, Required};
    match scope {
        Required => "required",
        Optional => "optional",
        Dev => "dev",
        Excluded => "excluded",
    }
}
