//! For people at a terminal: the verdict, then one paragraph an item.

use std::fmt::Write as _;

use policy::{Action, Outcome};

use super::Style;
use super::escape::line;
use super::items::{
    Item, Subject, action_word, check_word, component_label, coverage, headline, outcome_word, tally,
};
use crate::Upgrade;

/// Paths that one finding shows; the rest is a number.
const PATHS_SHOWN: usize = 3;

pub(super) fn render(subject: &Subject<'_>, style: &Style<'_>) -> String {
    let mut text = head(subject, style.colour);
    for item in &subject.items {
        write_item(&mut text, item, style.colour);
    }
    text.push_str(&foot(subject));
    text
}

/// The verdict, what it counts and what each check says.
pub(super) fn head(subject: &Subject<'_>, colour: bool) -> String {
    let verdict = subject.verdict;
    let headline = line(&headline(verdict));
    let checks: Vec<String> = verdict
        .checks
        .iter()
        .map(|check| format!("{} {}", check_word(check.check), outcome_word(check.verdict)))
        .collect();
    let mut text = format!(
        "{}\n{}\n{}\n",
        paint(&headline, outcome_colour(verdict.verdict), colour),
        tally(verdict),
        coverage(verdict)
    );
    if !checks.is_empty() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "checks: {}", checks.join(", "));
    }
    text
}

/// The way to green, and notices.
pub(super) fn foot(subject: &Subject<'_>) -> String {
    let mut text = String::new();
    if !subject.upgrades.is_empty() {
        text.push_str("\nShortest way to green\n");
    }
    for (number, step) in (1..).zip(subject.upgrades) {
        let _ = writeln!(text, "  {number}. {}", step_line(step));
    }
    if !subject.verdict.notices.is_empty() {
        text.push('\n');
    }
    for notice in &subject.verdict.notices {
        let _ = writeln!(text, "note: {}", line(&notice.text));
    }
    text
}

fn write_item(text: &mut String, item: &Item<'_>, colour: bool) {
    let severity = paint(item.severity(), action_colour(item.action), colour);
    let _ = writeln!(text, "\n{severity} {} {}", line(item.id()), line(&item.package()));
    if let Some(finding) = item.finding {
        if !finding.summary.is_empty() {
            let _ = writeln!(text, "  {}", line(&finding.summary));
        }
        let _ = writeln!(
            text,
            "  matched: {} in {}",
            line(&finding.evidence.range),
            line(&component_label(finding))
        );
        write_paths(text, &finding.paths, finding.path_count);
    }
    if let Some(advice) = item.advice() {
        let _ = writeln!(text, "  {}", line(&advice));
    }
    let why = match item.action {
        Action::Ignore => item.reason.clone(),
        action => format!("{} ({}): {}", action_word(action), item.rule, item.reason),
    };
    let _ = writeln!(text, "  {}", line(&why));
}

fn write_paths(text: &mut String, paths: &[Vec<String>], count: u64) {
    for path in paths.iter().take(PATHS_SHOWN) {
        let _ = writeln!(text, "  path: {}", line(&path.join(" > ")));
    }
    let shown = paths.len().min(PATHS_SHOWN) as u64;
    if count > shown {
        let _ = writeln!(text, "  and {} more paths", count - shown);
    }
}

fn step_line(step: &Upgrade) -> String {
    let clears = format!("clears {}, {} critical", step.clears.len(), step.clears_critical);
    let change = match (&step.to, &step.fixed) {
        (Some(to), _) => format!("upgrade {} {} to {to}", step.name, step.from),
        (None, Some(fixed)) if step.via.is_empty() => {
            format!("refresh {} {} to {fixed} or later", step.name, step.from)
        }
        (None, Some(fixed)) => format!(
            "refresh {} {} to {fixed} or later, brought by {}",
            step.name,
            step.from,
            step.via.join(", ")
        ),
        (None, None) => format!("replace {}", step.name),
    };
    match &step.command {
        Some(command) => line(&format!("{change} ({clears}): {command}")),
        None => line(&format!("{change} ({clears})")),
    }
}

/// Red, yellow, green, grey: the codes of ECMA-48.
#[derive(Clone, Copy)]
pub(super) enum Colour {
    Red = 31,
    Yellow = 33,
    Green = 32,
    Grey = 90,
}

pub(super) fn paint(text: &str, code: Colour, colour: bool) -> String {
    if colour {
        format!("\u{1b}[{}m{text}\u{1b}[0m", code as u8)
    } else {
        text.to_owned()
    }
}

pub(super) fn action_colour(action: Action) -> Colour {
    match action {
        Action::Fail => Colour::Red,
        Action::Warn | Action::Indeterminate => Colour::Yellow,
        Action::Ignore => Colour::Grey,
    }
}

fn outcome_colour(outcome: Outcome) -> Colour {
    match outcome {
        Outcome::Pass => Colour::Green,
        Outcome::Warn | Outcome::Pending => Colour::Yellow,
        Outcome::Fail | Outcome::Indeterminate => Colour::Red,
    }
}
