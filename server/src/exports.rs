//! Documents that are made of a build: its bill of materials in other formats, and its findings as VEX.

use audit::Report;
use audit::charts::{Chart, Look};
use audit::files;
use audit::vex::{self, OpenVexHead, Undecided};
use clock::Timestamp;
use inventory::formats::{self, Export, Heading};
use inventory::{ComponentId, Inventory, VexStatement};
use sha2::{Digest, Sha256};
use store::builds::Build;
use store::projects::Project;

use crate::problem::Problem;
use crate::state::Service;

const TOOL: (&str, &str) = ("plumbline", env!("CARGO_PKG_VERSION"));

/// A document that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The bill of materials, perhaps with the findings.
    Sbom {
        export: Export,
        vulnerabilities: bool,
    },
    CycloneDxVex,
    OpenVex,
    Dependencies(Dependencies),
}

/// What a build needs, drawn or listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dependencies {
    Tree,
    Treemap,
    Csv,
    Json,
}

impl Wanted {
    /// Whether it can only be made of a build that has a verdict.
    pub const fn needs_report(self) -> bool {
        !matches!(
            self,
            Self::Sbom {
                vulnerabilities: false,
                ..
            }
        )
    }

    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Sbom { export, .. } => export.media_type(),
            Self::CycloneDxVex => Export::CycloneDxJson.media_type(),
            Self::OpenVex | Self::Dependencies(Dependencies::Json) => "application/json",
            Self::Dependencies(Dependencies::Csv) => "text/csv; charset=utf-8",
            Self::Dependencies(Dependencies::Tree | Dependencies::Treemap) => "image/svg+xml",
        }
    }

    /// How its file's name ends.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Sbom { export, .. } => export.extension(),
            Self::CycloneDxVex => "vex.cdx.json",
            Self::OpenVex => "openvex.json",
            Self::Dependencies(Dependencies::Tree) => "tree.svg",
            Self::Dependencies(Dependencies::Treemap) => "treemap.svg",
            Self::Dependencies(Dependencies::Csv) => "dependencies.csv",
            Self::Dependencies(Dependencies::Json) => "report.json",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Sbom { export, .. } => export.name(),
            Self::CycloneDxVex => "cyclonedx",
            Self::OpenVex => "openvex",
            Self::Dependencies(_) => self.extension(),
        }
    }
}

/// Everything that a document is made of.
#[derive(Debug)]
pub(crate) struct Material {
    pub project: String,
    pub build: Build,
    pub inventory: Inventory,
    /// Where it is needed.
    pub report: Option<Report>,
    /// The address of this service, if it knows it.
    pub address: Option<String>,
}

impl Material {
    pub fn new(service: &Service, project: &Project, build: Build, inventory: Inventory) -> Self {
        Self {
            project: project.name.clone(),
            build,
            inventory,
            report: None,
            address: service.settings.public_url.clone(),
        }
    }
}

/// Names the bytes that [`write`] gives, without writing them.
pub(crate) fn tag(build: &Build, wanted: Wanted) -> String {
    let verdict = build.verdict_id.filter(|_| wanted.needs_report());
    let word = (wanted.needs_report(), wanted.word());
    let text = format!("{} {word:?} {verdict:?} {}", build.uuid, TOOL.1);
    let digest = store::documents::digest(text.as_bytes());
    crate::extract::etag(digest.get(..32).unwrap_or(&digest))
}

/// Writes the document; equal material gives equal bytes. Work for a thread that may block.
pub(crate) fn write(wanted: Wanted, material: &Material) -> Result<Vec<u8>, Problem> {
    let report = material.report.as_ref();
    match (wanted, report) {
        (Wanted::Sbom { export, .. }, None) => plain(export, material),
        (Wanted::Sbom { export, .. }, Some(report)) => {
            let found = statements(report, &material.inventory, Undecided::Unsaid, material);
            let uuid = derived_uuid(material, "vdr");
            let at = report.verdict.evaluated_at;
            bytes(export, material, (&material.inventory, &found), (&uuid, at))
        }
        (Wanted::CycloneDxVex, Some(report)) => {
            let subjects = vex::subjects(report, &material.inventory, &material.build.uuid);
            let found = statements(report, &subjects, Undecided::InTriage, material);
            let uuid = derived_uuid(material, "vex");
            let at = report.verdict.evaluated_at;
            bytes(Export::CycloneDxJson, material, (&subjects, &found), (&uuid, at))
        }
        (Wanted::OpenVex, Some(report)) => Ok(openvex(report, material).into_bytes()),
        (Wanted::Dependencies(form), Some(report)) => Ok(dependencies(form, report, material).into_bytes()),
        (Wanted::CycloneDxVex | Wanted::OpenVex | Wanted::Dependencies(_), None) => Err(Problem::internal()),
    }
}

fn statements(
    report: &Report,
    inventory: &Inventory,
    undecided: Undecided,
    material: &Material,
) -> Vec<VexStatement> {
    let advisories = material.address.as_ref().map(|root| format!("{root}/advisories"));
    vex::statements(report, inventory, undecided, advisories.as_deref())
}

/// The plain bill of materials bears the id of its build, so that others can link to it; what also speaks of findings
/// changes with the verdict, and so does its id.
fn plain(export: Export, material: &Material) -> Result<Vec<u8>, Problem> {
    let at = Timestamp::from_millis(material.build.created_at);
    bytes(
        export,
        material,
        (&material.inventory, &[]),
        (&material.build.uuid, at),
    )
}

