//! Making a bundle.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

use clock::Timestamp;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{BundleError, FORMAT, MANIFEST, Manifest, Part};
use crate::db::{Database, statements};
use crate::feeds::{self, EXPLOITED, Feed, SCORES, WRITTEN};
use crate::packed::unpack_bytes;

/// Rows that are in memory at once.
const PAGE: i64 = 1_000;
/// Fast; records are text and shrink to a fifth all the same.
const LEVEL: i32 = 3;

statements! {
    RECORDS = "SELECT a.id, a.record
        FROM feed_advisory c JOIN advisory a ON a.id = c.advisory_id
        WHERE c.feed_id = $1 AND c.advisory_id > $2
        ORDER BY c.advisory_id
        LIMIT $3";
    CATALOGUE = "SELECT identifier, ransomware FROM known_exploited ORDER BY identifier";
    SCORED = "SELECT identifier, score, percentile FROM exploit_score
        WHERE identifier > $1
        ORDER BY identifier
        LIMIT $2";
}

/// What was put into a bundle.
#[derive(Clone, Debug)]
pub struct Exported {
    pub manifest: Manifest,
    /// SHA-256 of the whole file.
    pub sha256: String,
    pub bytes: u64,
}

/// Writes every loaded feed but that of advisories written here into `file`.
///
/// # Errors
/// When nothing is loaded, or the disk or the database refuses.
pub async fn export(database: &Database, file: File, now: Timestamp) -> Result<Exported, BundleError> {
    let feeds = feeds::all(&mut database.read().await?).await?;
    let mut parts = Vec::new();
    let mut spools = Vec::new();
    for feed in feeds.iter().filter(|feed| feed.name != WRITTEN) {
        let Some(synced_at) = feed.synced_at.map(Timestamp::from_millis) else {
            continue;
        };
        let mut part = Part::of(feed, parts.len(), synced_at);
        let mut spool = Spool::new()?;
        part.records = fill(database, feed, &mut spool).await?;
        let packed = spool.finish()?;
        (part.bytes, part.sha256) = (packed.bytes, packed.sha256);
        parts.push(part);
        spools.push(packed.file);
    }
    if parts.is_empty() {
        return Err(BundleError::Empty);
    }
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        created_at: now,
        parts,
    };
    let written = tokio::task::spawn_blocking(move || assemble(file, manifest, spools));
    written.await.map_err(|_| BundleError::Interrupted)?
}

async fn fill(database: &Database, feed: &Feed, spool: &mut Spool) -> Result<usize, BundleError> {
    match feed.name.as_str() {
        EXPLOITED => catalogue(database, feed, spool).await,
        SCORES => scores(database, feed, spool).await,
        _ => records(database, feed, spool).await,
    }
}

async fn records(database: &Database, feed: &Feed, spool: &mut Spool) -> Result<usize, BundleError> {
    let mut after = 0;
    let mut count = 0;
    loop {
        let mut session = database.read().await?;
        let query = session.query(&RECORDS).bind(feed.id).bind(after).bind(PAGE);
        let rows: Vec<(i64, Vec<u8>)> = query.all().await?;
        drop(session);
        let Some((last, _)) = rows.last() else {
            return Ok(count);
        };
        after = *last;
        for (_, packed) in &rows {
            let mut record = unpack_bytes("advisory", packed)?;
            // In JSON a line break stands between values only, where it means as much as a space.
            for byte in &mut record {
                if matches!(byte, b'\n' | b'\r') {
                    *byte = b' ';
                }
            }
            record.push(b'\n');
            spool.write_all(&record)?;
            count += 1;
        }
    }
}

