//! Onboarding: a project, a token, one snippet to paste.

use super::list::Choice;
use crate::layout::{Frame, Section};

page!("start.html", Start);

/// The page with the reader's own host and project filled in.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// `https://plumbline.example.org`, without a slash at the end.
    pub host: String,
    /// `team/name`; empty until the reader has chosen one.
    pub project: String,
    pub teams: Vec<Choice>,
    /// Shown once, right after it was made.
    pub fresh_token: Option<String>,
    /// The name under which the token is stored in the CI system.
    pub token_variable: String,
    /// What was wrong with the last form.
    pub error: Option<String>,
    /// Whether the project has sent something.
    pub arrived: Option<u64>,
}

/// One way to send a document.
pub(crate) struct Snippet {
    pub id: &'static str,
    pub label: &'static str,
    pub place: &'static str,
    pub text: String,
}

impl Start {
    fn frame(&self) -> Frame {
        let error = if self.error.is_some() { "Error: " } else { "" };
        Frame::bare(format!("{error}Send your first SBOM"), Section::Elsewhere)
    }

    fn project_or_example(&self) -> &str {
        if self.project.is_empty() {
            "TEAM/PROJECT"
        } else {
            &self.project
        }
    }

    pub(crate) fn page(&self) -> String {
        crate::links::project(self.project_or_example())
    }

    pub(crate) fn snippets(&self) -> Vec<Snippet> {
        let (host, variable, project) = (&self.host, &self.token_variable, self.project_or_example());
        let segment = crate::links::segment(project);
        let gate = format!("plumbline gate bom.json --server {host} --project {project}");
        let snippet = |id, label, place, text| Snippet {
            id,
            label,
            place,
            text,
        };
        vec![
            snippet(
                "github",
                "GitHub Actions",
                "In a job, after the step that writes bom.json",
                format!(
                    "- name: Gate\n  run: {gate} --ref \"$GITHUB_REF_NAME\"\n  env:\n    PLUMBLINE_TOKEN: ${{{{ secrets.{variable} }}}}"
                ),
            ),
            snippet(
                "gitlab",
                "GitLab CI",
                "In .gitlab-ci.yml",
                format!(
                    "gate:\n  stage: test\n  script:\n    - {gate} --ref \"$CI_COMMIT_REF_NAME\"\n  variables:\n    PLUMBLINE_TOKEN: ${variable}"
                ),
            ),
            snippet(
                "jenkins",
                "Jenkins",
                "In the Jenkinsfile",
                format!(
                    "withCredentials([string(credentialsId: '{variable}', variable: 'PLUMBLINE_TOKEN')]) {{\n  sh '{gate} --ref \"$BRANCH_NAME\"'\n}}"
                ),
            ),
            snippet(
                "curl",
                "curl",
                "Anywhere",
                format!(
                    "curl -sf -H \"Authorization: Bearer ${variable}\" --data-binary @bom.json \\\n  '{host}/v1/projects/{segment}/builds?ref=main&wait=30'"
                ),
            ),
        ]
    }

    #[must_use]
    pub fn sample() -> Self {
        Self {
            host: "https://plumbline.example.org".to_owned(),
            project: "platform/payments-api".to_owned(),
            teams: vec![
                Choice::new("platform", "platform", true),
                Choice::new("shop", "shop", false),
            ],
            token_variable: "PLUMBLINE_TOKEN".to_owned(),
            ..Self::default()
        }
    }

    /// Right after the token was made.
    #[must_use]
    pub fn sample_token() -> Self {
        Self {
            fresh_token: Some("plb_EXAMPLE_not_a_real_token".to_owned()),
            ..Self::sample()
        }
    }

    /// The project's name was refused.
    #[must_use]
    pub fn sample_error() -> Self {
        Self {
            error: Some("A project's name has letters, digits, dots, dashes and underscores.".to_owned()),
            project: String::new(),
            ..Self::sample()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snippets_name_the_token_and_never_hold_it() {
        let start = Start::sample_token();
        let token = start.fresh_token.as_deref().unwrap();
        let snippets = start.snippets();
        assert_eq!(snippets.len(), 4);
        for snippet in snippets {
            assert!(snippet.text.contains("PLUMBLINE_TOKEN"), "{}", snippet.id);
            assert!(
                snippet.text.contains(&start.host) && !snippet.text.contains(token),
                "{}",
                snippet.id
            );
        }
    }
}
