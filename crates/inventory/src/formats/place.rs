//! Places in a document, spelled only when someone must be told.

use std::fmt;

/// Where in the text a record of the model began. JSON has none: there the pointer tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mark {
    #[default]
    None,
    /// Both from 1.
    Text { line: u32, column: u32 },
    /// An element of the list that the place names.
    Index(u32),
    /// An element of the `@graph` of an SPDX 3 document, whatever the pointer says.
    Graph(u32),
}

impl Mark {
    /// The mark, or else the position in the list: for those who keep nothing but a mark.
    pub(super) fn or_index(self, index: usize) -> Self {
        match self {
            Self::None => u32::try_from(index).map_or(Self::None, Self::Index),
            known => known,
        }
    }
}

/// A chain of steps from the root, kept on the stack while a reader descends. Displays as a JSON pointer, or as the
/// line and column of the innermost record that has them.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    step: Step<'a>,
    mark: Mark,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

impl<'a> Place<'a> {
    pub(super) const ROOT: Place<'static> = Place {
        parent: None,
        step: Step::Root,
        mark: Mark::None,
    };

    pub(super) fn key(&'a self, key: &'a str) -> Place<'a> {
        Place {
            parent: Some(self),
            step: Step::Key(key),
            mark: Mark::None,
        }
    }

    pub(super) fn index(&'a self, index: usize) -> Place<'a> {
        Place {
            parent: Some(self),
            step: Step::Index(index),
            mark: Mark::None,
        }
    }

    /// The same place, known to begin at the mark.
    pub(super) fn at(mut self, mark: Mark) -> Self {
        self.mark = mark;
        self
    }

    /// The innermost line and column above or at this place.
    fn line_and_column(&self) -> Option<(u32, u32)> {
        match (self.mark, self.parent) {
            (Mark::Text { line, column }, _) => Some((line, column)),
            (_, Some(parent)) => parent.line_and_column(),
            (_, None) => None,
        }
    }

    fn write_pointer(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Mark::Graph(index) = self.mark {
            return write!(f, "/@graph/{index}");
        }
        if let Some(parent) = self.parent {
            parent.write_pointer(f)?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Key(key) => write!(f, "/{key}"),
            Step::Index(index) => write!(f, "/{index}"),
        }?;
        match self.mark {
            Mark::Index(index) => write!(f, "/{index}"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line_and_column() {
            Some((line, column)) => write!(f, "line {line}, column {column}"),
            None => self.write_pointer(f),
        }
    }
}
