//! Reading JSON of any quality: what has another type than expected counts as absent, and order is kept.

use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A text, or nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text(pub Option<String>);

/// Whether a value counts as true to JavaScript, and its text when it is one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Truth {
    pub is_true: bool,
    pub text: Option<String>,
}

/// The texts of an object, in their order; of repeated keys the last counts, at the place of the first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pairs<T>(pub Vec<(String, T)>);

/// A list of texts, written as one, alone, or as the keys of an object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List {
    pub texts: Vec<String>,
    /// Written `true`, which stands for everything.
    pub all: bool,
}

/// A text or an object of such, as `overrides` are.
#[derive(Clone, Debug, PartialEq)]
pub enum Rules {
    Text(String),
    Map(Vec<(String, Rules)>),
}

impl Default for Rules {
    fn default() -> Self {
        Self::Map(Vec::new())
    }
}

/// The values that a shape can be made of; every other value leaves it as it is by default.
trait Shape: Default {
    fn text(_: &str) -> Self {
        Self::default()
    }

    fn flag(_: bool) -> Self {
        Self::default()
    }

    fn number(_: bool) -> Self {
        Self::default()
    }

    fn list(_: Vec<Text>) -> Self {
        Self::default()
    }

    /// Reads a list.
    ///
    /// # Errors
    /// When the JSON ends or is malformed.
    fn seq<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut texts = Vec::new();
        while let Some(text) = seq.next_element::<Text>()? {
            texts.push(text);
        }
        Ok(Self::list(texts))
    }

    /// Reads an object.
    ///
    /// # Errors
    /// When the JSON ends or is malformed.
    fn map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

struct Reader<T>(std::marker::PhantomData<T>);

impl<'de, T: Shape> Visitor<'de> for Reader<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::text(text))
    }

    fn visit_bool<E>(self, value: bool) -> Result<T, E> {
        Ok(T::flag(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<T, E> {
        Ok(T::number(value != 0))
    }

    fn visit_u64<E>(self, value: u64) -> Result<T, E> {
        Ok(T::number(value != 0))
    }

    fn visit_f64<E>(self, value: f64) -> Result<T, E> {
        Ok(T::number(value != 0.0))
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<T, A::Error> {
        T::seq(seq)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::map(map)
    }
}

macro_rules! read_as_shape {
    ($($shape:ty),*) => {$(
        impl<'de> Deserialize<'de> for $shape {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Reader::<Self>(std::marker::PhantomData))
            }
        }
    )*};
}

read_as_shape!(Text, Truth, List, Rules, Pairs<Text>, Pairs<Optional>, License);

impl Shape for Text {
    fn text(text: &str) -> Self {
        Self(Some(text.to_owned()))
    }
}

impl Shape for Truth {
    fn text(text: &str) -> Self {
        Self {
            is_true: !text.is_empty(),
            text: Some(text.to_owned()),
        }
    }

    fn flag(is_true: bool) -> Self {
        Self { is_true, text: None }
    }

    fn number(is_true: bool) -> Self {
        Self::flag(is_true)
    }

    fn list(_: Vec<Text>) -> Self {
        Self::flag(true)
    }

    fn map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::flag(true))
    }
}

impl Shape for List {
    fn text(text: &str) -> Self {
        Self {
            texts: vec![text.to_owned()],
            all: false,
        }
    }

    fn flag(all: bool) -> Self {
        Self {
            texts: Vec::new(),
            all,
        }
    }

    fn list(texts: Vec<Text>) -> Self {
        Self {
            texts: texts.into_iter().filter_map(|text| text.0).collect(),
            all: false,
        }
    }

    /// An object with a list `packages` is that list, as workspaces may be written; of another the keys count.
    fn map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut keys = Vec::new();
        let mut packages = None;
        while let Some(key) = map.next_key::<String>()? {
            if key == "packages" {
                packages = Some(map.next_value::<Self>()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
            keys.push(key);
        }
        Ok(packages.unwrap_or(Self {
            texts: keys,
            all: false,
        }))
    }
}

impl Shape for Rules {
    fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    fn map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry::<String, Self>()? {
            entries.push(entry);
        }
        Ok(Self::Map(last_of_each(entries)))
    }
}

impl Shape for Pairs<Text> {
    fn map<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        pairs(map)
    }
}

impl Shape for Pairs<Optional> {
    fn map<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        pairs(map)
    }
}

fn pairs<'de, T: Deserialize<'de>, A: MapAccess<'de>>(mut map: A) -> Result<Pairs<T>, A::Error> {
    let mut entries = Vec::new();
    while let Some(entry) = map.next_entry::<String, T>()? {
        entries.push(entry);
    }
    Ok(Pairs(last_of_each(entries)))
}

/// What `peerDependenciesMeta` says of one package.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Optional(pub bool);

impl<'de> Deserialize<'de> for Optional {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Default)]
        struct Meta(bool);
        impl Shape for Meta {
            fn map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
                let mut optional = false;
                while let Some(key) = map.next_key::<String>()? {
                    let value: Truth = map.next_value()?;
                    if key == "optional" {
                        optional = value.is_true;
                    }
                }
                Ok(Self(optional))
            }
        }
        let meta = deserializer.deserialize_any(Reader::<Meta>(std::marker::PhantomData))?;
        Ok(Self(meta.0))
    }
}

/// A license: a text, an object with a type, or a list of such.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct License(pub Option<String>);

impl Shape for License {
    fn text(text: &str) -> Self {
        Self(Some(text.to_owned()))
    }

    /// A list of licenses is a choice.
    fn seq<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut texts = Vec::new();
        while let Some(Self(license)) = seq.next_element()? {
            texts.extend(license);
        }
        Ok(Self(match texts.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            many => Some(format!("({})", many.join(" OR "))),
        }))
    }

    fn map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut kind = None;
        while let Some(key) = map.next_key::<String>()? {
            let value: Text = map.next_value()?;
            if key == "type" {
                kind = value.0;
            }
        }
        Ok(Self(kind))
    }
}

fn last_of_each<T>(entries: Vec<(String, T)>) -> Vec<(String, T)> {
    let mut places: HashMap<String, usize> = HashMap::with_capacity(entries.len());
    let mut kept: Vec<(String, T)> = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        if let Some(slot) = places.get(&key).and_then(|at| kept.get_mut(*at)) {
            slot.1 = value;
        } else {
            places.insert(key.clone(), kept.len());
            kept.push((key, value));
        }
    }
    kept
}

impl Pairs<Text> {
    /// The entries whose value is a text.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .filter_map(|(key, value)| Some((key.as_str(), value.0.as_deref()?)))
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.texts()
            .find_map(|(name, value)| (name == key).then_some(value))
    }
}
