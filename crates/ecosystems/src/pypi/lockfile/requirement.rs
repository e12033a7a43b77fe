//! A requirement as PEP 508 writes it, taken apart: `name[extra] (>=1) ; marker` or `name @ url ; marker`.

/// The parts, trimmed; what is not there is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Requirement<'a> {
    pub name: &'a str,
    /// Without the brackets.
    pub extras: &'a str,
    /// Without parentheses.
    pub specifier: &'a str,
    pub url: &'a str,
    pub marker: &'a str,
}

impl<'a> Requirement<'a> {
    /// `None` when the text does not begin with a name.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let end = text.find(|c: char| !is_of_name(c)).unwrap_or(text.len());
        let name = &text[..end];
        let is_name = name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.ends_with(|c: char| c.is_ascii_alphanumeric());
        if !is_name {
            return None;
        }
        let mut rest = text[end..].trim_start();
        let mut extras = "";
        if let Some(inner) = rest.strip_prefix('[') {
            let close = inner.find(']')?;
            extras = inner[..close].trim();
            rest = inner[close + 1..].trim_start();
        }
        if let Some(url) = rest.strip_prefix('@') {
            // A semicolon may be part of an address; only one behind a space begins a marker.
            let (url, marker) = url.split_once(" ;").unwrap_or((url, ""));
            return Some(Self {
                name,
                extras,
                url: url.trim(),
                marker: marker.trim(),
                ..Self::default()
            });
        }
        let (specifier, marker) = rest.split_once(';').unwrap_or((rest, ""));
        let specifier = specifier.trim();
        let bare = specifier
            .strip_prefix('(')
            .and_then(|text| text.strip_suffix(')'));
        Some(Self {
            name,
            extras,
            specifier: bare.unwrap_or(specifier).trim(),
            marker: marker.trim(),
            url: "",
        })
    }

    /// The version, when the specifier admits just one.
    pub(super) fn pin(&self) -> Option<&'a str> {
        let version = self
            .specifier
            .strip_prefix("===")
            .or_else(|| self.specifier.strip_prefix("=="))?
            .trim();
        let is_version = !version.is_empty() && !version.contains([',', '*', ' ', '$']);
        is_version.then_some(version)
    }
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// The text, unless it is empty.
pub(super) fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_come_apart() {
        let parse = |text| {
            let r = Requirement::parse(text).unwrap();
            format!("{}|{}|{}|{}|{}", r.name, r.extras, r.specifier, r.url, r.marker)
        };
        assert_eq!(parse("a-b.c"), "a-b.c||||");
        assert_eq!(
            parse("flask[async, x] == 3.0 ; python_version < '3'"),
            "flask|async, x|== 3.0||python_version < '3'"
        );
        assert_eq!(parse("zope (>=1,<2)"), "zope||>=1,<2||");
        assert_eq!(
            parse("a @ git+https://e.test/a@v1#egg=a ; os_name == 'nt'"),
            "a|||git+https://e.test/a@v1#egg=a|os_name == 'nt'"
        );
        for text in ["", "==1.0", "-foo==1", "[x]", "a[b"] {
            assert_eq!(Requirement::parse(text), None, "{text}");
        }
    }

    #[test]
    fn only_one_exact_version_is_a_pin() {
        let pin = |text| Requirement::parse(text).unwrap().pin();
        assert_eq!(pin("a==1.0"), Some("1.0"));
        assert_eq!(pin("a === 1.0+x"), Some("1.0+x"));
        for text in ["a", "a>=1", "a==1.*", "a==", "a==1,!=2", "a==${V}"] {
            assert_eq!(pin(text), None, "{text}");
        }
    }
}
