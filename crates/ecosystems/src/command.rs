//! What may stand in a command that a person will paste.
//!
//! Quoting alone is not enough: a terminal acts on control characters before a shell sees any quote, not
//! every shell knows single quotes, and a tool reads a leading hyphen as an option and a slash as a path
//! or a repository. So a part of a command must consist of harmless characters, or there is no command.

/// Whether the text is a plain word: harmless characters, the first of them a letter or a digit.
pub fn is_word(text: &str, also: &[u8]) -> bool {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || also.contains(&byte);
    text.starts_with(|first: char| first.is_ascii_alphanumeric()) && text.bytes().all(harmless)
}

/// Whether the text is a semantic version made of harmless characters only.
pub fn is_semver_word(version: &str) -> bool {
    is_word(version, b".+-") && crate::semver::Version::parse(version).is_some()
}
