//! The one license expression that stands for a component's claims.

use inventory::{LicenseClaim, LicenseSource};

/// What was concluded, else what was declared; several claims of one source all hold, so they are joined
/// by AND. `None` when nothing is claimed.
pub(crate) fn effective(claims: &[LicenseClaim]) -> Option<String> {
    joined(claims, LicenseSource::Concluded).or_else(|| joined(claims, LicenseSource::Declared))
}

fn joined(claims: &[LicenseClaim], source: LicenseSource) -> Option<String> {
    let mut texts: Vec<&str> = Vec::new();
    for claim in claims.iter().filter(|claim| claim.source == source) {
        if !texts.contains(&claim.text.as_str()) {
            texts.push(&claim.text);
        }
    }
    match texts.as_slice() {
        [] => None,
        [only] => Some((*only).to_owned()),
        several => Some(
            several
                .iter()
                .map(|text| grouped(text))
                .collect::<Vec<_>>()
                .join(" AND "),
        ),
    }
}

/// In parentheses when an AND around it would bind tighter than what is inside.
fn grouped(text: &str) -> String {
    if text.contains(" OR ") {
        format!("({text})")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concluded_wins_and_several_claims_all_hold() {
        use LicenseSource::{Concluded, Declared};
        for (claims, expect) in [
            (vec![], None),
            (vec![(Declared, "MIT")], Some("MIT")),
            (vec![(Declared, "MIT"), (Concluded, "ISC")], Some("ISC")),
            (vec![(Declared, "MIT"), (Declared, "MIT")], Some("MIT")),
            (
                vec![(Declared, "MIT OR ISC"), (Declared, "Zlib")],
                Some("(MIT OR ISC) AND Zlib"),
            ),
        ] {
            let claims: Vec<_> = claims
                .into_iter()
                .map(|(source, text)| LicenseClaim {
                    source,
                    text: text.to_owned(),
                })
                .collect();
            assert_eq!(effective(&claims).as_deref(), expect, "{claims:?}");
        }
    }
}
