//! SPDX 2 YAML and SPDX XML: trees of texts with the keys of SPDX JSON.

use super::assemble;
use super::model::Document;
use crate::formats::lenient::{Field, Record};
use crate::formats::node::{self, Node};
use crate::formats::xml::{Element, Xml};
use crate::formats::{Limits, ReadError, budget, yaml};
use crate::{Inventory, Notice};

/// Elements of SPDX XML that are repeated where JSON has a list of this name.
const LISTS: &[&str] = &[
    "attributionTexts",
    "checksums",
    "creators",
    "documentDescribes",
    "externalRefs",
    "files",
    "hasExtractedLicensingInfos",
    "hasFiles",
    "packages",
    "relationships",
    "seeAlsos",
    "snippets",
];

pub(in crate::formats) fn read_yaml(
    text: &str,
    limits: &Limits,
) -> Result<(Inventory, Vec<Notice>), ReadError> {
    read(&yaml::parse(text)?, "YAML", limits)
}

pub(in crate::formats) fn read_xml(
    text: &str,
    limits: &Limits,
) -> Result<(Inventory, Vec<Notice>), ReadError> {
    let (mut xml, _) = Xml::open(text)?;
    read(&element(&mut xml)?, "XML", limits)
}

fn read(node: &Node<'_>, encoding: &str, limits: &Limits) -> Result<(Inventory, Vec<Notice>), ReadError> {
    match node::model::<Field<Record<Document<'_>>>>(node)? {
        Field::Is(Record(document)) => assemble(&document, encoding, limits),
        Field::Absent | Field::Wrong(_) => {
            Err(ReadError::malformed("the document is no map of keys and values").at_line(1, 1))
        }
    }
}

/// An element as its text, or as a map of its children when it has some.
fn element<'a>(xml: &mut Xml<'a>) -> Result<Node<'a>, ReadError> {
    let mut map = Vec::new();
    let text = xml.mixed(|xml: &mut Xml<'a>, child: &Element<'a>| {
        budget::charge(size_of::<(std::borrow::Cow<'_, str>, Node<'_>)>()).map_err(ReadError::too_large)?;
        let key = child.local_name().to_owned();
        let node = element(xml)?;
        add(&mut map, key, node);
        Ok(())
    })?;
    match text {
        Field::Is(text) if map.is_empty() => Ok(Node::Text(text)),
        _ if map.is_empty() => Ok(Node::Null),
        _ => Ok(Node::Map(map)),
    }
}

fn add<'a>(map: &mut Vec<(std::borrow::Cow<'a, str>, Node<'a>)>, key: String, node: Node<'a>) {
    let is_list = LISTS.contains(&key.as_str());
    // A repeated element stands beside its like; looking far for it would make a long element slow.
    let known = map.iter_mut().rev().take(100).find(|(known, _)| *known == key);
    match known {
        Some((_, Node::List(list))) if is_list => list.push(node),
        Some(_) => {}
        None if is_list => map.push((key.into(), Node::List(vec![node]))),
        None => map.push((key.into(), node)),
    }
}
