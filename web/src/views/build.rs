//! One build: what was sent, what was read from it, what was noticed, how much of it could be checked.

use audit::quality::{Asked, Criterion, Quality};
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
    /// How good the document is; `None` while nothing could be read.
    pub quality: Option<Quality>,
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

/// What a criterion takes from the score, in hundredths of a percent of its weight.
const fn lost(criterion: &Criterion) -> u32 {
    criterion.weight * (10_000 - criterion.share)
}

/// What a criterion asks, as a sentence of its result.
pub(crate) const fn asked_words(asked: Asked) -> &'static str {
    match asked {
        Asked::Supplier => "Says who supplies it",
        Asked::Name => "Has a name",
        Asked::Version => "Has a version",
        Asked::Identifier => "Has a purl, CPE or SWID tag",
        Asked::Relationship => "Stands in a relation to another",
        Asked::Author => "The document says who made it",
        Asked::Timestamp => "The document says when it was made",
        Asked::Matchable => "Can be looked up in advisories",
        Asked::Graph => "The product leads to it by dependencies",
        Asked::License => "Has a license that can be told",
        Asked::Hash => "Has a hash",
    }
}

/// How many meet a criterion, in words.
pub(crate) fn met_words(criterion: &Criterion) -> String {
    let (met, of) = (u64::from(criterion.met), u64::from(criterion.of));
    match criterion.id {
        Asked::Author if criterion.met == 0 && criterion.share > 0 => "only its tool".to_owned(),
        Asked::Author | Asked::Timestamp if criterion.met == 0 => "no".to_owned(),
        Asked::Author | Asked::Timestamp => "yes".to_owned(),
        _ if met == of => format!("all {}", text::plural(of, "component")),
        _ => format!("{} of {}", text::number(met), text::plural(of, "component")),
    }
}

pub(crate) fn met_bar(criterion: &Criterion) -> Html {
    charts::usage_bar(u64::from(criterion.share), 10_000)
}

/// `left-pad@1.3.0, and 11 more`.
pub(crate) fn missing_words(criterion: &Criterion) -> Option<String> {
    let shown = u64::try_from(criterion.missing.len()).unwrap_or(u64::MAX);
    let more = u64::from(criterion.of.saturating_sub(criterion.met)).saturating_sub(shown);
    let names = criterion.missing.join(", ");
    match (shown, more) {
        (0, _) => None,
        (_, 0) => Some(names),
        _ => Some(format!("{names}, and {} more", text::number(more))),
    }
}

fn sample_quality() -> Quality {
    let criterion = |id: Asked, share: u32, met: u32, of: u32, missing: &[&str]| Criterion {
        id,
        ntia: id.is_ntia(),
        weight: id.weight(),
        share,
        met,
        of,
        missing: missing.iter().map(|name| (*name).to_owned()).collect(),
    };
    let twelve = ["rc@1.2.8", "ini@1.3.8", "abbrev@1.1.1", "left-pad@1.3.0"];
    Quality {
        schema: "quality/1".to_owned(),
        score: Some(83),
        criteria: vec![
            criterion(Asked::Supplier, 0, 0, 412, &twelve),
            criterion(Asked::Name, 10_000, 412, 412, &[]),
            criterion(Asked::Version, 9_975, 411, 412, &["lodash"]),
            criterion(Asked::Identifier, 10_000, 412, 412, &[]),
            criterion(Asked::Relationship, 10_000, 412, 412, &[]),
            criterion(Asked::Author, 5_000, 0, 1, &[]),
            criterion(Asked::Timestamp, 10_000, 1, 1, &[]),
            criterion(
                Asked::Matchable,
                9_927,
                409,
                412,
                &["lodash", "tool@1.0", "tool-cli@1.0"],
            ),
            criterion(Asked::Graph, 10_000, 412, 412, &[]),
            criterion(Asked::License, 9_708, 400, 412, &twelve),
            criterion(Asked::Hash, 10_000, 412, 412, &[]),
        ],
    }
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

    /// What can be taken along, as label and address: the document in every format, what was found in it as
    /// statements, and the verdict.
    pub(crate) fn downloads(&self) -> [(&'static str, Vec<(&'static str, String)>); 3] {
        let id = links::segment(&self.id);
        let verdict = |format: &str| format!("/v1/builds/{id}/verdict?format={format}");
        let sbom = |format: &str| format!("/v1/builds/{id}/sbom?format={format}");
        let vex = |format: &str| format!("/v1/builds/{id}/vex?format={format}");
        let mut documents = vec![("As it was sent", sbom("original"))];
        documents.extend([
            ("CycloneDX JSON", sbom("cyclonedx-json")),
            ("CycloneDX XML", sbom("cyclonedx-xml")),
            ("SPDX JSON", sbom("spdx-json")),
            ("SPDX tag-value", sbom("spdx-tag-value")),
        ]);
        let findings = vec![
            (
                "CycloneDX with findings",
                sbom("cyclonedx-json&vulnerabilities=true"),
            ),
            ("CycloneDX VEX", vex("cyclonedx")),
            ("OpenVEX", vex("openvex")),
        ];
        let verdicts = vec![
            ("SARIF", verdict("sarif")),
            ("JUnit", verdict("junit")),
            ("Markdown", verdict("markdown")),
            ("NOTICE", format!("/v1/builds/{id}/attribution")),
        ];
        [
            ("The bill of materials", documents),
            ("What was found", self.judged(findings)),
            ("The verdict", self.judged(verdicts)),
        ]
    }

    /// Nothing while there is no verdict to take it from.
    fn judged<T>(&self, links: Vec<T>) -> Vec<T> {
        if self.gate.is_some() { links } else { Vec::new() }
    }

    /// The same numbers for programs.
    pub(crate) fn quality_href(&self) -> String {
        format!("/v1/builds/{}/quality", links::segment(&self.id))
    }

    /// What lacks something first, the heaviest before.
    pub(crate) fn criteria(&self) -> Vec<&Criterion> {
        let criteria = self.quality.iter().flat_map(|quality| &quality.criteria);
        let mut criteria: Vec<&Criterion> = criteria.collect();
        criteria.sort_by_key(|criterion| std::cmp::Reverse(lost(criterion)));
        criteria
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
            quality: Some(sample_quality()),
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
            quality: None,
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
