//! The line format of `yarn.lock`, old (`key "value"`) and new (`key: value`): keys, values and indentation.

use crate::lockfile::ReadError;

/// Levels of indentation; yarn writes three.
const DEEPEST: usize = 16;

/// One key with its value or with what is indented below it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub key: String,
    pub value: Option<String>,
    pub children: Vec<Item>,
    /// Counted from 1.
    pub line: usize,
}

impl Item {
    pub(super) fn child(&self, key: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.key == key)
    }

    /// The value of a key.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.child(key)?.value.as_deref().filter(|text| !text.is_empty())
    }

    /// Keys and values below a key.
    pub(super) fn pairs(&self, key: &str) -> impl Iterator<Item = (&str, &str)> {
        let children = self.child(key).map(|child| child.children.as_slice());
        children
            .unwrap_or_default()
            .iter()
            .filter_map(|item| Some((item.key.as_str(), item.value.as_deref()?)))
    }

    pub(super) fn place(&self) -> String {
        format!("line {}", self.line)
    }
}

/// Items being read, the innermost last, each with its indentation.
struct Open {
    indent: usize,
    item: Item,
}

/// Reads a whole text.
pub(super) fn parse(text: &str) -> Result<Vec<Item>, ReadError> {
    let mut done = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let content = line.trim_start_matches(' ');
        if content.trim().is_empty() || content.starts_with('#') || content == "---" {
            continue;
        }
        let indent = line.len() - content.len();
        close(&mut open, &mut done, indent);
        let (key, value) = split(content.trim_end(), number)?;
        if indent > 0 && open.is_empty() {
            return Err(ReadError::new(
                format!("line {number}"),
                "it is indented below nothing",
            ));
        }
        if open.len() >= DEEPEST {
            return Err(ReadError::new(
                format!("line {number}"),
                "it is indented too deeply",
            ));
        }
        open.push(Open {
            indent,
            item: Item {
                key,
                value,
                children: Vec::new(),
                line: number,
            },
        });
    }
    close(&mut open, &mut done, 0);
    Ok(done)
}

/// Hands items that are indented as far as the new one, or further, to what they stand below.
fn close(open: &mut Vec<Open>, done: &mut Vec<Item>, indent: usize) {
    while let Some(last) = open.pop_if(|last| last.indent >= indent) {
        match open.last_mut() {
            Some(parent) => parent.item.children.push(last.item),
            None => done.push(last.item),
        }
    }
}

/// Reads one line: `key:`, `key value` or `key: value`; either may be quoted. A key may be a list of quoted keys.
fn split(content: &str, line: usize) -> Result<(String, Option<String>), ReadError> {
    let fail = |what: &str| ReadError::new(format!("line {line}"), what);
    if ["<<<<<<<", "=======", ">>>>>>>"]
        .iter()
        .any(|mark| content.starts_with(mark))
    {
        return Err(fail("it has marks of an unfinished merge"));
    }
    // A key that ends the line names what is indented below it.
    if let Some(keys) = content.strip_suffix(':') {
        return Ok((list_of_keys(keys), None));
    }
    let (key, rest) = if content.starts_with('"') {
        let end = end_of_quoted(content).ok_or_else(|| fail("a quote is not closed"))?;
        (unquote(&content[..end]), &content[end..])
    } else {
        let end = content
            .find([' ', ':'])
            .ok_or_else(|| fail("there is no value behind the key"))?;
        let end = if content[end..].starts_with(": ") || content[end..].starts_with(' ') {
            end
        } else {
            content
                .find(": ")
                .or_else(|| content.find(' '))
                .ok_or_else(|| fail("there is no value behind the key"))?
        };
        (content[..end].to_owned(), &content[end..])
    };
    let value = rest.strip_prefix(':').unwrap_or(rest).trim();
    if value.is_empty() {
        return Err(fail("there is no value behind the key"));
    }
    Ok((key, Some(unquote(value))))
}

/// `"a@1", b@2` becomes `a@1, b@2`; the new format has the comma inside the quotes already.
fn list_of_keys(text: &str) -> String {
    text.split(", ")
        .map(|key| key.trim_matches('"'))
        .collect::<Vec<_>>()
        .join(", ")
}

fn end_of_quoted(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

fn unquote(text: &str) -> String {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    match inner {
        Some(inner) => serde_json::from_str(text).unwrap_or_else(|_| inner.to_owned()),
        None => text
            .strip_prefix('\'')
            .and_then(|text| text.strip_suffix('\''))
            .unwrap_or(text)
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_read() {
        let old = parse("# c\n\"@a/b@^1\", c@2:\n  version \"1.0\"\n  dependencies:\n    \"@x/y\" \"^1 || 2\"\n    z \"*\"\n").unwrap();
        let new = parse(
            "\"@a/b@^1, c@2\":\n  version: 1.0\n  dependencies:\n    \"@x/y\": \"^1 || 2\"\n    z: \"*\"\n",
        )
        .unwrap();
        for items in [&old, &new] {
            assert_eq!(items[0].key, "@a/b@^1, c@2");
            assert_eq!(items[0].text("version"), Some("1.0"));
            assert_eq!(
                items[0].pairs("dependencies").collect::<Vec<_>>(),
                [("@x/y", "^1 || 2"), ("z", "*")]
            );
        }
        assert_eq!(old[0].place(), "line 2");
    }

    #[test]
    fn values_with_colons_stay_whole() {
        let items =
            parse("a:\n  resolved \"https://e.test/a#1\"\n  resolution: \"a@npm:1.0.0\"\n  plain: npm:^1\n")
                .unwrap();
        assert_eq!(items[0].text("resolved"), Some("https://e.test/a#1"));
        assert_eq!(items[0].text("resolution"), Some("a@npm:1.0.0"));
        assert_eq!(items[0].text("plain"), Some("npm:^1"));
    }

    #[test]
    fn what_is_no_such_text_names_its_line() {
        for (text, line) in [
            (
                "a:\n<<<<<<< HEAD\n",
                "line 2: it has marks of an unfinished merge",
            ),
            ("  a: b\n", "line 1: it is indented below nothing"),
            ("{}\n", "line 1: there is no value behind the key"),
            ("\"a b\n", "line 1: a quote is not closed"),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), line);
        }
    }
}
