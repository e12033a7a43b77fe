//! Addresses without the names and tokens that some carry: what is shown and exported is read by many.

use inventory::Source;

/// The text with everything taken out of its addresses that stands before an `@` in the place of the host.
pub(crate) fn without(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, behind) = rest.split_at(at + 3);
        clean.push_str(before);
        let is_end =
            |c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '`' | '"' | '\'' | '<' | '>');
        let host = behind.find(is_end).unwrap_or(behind.len());
        let secret = behind[..host].rfind('@').map_or(0, |at| at + 1);
        rest = &behind[secret..];
    }
    clean.push_str(rest);
    clean
}

/// The same of where a package comes from.
pub(crate) fn of_source(source: &Source) -> Source {
    match source {
        Source::Git(address) => Source::Git(without(address)),
        Source::Url(address) => Source::Url(without(address)),
        Source::OtherRegistry(address) => Source::OtherRegistry(without(address)),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_reads_a_token_in_an_address() {
        for (text, clean) in [
            (
                "`a` comes from git+https://me:token@git.example.org/a@b.git#main, twice: ssh://git@h/x",
                "`a` comes from git+https://git.example.org/a@b.git#main, twice: ssh://h/x",
            ),
            (
                "https://registry.example.org/@acme/ui",
                "https://registry.example.org/@acme/ui",
            ),
            ("https://token@", "https://"),
            ("https://a:b@h?x=://c@d", "https://h?x=://d"),
            ("nothing@all ://", "nothing@all ://"),
        ] {
            assert_eq!(without(text), clean);
        }
    }
}
