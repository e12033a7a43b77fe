//! The document as JSON, two spaces a level.

use std::io::{self, Write};

use super::sink::{List, Shape, Sink};

pub(super) struct Json<W> {
    out: W,
    depth: usize,
    /// Whether nothing stands yet in the object or list that is being written.
    is_empty: bool,
}

impl<W: Write> Json<W> {
    /// Begins the document.
    pub(super) fn begin(mut out: W) -> io::Result<Self> {
        out.write_all(b"{")?;
        Ok(Self {
            out,
            depth: 1,
            is_empty: true,
        })
    }

    /// Ends the document.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.close(b"}")?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }

    fn next(&mut self) -> io::Result<()> {
        if !self.is_empty {
            self.out.write_all(b",")?;
        }
        self.is_empty = false;
        self.indent()
    }

    fn indent(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n")?;
        for _ in 0..self.depth {
            self.out.write_all(b"  ")?;
        }
        Ok(())
    }

    fn key(&mut self, name: &str) -> io::Result<()> {
        self.next()?;
        self.string(name)?;
        self.out.write_all(b": ")
    }

    fn string(&mut self, text: &str) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, text).map_err(io::Error::from)
    }

    fn open(&mut self, bracket: &[u8]) -> io::Result<()> {
        self.out.write_all(bracket)?;
        self.depth += 1;
        self.is_empty = true;
        Ok(())
    }

    fn close(&mut self, bracket: &[u8]) -> io::Result<()> {
        self.depth -= 1;
        if !self.is_empty {
            self.indent()?;
        }
        self.is_empty = false;
        self.out.write_all(bracket)
    }
}

impl<W: Write> Sink for Json<W> {
    fn attribute(&mut self, name: &str, value: &str) -> io::Result<()> {
        self.text(name, value)
    }

    fn number_attribute(&mut self, name: &str, value: &str) -> io::Result<()> {
        self.literal(name, value)
    }

    fn text(&mut self, name: &str, value: &str) -> io::Result<()> {
        self.key(name)?;
        self.string(value)
    }

    fn content(&mut self, name: &str, value: &str) -> io::Result<()> {
        self.text(name, value)
    }

    fn literal(&mut self, name: &str, value: &str) -> io::Result<()> {
        self.key(name)?;
        self.out.write_all(value.as_bytes())
    }

    fn begin_object(&mut self, name: &str) -> io::Result<()> {
        self.key(name)?;
        self.open(b"{")
    }

    fn end_object(&mut self, _: &str) -> io::Result<()> {
        self.close(b"}")
    }

    fn begin_list(&mut self, list: &List) -> io::Result<()> {
        self.key(list.json)?;
        self.open(b"[")
    }

    fn end_list(&mut self, _: &List) -> io::Result<()> {
        self.close(b"]")
    }

    fn begin_item(&mut self, list: &List) -> io::Result<()> {
        self.next()?;
        self.open(b"{")?;
        if list.shape == Shape::Named {
            self.begin_object(list.item)?;
        }
        Ok(())
    }

    fn end_item(&mut self, list: &List) -> io::Result<()> {
        if list.shape == Shape::Named {
            self.end_object(list.item)?;
        }
        self.close(b"}")
    }

    fn item(&mut self, list: &List, value: &str) -> io::Result<()> {
        self.next()?;
        match list.shape {
            Shape::Number => self.out.write_all(value.as_bytes()),
            Shape::NamedText => {
                self.open(b"{")?;
                self.text(list.item, value)?;
                self.close(b"}")
            }
            _ => self.string(value),
        }
    }
}
