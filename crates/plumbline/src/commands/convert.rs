//! `plumbline convert`: an SBOM in another format, without a server.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clock::{Clock, SystemClock, Timestamp};
use inventory::Inventory;
use inventory::formats::{self, Export, Heading, Limits};

use super::Failure;

const TOOL: (&str, &str) = ("plumbline", env!("CARGO_PKG_VERSION"));

/// Writes an SBOM in another format; the same document always gives the same bytes
#[derive(clap::Args)]
pub(crate) struct Convert {
    /// The SBOM in any format that uploads may have, plain, gzip or zstd
    sbom: PathBuf,
    /// cyclonedx-json, cyclonedx-xml (both 1.6), spdx-json or spdx-tag-value (both 2.3)
    #[arg(long)]
    format: Export,
    /// Where to write; standard output without it
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Convert {
    pub(crate) fn run(&self) -> Result<ExitCode, Failure> {
        let bytes = std::fs::read(&self.sbom).map_err(|source| Failure::file(&self.sbom, source))?;
        let (inventory, notices) =
            formats::read(&bytes, &Limits::default()).map_err(|error| Failure::Document {
                path: self.sbom.clone(),
                place: error.place.clone(),
                message: error.message.clone(),
            })?;
        if !notices.is_empty() {
            eprintln!(
                "{}: {} remarks about the document",
                self.sbom.display(),
                notices.len()
            );
        }
        match &self.output {
            Some(path) => {
                let file = std::fs::File::create(path).map_err(|source| Failure::file(path, source))?;
                self.write(&inventory, path, file)
            }
            None => self.write(&inventory, Path::new("standard output"), std::io::stdout().lock()),
        }
    }

    fn write(&self, inventory: &Inventory, path: &Path, out: impl Write) -> Result<ExitCode, Failure> {
        let name = self.sbom.file_name().unwrap_or_default().to_string_lossy();
        let heading = Heading {
            uuid: &uuid(inventory, self.format),
            created: created(inventory),
            tool: TOOL,
            name: &name,
        };
        formats::write(inventory, &[], &heading, self.format, BufWriter::new(out))
            .map_err(|source| Failure::file(path, source))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// When the document says it was written: what it lists is as old as that.
fn created(inventory: &Inventory) -> Timestamp {
    let told = inventory.created.as_deref().and_then(|text| text.parse().ok());
    told.unwrap_or_else(|| SystemClock.now())
}

/// A UUID of version 8, made of what is written.
fn uuid(inventory: &Inventory, format: Export) -> String {
    let text = format!("{} {format}", store::documents::digest(&inventory.digest()));
    let digest = store::documents::digest(text.as_bytes());
    let part = |from: usize, to: usize| digest.get(from..to).unwrap_or_default();
    let (a, b, c, d, e) = (part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32));
    format!("{a}-{b}-8{c}-8{d}-{e}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_that_of_the_contents() {
        let inventory = Inventory::default();
        let first = uuid(&inventory, Export::SpdxJson);
        assert_eq!(first, uuid(&inventory, Export::SpdxJson));
        assert_ne!(first, uuid(&inventory, Export::CycloneDxJson));
        let shape: Vec<usize> = first.split('-').map(str::len).collect();
        assert_eq!(shape, [8, 4, 4, 4, 12]);
    }
}
