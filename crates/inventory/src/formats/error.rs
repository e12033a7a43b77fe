//! Why a document was refused.

use std::fmt;

use super::place::Place;

/// A document that cannot be read at all; the message is for the person who sent it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ReadError {
    pub kind: ReadErrorKind,
    /// A JSON pointer (`/components`) or `line 3, column 9`; empty for the document as a whole.
    pub place: String,
    /// What is wrong and how to mend it.
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReadErrorKind {
    /// A limit was passed: HTTP 413.
    TooLarge,
    /// Something else than a bill of materials: HTTP 422, like the rest.
    NotAnSbom,
    /// A bill of materials in a format or version without a reader.
    UnsupportedFormat,
    /// A bill of materials that is broken as a whole.
    Malformed,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(&self.message)
    }
}

impl ReadError {
    fn new(kind: ReadErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            place: String::new(),
            message: message.into(),
        }
    }

    pub(super) fn at(mut self, place: &Place<'_>) -> Self {
        self.place = place.to_string();
        self
    }

    /// `offset` bytes into `text`, as the line and column (in bytes, from 1) that an editor shows.
    pub(super) fn at_offset(mut self, text: &[u8], offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(0, |newline| newline + 1);
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        self.place = line_and_column(line, before.len() - line_start + 1);
        self
    }

    pub(super) fn at_line(mut self, line: usize, column: usize) -> Self {
        self.place = line_and_column(line, column);
        self
    }

    pub(super) fn too_large(message: impl Into<String>) -> Self {
        Self::new(ReadErrorKind::TooLarge, message)
    }

    pub(super) fn not_an_sbom(message: impl Into<String>) -> Self {
        Self::new(ReadErrorKind::NotAnSbom, message)
    }

    pub(super) fn malformed(message: impl Into<String>) -> Self {
        Self::new(ReadErrorKind::Malformed, message)
    }

    pub(super) fn unsupported_version(message: impl Into<String>) -> Self {
        Self::new(ReadErrorKind::UnsupportedFormat, message)
    }

    /// Of something that is inside an envelope.
    pub(super) fn in_envelope(mut self) -> Self {
        self.message = format!("in the envelope: {}", self.message);
        self
    }

    /// A JSON text that its parser refused.
    pub(super) fn json(error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let what = text
            .rsplit_once(" at line ")
            .map_or(text.as_str(), |(what, _)| what);
        let message = match error.classify() {
            serde_json::error::Category::Eof => {
                format!("the document ends in the middle ({what}): was the upload cut off?")
            }
            _ if what.starts_with("recursion limit") => {
                "the document is nested deeper than 128 levels".to_owned()
            }
            _ => format!("this is not well-formed JSON: {what}"),
        };
        Self {
            place: line_and_column(error.line(), error.column()),
            ..Self::malformed(message)
        }
    }
}

fn line_and_column(line: usize, column: usize) -> String {
    format!("line {line}, column {column}")
}
