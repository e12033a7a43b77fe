//! Texts as schemas demand them.

use std::borrow::Cow;
use std::fmt::Write;

use clock::Timestamp;

/// Characters that no URI has outside of its percent-encoding.
const NEVER_IN_URIS: &[char] = &['<', '>', '"', '{', '}', '|', '\\', '^', '`', '[', ']'];

/// The text as a URI reference: what stands in one stays, all else is percent-encoded, and the address of a
/// repository as `scp` writes it (`git@host:path`) becomes the same as a URL.
pub(in crate::formats) fn uri_reference(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    let text = scp_address(text).map_or(Cow::Borrowed(text), Cow::Owned);
    if is_uri_reference(&text) {
        return text;
    }
    let mut encoded = String::with_capacity(text.len() + 8);
    let has_scheme = scheme(&text).is_some();
    let mut fragments = 0;
    for (at, c) in text.char_indices() {
        let rest = text.get(at..).unwrap_or_default();
        fragments += usize::from(c == '#');
        let keep = is_uri_char(c, rest) && (c != '#' || fragments == 1) && (c != ':' || has_scheme);
        if keep {
            encoded.push(c);
        } else {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                write!(encoded, "%{byte:02X}").expect("writing to a string succeeds");
            }
        }
    }
    Cow::Owned(encoded)
}

fn is_uri_reference(text: &str) -> bool {
    let colon_is_right = match text.find([':', '/', '?', '#']) {
        Some(at) if text.get(at..).is_some_and(|rest| rest.starts_with(':')) => scheme(text).is_some(),
        _ => true,
    };
    colon_is_right
        && text.matches('#').count() <= 1
        && text
            .char_indices()
            .all(|(at, c)| is_uri_char(c, text.get(at..).unwrap_or_default()))
}

/// Letters of other scripts stand in IRIs; strict readers of URIs take only ASCII, so they are encoded.
fn is_uri_char(c: char, rest: &str) -> bool {
    match c {
        '%' => {
            let digits = rest.get(1..3).unwrap_or_default();
            digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_hexdigit())
        }
        _ => c.is_ascii_graphic() && !NEVER_IN_URIS.contains(&c),
    }
}

fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once(':')?;
    let mut letters = scheme.bytes();
    let is_scheme = letters.next().is_some_and(|b| b.is_ascii_alphabetic())
        && letters.all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    is_scheme.then_some(scheme)
}

fn scp_address(text: &str) -> Option<String> {
    let (place, path) = text.split_once(':')?;
    let (user, host) = place.split_once('@')?;
    let word = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
    };
    (word(user) && word(host) && !path.starts_with('/')).then(|| format!("ssh://{user}@{host}/{path}"))
}

/// An absolute address that a reader could follow.
pub(in crate::formats) fn is_web_address(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/')) && is_uri_reference(text)
}

/// `local@domain`, without the rarer forms.
pub(in crate::formats) fn is_email(text: &str) -> bool {
    let plain = |text: &str, more: &[u8]| {
        !text.is_empty()
            && !text.starts_with('.')
            && !text.ends_with('.')
            && !text.contains("..")
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || more.contains(&b))
    };
    text.split_once('@').is_some_and(|(local, domain)| {
        plain(local, b"._%+-") && plain(domain, b".-") && !domain.starts_with('-') && !domain.ends_with('-')
    })
}

/// A moment as documents write it; `None` when the text is none.
pub(in crate::formats) fn moment(text: &str) -> Option<String> {
    text.parse::<Timestamp>()
        .ok()
        .map(|moment| moment.to_string())
        .filter(|text| text.ends_with('Z'))
}

/// To the second, as SPDX 2 wants it.
pub(in crate::formats) fn to_the_second(moment: Timestamp) -> String {
    Timestamp::from_millis(moment.millis().div_euclid(1000).saturating_mul(1000)).to_string()
}

/// `syft 1.18.1` as name and version; what does not look like a version belongs to the name.
pub(in crate::formats) fn tool(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(' ') {
        Some((name, version))
            if version
                .trim_start_matches('v')
                .starts_with(|c: char| c.is_ascii_digit()) =>
        {
            (name.trim_end(), Some(version))
        }
        _ => (text, None),
    }
}

/// Whether XML and tag-value documents can hold the text as it is.
pub(in crate::formats) fn is_clean(text: &str) -> bool {
    text.chars().all(is_xml_char)
}

/// The characters of XML 1.0.
pub(in crate::formats) fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// A CPE by the letter of its specification: the URI of 2.2 or the formatted string of 2.3.
pub(in crate::formats) fn is_cpe(text: &str) -> bool {
    is_cpe22(text) || is_cpe23(text)
}

