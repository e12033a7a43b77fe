//! Addresses of our own pages, and which addresses of others may be linked.

use std::fmt::Write as _;

/// Percent-encodes one path segment (or query value): what is not unreserved in RFC 3986 is encoded.
#[must_use]
pub fn segment(text: &str) -> String {
    encode(text, b"-._~")
}

/// Percent-encodes a path of several segments: slashes stay, as in `platform/payments-api`.
#[must_use]
pub fn path(text: &str) -> String {
    encode(text, b"-._~/@:")
}

fn encode(text: &str, keep: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || keep.contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// `/projects/{team/name}`.
#[must_use]
pub fn project(name: &str) -> String {
    format!("/projects/{}", path(name))
}

/// `/findings/{id}`.
#[must_use]
pub fn finding(id: &str) -> String {
    format!("/findings/{}", segment(id))
}

/// `/advisories/{id}`.
#[must_use]
pub fn advisory(id: &str) -> String {
    format!("/advisories/{}", segment(id))
}

/// `/waivers/{id}`.
#[must_use]
pub fn waiver(id: &str) -> String {
    format!("/waivers/{}", segment(id))
}

/// `/policies/{name}`.
#[must_use]
pub fn policy(name: &str) -> String {
    format!("/policies/{}", segment(name))
}

/// `/components/{purl}`; the purl keeps its slashes and `@`, all else is encoded.
#[must_use]
pub fn component(purl: &str) -> String {
    format!("/components/{}", path(purl))
}

/// `/projects/{p}/builds/{n}`.
#[must_use]
pub fn build(project_name: &str, number: u64) -> String {
    format!("{}/builds/{number}", project(project_name))
}

/// `/projects/{p}/compare/{a}...{b}`.
#[must_use]
pub fn compare(project_name: &str, from: u64, to: u64) -> String {
    format!("{}/compare/{from}...{to}", project(project_name))
}

/// The project's name as the API wants it in a path: one segment.
#[must_use]
pub fn api_project(name: &str) -> String {
    format!("/v1/projects/{}", segment(name))
}

/// Lets an address from an advisory or an SBOM through if it leads to the web and nowhere else.
#[must_use]
pub fn outside(address: &str) -> Option<&str> {
    let scheme_ok = ["https://", "http://"].iter().any(|scheme| {
        address
            .get(..scheme.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(scheme))
    });
    let clean = !address.chars().any(|c| c.is_control() || c.is_whitespace());
    (scheme_ok && clean).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_uploaded_cannot_change_where_a_link_leads() {
        assert_eq!(
            project("platform/payments-api"),
            "/projects/platform/payments-api"
        );
        assert_eq!(project("a b?c#d"), "/projects/a%20b%3Fc%23d");
        assert_eq!(
            component("pkg:npm/%40types/node@1.0"),
            "/components/pkg:npm/%2540types/node@1.0"
        );
        assert_eq!(api_project("platform/x"), "/v1/projects/platform%2Fx");
    }

    #[test]
    fn only_web_addresses_are_linked() {
        assert!(outside("https://example.org/a").is_some());
        for address in [
            "javascript:alert(1)",
            "data:text/html,x",
            "//x",
            "",
            "https://a b",
        ] {
            assert_eq!(outside(address), None, "{address}");
        }
    }
}
