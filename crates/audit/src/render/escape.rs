//! Making text from outside harmless for whoever reads it.

use std::fmt::Write as _;

/// Whether a character may act on a terminal or reorder what is read: controls, bidirectional overrides,
/// line separators.
fn acts(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

/// One line for a terminal: what acts is shown as its code, `\u{1b}`.
pub(super) fn line(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if acts(character) {
            // Writing to a string cannot fail.
            let _ = write!(safe, "{}", character.escape_unicode());
        } else {
            safe.push(character);
        }
    }
    safe
}

/// One line of Markdown prose: no markup, no HTML, no mention of a person, no reference to an issue.
pub(super) fn markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            // A zero-width space keeps `@name` and `#12` from becoming links.
            '@' | '#' => {
                safe.push(character);
                safe.push('\u{200b}');
            }
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '|' | '~' | '!' => {
                safe.push('\\');
                safe.push(character);
            }
            acting if acts(acting) => safe.push(' '),
            other => safe.push(other),
        }
    }
    // Hosts are linked from their scheme or their `www.`.
    safe.replace("://", ":\u{200b}//").replace("www.", "www\u{200b}.")
}

/// A code span that fits into a table cell: its fence is longer than any run of backticks inside.
pub(super) fn code(text: &str) -> String {
    let text = line(text).replace('|', "\\|");
    if text.is_empty() {
        return String::new();
    }
    let mut longest = 0;
    let mut run = 0;
    for character in text.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let pad = if longest > 0 { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// XML text or attribute value; characters that XML 1.0 does not know become U+FFFD.
pub(super) fn xml(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            '\n' => safe.push_str("&#10;"),
            '\r' => safe.push_str("&#13;"),
            '\t' => safe.push_str("&#9;"),
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            control if control < ' ' => safe.push('\u{fffd}'),
            other => safe.push(other),
        }
    }
    safe
}

/// One line of HTML text or attribute value: no markup, and nothing that reorders what is read.
pub(crate) fn html(text: &str) -> String {
    xml(&line(text))
}

/// The message of a GitHub workflow command: one line in which no other command can begin.
pub(super) fn command(text: &str) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if safe.ends_with(character) && matches!(character, ':' | '#') {
            safe.push(' ');
        }
        safe.push(if acts(character) { '\u{fffd}' } else { character });
    }
    safe
}

/// A property of a GitHub workflow command.
pub(super) fn command_property(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
        .replace(':', "%3A")
        .replace(',', "%2C")
        .replace(acts, "\u{fffd}")
}

/// A field of CSV (RFC 4180) that no spreadsheet takes for a formula.
pub(super) fn csv(text: &str) -> String {
    let unseen = |character: char| acts(character) && !matches!(character, '\t' | '\r' | '\n');
    let text = text.replace(unseen, "\u{fffd}");
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains(['"', ',', '\n', '\r', ';']) || text.starts_with(' ') || text.ends_with(' ') {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// A relative URI reference: everything but unreserved characters and slashes is percent-encoded.
pub(super) fn uri(path: &str) -> String {
    let mut safe = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                safe.push(char::from(byte));
            }
            other => {
                let _ = write!(safe, "%{other:02X}");
            }
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_harmless() {
        for (safe, expect) in [
            (line("a\u{1b}[31m\nb\u{202e}"), "a\\u{1b}[31m\\u{a}b\\u{202e}"),
            (
                markdown("<img> @user #12 [x](y)|`"),
                "&lt;img&gt; @\u{200b}user #\u{200b}12 \\[x\\]\\(y\\)\\|\\`",
            ),
            (markdown("https://evil.test"), "https:\u{200b}//evil.test"),
            (code("a`b``c|d"), "``` a`b``c\\|d ```"),
            (code("plain"), "`plain`"),
            (code(""), ""),
            (
                xml("<a b=\"c\">&'\u{0}\n"),
                "&lt;a b=&quot;c&quot;&gt;&amp;&apos;\u{fffd}&#10;",
            ),
            (command("100%\r\n::error::x"), "100%25%0D%0A: :error: :x"),
            (command_property("a,b::c\n"), "a%2Cb%3A%3Ac%0A"),
            (csv("=1+1"), "'=1+1"),
            (csv("@scope/name"), "'@scope/name"),
            (csv("-1,\"x\""), "\"'-1,\"\"x\"\"\""),
            (csv("\tx"), "'\tx"),
            (csv("\rx"), "\"'\rx\""),
            (csv("a\nb"), "\"a\nb\""),
            (uri("a b/ü.json"), "a%20b/%C3%BC.json"),
        ] {
            assert_eq!(safe, expect);
        }
    }

    #[test]
    fn no_command_begins_inside_a_message() {
        for text in ["::::", ":::set-env", "a::b::c", "%0A::x"] {
            assert!(!command(text).contains("::"), "{text}");
        }
    }
}