fn bytes(
    export: Export,
    material: &Material,
    (inventory, found): (&Inventory, &[VexStatement]),
    (uuid, created): (&str, Timestamp),
) -> Result<Vec<u8>, Problem> {
    let heading = Heading {
        uuid,
        created,
        tool: TOOL,
        name: &material.project,
    };
    let mut out = Vec::new();
    formats::write(inventory, found, &heading, export, &mut out).map_err(|error| {
        tracing::error!(build = material.build.uuid, error = %error, "a document could not be written");
        Problem::internal()
    })?;
    Ok(out)
}

fn openvex(report: &Report, material: &Material) -> String {
    let inventory = &material.inventory;
    let root = inventory
        .root
        .and_then(|root| inventory.components.get(usize::try_from(root).ok()?));
    let head = OpenVexHead {
        uuid: &derived_uuid(material, "openvex"),
        author: &material.project,
        tool: TOOL,
        product: root.and_then(|root| root.purl.as_ref()),
    };
    vex::openvex(report, &head)
}

fn dependencies(form: Dependencies, report: &Report, material: &Material) -> String {
    let inventory = &material.inventory;
    let component = |id: ComponentId| inventory.components.get(usize::try_from(id).ok()?);
    let link = |id: ComponentId| {
        let purl = component(id)?.purl.as_ref()?;
        let root = material.address.as_deref().unwrap_or_default();
        Some(format!("{root}{}", web::links::component(&purl.to_string())))
    };
    let size = |id: ComponentId| component(id).and_then(files::size);
    let look = Look {
        include_dev: true,
        link: &link,
        size: &size,
        ..Look::named(&material.project)
    };
    let settings = files::Settings {
        include_dev: look.include_dev,
        max_depth: look.max_depth,
        show_versions: look.show_versions,
    };
    let chart = Chart::of(inventory, report);
    match form {
        Dependencies::Tree => chart.tree(&look),
        Dependencies::Treemap => chart.treemap(&look),
        Dependencies::Csv => files::dependencies_csv(inventory, report),
        Dependencies::Json => files::report_json(inventory, report, &settings),
    }
}

/// A UUID of version 8 (made of what it names, as each vendor likes) for a build, its verdict and a kind of document.
fn derived_uuid(material: &Material, kind: &str) -> String {
    let text = format!("{} {:?} {kind}", material.build.uuid, material.build.verdict_id);
    let digest = Sha256::digest(text.as_bytes());
    let mut bytes = [0_u8; 16];
    for (byte, from) in bytes.iter_mut().zip(digest) {
        *byte = from;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

/// What the document is that was uploaded.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Original {
    pub media_type: &'static str,
    /// How its file's name ends.
    pub extension: String,
}

/// Formats by what their names begin and end with, as the readers give them.
const ORIGINALS: [(&str, &str, &str, &str); 8] = [
    ("CycloneDX", "JSON", "application/vnd.cyclonedx+json", "cdx.json"),
    ("CycloneDX", "XML", "application/vnd.cyclonedx+xml", "cdx.xml"),
    (
        "CycloneDX",
        "Protobuf",
        "application/x.vnd.cyclonedx+protobuf",
        "cdx",
    ),
    ("SPDX 2", "JSON", "application/spdx+json", "spdx.json"),
    ("SPDX 2", "YAML", "application/yaml", "spdx.yaml"),
    ("SPDX 2", "RDF/XML", "application/rdf+xml", "spdx.rdf.xml"),
    ("SPDX 2", "tag-value", "text/spdx", "spdx"),
    ("SPDX 3", "JSON-LD", "application/ld+json", "spdx3.json"),
];
/// First bytes of what was compressed before it was sent.
const COMPRESSED: [(&[u8], &str, &str); 2] = [
    (&[0x1f, 0x8b], "application/gzip", "gz"),
    (&[0x28, 0xb5, 0x2f, 0xfd], "application/zstd", "zst"),
];

impl Original {
    /// By the name of the format that the document was read as, and its first bytes. What is none of ours is plain
    /// bytes, which no browser looks into.
    pub fn of(format: &str, bytes: &[u8]) -> Self {
        let known = ORIGINALS
            .iter()
            .find(|(family, encoding, ..)| format.starts_with(family) && format.ends_with(encoding));
        let (media_type, extension) = match known {
            Some((.., media_type, extension)) => (*media_type, *extension),
            None if bytes.trim_ascii_start().starts_with(b"{") => ("application/json", "json"),
            None => ("application/octet-stream", "bin"),
        };
        match COMPRESSED.iter().find(|(first, ..)| bytes.starts_with(first)) {
            Some((_, media_type, ending)) => Self {
                media_type,
                extension: format!("{extension}.{ending}"),
            },
            None => Self {
                media_type,
                extension: extension.to_owned(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_original_keeps_its_kind() {
        for (format, bytes, media_type, extension) in [
            (
                "CycloneDX 1.6 JSON",
                &b"{"[..],
                "application/vnd.cyclonedx+json",
                "cdx.json",
            ),
            (
                "CycloneDX 1.4 XML",
                b"<",
                "application/vnd.cyclonedx+xml",
                "cdx.xml",
            ),
            ("SPDX 2.3 tag-value", b"SPDXVersion", "text/spdx", "spdx"),
            ("SPDX 2.3 JSON", b"\x1f\x8b", "application/gzip", "spdx.json.gz"),
            ("package-lock.json", b" {", "application/json", "json"),
            ("Cargo.lock", b"[[", "application/octet-stream", "bin"),
        ] {
            let expect = Original {
                media_type,
                extension: extension.to_owned(),
            };
            assert_eq!(Original::of(format, bytes), expect, "{format}");
        }
    }
}
