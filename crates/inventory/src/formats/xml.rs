//! XML as readers walk through it: elements, their attributes and their text, without building a tree.
//!
//! What XML has and bills of materials do not need is refused: document type declarations, and with them all
//! entities but the five that XML itself knows. Nesting is bounded before anybody recurses.

use std::borrow::Cow;

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::lenient::{Field, List, Object, Record, Text};
use super::place::Mark;
use super::{ReadError, budget};

/// Levels of any elements, for readers recurse. Components within components take two levels each.
const DEEPEST: usize = 256;

pub(super) struct Xml<'a> {
    reader: Reader<&'a [u8]>,
    text: &'a str,
    depth: usize,
    deepest: usize,
    /// Elements with another prefix than the root are not of its vocabulary; `None` takes all.
    prefix: Option<String>,
    lines: Lines,
}

/// The beginning of an element.
pub(super) struct Element<'a> {
    start: BytesStart<'a>,
    offset: usize,
    is_foreign: bool,
}

/// What a document consists of, one after the other.
pub(super) enum Piece<'a> {
    Open(Element<'a>),
    Text(Cow<'a, str>),
    Close,
    End,
}

impl<'a> Element<'a> {
    /// The name without a prefix; empty for elements of other vocabularies.
    pub(super) fn name(&self) -> &str {
        if self.is_foreign { "" } else { self.local_name() }
    }

    pub(super) fn local_name(&self) -> &str {
        let name = self.qualified_name();
        name.rsplit_once(':').map_or(name, |(_, local)| local)
    }

    pub(super) fn qualified_name(&self) -> &str {
        let content: &str = &self.start;
        content.split([' ', '\t', '\r', '\n']).next().unwrap_or_default()
    }

    /// An attribute by its name as written, with or without a prefix.
    pub(super) fn attribute(&self, name: &str) -> Text<'a> {
        let mut attributes = self.start.attributes();
        attributes.with_checks(false);
        let found = attributes
            .flatten()
            .find(|attribute| attribute.key.as_ref() == name);
        match found.map(|attribute| {
            attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map(Cow::into_owned)
        }) {
            None => Field::Absent,
            Some(Ok(value)) => Field::Is(Cow::Owned(value)),
            Some(Err(_)) => Field::Wrong("an attribute with an unknown entity"),
        }
    }

    /// Names and values of all attributes that can be read.
    pub(super) fn attributes(&self) -> Vec<(String, String)> {
        let mut attributes = self.start.attributes();
        attributes.with_checks(false);
        attributes
            .flatten()
            .filter_map(|attribute| {
                let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
                Some((attribute.key.as_ref().to_owned(), value.into_owned()))
            })
            .collect()
    }
}

impl<'a> Xml<'a> {
    /// Opens a document and its root element.
    pub(super) fn open(text: &'a str) -> Result<(Self, Element<'a>), ReadError> {
        budget::begin(text.len());
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        let mut xml = Self {
            reader,
            text,
            depth: 0,
            deepest: DEEPEST,
            prefix: None,
            lines: Lines::default(),
        };
        loop {
            match xml.next()? {
                Piece::Open(root) => return Ok((xml, root)),
                Piece::Text(_) => {}
                Piece::Close | Piece::End => {
                    return Err(ReadError::not_an_sbom("this is XML without a root element"));
                }
            }
        }
    }

    /// For a reader that does not recurse.
    pub(super) fn allow_depth(&mut self, deepest: usize) {
        self.deepest = deepest;
    }

    /// From here on, elements with another prefix than this one are foreign.
    pub(super) fn only_prefix_of(&mut self, element: &Element<'_>) {
        let name = element.qualified_name();
        let prefix = name.rsplit_once(':').map_or("", |(prefix, _)| prefix);
        self.prefix = Some(prefix.to_owned());
    }

    /// Calls `read` for each child of the element that was opened last; what it leaves of a child is skipped.
    pub(super) fn children(
        &mut self,
        mut read: impl FnMut(&mut Self, &Element<'a>) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let depth = self.depth;
        if depth == 0 {
            return Ok(());
        }
        loop {
            match self.next()? {
                Piece::Open(child) => {
                    read(self, &child)?;
                    self.leave(depth)?;
                }
                Piece::Text(_) => {}
                Piece::Close | Piece::End => return Ok(()),
            }
        }
    }

    /// The text of the element that was opened last, without that of its children.
    pub(super) fn text(&mut self) -> Result<Text<'a>, ReadError> {
        self.mixed(|_, _| Ok(()))
    }

    /// Calls `read` for each child and gives the text between them.
    pub(super) fn mixed(
        &mut self,
        mut read: impl FnMut(&mut Self, &Element<'a>) -> Result<(), ReadError>,
    ) -> Result<Text<'a>, ReadError> {
        let mut text: Cow<'a, str> = Cow::Borrowed("");
        let depth = self.depth;
        if depth == 0 {
            return Ok(Field::Absent);
        }
        loop {
            match self.next()? {
                Piece::Open(child) => {
                    read(self, &child)?;
                    self.leave(depth)?;
                }
                Piece::Text(more) if text.is_empty() => text = more,
                Piece::Text(more) => text.to_mut().push_str(&more),
                Piece::Close | Piece::End => break,
            }
        }
        Ok(if text.is_empty() {
            Field::Absent
        } else {
            Field::Is(text)
        })
    }

