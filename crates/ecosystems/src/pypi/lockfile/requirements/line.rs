//! Logical lines: joined where a backslash ends them, without comments, with their options.

use inventory::Hash;

use super::hashes;

/// One logical line, trimmed. A comment that stands alone begins with `#`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub text: String,
    /// Where it begins, counted from 1.
    pub number: usize,
}

/// The logical lines of a text, without empty ones.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let mut found = Vec::new();
    let mut joined: Option<Line> = None;
    for (number, physical) in (1..).zip(text.lines()) {
        let trimmed = physical.trim();
        // pip joins no comment that stands alone.
        let (part, goes_on) = match trimmed.strip_suffix('\\') {
            Some(part) if !trimmed.starts_with('#') => (part.trim(), true),
            _ => (trimmed, false),
        };
        let line = joined.get_or_insert_with(|| Line {
            text: String::new(),
            number,
        });
        if !line.text.is_empty() && !part.is_empty() {
            line.text.push(' ');
        }
        line.text.push_str(part);
        if !goes_on {
            found.extend(joined.take());
        }
    }
    found.extend(joined);
    found
        .into_iter()
        .flat_map(Line::apart)
        .filter(|line| !line.text.is_empty())
        .collect()
}

impl Line {
    /// The content, and the comment behind it.
    fn apart(self) -> Vec<Self> {
        if self.text.starts_with('#') {
            return vec![self];
        }
        let Some(at) = self.text.find(" #").or_else(|| self.text.find("\t#")) else {
            return vec![self];
        };
        let line = |text: &str| Self {
            text: text.trim().to_owned(),
            number: self.number,
        };
        vec![line(&self.text[..at]), line(&self.text[at + 1..])]
    }

    /// Name and value, when the whole line is an option.
    pub(super) fn option(&self) -> Option<(&str, &str)> {
        if !self.text.starts_with('-') {
            return None;
        }
        // `-rbase.txt` is read as `-r base.txt`.
        let short = self.text.get(..2).filter(|_| !self.text.starts_with("--"));
        if let Some(short @ ("-r" | "-c" | "-e" | "-i")) = short {
            return Some((short, self.text[2..].trim_start_matches(['=', ' ', '\t'])));
        }
        let end = self.text.find(['=', ' ', '\t']).unwrap_or(self.text.len());
        let is_option = self.text.starts_with("--") || end == 2;
        let value = self.text[end..].trim_start_matches(['=', ' ', '\t']);
        is_option.then_some((&self.text[..end], value))
    }

    /// The requirement without the options behind it, and the hashes among them.
    pub(super) fn without_options(&self) -> (String, Vec<Hash>) {
        let start = self.text.find(" -").map_or(self.text.len(), |at| at);
        let (requirement, options) = self.text.split_at(start);
        let mut words = options.split_ascii_whitespace();
        let mut digests = Vec::new();
        while let Some(word) = words.next() {
            match word.strip_prefix("--hash") {
                Some("") => digests.extend(words.next()),
                Some(value) => digests.extend(value.strip_prefix('=')),
                None => {}
            }
        }
        (requirement.trim().to_owned(), hashes(digests.into_iter()))
    }
}

/// Reads who needs a package from a comment: `via a, b`, `via`, or one name on a line below that.
pub(super) fn collect_via(comment: &str, via: &mut Vec<String>) {
    let text = comment.trim();
    let names = match text.strip_prefix("via") {
        Some(rest) if rest.is_empty() || rest.starts_with(' ') => {
            // An empty entry says that names follow.
            if rest.trim().is_empty() {
                via.push(String::new());
            }
            rest.trim()
        }
        _ if via.first().is_some_and(String::is_empty) && comment.starts_with("   ") => text,
        _ => return,
    };
    via.extend(
        names
            .split(", ")
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(str::to_owned),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_and_their_comments_set_apart() {
        let text = "a==1 \\\n  --hash=sha256:1 # why\n\n# alone \\\nb==2\n";
        let shown: Vec<_> = lines(text)
            .into_iter()
            .map(|line| (line.number, line.text))
            .collect();
        let expected = [
            (1, "a==1 --hash=sha256:1"),
            (1, "# why"),
            (4, "# alone \\"),
            (5, "b==2"),
        ];
        assert_eq!(shown, expected.map(|(number, text)| (number, text.to_owned())));
    }

    #[test]
    fn options_have_names_and_values() {
        let option = |text: &str| {
            let line = Line {
                text: text.to_owned(),
                number: 1,
            };
            line.option().map(|(name, value)| format!("{name}={value}"))
        };
        assert_eq!(option("-r base.txt").as_deref(), Some("-r=base.txt"));
        assert_eq!(option("-rbase.txt").as_deref(), Some("-r=base.txt"));
        assert_eq!(
            option("--index-url=https://e.test").as_deref(),
            Some("--index-url=https://e.test")
        );
        assert_eq!(option("--pre").as_deref(), Some("--pre="));
        assert_eq!(option("-foo==1"), None);
        assert_eq!(option("a==1"), None);
    }

    #[test]
    fn comments_say_who_needs_a_package() {
        let mut via = Vec::new();
        for comment in [" via", "   flask", "   -r requirements.in"] {
            collect_via(comment, &mut via);
        }
        assert_eq!(via, ["", "flask", "-r requirements.in"]);
        let mut via = Vec::new();
        collect_via(" via flask, jinja2", &mut via);
        collect_via(" something else", &mut via);
        assert_eq!(via, ["flask", "jinja2"]);
    }
}
