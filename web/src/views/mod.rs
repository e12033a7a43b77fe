//! The pages, one subject a file: a plain struct that the server fills, and its template.
//!
//! `None` means *not known* throughout: not checked, not loaded, not sent. It is shown as such and never as 0.
//! Each view has a `sample()` (and variants for empty and unchecked states) with which every template is tested.

macro_rules! page {
    ($template:literal, $view:ident) => {
        #[derive(askama::Template)]
        #[template(path = $template)]
        struct Page<'a> {
            shell: &'a crate::layout::Shell,
            frame: crate::layout::Frame,
            view: &'a $view,
        }

        impl $view {
            /// The whole page.
            #[must_use]
            pub fn render(&self, shell: &crate::layout::Shell) -> String {
                crate::layout::render(&Page {
                    shell,
                    frame: self.frame(),
                    view: self,
                })
            }
        }
    };
}

pub mod advisory;
pub mod audit;
pub mod badge;
pub mod build;
pub mod builds;
pub mod compare;
pub mod component;
pub mod components;
pub mod conclude;
pub mod definitions;
pub mod feeds;
pub mod finding;
pub mod findings;
pub mod gate;
pub mod header;
pub mod help;
pub mod licenses;
pub mod list;
pub mod login;
pub mod policies;
pub mod policy;
pub mod portfolio;
pub mod problem;
pub mod project;
pub mod projects;
pub mod report;
pub mod rows;
pub mod settings;
pub mod start;
pub mod tree;
pub mod vex;
pub mod waiver;
pub mod waivers;
pub mod watching;

use crate::layout::Shell;

/// Every page in every state that has a sample, by name: for tests and for looking at them.
#[must_use]
pub fn samples(shell: &Shell) -> Vec<(&'static str, String)> {
    let signed_out = Shell {
        user: None,
        ..shell.clone()
    };
    let mut pages = project_samples(shell);
    pages.extend(portfolio_samples(shell));
    pages.extend(decision_samples(shell));
    pages.extend(settings_samples(shell));
    pages.extend([
        ("advisory", advisory::Advisory::sample().render(shell)),
        (
            "advisory-withdrawn",
            advisory::Advisory::sample_withdrawn().render(shell),
        ),
        ("component", component::Component::sample().render(shell)),
        (
            "component-deprecated",
            component::Component::sample_deprecated().render(shell),
        ),
        ("definitions", definitions::Definitions.render(shell)),
        ("feeds", feeds::Feeds::sample().render(shell)),
        ("feeds-empty", feeds::Feeds::sample_empty().render(shell)),
        ("finding", finding::Finding::sample().render(shell)),
        ("finding-decide", finding::Finding::sample_decide().render(shell)),
        ("finding-bare", finding::Finding::sample_bare().render(shell)),
        ("login", login::Login::sample().render(&signed_out)),
        ("login-link", login::Login::sample_link().render(&signed_out)),
        ("login-error", login::Login::sample_error().render(&signed_out)),
        ("problem", problem::Problem::sample().render(shell)),
        (
            "problem-too-wide",
            problem::Problem::too_wide("/findings?q=a").render(&signed_out),
        ),
        ("start", start::Start::sample().render(shell)),
        ("start-token", start::Start::sample_token().render(shell)),
        ("start-error", start::Start::sample_error().render(shell)),
    ]);
    pages
}

