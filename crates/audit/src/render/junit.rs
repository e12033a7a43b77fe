//! JUnit XML: one suite a check; what fails is a failed case, what warns a case with output.

use std::fmt::Write as _;

use policy::{Action, Check, Outcome};

use super::escape::xml;
use super::items::{Item, Subject, check_word, headline};

/// A suite with its cases.
struct Suite<'s> {
    check: Check,
    /// What the policy says of the check; `None` when it only has items.
    outcome: Option<Outcome>,
    items: Vec<&'s Item<'s>>,
}

pub(super) fn render(subject: &Subject<'_>) -> String {
    let suites = suites(subject);
    let (tests, failures, errors) = totals(&suites);
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">\n",
        xml(&headline(subject.verdict))
    );
    for suite in &suites {
        suite.write(&mut text);
    }
    text.push_str("</testsuites>\n");
    text
}

/// The checks that the policy made, in its order, then those that only have items.
fn suites<'s>(subject: &'s Subject<'s>) -> Vec<Suite<'s>> {
    let mut suites: Vec<Suite<'s>> = subject
        .verdict
        .checks
        .iter()
        .map(|outcome| Suite {
            check: outcome.check,
            outcome: Some(outcome.verdict),
            items: Vec::new(),
        })
        .collect();
    for item in &subject.items {
        match suites.iter_mut().find(|suite| suite.check == item.check) {
            Some(suite) => suite.items.push(item),
            None => suites.push(Suite {
                check: item.check,
                outcome: None,
                items: vec![item],
            }),
        }
    }
    suites
}

fn totals(suites: &[Suite<'_>]) -> (usize, usize, usize) {
    suites.iter().fold((0, 0, 0), |(tests, failures, errors), suite| {
        let (more_tests, more_failures, more_errors) = suite.counts();
        (tests + more_tests, failures + more_failures, errors + more_errors)
    })
}

impl Suite<'_> {
    /// Whether the check itself came to no end and no item says so.
    fn is_unfinished(&self) -> bool {
        matches!(self.outcome, Some(Outcome::Indeterminate | Outcome::Pending))
            && self.count(Action::Indeterminate) == 0
    }

    fn count(&self, action: Action) -> usize {
        self.items.iter().filter(|item| item.action == action).count()
    }

    /// Tests, failures, errors.
    fn counts(&self) -> (usize, usize, usize) {
        let errors = self.count(Action::Indeterminate) + usize::from(self.is_unfinished());
        (self.items.len() + 1, self.count(Action::Fail), errors)
    }

    fn write(&self, text: &mut String) {
        let name = check_word(self.check);
        let (tests, failures, errors) = self.counts();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">"
        );
        self.write_check(text, name);
        for item in &self.items {
            write_case(text, name, item);
        }
        text.push_str("  </testsuite>\n");
    }

    /// A case for the check itself, so that a check without objections is seen to have been made.
    fn write_check(&self, text: &mut String, name: &str) {
        let error = "\n      <error message=\"this check could not be finished\"/>\n    ";
        let body = if self.is_unfinished() { error } else { "" };
        let _ = writeln!(
            text,
            "    <testcase classname=\"{name}\" name=\"{name} was evaluated\">{body}</testcase>"
        );
    }
}

fn write_case(text: &mut String, suite: &str, item: &Item<'_>) {
    let name = format!("{} {}", item.id(), item.package());
    let body = match item.action {
        Action::Fail => problem("failure", item),
        Action::Indeterminate => problem("error", item),
        Action::Ignore if item.waiver.is_some() => format!("<skipped message=\"{}\"/>", xml(&item.reason)),
        Action::Warn | Action::Ignore => format!("<system-out>{}</system-out>", xml(&details(item))),
    };
    let _ = writeln!(
        text,
        "    <testcase classname=\"{suite}\" name=\"{}\">\n      {body}\n    </testcase>",
        xml(name.trim_end())
    );
}

/// A `failure` or an `error`.
fn problem(element: &str, item: &Item<'_>) -> String {
    format!(
        "<{element} type=\"{}\" message=\"{}\">{}</{element}>",
        xml(item.rule),
        xml(&item.reason),
        xml(&details(item))
    )
}

fn details(item: &Item<'_>) -> String {
    let mut lines = vec![item.message()];
    lines.extend(item.advice());
    if let Some(path) = item.finding.and_then(|finding| finding.paths.first()) {
        lines.push(format!("comes by {}", path.join(" > ")));
    }
    lines.join("; ")
}