/// In the shape of the publisher's own file, as far as it is stored.
async fn catalogue(database: &Database, feed: &Feed, spool: &mut Spool) -> Result<usize, BundleError> {
    let rows: Vec<(String, bool)> = database.read().await?.query(&CATALOGUE).all().await?;
    let entries: Vec<_> = rows
        .iter()
        .map(|(id, ransomware)| {
            let used = if *ransomware { "Known" } else { "Unknown" };
            json!({"cveID": id, "knownRansomwareCampaignUse": used})
        })
        .collect();
    let document = json!({"catalogVersion": feed.revision, "vulnerabilities": entries});
    spool.write_all(document.to_string().as_bytes())?;
    Ok(rows.len())
}

async fn scores(database: &Database, feed: &Feed, spool: &mut Spool) -> Result<usize, BundleError> {
    let model = feed.revision.split(' ').next().unwrap_or_default();
    let date = feed.newest_at.map(|at| Timestamp::from_millis(at).to_string());
    let date = date.unwrap_or_default();
    writeln!(
        spool,
        "#model_version:{model},score_date:{date}\ncve,epss,percentile"
    )?;
    let mut after = String::new();
    let mut count = 0;
    loop {
        let mut session = database.read().await?;
        let query = session.query(&SCORED).bind(after.as_str()).bind(PAGE * 20);
        let rows: Vec<(String, f64, f64)> = query.all().await?;
        drop(session);
        let Some((last, ..)) = rows.last() else {
            return Ok(count);
        };
        after.clone_from(last);
        for (id, score, percentile) in &rows {
            writeln!(spool, "{id},{score},{percentile}")?;
        }
        count += rows.len();
    }
}

/// A part on its way into a temporary file.
struct Spool {
    encoder: zstd::Encoder<'static, Hashed>,
}

/// What lies in the temporary file.
struct Packed {
    file: File,
    bytes: u64,
    sha256: String,
}

impl Spool {
    fn new() -> io::Result<Self> {
        let hashed = Hashed {
            file: BufWriter::new(tempfile::tempfile()?),
            digest: Sha256::new(),
            bytes: 0,
        };
        Ok(Self {
            encoder: zstd::Encoder::new(hashed, LEVEL)?,
        })
    }

    fn finish(self) -> io::Result<Packed> {
        let hashed = self.encoder.finish()?;
        let mut file = hashed.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Packed {
            file,
            bytes: hashed.bytes,
            sha256: hex::encode(hashed.digest.finalize()),
        })
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.encoder.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.encoder.flush()
    }
}

/// Counts and hashes what is written.
struct Hashed {
    file: BufWriter<File>,
    digest: Sha256,
    bytes: u64,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.digest.update(bytes.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The archive: the manifest, then the parts. Blocks.
fn assemble(file: File, manifest: Manifest, spools: Vec<File>) -> Result<Exported, BundleError> {
    let seconds = u64::try_from(manifest.created_at.millis() / 1000).unwrap_or(0);
    let mut archive = tar::Builder::new(Hashed {
        file: BufWriter::new(file),
        digest: Sha256::new(),
        bytes: 0,
    });
    let text = serde_json::to_vec_pretty(&manifest).map_err(io::Error::from)?;
    append(
        &mut archive,
        MANIFEST,
        text.len() as u64,
        seconds,
        text.as_slice(),
    )?;
    for (part, spool) in manifest.parts.iter().zip(spools) {
        append(&mut archive, &part.path, part.bytes, seconds, spool)?;
    }
    let mut hashed = archive.into_inner()?;
    hashed.flush()?;
    hashed.file.get_ref().sync_all()?;
    Ok(Exported {
        manifest,
        sha256: hex::encode(hashed.digest.finalize()),
        bytes: hashed.bytes,
    })
}

fn append(
    archive: &mut tar::Builder<Hashed>,
    path: &str,
    bytes: u64,
    seconds: u64,
    from: impl Read,
) -> io::Result<()> {
    let mut header = tar::Header::new_ustar();
    header.set_size(bytes);
    header.set_mode(0o644);
    header.set_mtime(seconds);
    archive.append_data(&mut header, path, from)
}
