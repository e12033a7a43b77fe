//! Documents that somebody put into something: signed envelopes, attestations, the answers of an API.
//!
//! Opening is not trusting: signatures are not checked here, and a notice says so.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::lenient::{Field, Text};
use super::{ReadError, attachment};

/// Envelopes within envelopes: a bundle holds an envelope, that an attestation, that the document.
const DEEPEST: usize = 6;

/// The keys of all envelopes that are opened.
#[derive(Deserialize)]
struct Envelope<'a> {
    /// DSSE: the base64 of what was signed.
    #[serde(default, borrow)]
    payload: Text<'a>,
    /// A Sigstore bundle.
    #[serde(default, borrow, rename = "dsseEnvelope")]
    bundled: Option<&'a RawValue>,
    /// An in-toto statement.
    #[serde(default, borrow)]
    predicate: Option<&'a RawValue>,
    /// What older attestations of cosign have around the document.
    #[serde(default, borrow, rename = "Data")]
    data: Option<&'a RawValue>,
    /// The answer of the dependency graph API of GitHub.
    #[serde(default, borrow)]
    sbom: Option<&'a RawValue>,
}

/// What was found inside, and in what, from the outside in.
pub(super) struct Opened<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    pub(super) layers: Vec<&'static str>,
}

/// Opens envelopes until something else comes. `most` bounds what is inside.
pub(super) fn open(bytes: Cow<'_, [u8]>, most: usize) -> Result<Opened<'_>, ReadError> {
    let mut opened = Opened {
        bytes,
        layers: Vec::new(),
    };
    while let Some((inner, layer)) = inside(&opened.bytes)? {
        opened.layers.push(layer);
        if opened.layers.len() > DEEPEST {
            return Err(ReadError::malformed(format!(
                "more than {DEEPEST} envelopes around each other"
            )));
        }
        if inner.len() > most {
            return Err(ReadError::too_large("what is in the envelope is too large"));
        }
        opened.bytes = Cow::Owned(inner);
    }
    Ok(opened)
}

/// Only JSON objects whose beginning has one of the keys are looked at, so that no document is parsed twice.
fn inside(bytes: &[u8]) -> Result<Option<(Vec<u8>, &'static str)>, ReadError> {
    let Some(text) = begins_like_one(bytes) else {
        return Ok(None);
    };
    let Ok(envelope) = serde_json::from_str::<Envelope<'_>>(text) else {
        return Ok(None);
    };
    let raw = |value: &RawValue| value.get().as_bytes().to_vec();
    if let Field::Is(payload) = &envelope.payload {
        let inner = attachment::bytes(payload)
            .ok_or_else(|| ReadError::malformed("the payload of the envelope is not base64").in_envelope())?;
        return Ok(Some((inner, "a signed envelope (DSSE)")));
    }
    let found = [
        (envelope.bundled, "a Sigstore bundle"),
        (envelope.predicate, "an in-toto attestation"),
        (envelope.sbom, "an answer of GitHub's API"),
        (envelope.data, "an attestation of cosign"),
    ];
    let found = found
        .into_iter()
        .find_map(|(value, layer)| value.map(|value| (value, layer)));
    Ok(found.map(|(value, layer)| (unquoted(value).unwrap_or_else(|| raw(value)), layer)))
}

/// A document that stands as a text in JSON.
fn unquoted(value: &RawValue) -> Option<Vec<u8>> {
    serde_json::from_str::<String>(value.get())
        .ok()
        .map(String::into_bytes)
}

/// Bytes that are looked at for a key.
const HEAD: usize = 1024;
const KEYS: &[&str] = &[
    "\"payload\"",
    "\"payloadType\"",
    "\"dsseEnvelope\"",
    "\"predicate\"",
    "\"predicateType\"",
    "\"Data\"",
    "\"sbom\"",
    "\"verificationMaterial\"",
    "\"_type\"",
    "\"signatures\"",
];
/// Keys of documents themselves; they are no envelopes, whatever else is in them.
const DOCUMENTS: &[&str] = &[
    "\"bomFormat\"",
    "\"spdxVersion\"",
    "\"@context\"",
    "\"specVersion\"",
];

fn begins_like_one(bytes: &[u8]) -> Option<&str> {
    let bytes = bytes.trim_ascii_start();
    let head = bytes.get(..HEAD.min(bytes.len()))?;
    if !head.starts_with(b"{") {
        return None;
    }
    let head = String::from_utf8_lossy(head);
    let first = |keys: &[&str]| keys.iter().filter_map(|key| head.find(key)).min();
    let envelope = first(KEYS)?;
    if first(DOCUMENTS).is_some_and(|document| document < envelope) {
        return None;
    }
    str::from_utf8(bytes).ok()
}