fn settings_samples(shell: &Shell) -> Vec<(&'static str, String)> {
    use settings::{about, people, sla, tokens, webhook, webhooks};
    vec![
        ("audit", audit::Audit::sample().render(shell)),
        ("audit-broken", audit::Audit::sample_broken().render(shell)),
        ("help", help::Help.render(shell)),
        ("report", report::Report::sample().render(shell)),
        (
            "report-unchecked",
            report::Report::sample_unchecked().render(shell),
        ),
        ("badge", badge::Badge::sample().render(shell)),
        ("badge-fresh", badge::Badge::sample_fresh().render(shell)),
        ("badge-none", badge::Badge::sample_none().render(shell)),
        ("vex", vex::Vex::sample().render(shell)),
        ("vex-given", vex::Vex::sample_given().render(shell)),
        ("vex-error", vex::Vex::sample_error().render(shell)),
        ("watching", watching::Watching::sample().render(shell)),
        ("watching-empty", watching::Watching::sample_empty().render(shell)),
        ("settings-about", about::About::sample().render(shell)),
        ("settings-people", people::People::sample().render(shell)),
        (
            "settings-people-link",
            people::People::sample_fresh().render(shell),
        ),
        (
            "settings-people-error",
            people::People::sample_error().render(shell),
        ),
        ("settings-sla", sla::Sla::sample().render(shell)),
        ("settings-sla-default", sla::Sla::sample_default().render(shell)),
        ("settings-tokens", tokens::Tokens::sample().render(shell)),
        (
            "settings-tokens-fresh",
            tokens::Tokens::sample_fresh().render(shell),
        ),
        (
            "settings-tokens-error",
            tokens::Tokens::sample_error().render(shell),
        ),
        ("settings-webhooks", webhooks::Webhooks::sample().render(shell)),
        (
            "settings-webhooks-error",
            webhooks::Webhooks::sample_error().render(shell),
        ),
        ("settings-webhook", webhook::Webhook::sample().render(shell)),
        (
            "settings-webhook-fresh",
            webhook::Webhook::sample_fresh().render(shell),
        ),
    ]
}

fn decision_samples(shell: &Shell) -> Vec<(&'static str, String)> {
    vec![
        ("waivers", waivers::Waivers::sample().render(shell)),
        ("waivers-empty", waivers::Waivers::sample_empty().render(shell)),
        ("waiver", waiver::Waiver::sample().render(shell)),
        ("waiver-pending", waiver::Waiver::sample_pending().render(shell)),
        ("policies", policies::Policies::sample().render(shell)),
        ("policy", policy::Policy::sample().render(shell)),
        ("policy-error", policy::Policy::sample_error().render(shell)),
        ("policy-try", policy::Policy::sample_try().render(shell)),
        ("conclude", conclude::Conclude::sample().render(shell)),
        ("conclude-error", conclude::Conclude::sample_error().render(shell)),
    ]
}

fn project_samples(shell: &Shell) -> Vec<(&'static str, String)> {
    vec![
        ("project", project::Project::sample().render(shell)),
        ("project-new", project::Project::sample_new().render(shell)),
        ("tree", tree::Tree::sample().render(shell)),
        ("tree-map", tree::Tree::sample_map().render(shell)),
        ("tree-new", tree::Tree::sample_new().render(shell)),
        (
            "project-undecided",
            project::Project::sample_undecided().render(shell),
        ),
        ("project-green", project::Project::sample_green().render(shell)),
        ("project-findings", findings::Findings::sample().render(shell)),
        (
            "project-findings-unchecked",
            findings::Findings::sample_unchecked().render(shell),
        ),
        (
            "project-findings-clean",
            findings::Findings::sample_clean().render(shell),
        ),
        (
            "project-components",
            components::Components::sample_project().render(shell),
        ),
        ("project-licenses", licenses::Licenses::sample().render(shell)),
        ("builds", builds::Builds::sample().render(shell)),
        ("builds-empty", builds::Builds::sample_empty().render(shell)),
        ("build", build::Build::sample().render(shell)),
        ("build-running", build::Build::sample_running().render(shell)),
        ("build-failed", build::Build::sample_failed().render(shell)),
        ("compare", compare::Compare::sample().render(shell)),
        ("compare-same", compare::Compare::sample_same().render(shell)),
    ]
}

fn portfolio_samples(shell: &Shell) -> Vec<(&'static str, String)> {
    let unfed = Shell {
        feeds: Vec::new(),
        ..shell.clone()
    };
    vec![
        ("portfolio", portfolio::Portfolio::sample().render(shell)),
        (
            "portfolio-empty",
            portfolio::Portfolio::sample_empty().render(&unfed),
        ),
        (
            "portfolio-unchecked",
            portfolio::Portfolio::sample_unchecked().render(&unfed),
        ),
        ("projects", projects::Projects::sample().render(shell)),
        ("projects-empty", projects::Projects::sample_empty().render(shell)),
        (
            "projects-no-match",
            projects::Projects::sample_no_match().render(shell),
        ),
        ("findings", findings::Findings::sample_everywhere().render(shell)),
        ("components", components::Components::sample().render(shell)),
        (
            "components-nobody",
            components::Components::sample_nobody().render(shell),
        ),
        ("licenses-empty", licenses::Licenses::sample_empty().render(shell)),
    ]
}

#[cfg(test)]
mod tests;
