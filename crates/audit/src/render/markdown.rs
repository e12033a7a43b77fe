//! Markdown for a comment on a merge request: the verdict, what stands in the way, what to do.

use std::fmt::Write as _;

use policy::Action;

use super::escape::{code, markdown};
use super::items::{Item, Subject, action_word, coverage, headline, tally};
use crate::Upgrade;

/// Lines of the table; a comment has a limit and a reader too.
const ITEMS_SHOWN: usize = 100;

/// Steps of the way to green that are listed.
const UPGRADES_SHOWN: usize = 20;

pub(super) fn render(subject: &Subject<'_>) -> String {
    let verdict = subject.verdict;
    let mut text = format!(
        "## {}\n\n{}.\n{}.\n",
        markdown(&headline(verdict)),
        tally(verdict),
        coverage(verdict)
    );
    write_items(&mut text, &subject.items);
    write_upgrades(&mut text, subject.upgrades);
    write_notices(&mut text, subject);
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "\nPolicy {} revision {}, evaluated at {}.",
        code(&verdict.policy.id),
        verdict.policy.revision,
        verdict.evaluated_at
    );
    text
}

fn write_items(text: &mut String, items: &[Item<'_>]) {
    if items.is_empty() {
        return;
    }
    text.push_str(
        "\n| | Severity | What | Package | Fixed in | Why |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    for item in items.iter().take(ITEMS_SHOWN) {
        let _ = writeln!(text, "{}", row(item));
    }
    if items.len() > ITEMS_SHOWN {
        let _ = writeln!(text, "\n{} more are not shown.", items.len() - ITEMS_SHOWN);
    }
}

fn row(item: &Item<'_>) -> String {
    let summary = item.finding.map_or("", |finding| finding.summary.as_str());
    let what = format!("{} {}", code(item.id()), markdown(summary));
    let fix = item
        .finding
        .map_or_else(String::new, |finding| match &finding.fix.version {
            Some(version) => code(version),
            None => "no fix known".to_owned(),
        });
    let action = match item.action {
        Action::Ignore => "",
        action => action_word(action),
    };
    let severity = item.finding.map_or("", |_| item.severity());
    format!(
        "| {action} | {severity} | {} | {} | {fix} | {} |",
        what.trim_end(),
        code(&item.package()),
        markdown(&item.reason)
    )
}

fn write_upgrades(text: &mut String, upgrades: &[Upgrade]) {
    if upgrades.is_empty() {
        return;
    }
    text.push_str("\n### Shortest way to green\n\n");
    for (number, step) in (1..).zip(upgrades.iter().take(UPGRADES_SHOWN)) {
        let _ = writeln!(text, "{number}. {}", step_line(step));
    }
    if upgrades.len() > UPGRADES_SHOWN {
        let _ = writeln!(
            text,
            "\n{} more steps are not shown.",
            upgrades.len() - UPGRADES_SHOWN
        );
    }
}

fn step_line(step: &Upgrade) -> String {
    let change = match (&step.to, &step.fixed) {
        (Some(to), _) => format!(
            "Upgrade {} from {} to {}",
            code(&step.name),
            code(&step.from),
            code(to)
        ),
        (None, Some(fixed)) => format!(
            "Refresh {} from {} to {} or later{}",
            code(&step.name),
            code(&step.from),
            code(fixed),
            via(step)
        ),
        (None, None) => format!("Replace {}", code(&step.name)),
    };
    let clears = format!("clears {}, {} critical", step.clears.len(), step.clears_critical);
    match &step.command {
        Some(command) => format!("{change}: {clears}. {}", code(command)),
        None => format!("{change}: {clears}."),
    }
}

fn via(step: &Upgrade) -> String {
    if step.via.is_empty() {
        return String::new();
    }
    let names: Vec<String> = step.via.iter().map(|name| code(name)).collect();
    format!(", which {} brings", names.join(", "))
}

fn write_notices(text: &mut String, subject: &Subject<'_>) {
    let notices = &subject.verdict.notices;
    if notices.is_empty() {
        return;
    }
    text.push_str("\n### Notices\n\n");
    for notice in notices {
        let _ = writeln!(text, "- {}", markdown(&notice.text));
    }
}