    /// The children with this name, each read by `read`.
    pub(super) fn list<T>(
        &mut self,
        name: &str,
        read: fn(&mut Self, &Element<'a>) -> Result<T, ReadError>,
    ) -> Result<List<Object<T>>, ReadError> {
        let mut list = Vec::new();
        self.children(|xml, child| {
            if child.name() == name {
                xml.push(&mut list, read, child)?;
            }
            Ok(())
        })?;
        Ok(Field::Is(list))
    }

    /// Adds what `read` makes of the element to a list, within the budget of memory.
    pub(super) fn push<T>(
        &mut self,
        list: &mut Vec<Object<T>>,
        read: fn(&mut Self, &Element<'a>) -> Result<T, ReadError>,
        element: &Element<'a>,
    ) -> Result<(), ReadError> {
        budget::charge(size_of::<Object<T>>()).map_err(ReadError::too_large)?;
        list.push(Field::Is(Record(read(self, element)?)));
        Ok(())
    }

    /// The texts of the children with this name.
    pub(super) fn texts(&mut self, name: &str) -> Result<List<Text<'a>>, ReadError> {
        let mut list = Vec::new();
        self.children(|xml, child| {
            if child.name() == name {
                budget::charge(size_of::<Text<'_>>()).map_err(ReadError::too_large)?;
                list.push(xml.text()?);
            }
            Ok(())
        })?;
        Ok(Field::Is(list))
    }

    /// Where the element begins. To be asked in the order of the document.
    pub(super) fn mark(&mut self, element: &Element<'_>) -> Mark {
        self.lines.mark(self.text, element.offset)
    }

    fn leave(&mut self, depth: usize) -> Result<(), ReadError> {
        while self.depth > depth {
            if matches!(self.next()?, Piece::End) {
                break;
            }
        }
        Ok(())
    }

    pub(super) fn next(&mut self) -> Result<Piece<'a>, ReadError> {
        loop {
            let offset = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
            let event = self.reader.read_event().map_err(|error| {
                let at = usize::try_from(self.reader.error_position()).unwrap_or(usize::MAX);
                self.refuse(&format!("this is not well-formed XML: {error}"), at)
            })?;
            match event {
                Event::Start(start) | Event::Empty(start) => return self.opened(start, offset),
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Piece::Close);
                }
                Event::Text(text) => return Ok(Piece::Text(text.into_inner())),
                Event::CData(text) => return Ok(Piece::Text(text.into_inner())),
                Event::GeneralRef(reference) => return Ok(Piece::Text(resolve(&reference))),
                Event::DocType(_) => {
                    let what = "document type declarations (`<!DOCTYPE …>`) are not read, because entities can hide anything; remove it";
                    return Err(self.refuse(what, offset));
                }
                Event::Eof if self.depth > 0 => {
                    let what = "the document ends in the middle of an element: was the upload cut off?";
                    return Err(self.refuse(what, self.text.len()));
                }
                Event::Eof => return Ok(Piece::End),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }

    fn opened(&mut self, start: BytesStart<'a>, offset: usize) -> Result<Piece<'a>, ReadError> {
        self.depth += 1;
        if self.depth > self.deepest {
            let most = self.deepest;
            let error = ReadError::too_large(format!("elements are nested deeper than {most} levels"));
            return Err(error.at_offset(self.text.as_bytes(), offset));
        }
        let mut element = Element {
            start,
            offset,
            is_foreign: false,
        };
        if let Some(prefix) = &self.prefix {
            let name = element.qualified_name();
            let own = name.rsplit_once(':').map_or("", |(prefix, _)| prefix);
            element.is_foreign = own != prefix;
        }
        Ok(Piece::Open(element))
    }

    /// An error with its line and column.
    fn refuse(&self, what: &str, offset: usize) -> ReadError {
        ReadError::malformed(what).at_offset(self.text.as_bytes(), offset)
    }
}

/// The text that a reference stands for; one that nothing defines stays as it is.
fn resolve<'a>(reference: &BytesRef<'a>) -> Cow<'a, str> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Cow::Owned(character.to_string());
    }
    let name: &str = reference;
    Cow::Borrowed(match name {
        "lt" => "<",
        "gt" => ">",
        "amp" => "&",
        "quot" => "\"",
        "apos" => "'",
        _ => return Cow::Owned(format!("&{name};")),
    })
}

/// Counts lines as a reader goes on, so that marks cost one pass over the document.
#[derive(Default)]
pub(super) struct Lines {
    offset: usize,
    /// Newlines before `offset`.
    line: u32,
    line_start: usize,
}

impl Lines {
    pub(super) fn mark(&mut self, text: &str, offset: usize) -> Mark {
        let passed = text.as_bytes().get(self.offset..offset).unwrap_or_default();
        if let Some(last) = passed.iter().rposition(|byte| *byte == b'\n') {
            let count = passed.iter().filter(|byte| **byte == b'\n').count();
            self.line = self.line.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
            self.line_start = self.offset + last + 1;
        }
        self.offset = self.offset.max(offset);
        let column = offset.saturating_sub(self.line_start);
        Mark::Text {
            line: self.line.saturating_add(1),
            column: u32::try_from(column).unwrap_or(u32::MAX).saturating_add(1),
        }
    }
}
