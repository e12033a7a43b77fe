//! RDF/XML as resources and their properties, without recursion: tools nest a package in the relationship of another,
//! and so on through the whole graph.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::formats::place::Mark;
use crate::formats::xml::{Element, Piece, Xml};
use crate::formats::{ReadError, budget};

/// Levels of elements. Nothing here recurses; this only bounds the stack of open elements.
const DEEPEST: usize = 100_000;

#[derive(Debug, Default)]
pub(super) struct Resource<'a> {
    /// The address, or a made-up name for one that has none.
    pub(super) address: String,
    /// The type without its vocabulary: `Package`, `SpdxDocument`.
    pub(super) kind: String,
    pub(super) mark: Mark,
    properties: Vec<(String, Value<'a>)>,
}

#[derive(Debug)]
pub(super) enum Value<'a> {
    Text(Cow<'a, str>),
    /// The address of a resource, of this document or not.
    Link(String),
}

#[derive(Debug, Default)]
pub(super) struct Graph<'a> {
    pub(super) resources: Vec<Resource<'a>>,
    by_address: HashMap<String, usize>,
}

impl<'a> Resource<'a> {
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &Value<'a>> {
        self.properties
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value)
    }

    pub(super) fn value(&self, name: &str) -> Option<&Value<'a>> {
        self.values(name).next()
    }
}

impl<'a> Graph<'a> {
    pub(super) fn resource(&self, address: &str) -> Option<&Resource<'a>> {
        self.resources.get(*self.by_address.get(address)?)
    }

    /// The resources that a property of another links to.
    pub(super) fn linked<'g>(
        &'g self,
        from: &'g Resource<'a>,
        name: &'g str,
    ) -> impl Iterator<Item = &'g Resource<'a>> {
        from.values(name).filter_map(|value| match value {
            Value::Link(address) => self.resource(address),
            Value::Text(_) => None,
        })
    }

    pub(super) fn parse(text: &'a str) -> Result<Self, ReadError> {
        let (mut xml, _) = Xml::open(text)?;
        xml.allow_depth(DEEPEST);
        let mut graph = Self::default();
        let mut open: Vec<Open<'a>> = Vec::new();
        loop {
            match xml.next()? {
                Piece::Open(element) => {
                    let opened = graph.open(&element, open.last_mut(), xml.mark(&element))?;
                    open.push(opened);
                }
                Piece::Text(more) => {
                    if let Some(Open::Property { text, .. }) = open.last_mut() {
                        if text.is_empty() {
                            *text = more;
                        } else {
                            text.to_mut().push_str(&more);
                        }
                    }
                }
                Piece::Close => match open.pop() {
                    Some(Open::Property { owner, name, text }) if !text.trim().is_empty() => {
                        graph.add(owner, name, Value::Text(text))?;
                    }
                    Some(_) => {}
                    None => return Ok(graph),
                },
                Piece::End => return Ok(graph),
            }
        }
    }

    /// Elements are, in turn, resources and properties of these.
    fn open(
        &mut self,
        element: &Element<'a>,
        parent: Option<&mut Open<'a>>,
        mark: Mark,
    ) -> Result<Open<'a>, ReadError> {
        let attributes = element.attributes();
        match parent {
            Some(Open::Resource(owner)) => self.open_property(*owner, element, &attributes, mark),
            Some(Open::Done) => Ok(Open::Done),
            None => self
                .open_resource(element.local_name(), &attributes, mark)
                .map(Open::Resource),
            Some(property) => {
                let resource = self.open_resource(element.local_name(), &attributes, mark)?;
                if let Open::Property { owner, name, .. } = std::mem::replace(property, Open::Done) {
                    let address = self.address(resource);
                    self.add(owner, name, Value::Link(address))?;
                }
                Ok(Open::Resource(resource))
            }
        }
    }

    fn open_property(
        &mut self,
        owner: usize,
        element: &Element<'a>,
        attributes: &[(String, String)],
        mark: Mark,
    ) -> Result<Open<'a>, ReadError> {
        let name = element.local_name().to_owned();
        let link = rdf(attributes, "resource").map(str::to_owned);
        if let Some(address) = link.or_else(|| rdf(attributes, "nodeID").map(|id| format!("_:{id}"))) {
            if name == "type" {
                if let Some(resource) = self.resources.get_mut(owner) {
                    local(&address).clone_into(&mut resource.kind);
                }
            } else {
                self.add(owner, name, Value::Link(address))?;
            }
            return Ok(Open::Done);
        }
        if rdf(attributes, "parseType") == Some("Resource") {
            let resource = self.open_resource("", &[], mark)?;
            let address = self.address(resource);
            self.add(owner, name, Value::Link(address))?;
            return Ok(Open::Resource(resource));
        }
        Ok(Open::Property {
            owner,
            name,
            text: Cow::Borrowed(""),
        })
    }

    /// The resource that an element begins, or goes on with.
    fn open_resource(
        &mut self,
        kind: &str,
        attributes: &[(String, String)],
        mark: Mark,
    ) -> Result<usize, ReadError> {
        let about = rdf(attributes, "about").map(str::to_owned);
        let address = about
            .or_else(|| rdf(attributes, "nodeID").map(|id| format!("_:{id}")))
            .or_else(|| rdf(attributes, "ID").map(|id| format!("#{id}")))
            // No address begins with a space.
            .unwrap_or_else(|| format!(" {}", self.resources.len()));
        if let Some(known) = self.by_address.get(&address) {
            return Ok(*known);
        }
        budget::charge(size_of::<Resource<'_>>() + address.len()).map_err(ReadError::too_large)?;
        let position = self.resources.len();
        self.by_address.insert(address.clone(), position);
        self.resources.push(Resource {
            address,
            kind: if kind == "Description" {
                String::new()
            } else {
                kind.to_owned()
            },
            mark,
            properties: Vec::new(),
        });
        for (name, value) in attributes {
            let is_own = ["rdf:", "xml"].iter().any(|prefix| name.starts_with(prefix));
            if !is_own && let Some((_, name)) = name.split_once(':') {
                self.add(position, name.to_owned(), Value::Text(Cow::Owned(value.clone())))?;
            }
        }
        Ok(position)
    }

    fn address(&self, position: usize) -> String {
        self.resources
            .get(position)
            .map(|resource| resource.address.clone())
            .unwrap_or_default()
    }

    fn add(&mut self, owner: usize, name: String, value: Value<'a>) -> Result<(), ReadError> {
        budget::charge(size_of::<(String, Value<'_>)>()).map_err(ReadError::too_large)?;
        if let Some(resource) = self.resources.get_mut(owner) {
            resource.properties.push((name, value));
        }
        Ok(())
    }
}

/// An element that is not closed yet.
enum Open<'a> {
    Resource(usize),
    Property {
        owner: usize,
        name: String,
        text: Cow<'a, str>,
    },
    /// A property whose value is known.
    Done,
}

fn rdf<'v>(attributes: &'v [(String, String)], name: &str) -> Option<&'v str> {
    attributes
        .iter()
        .find(|(known, _)| known.strip_prefix("rdf:") == Some(name))
        .map(|(_, value)| value.as_str())
}

/// What stands after the vocabulary of an address.
pub(super) fn local(address: &str) -> &str {
    address.rsplit(['#', '/']).next().unwrap_or(address)
}
