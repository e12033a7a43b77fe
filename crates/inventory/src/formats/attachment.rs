//! Texts that stand in a document as attachments, plain or as base64.

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use super::cut;
use super::notices::Notices;
use super::place::Place;

/// Padding is forgotten by some tools.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The text, cut at `most` bytes; `None` with a notice when it is not what it says to be.
pub(super) fn decode(
    content: &str,
    encoding: Option<&str>,
    most: usize,
    place: &Place<'_>,
    notices: &mut Notices,
) -> Option<String> {
    if encoding != Some("base64") {
        return Some(cut(content, most).to_owned());
    }
    let text = bytes(content).and_then(|bytes| String::from_utf8(bytes).ok());
    if text.is_none() {
        let text = format_args!("a text that is said to be base64 is none and was not read");
        notices.warn("invalid_base64", place, text);
    }
    text.map(|text| cut(&text, most).to_owned())
}

/// The bytes of base64, of either alphabet, with or without padding and line breaks.
pub(super) fn bytes(text: &str) -> Option<Vec<u8>> {
    let compact: String = text.split_ascii_whitespace().collect();
    BASE64
        .decode(&compact)
        .or_else(|_| BASE64_URL.decode(&compact))
        .ok()
}
