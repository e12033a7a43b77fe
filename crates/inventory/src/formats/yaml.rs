//! YAML as a tree of [`Node`]s, from the events of a parser. Anchors are copied where they are used, within the
//! budget of memory, which is what stops bombs.

use std::borrow::Cow;
use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};

use super::node::Node;
use super::{ReadError, budget};

/// Levels of lists and maps, as in JSON.
const DEEPEST: usize = 128;

/// Reads the first document of a stream.
pub(super) fn parse(text: &str) -> Result<Node<'_>, ReadError> {
    budget::begin(text.len());
    let mut tree = Tree {
        parser: Parser::new_from_str(text),
        anchors: HashMap::new(),
    };
    loop {
        match tree.next()? {
            Some((Event::StreamStart | Event::DocumentStart(..), _)) => {}
            Some((event, span)) => return tree.node(event, span, 0),
            None => return Ok(Node::Null),
        }
    }
}

struct Tree<'a> {
    parser: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, Node<'a>>,
}

impl<'a> Tree<'a> {
    fn next(&mut self) -> Result<Option<(Event<'a>, Span)>, ReadError> {
        self.parser
            .next_event()
            .transpose()
            .map_err(|error| refused(&error))
    }

    /// What comes next within a list or a map; `end` is `None`.
    fn inner(&mut self, depth: usize) -> Result<Option<Node<'a>>, ReadError> {
        match self.next()? {
            None
            | Some((Event::SequenceEnd | Event::MappingEnd | Event::DocumentEnd | Event::StreamEnd, _)) => {
                Ok(None)
            }
            Some((event, span)) => self.node(event, span, depth).map(Some),
        }
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Node<'a>, ReadError> {
        if depth > DEEPEST {
            let error = ReadError::too_large(format!("the document is nested deeper than {DEEPEST} levels"));
            return Err(error.at_line(span.start.line(), span.start.col() + 1));
        }
        budget::charge(size_of::<(Cow<'_, str>, Node<'_>)>()).map_err(ReadError::too_large)?;
        let (node, anchor) = match event {
            Event::Scalar(text, style, anchor, _) => (scalar(text, style), anchor),
            Event::SequenceStart(_, anchor, _) => (self.list(depth)?, anchor),
            Event::MappingStart(_, anchor, _) => (self.map(depth)?, anchor),
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned().unwrap_or(Node::Null);
                node.charge()?;
                (node, 0)
            }
            _ => (Node::Null, 0),
        };
        if anchor != 0 {
            node.charge()?;
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn list(&mut self, depth: usize) -> Result<Node<'a>, ReadError> {
        let mut list = Vec::new();
        while let Some(node) = self.inner(depth + 1)? {
            list.push(node);
        }
        Ok(Node::List(list))
    }

    /// Keys that are no texts cost their values.
    fn map(&mut self, depth: usize) -> Result<Node<'a>, ReadError> {
        let mut map: Vec<(Cow<'a, str>, Node<'a>)> = Vec::new();
        while let Some(key) = self.inner(depth + 1)? {
            let value = self.inner(depth + 1)?.unwrap_or(Node::Null);
            if let Node::Text(key) = key {
                // The models have a bounded number of keys; what repeats one is dropped, as JSON readers refuse it.
                if !map.iter().take(MOST_COMPARED).any(|(known, _)| *known == key) {
                    map.push((key, value));
                }
            }
        }
        Ok(Node::Map(map))
    }
}

/// Keys that a new one is compared with; real maps have a few dozen.
const MOST_COMPARED: usize = 200;

/// `null` and `~` only where they are plain; in quotes they are texts.
fn scalar(text: Cow<'_, str>, style: ScalarStyle) -> Node<'_> {
    let is_null = style == ScalarStyle::Plain && matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL");
    if is_null { Node::Null } else { Node::Text(text) }
}

fn refused(error: &ScanError) -> ReadError {
    let text = error.to_string();
    let what = text
        .rsplit_once(" at char ")
        .map_or(text.as_str(), |(what, _)| what);
    let place = error.marker();
    ReadError::malformed(format!("this is not well-formed YAML: {what}"))
        .at_line(place.line(), place.col() + 1)
}
