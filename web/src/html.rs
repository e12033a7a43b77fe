//! Text that is HTML already.

use std::fmt::{self, Write as _};

/// A finished fragment: templates print it as it is. Whoever builds one escapes what came from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// Wraps a fragment whose every outside part has been through [`escape`].
    #[must_use]
    pub fn from_trusted(html: String) -> Self {
        Self(html)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Html {}

/// Makes text safe between tags and inside double-quoted attributes.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// A fragment under construction. Writing to a string cannot fail, so its methods do not return a result.
#[derive(Debug, Default)]
pub(crate) struct Builder(String);

impl Builder {
    /// Appends formatted markup: `b.put(format_args!("<rect x=\"{x}\"/>"))`.
    pub(crate) fn put(&mut self, markup: fmt::Arguments<'_>) {
        // `fmt::Write` for `String` always answers Ok; the result exists for other writers.
        let _ = self.0.write_fmt(markup);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.0.push_str(&escape(text));
    }

    pub(crate) fn html(&mut self, html: &Html) {
        self.0.push_str(html.as_str());
    }

    pub(crate) fn finish(self) -> Html {
        Html(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_attribute() {
        assert_eq!(escape("\"><script>'&"), "&quot;&gt;&lt;script&gt;&#39;&amp;");
    }
}
