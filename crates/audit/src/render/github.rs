//! Workflow commands that GitHub shows as annotations of a run.

use policy::{Action, Outcome};

use super::Style;
use super::escape::{command, command_property};
use super::items::{Item, Subject, coverage, headline, tally};

pub(super) fn render(subject: &Subject<'_>, style: &Style<'_>) -> String {
    let mut text = summary(subject);
    for item in &subject.items {
        text.push_str(&annotation(item, style.artifact()));
    }
    text
}

fn summary(subject: &Subject<'_>) -> String {
    let verdict = subject.verdict;
    let level = match verdict.verdict {
        Outcome::Pass => "notice",
        Outcome::Warn => "warning",
        Outcome::Fail | Outcome::Indeterminate | Outcome::Pending => "error",
    };
    let message = format!("{}; {}", tally(verdict), coverage(verdict));
    format!(
        "::{level} title={}::{}\n",
        command_property(&headline(verdict)),
        command(&message)
    )
}

fn annotation(item: &Item<'_>, artifact: &str) -> String {
    let level = match item.action {
        Action::Fail | Action::Indeterminate => "error",
        Action::Warn => "warning",
        Action::Ignore => "notice",
    };
    let title = format!("{} {}", item.severity(), item.id());
    let message = match item.advice() {
        Some(advice) => format!("{} ({advice})", item.message()),
        None => item.message(),
    };
    format!(
        "::{level} file={},title={}::{}\n",
        command_property(artifact),
        command_property(&title),
        command(&message)
    )
}
