//! One walk through a document, two encodings.
//!
//! The mapping speaks to a [`Sink`] in the order of the XML schema, attributes first; JSON does not mind. Each
//! [`List`] says how the two encodings differ.

use std::io;

/// The names of a list in both encodings.
pub(super) struct List {
    pub json: &'static str,
    /// The element around the items; `None` where the items stand directly in their parent.
    pub wrapper: Option<&'static str>,
    pub item: &'static str,
    pub shape: Shape,
}

/// What an item of a list is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// JSON `{…}`, XML `<item>…</item>`.
    Plain,
    /// JSON `{"item":{…}}`, XML `<item>…</item>`.
    Named,
    /// A text: JSON `"…"`, XML `<item>…</item>`.
    Text,
    /// A text: JSON `"…"`, XML `<item ref="…"/>`.
    Reference,
    /// A number: JSON `7`, XML `<item>7</item>`.
    Number,
    /// A text: JSON `{"item":"…"}`, XML `<item>…</item>`.
    NamedText,
}

impl List {
    pub const fn new(json: &'static str, item: &'static str) -> Self {
        Self {
            json,
            wrapper: Some(json),
            item,
            shape: Shape::Plain,
        }
    }

    pub const fn wrapped(self, wrapper: &'static str) -> Self {
        Self {
            wrapper: Some(wrapper),
            ..self
        }
    }

    pub const fn bare(self) -> Self {
        Self {
            wrapper: None,
            ..self
        }
    }

    pub const fn of(self, shape: Shape) -> Self {
        Self { shape, ..self }
    }
}

/// Takes a document piece by piece.
pub(super) trait Sink: Sized {
    /// JSON: a field; XML: an attribute, so it must come before everything else of its element.
    fn attribute(&mut self, name: &str, value: &str) -> io::Result<()>;
    /// JSON: a number; XML: an attribute.
    fn number_attribute(&mut self, name: &str, value: &str) -> io::Result<()>;
    /// JSON: a field; XML: an element with a text.
    fn text(&mut self, name: &str, value: &str) -> io::Result<()>;
    /// JSON: a field; XML: the text of the element itself.
    fn content(&mut self, name: &str, value: &str) -> io::Result<()>;
    /// A number or a truth value, spelled the same in both.
    fn literal(&mut self, name: &str, value: &str) -> io::Result<()>;
    fn begin_object(&mut self, name: &str) -> io::Result<()>;
    fn end_object(&mut self, name: &str) -> io::Result<()>;
    fn begin_list(&mut self, list: &List) -> io::Result<()>;
    fn end_list(&mut self, list: &List) -> io::Result<()>;
    fn begin_item(&mut self, list: &List) -> io::Result<()>;
    fn end_item(&mut self, list: &List) -> io::Result<()>;
    /// An item that is a text, a reference or a number.
    fn item(&mut self, list: &List, value: &str) -> io::Result<()>;

    fn attribute_if(&mut self, name: &str, value: Option<&str>) -> io::Result<()> {
        value.map_or(Ok(()), |value| self.attribute(name, value))
    }

    fn text_if(&mut self, name: &str, value: Option<&str>) -> io::Result<()> {
        value.map_or(Ok(()), |value| self.text(name, value))
    }

    fn object(&mut self, name: &str, fill: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        self.begin_object(name)?;
        fill(self)?;
        self.end_object(name)
    }

    /// A list of objects; nothing at all when it is empty.
    fn list<T>(
        &mut self,
        list: &List,
        items: impl IntoIterator<Item = T>,
        mut fill: impl FnMut(&mut Self, T) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut items = items.into_iter().peekable();
        if items.peek().is_none() {
            return Ok(());
        }
        self.begin_list(list)?;
        for item in items {
            self.begin_item(list)?;
            fill(self, item)?;
            self.end_item(list)?;
        }
        self.end_list(list)
    }

    /// A list of texts, references or numbers; nothing at all when it is empty.
    fn values<T: AsRef<str>>(&mut self, list: &List, items: impl IntoIterator<Item = T>) -> io::Result<()> {
        let mut items = items.into_iter().peekable();
        if items.peek().is_none() {
            return Ok(());
        }
        self.begin_list(list)?;
        for item in items {
            self.item(list, item.as_ref())?;
        }
        self.end_list(list)
    }
}
