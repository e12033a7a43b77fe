//! A small tree for encodings that do not tell numbers from texts (YAML, SPDX XML), to be read with the same models as
//! JSON. Every scalar is a text: the version `1.10` is not a number that lost its zero.

use std::borrow::Cow;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::{ReadError, budget};

#[derive(Clone, Debug)]
pub(super) enum Node<'a> {
    Null,
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Map(Vec<(Cow<'a, str>, Node<'a>)>),
}

/// What a model's error says; models that take anything never make one.
type Error = serde::de::value::Error;

impl Node<'_> {
    /// Takes what a copy of the tree needs from the budget of memory.
    pub(super) fn charge(&self) -> Result<(), ReadError> {
        budget::charge(size_of::<(Cow<'_, str>, Self)>()).map_err(ReadError::too_large)?;
        match self {
            Self::Null => Ok(()),
            Self::Text(text) => budget::charge(text.len()).map_err(ReadError::too_large),
            Self::List(list) => list.iter().try_for_each(Self::charge),
            Self::Map(map) => map.iter().try_for_each(|(_, node)| node.charge()),
        }
    }
}

impl<'de> Deserializer<'de> for &'de Node<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Node::Null => visitor.visit_unit(),
            Node::Text(text) => visitor.visit_borrowed_str(text),
            Node::List(list) => visitor.visit_seq(SeqDeserializer::new(list.iter())),
            Node::Map(map) => visitor.visit_map(MapDeserializer::new(
                map.iter().map(|(key, node)| (key.as_ref(), node)),
            )),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'n> IntoDeserializer<'n, Error> for &'n Node<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Reads the tree into a model.
pub(super) fn model<'n, T: serde::Deserialize<'n>>(node: &'n Node<'_>) -> Result<T, ReadError> {
    T::deserialize(node).map_err(|error| {
        if budget::is_spent() {
            ReadError::too_large(budget::OVER)
        } else {
            ReadError::malformed(error.to_string())
        }
    })
}