pub(in crate::formats) fn is_cpe22(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("cpe:/") else {
        return false;
    };
    let mut parts = rest.split(':');
    let part = parts.next().unwrap_or_default();
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._-~%".contains(&b);
    matches!(part, "" | "a" | "h" | "o" | "A" | "H" | "O")
        && parts.clone().count() <= 6
        && parts.all(|part| part.bytes().all(allowed))
}

pub(in crate::formats) fn is_cpe23(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("cpe:2.3:") else {
        return false;
    };
    let parts = unescaped_parts(rest);
    let [part, attributes @ ..] = parts.as_slice() else {
        return false;
    };
    matches!(*part, "a" | "h" | "o" | "*" | "-")
        && attributes.len() == 10
        && attributes.iter().enumerate().all(|(index, attribute)| {
            if index == 5 {
                is_language(attribute)
            } else {
                is_attribute(attribute)
            }
        })
}

fn unescaped_parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (at, byte) in text.bytes().enumerate() {
        if byte == b':' && !escaped {
            parts.push(text.get(start..at).unwrap_or_default());
            start = at + 1;
        }
        escaped = byte == b'\\' && !escaped;
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

fn is_language(text: &str) -> bool {
    let letters = |text: &str| text.bytes().all(|b| b.is_ascii_alphabetic());
    let (language, region) = text.split_once('-').unwrap_or((text, "00"));
    matches!(text, "*" | "-")
        || ((2..=3).contains(&language.len())
            && letters(language)
            && (!text.contains('-')
                || (region.len() == 2 && letters(region))
                || (region.len() == 3 && region.bytes().all(|b| b.is_ascii_digit()))))
}

/// Wildcards stand at its ends only; punctuation is escaped.
fn is_attribute(text: &str) -> bool {
    if matches!(text, "*" | "-") {
        return true;
    }
    let text = text
        .strip_prefix('*')
        .unwrap_or_else(|| text.trim_start_matches('?'));
    let mut bytes = text.bytes().peekable();
    let mut any = false;
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if bytes.next().is_some_and(|b| b.is_ascii_punctuation()) => any = true,
            b'-' | b'.' | b'_' => any = true,
            _ if byte.is_ascii_alphanumeric() => any = true,
            b'*' if any => return bytes.next().is_none(),
            b'?' if any => return bytes.all(|b| b == b'?'),
            _ => return false,
        }
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_becomes_a_uri_reference() {
        for (text, expect) in [
            ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
            ("git@example.org:a/b.git", "ssh://git@example.org/a/b.git"),
            ("https://example.org/a b", "https://example.org/a%20b"),
            ("https://example.org/%zz%20", "https://example.org/%25zz%20"),
            ("https://example.org/ä#a#b", "https://example.org/%C3%A4#a%23b"),
            ("packages/a", "packages/a"),
            ("1:2", "1%3A2"),
            ("C:\\a", "C:%5Ca"),
        ] {
            assert_eq!(uri_reference(text), expect, "{text}");
            assert!(is_uri_reference(&uri_reference(text)), "{text}");
        }
    }

    #[test]
    fn cpes_are_held_to_their_letter() {
        for text in [
            "cpe:2.3:a:nodejs:node.js:18.0.0:*:*:*:*:*:*:*",
            r"cpe:2.3:a:b:c\+\+:1\:2.0:*:*:*:*:*:*:*",
            "cpe:2.3:a:b:c:1:*:*:en-us:*:node.js:*:*",
            "cpe:2.3:o:b:c*:??1:-:*:*:*:*:*:*",
            "cpe:/a:b:c:1.0",
            "cpe:/o:b",
        ] {
            assert!(is_cpe(text), "{text}");
        }
        for text in [
            "cpe:2.3:a:b:c++:1:*:*:*:*:*:*:*",
            "cpe:2.3:a:b:c:1:*:*:*:*:*:*",
            "cpe:2.3:a:b:c:1:*:*:english:*:*:*:*",
            "cpe:2.3:x:b:c:1:*:*:*:*:*:*:*",
            "cpe:2.3:a:b:a*c:1:*:*:*:*:*:*:*",
            "cpe:/a:b c",
            "purl",
        ] {
            assert!(!is_cpe(text), "{text}");
        }
    }

    #[test]
    fn times_tools_and_addresses() {
        assert_eq!(moment("2024-05-01").as_deref(), Some("2024-05-01T00:00:00Z"));
        assert_eq!(moment("yesterday"), None);
        assert_eq!(
            to_the_second(Timestamp::from_millis(1_999)),
            "1970-01-01T00:00:01Z"
        );
        assert_eq!(tool("syft 1.18.1"), ("syft", Some("1.18.1")));
        assert_eq!(tool("Microsoft SBOM Tool"), ("Microsoft SBOM Tool", None));
        assert!(is_email("security@example.org") && !is_email("a b@example.org") && !is_email("example.org"));
        assert!(is_web_address("https://example.org/a") && !is_web_address("https://a b"));
        assert!(is_clean("a\tb") && !is_clean("a\u{1}b"));
    }
}
