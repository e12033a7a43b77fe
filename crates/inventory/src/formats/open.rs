//! From the bytes of an upload to the bytes of a document: inflating, within bounds, the byte order mark, envelopes.

use std::borrow::Cow;
use std::io::Read;

use super::sniff::{Format, sniff};
use super::{Limits, ReadError, envelope};

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
const UTF8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];
const UTF16_MARKS: [&[u8]; 2] = [&[0xff, 0xfe], &[0xfe, 0xff]];
/// As a power of two: what a zstd frame may demand as its window, 64 MiB.
const ZSTD_WINDOW: u32 = 26;

/// An inflated document whose format is known.
#[derive(Debug)]
pub struct Document<'a> {
    pub format: Format,
    bytes: Cow<'a, [u8]>,
    /// What the document was taken out of, from the outside in.
    pub(super) layers: Vec<&'static str>,
}

impl<'a> Document<'a> {
    /// A document that is taken to be of a format, whatever it looks like.
    #[must_use]
    pub fn of(format: Format, bytes: &'a [u8]) -> Self {
        Self {
            format,
            bytes: Cow::Borrowed(bytes),
            layers: Vec::new(),
        }
    }

    /// The document's bytes, inflated and without a byte order mark.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn text(&self) -> Result<&str, ReadError> {
        str::from_utf8(&self.bytes).map_err(|error| {
            ReadError::malformed("a byte that is not UTF-8; save the document as UTF-8")
                .at_offset(&self.bytes, error.valid_up_to())
        })
    }
}

/// Inflates gzip and zstd (known by their first bytes) and names the format.
pub fn open<'a>(body: &'a [u8], limits: &Limits) -> Result<Document<'a>, ReadError> {
    let bytes = without_mark(inflate(body, limits)?);
    if UTF16_MARKS.iter().any(|mark| bytes.starts_with(mark)) || looks_like_utf16(&bytes) {
        return Err(ReadError::malformed("the document is UTF-16; save it as UTF-8"));
    }
    let envelope::Opened { bytes, layers } = envelope::open(bytes, limits.inflated)?;
    let format = sniff(&bytes).map_err(|error| {
        if layers.is_empty() {
            error
        } else {
            error.in_envelope()
        }
    })?;
    Ok(Document {
        format,
        bytes,
        layers,
    })
}

fn inflate<'a>(body: &'a [u8], limits: &Limits) -> Result<Cow<'a, [u8]>, ReadError> {
    if body.starts_with(GZIP) {
        return bounded(flate2::read::MultiGzDecoder::new(body), limits, "gzip");
    }
    if body.starts_with(ZSTD) {
        let mut decoder = zstd::Decoder::with_buffer(body).map_err(|error| broken("zstd", &error))?;
        decoder
            .window_log_max(ZSTD_WINDOW)
            .map_err(|error| broken("zstd", &error))?;
        return bounded(decoder, limits, "zstd");
    }
    if body.len() > limits.inflated {
        return Err(over(limits));
    }
    Ok(Cow::Borrowed(body))
}

fn bounded(stream: impl Read, limits: &Limits, what: &str) -> Result<Cow<'static, [u8]>, ReadError> {
    let mut bytes = Vec::new();
    let most = u64::try_from(limits.inflated).unwrap_or(u64::MAX);
    stream
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| broken(what, &error))?;
    if bytes.len() > limits.inflated {
        return Err(over(limits));
    }
    Ok(Cow::Owned(bytes))
}

fn over(limits: &Limits) -> ReadError {
    let mebibytes = limits.inflated >> 20;
    ReadError::too_large(format!(
        "the document is larger than {mebibytes} MiB ({} bytes)",
        limits.inflated
    ))
}

fn broken(what: &str, error: &std::io::Error) -> ReadError {
    ReadError::malformed(format!("the {what} stream is damaged or cut off: {error}"))
}

fn without_mark(bytes: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    match bytes {
        Cow::Borrowed(bytes) => Cow::Borrowed(bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes)),
        Cow::Owned(mut bytes) => {
            if bytes.starts_with(UTF8_MARK) {
                bytes.drain(..UTF8_MARK.len());
            }
            Cow::Owned(bytes)
        }
    }
}

/// UTF-16 without a mark: `{` or `<` next to a zero byte.
fn looks_like_utf16(bytes: &[u8]) -> bool {
    matches!(bytes, [b'{' | b'<', 0, ..] | [0, b'{' | b'<', ..])
}
