//! One build: what was sent, what was read from it, what was noticed, how much of it could be checked.

use clock::Timestamp;
use inventory::{Level, Notice};

use super::gate::GateCard;
use super::header::ProjectHeader;
use super::rows::sample_now;
use crate::filters;
use crate::html::Html;
use crate::layout::{Frame, Section};
use crate::parts::{self, Coverage};
use crate::{charts, links, text};

page!("build.html", Build);

/// The page of one build.
#[derive(Clone, Debug)]
pub struct Build {
    pub header: ProjectHeader,
    pub number: u64,
    /// The id that the API knows it by.
    pub id: String,
    pub reference: String,
    pub channel: String,
    pub version: Option<String>,
    pub commit: Option<String>,
    pub at: Timestamp,
    pub who: Option<String>,
    pub progress: Progress,
    /// `None` until it is checked.
    pub gate: Option<GateCard>,
    pub document: Document,
    pub coverage: Option<Coverage>,
    /// By ecosystem: what was checked of what there is.
    pub ecosystems: Vec<EcosystemCoverage>,
    /// Why components were not checked, with their number.
    pub unchecked: Vec<(String, u64)>,
    pub notices: Vec<Notice>,
    /// All of them; `notices` may be only the first.
    pub notice_count: u64,
}

/// Where a build is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    Queued,
    /// The stage in words, and how far it is in percent where that is known.
    Running {
        stage: String,
        percent: Option<u64>,
    },
    Done,
    Failed {
        error: String,
    },
}

/// The document as it was sent.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// `None` before it was sniffed.
    pub format: Option<String>,
    pub tools: Vec<String>,
    pub sha256: String,
    pub bytes: u64,
    /// Whether it claims that its graph is complete.
    pub complete: Option<bool>,
    pub dependencies: Option<u64>,
}

/// One ecosystem of the inventory.
#[derive(Clone, Debug)]
pub struct EcosystemCoverage {
    pub name: String,
    pub coverage: Coverage,
}

impl EcosystemCoverage {
    pub(crate) fn bar(&self) -> Html {
        let share = |value, name, class| charts::Share { value, name, class };
        let rest = self.coverage.components.saturating_sub(self.coverage.checked);
        charts::share_bar(&[
            share(self.coverage.checked, "checked", "s-pass"),
            share(rest, "not checked", "u-bar"),
        ])
    }
}

impl Build {
    fn frame(&self) -> Frame {
        Frame::new(
            format!("Build {} · {}", self.number, self.header.short_name()),
            Section::Projects,
            format!("/v1/builds/{}", links::segment(&self.id)),
        )
    }

    pub(crate) fn is_waiting(&self) -> bool {
        matches!(self.progress, Progress::Queued | Progress::Running { .. })
    }

    pub(crate) fn waiting_words(&self) -> String {
        match &self.progress {
            Progress::Running {
                stage,
                percent: Some(percent),
            } => format!("{stage}, {percent} %"),
            Progress::Running { stage, percent: None } => stage.clone(),
            _ => "Waiting for a worker".to_owned(),
        }
    }

    pub(crate) fn here(&self) -> String {
        links::build(&self.header.name, self.number)
    }

    pub(crate) fn size(&self) -> String {
        match self.document.bytes {
            bytes @ 0..10_000 => text::plural(bytes, "byte"),
            bytes @ 10_000..10_000_000 => format!("{} KB", text::number(bytes / 1_000)),
            bytes => format!("{} MB", text::number(bytes / 1_000_000)),
        }
    }

    pub(crate) fn level(&self, notice: &Notice) -> Html {
        match notice.level {
            Level::Warn => Html::from_trusted(format!(
                "<span class=\"verd warn\">{}Warning</span>",
                parts::icon("warn")
            )),
            Level::Info => Html::from_trusted("<span class=\"muted\">Note</span>".to_owned()),
        }
    }

    pub(crate) fn downloads(&self) -> Vec<(&'static str, String)> {
        let id = links::segment(&self.id);
        let verdict = |format: &str| format!("/v1/builds/{id}/verdict?format={format}");
        vec![
            ("As it was sent", format!("/v1/builds/{id}/sbom?format=original")),
            ("SARIF", verdict("sarif")),
            ("JUnit", verdict("junit")),
            ("Markdown", verdict("markdown")),
            ("NOTICE", format!("/v1/builds/{id}/attribution")),
        ]
    }

    #[must_use]
    pub fn sample() -> Self {
        let notice = |code: &str, level, place: &str, words: &str| Notice {
            code: code.to_owned(),
            level,
            place: place.to_owned(),
            text: words.to_owned(),
        };
        let ecosystem = |name: &str, checked, components| EcosystemCoverage {
            name: name.to_owned(),
            coverage: Coverage { checked, components },
        };
        Self {
            header: ProjectHeader::sample(),
            number: 1842,
            id: "0193f0aa-1c7e-7d02-9a55-6f2f3b1c0d11".to_owned(),
            reference: "main".to_owned(),
            channel: "branch".to_owned(),
            version: None,
            commit: Some("4f2c9ab".to_owned()),
            at: sample_now().plus_millis(-7_200_000),
            who: Some("token ci-payments".to_owned()),
            progress: Progress::Done,
            gate: Some(GateCard::sample()),
            document: Document {
                format: Some("CycloneDX 1.6 JSON".to_owned()),
                tools: vec!["cdxgen 11.0.5".to_owned()],
                sha256: "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4".to_owned(),
                bytes: 1_204_331,
                complete: None,
                dependencies: Some(981),
            },
            coverage: Some(Coverage {
                checked: 409,
                components: 412,
            }),
            ecosystems: vec![
                ecosystem("npm", 390, 391),
                ecosystem("PyPI", 19, 19),
                ecosystem("generic", 0, 2),
            ],
            unchecked: vec![
                ("the SBOM names no version".to_owned(), 1),
                ("no feed covers the ecosystem".to_owned(), 2),
            ],
            notices: vec![
                notice(
                    "dangling_reference",
                    Level::Warn,
                    "/dependencies/14/dependsOn/2",
                    "The dependency names a component that the document does not contain.",
                ),
                notice(
                    "no_version",
                    Level::Info,
                    "/components/88",
                    "The component has no version, so it cannot be checked.",
                ),
            ],
            notice_count: 2,
        }
    }

    /// Still being resolved.
    #[must_use]
    pub fn sample_running() -> Self {
        Self {
            progress: Progress::Running {
                stage: "Resolving npm".to_owned(),
                percent: Some(40),
            },
            gate: None,
            coverage: None,
            ecosystems: Vec::new(),
            unchecked: Vec::new(),
            notices: Vec::new(),
            notice_count: 0,
            document: Document {
                format: None,
                tools: Vec::new(),
                dependencies: None,
                ..Self::sample().document
            },
            ..Self::sample()
        }
    }

    /// No SBOM at all.
    #[must_use]
    pub fn sample_failed() -> Self {
        let error = "This is no SBOM: line 3, column 14 is not JSON.".to_owned();
        Self {
            progress: Progress::Failed { error },
            ..Self::sample_running()
        }
    }
}
