//! The document as XML, two spaces a level.

use std::io::{self, Write};

use super::sink::{List, Shape, Sink};
use crate::formats::write::text;

pub(super) struct Xml<W> {
    out: W,
    depth: usize,
    /// Whether the start tag of the innermost element can still take attributes.
    is_open: bool,
    /// Whether the innermost element holds a text, so that white space would belong to it.
    is_inline: bool,
}

impl<W: Write> Xml<W> {
    /// Begins the document with its root element.
    pub(super) fn begin(mut out: W, root: &str, namespace: &str) -> io::Result<Self> {
        out.write_all(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        let mut xml = Self {
            out,
            depth: 0,
            is_open: false,
            is_inline: false,
        };
        xml.start(root)?;
        xml.attribute("xmlns", namespace)?;
        Ok(xml)
    }

    /// Ends the document.
    pub(super) fn finish(mut self, root: &str) -> io::Result<()> {
        self.end(root)?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }

    fn start(&mut self, name: &str) -> io::Result<()> {
        self.close_tag()?;
        self.indent()?;
        write!(self.out, "<{name}")?;
        self.depth += 1;
        self.is_open = true;
        self.is_inline = false;
        Ok(())
    }

    fn end(&mut self, name: &str) -> io::Result<()> {
        self.depth -= 1;
        if self.is_open {
            self.out.write_all(b"/>")?;
        } else {
            if !self.is_inline {
                self.indent()?;
            }
            write!(self.out, "</{name}>")?;
        }
        self.is_open = false;
        self.is_inline = false;
        Ok(())
    }

    fn close_tag(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.is_open) {
            self.out.write_all(b">")?;
        }
        Ok(())
    }

    fn indent(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n")?;
        for _ in 0..self.depth {
            self.out.write_all(b"  ")?;
        }
        Ok(())
    }

    /// Writes the text escaped; a character that XML cannot hold becomes the replacement character.
    fn escaped(&mut self, text: &str, is_attribute: bool) -> io::Result<()> {
        let mut rest = 0;
        for (at, c) in text.char_indices() {
            let escape = match c {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '\r' => "&#13;",
                '"' if is_attribute => "&quot;",
                '\n' if is_attribute => "&#10;",
                '\t' if is_attribute => "&#9;",
                _ if !text::is_xml_char(c) => "\u{fffd}",
                _ => continue,
            };
            self.out
                .write_all(text.get(rest..at).unwrap_or_default().as_bytes())?;
            self.out.write_all(escape.as_bytes())?;
            rest = at + c.len_utf8();
        }
        self.out
            .write_all(text.get(rest..).unwrap_or_default().as_bytes())
    }
}

impl<W: Write> Sink for Xml<W> {
    fn attribute(&mut self, name: &str, value: &str) -> io::Result<()> {
        write!(self.out, " {name}=\"")?;
        self.escaped(value, true)?;
        self.out.write_all(b"\"")
    }

    fn number_attribute(&mut self, name: &str, value: &str) -> io::Result<()> {
        self.attribute(name, value)
    }

    fn text(&mut self, name: &str, value: &str) -> io::Result<()> {
        self.start(name)?;
        self.content(name, value)?;
        self.end(name)
    }

    fn content(&mut self, _: &str, value: &str) -> io::Result<()> {
        self.close_tag()?;
        self.is_inline = true;
        self.escaped(value, false)
    }

    fn literal(&mut self, name: &str, value: &str) -> io::Result<()> {
        self.text(name, value)
    }

    fn begin_object(&mut self, name: &str) -> io::Result<()> {
        self.start(name)
    }

    fn end_object(&mut self, name: &str) -> io::Result<()> {
        self.end(name)
    }

    fn begin_list(&mut self, list: &List) -> io::Result<()> {
        list.wrapper.map_or(Ok(()), |wrapper| self.start(wrapper))
    }

    fn end_list(&mut self, list: &List) -> io::Result<()> {
        list.wrapper.map_or(Ok(()), |wrapper| self.end(wrapper))
    }

    fn begin_item(&mut self, list: &List) -> io::Result<()> {
        self.start(list.item)
    }

    fn end_item(&mut self, list: &List) -> io::Result<()> {
        self.end(list.item)
    }

    fn item(&mut self, list: &List, value: &str) -> io::Result<()> {
        if list.shape != Shape::Reference {
            return self.text(list.item, value);
        }
        self.start(list.item)?;
        self.attribute("ref", value)?;
        self.end(list.item)
    }
}
