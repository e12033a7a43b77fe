//! Fields that take whatever stands in the document and remember when it was of the wrong type.
//!
//! A strict field costs the whole document; these cost themselves. They borrow from the text where they can.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::place::Place;
use super::{ReadError, budget};

/// What stands at a place where a `T` should.
#[derive(Debug, Default)]
pub(super) enum Field<T> {
    /// Nothing, or `null`.
    #[default]
    Absent,
    /// Something else; what, in words.
    Wrong(&'static str),
    Is(T),
}

impl<T> Field<T> {
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Field<U> {
        match self {
            Self::Absent => Field::Absent,
            Self::Wrong(found) => Field::Wrong(found),
            Self::Is(value) => Field::Is(change(value)),
        }
    }
}

pub(super) type Text<'a> = Field<Cow<'a, str>>;
pub(super) type List<T> = Field<Vec<T>>;
pub(super) type Object<T> = Field<Record<T>>;
/// An object that few records have; boxed, so that the others are small.
pub(super) type Rare<T> = Field<Box<Record<T>>>;

/// A JSON object read as a struct. (Serde would take an array for a struct, too.)
#[derive(Debug)]
pub(super) struct Record<T>(pub(super) T);

/// A number that is one: no `NaN`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number(pub(super) f64);

/// What may be given alone or as a list.
#[derive(Debug)]
pub(super) struct OneOrMany<T>(pub(super) Vec<T>);

impl<'a> From<Cow<'a, str>> for Text<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self::Is(text)
    }
}

impl Field<Number> {
    /// The number that a text spells.
    pub(super) fn number(text: &str) -> Self {
        match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Self::Is(Number(number)),
            _ => Self::Wrong("a text"),
        }
    }
}

/// A list without which the document makes no sense, should it be something else.
pub(super) fn essential<'f, T>(field: &'f List<T>, place: &Place<'_>) -> Result<&'f [T], ReadError> {
    match field {
        Field::Is(list) => Ok(list),
        Field::Absent => Ok(&[]),
        Field::Wrong(found) => {
            Err(ReadError::malformed(format!("{found} stands where a list belongs")).at(place))
        }
    }
}

/// What a type makes of the JSON types; what it does not mention is wrong.
pub(super) trait Shape<'de>: Sized {
    fn from_text(_text: Cow<'de, str>) -> Field<Self> {
        Field::Wrong("a text")
    }

    fn from_bool(_value: bool) -> Field<Self> {
        Field::Wrong("a boolean")
    }

    fn from_number(_number: f64) -> Field<Self> {
        Field::Wrong("a number")
    }

    fn from_seq<A: SeqAccess<'de>>(mut seq: A) -> Result<Field<Self>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Field::Wrong("an array"))
    }

    fn from_map<A: MapAccess<'de>>(mut map: A) -> Result<Field<Self>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Field::Wrong("an object"))
    }
}

impl<'de: 'a, 'a> Shape<'de> for Cow<'a, str> {
    fn from_text(text: Cow<'de, str>) -> Field<Self> {
        Field::Is(text)
    }
}

impl Shape<'_> for bool {
    fn from_bool(value: bool) -> Field<Self> {
        Field::Is(value)
    }
}

/// Tools also write numbers as texts.
impl<'de> Shape<'de> for Number {
    fn from_number(number: f64) -> Field<Self> {
        Field::Is(Self(number))
    }

    fn from_text(text: Cow<'de, str>) -> Field<Self> {
        Field::number(&text)
    }
}

impl<'de, T: Shape<'de>> Shape<'de> for Box<T> {
    fn from_map<A: MapAccess<'de>>(map: A) -> Result<Field<Self>, A::Error> {
        budget::charge(size_of::<T>()).map_err(de::Error::custom)?;
        T::from_map(map).map(|field| field.map(Self::new))
    }
}

impl<'de, T: Shape<'de>> Shape<'de> for OneOrMany<Field<T>> {
    fn from_text(text: Cow<'de, str>) -> Field<Self> {
        Field::Is(Self(vec![T::from_text(text)]))
    }

    fn from_seq<A: SeqAccess<'de>>(seq: A) -> Result<Field<Self>, A::Error> {
        Vec::from_seq(seq).map(|list| list.map(Self))
    }

    fn from_map<A: MapAccess<'de>>(map: A) -> Result<Field<Self>, A::Error> {
        T::from_map(map).map(|one| Field::Is(Self(vec![one])))
    }
}

impl<'de, T: Deserialize<'de>> Shape<'de> for Vec<T> {
    fn from_seq<A: SeqAccess<'de>>(mut seq: A) -> Result<Field<Self>, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = seq.next_element()? {
            budget::charge(size_of::<T>()).map_err(de::Error::custom)?;
            list.push(element);
        }
        Ok(Field::Is(list))
    }
}

impl<'de, T: Deserialize<'de>> Shape<'de> for Record<T> {
    fn from_map<A: MapAccess<'de>>(map: A) -> Result<Field<Self>, A::Error> {
        T::deserialize(de::value::MapAccessDeserializer::new(map)).map(|value| Field::Is(Self(value)))
    }
}

impl<'de, T: Shape<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor(PhantomData))
    }
}

struct FieldVisitor<T>(PhantomData<T>);

impl<'de, T: Shape<'de>> Visitor<'de> for FieldVisitor<T> {
    type Value = Field<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Field::Absent)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(T::from_bool(value))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "scores, confidences and line numbers are small"
    )]
    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(T::from_number(number as f64))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "scores, confidences and line numbers are small"
    )]
    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(T::from_number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(T::from_number(number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(T::from_text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(T::from_text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        T::from_seq(seq)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::from_map(map)
    }
}
