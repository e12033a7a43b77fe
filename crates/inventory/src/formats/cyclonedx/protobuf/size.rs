//! What decoding would take, counted before it is done: two bytes can ask for a message of a thousand.

use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

use super::message as m;
use crate::formats::{ReadError, budget};

/// Levels of messages; the decoder itself stops at a hundred.
const DEEPEST: usize = 100;

/// A message as far as its size matters: bytes for one, and the tags of the messages (by position in [`SHAPES`]) and
/// texts in it.
struct Shape {
    size: usize,
    children: &'static [(u32, Option<usize>)],
}

/// Charges the budget for everything that the bytes of the message at [`SHAPES`]`[shape]` hold.
pub(super) fn charge(mut bytes: &[u8], shape: usize, depth: usize) -> Result<(), ReadError> {
    if depth > DEEPEST {
        return Err(ReadError::too_large(format!(
            "messages are nested deeper than {DEEPEST} levels"
        )));
    }
    let Some(Shape { size, children }) = SHAPES.get(shape) else {
        return Ok(());
    };
    // Twice: once as the message, once as the model.
    budget::charge(size * 2).map_err(ReadError::too_large)?;
    while !bytes.is_empty() {
        let (tag, wire) = decode_key(&mut bytes).map_err(|error| broken(&error))?;
        if wire != WireType::LengthDelimited {
            skip_field(wire, tag, &mut bytes, DecodeContext::default()).map_err(|error| broken(&error))?;
            continue;
        }
        let length = decode_varint(&mut bytes).map_err(|error| broken(&error))?;
        let content = usize::try_from(length)
            .ok()
            .and_then(|length| bytes.split_at_checked(length));
        let Some((content, rest)) = content else {
            return Err(ReadError::malformed(
                "the message ends in the middle of a field: was the upload cut off?",
            ));
        };
        bytes = rest;
        match children.iter().find(|(child, _)| *child == tag) {
            Some((_, Some(child))) => charge(content, *child, depth + 1)?,
            Some((_, None)) => budget::charge(size_of::<String>() * 2).map_err(ReadError::too_large)?,
            None => {}
        }
    }
    Ok(())
}

fn broken(error: &prost::DecodeError) -> ReadError {
    ReadError::malformed(format!("this is not a CycloneDX Protobuf message: {error}"))
}

/// The position of the whole document in [`SHAPES`].
pub(super) const BOM: usize = 2;

const SHAPES: &[Shape] = &[
    Shape {
        size: size_of::<m::Timestamp>(),
        children: &[],
    },
    Shape {
        size: size_of::<m::Attachment>(),
        children: &[],
    },
    Shape {
        size: size_of::<m::Bom>(),
        children: &[
            (4, Some(3)),
            (5, Some(8)),
            (6, Some(25)),
            (8, Some(26)),
            (9, Some(27)),
            (10, Some(29)),
            (12, Some(13)),
        ],
    },
    Shape {
        size: size_of::<m::Metadata>(),
        children: &[
            (1, Some(0)),
            (2, Some(5)),
            (3, Some(7)),
            (4, Some(8)),
            (5, Some(6)),
            (6, Some(6)),
            (7, Some(10)),
            (8, Some(13)),
            (9, Some(4)),
            (10, Some(6)),
        ],
    },
    Shape {
        size: size_of::<m::Lifecycle>(),
        children: &[],
    },
    Shape {
        size: size_of::<m::Tool>(),
        children: &[(6, Some(8))],
    },
    Shape {
        size: size_of::<m::Organization>(),
        children: &[(2, None), (3, Some(7))],
    },
    Shape {
        size: size_of::<m::Contact>(),
        children: &[],
    },
    Shape {
        size: size_of::<m::Component>(),
        children: &[
            (4, Some(6)),
            (12, Some(12)),
            (13, Some(10)),
            (17, Some(9)),
            (19, Some(20)),
            (20, Some(14)),
            (21, Some(8)),
            (22, Some(13)),
            (23, Some(15)),
            (28, Some(6)),
            (29, Some(7)),
            (30, None),
        ],
    },
    Shape {
        size: size_of::<m::Swid>(),
        children: &[],
    },
    Shape {
        size: size_of::<m::LicenseChoice>(),
        children: &[(1, Some(11))],
    },
    Shape {
        size: size_of::<m::License>(),
        children: &[(3, Some(1))],
    },
    Shape {
        size: size_of::<m::Hash>(),
        children: &[],
    },
    Shape {
        size: size_of::<m::Property>(),
        children: &[],
    },
    Shape {
        size: size_of::<m::ExternalReference>(),
        children: &[(4, Some(12))],
    },
    Shape {
        size: size_of::<m::Evidence>(),
        children: &[(1, Some(10)), (2, Some(16)), (3, Some(17)), (4, Some(19))],
    },
    Shape {
        size: size_of::<m::Copyright>(),
        children: &[],
    },
    Shape {
        size: size_of::<m::Identity>(),
        children: &[(3, Some(18))],
    },
    Shape {
        size: size_of::<m::Method>(),
        children: &[],
    },
    Shape {
        size: size_of::<m::Occurrence>(),
        children: &[],
    },
    Shape {
        size: size_of::<m::Pedigree>(),
        children: &[
            (1, Some(8)),
            (2, Some(8)),
            (3, Some(8)),
            (4, Some(21)),
            (5, Some(22)),
        ],
    },
    Shape {
        size: size_of::<m::Commit>(),
        children: &[],
    },
    Shape {
        size: size_of::<m::Patch>(),
        children: &[(2, Some(23)), (3, Some(24))],
    },
    Shape {
        size: size_of::<m::Diff>(),
        children: &[],
    },
    Shape {
        size: size_of::<m::Issue>(),
        children: &[],
    },
    Shape {
        size: size_of::<m::Service>(),
        children: &[
            (2, Some(6)),
            (7, None),
            (11, Some(10)),
            (12, Some(14)),
            (13, Some(25)),
            (14, Some(13)),
        ],
    },
    Shape {
        size: size_of::<m::Dependency>(),
        children: &[(2, Some(26))],
    },
    Shape {
        size: size_of::<m::Composition>(),
        children: &[(2, None), (3, None)],
    },
    Shape {
        size: size_of::<m::Source>(),
        children: &[],
    },
    Shape {
        size: size_of::<m::Vulnerability>(),
        children: &[
            (3, Some(28)),
            (4, Some(30)),
            (5, Some(31)),
            (10, Some(32)),
            (12, Some(0)),
            (13, Some(0)),
            (16, Some(33)),
            (17, Some(34)),
            (18, Some(13)),
        ],
    },
    Shape {
        size: size_of::<m::VulnerabilityReference>(),
        children: &[],
    },
    Shape {
        size: size_of::<m::Rating>(),
        children: &[(1, Some(28))],
    },
    Shape {
        size: size_of::<m::Advisory>(),
        children: &[],
    },
    Shape {
        size: size_of::<m::Analysis>(),
        children: &[(5, Some(0)), (6, Some(0))],
    },
    Shape {
        size: size_of::<m::Affected>(),
        children: &[(2, Some(35))],
    },
    Shape {
        size: size_of::<m::AffectedVersion>(),
        children: &[],
    },
];
