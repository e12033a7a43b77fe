//! Real documents, cut, flipped and spliced by a fixed sequence: no reader panics, and every refusal has a place.
//!
//! This is what runs everywhere; `fuzz/` holds the targets that look further with a fuzzer's instruments.

use std::fs;
use std::path::PathBuf;

use inventory::formats::{self, Document, Format, Limits, ReadErrorKind};

use super::tree::plain;
use super::{files_below, sboms};

/// Documents over this size say little more than small ones and take the time of many.
const LARGEST: usize = 60_000;
const ROUNDS: usize = 8;

#[test]
fn damaged_cyclonedx_json_is_survived() {
    damage("cyclonedx-json", 2_000, |_| Format::CycloneDxJson);
}

#[test]
fn damaged_cyclonedx_xml_is_survived() {
    damage("cyclonedx-xml", 1_500, |_| Format::CycloneDxXml);
}

#[test]
fn damaged_spdx_json_is_survived() {
    damage("spdx-json", 500, |_| Format::SpdxJson);
}

#[test]
fn damaged_spdx_texts_are_survived() {
    damage("spdx-tagvalue", 100, |_| Format::SpdxTagValue);
    damage("spdx-yaml", 20, |_| Format::SpdxYaml);
    damage("spdx-rdf", 20, |path| {
        let is_rdf = path.to_string_lossy().contains(".rdf");
        if is_rdf { Format::SpdxRdf } else { Format::SpdxXml }
    });
}

#[test]
fn damaged_spdx_3_is_survived() {
    damage("spdx3-jsonld", 300, |_| Format::Spdx3JsonLd);
}

/// Every reader is handed every kind of document.
#[test]
fn a_reader_survives_what_is_not_for_it() {
    let formats = [
        Format::CycloneDxJson,
        Format::CycloneDxXml,
        Format::CycloneDxProtobuf,
        Format::SpdxJson,
        Format::SpdxTagValue,
        Format::SpdxYaml,
        Format::SpdxRdf,
        Format::SpdxXml,
        Format::Spdx3JsonLd,
    ];
    let mut handed = 0;
    for folder in [
        "cyclonedx-json/1.6",
        "cyclonedx-xml/1.6",
        "spdx-tagvalue",
        "spdx-yaml",
        "spdx-rdf",
        "spdx3-jsonld",
    ] {
        for path in files_below(&sboms().join(folder)).into_iter().take(10) {
            let bytes = plain(&path);
            for format in formats {
                check(format, &bytes, &path);
                handed += 1;
            }
        }
    }
    assert!(handed > 300, "only {handed}");
}

fn damage(folder: &str, at_least: usize, format: impl Fn(&PathBuf) -> Format) {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut damaged = 0;
    for path in files_below(&sboms().join(folder)) {
        let bytes = plain(&path);
        for round in 0..ROUNDS {
            if bytes.len() > LARGEST && round > 0 {
                break;
            }
            let copy = spoil(&bytes, round, &mut random);
            check(format(&path), &copy, &path);
            damaged += 1;
        }
    }
    assert!(damaged > at_least, "only {damaged} documents were damaged");
}

fn spoil(bytes: &[u8], round: usize, random: &mut u64) -> Vec<u8> {
    let mut copy = bytes.to_vec();
    let place = next(random) % copy.len().max(1);
    match round % 4 {
        0 => copy.truncate(place),
        1 => copy[place] = b"\0\"{}[],:019<>&/-\xff\n"[next(random) % 18],
        2 => {
            let end = (place + next(random) % 200).min(copy.len());
            copy.drain(place..end);
        }
        _ => {
            let from = next(random) % copy.len();
            let piece = copy[from..(from + next(random) % 200).min(copy.len())].to_vec();
            copy.splice(place..place, piece);
        }
    }
    copy
}

fn check(format: Format, bytes: &[u8], path: &std::path::Path) {
    match Document::of(format, bytes).read(&Limits::default()) {
        Ok((inventory, notices)) => {
            let count = u32::try_from(inventory.components.len()).unwrap();
            let is_there = |(from, to): &(u32, u32)| *from < count && *to < count;
            assert!(inventory.edges.iter().all(is_there), "{}", path.display());
            assert!(notices.len() < 20_000, "{}", path.display());
        }
        Err(error) => {
            let has_place = !error.place.is_empty()
                || error.kind != ReadErrorKind::Malformed
                || format == Format::CycloneDxProtobuf
                || bytes.is_empty();
            assert!(has_place, "{}: {error}", path.display());
        }
    }
    // Whatever the format is taken for, finding it out must not panic either.
    let _ = formats::sniff(bytes);
}

fn next(random: &mut u64) -> usize {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    usize::try_from(*random >> 33).unwrap()
}

/// Bytes of every length of a real file that is compressed: cut streams are refused with words.
#[test]
fn cut_streams_are_refused() {
    let path = files_below(&sboms().join("generated"))
        .into_iter()
        .find(|path| path.extension().is_some_and(|extension| extension == "gz"))
        .expect("a compressed document");
    let bytes = fs::read(&path).unwrap();
    for cut in [10, 100, bytes.len() / 2, bytes.len() - 9] {
        let error = formats::read(&bytes[..cut], &Limits::default()).unwrap_err();
        assert!(error.message.contains("damaged or cut off"), "{error}");
    }
}
