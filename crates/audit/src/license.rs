//! The one license expression that stands for a component's claims.

use inventory::{LicenseClaim, LicenseSource};
use licenses::Stated;

/// What was concluded, else what was declared, normalised; several claims of one source all hold.
/// `None` when nothing is claimed.
#[must_use]
pub fn effective_license(claims: &[LicenseClaim]) -> Option<String> {
    of_source(claims, LicenseSource::Concluded).or_else(|| of_source(claims, LicenseSource::Declared))
}

fn of_source(claims: &[LicenseClaim], source: LicenseSource) -> Option<String> {
    let texts = claims
        .iter()
        .filter(|claim| claim.source == source)
        .map(|claim| claim.text.as_str());
    match licenses::read_all(texts).stated {
        Stated::Expression(expression) => Some(expression.to_string()),
        Stated::Unlicensed => Some("UNLICENSED".to_owned()),
        Stated::File(path) => Some(format!("SEE LICENSE IN {path}")),
        Stated::NoData => None,
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
            (vec![(Declared, "Apache License 2.0")], Some("Apache-2.0")),
            (vec![(Declared, "MIT"), (Concluded, "ISC")], Some("ISC")),
            (
                vec![(Declared, "MIT OR ISC"), (Declared, "Zlib")],
                Some("(MIT OR ISC) AND Zlib"),
            ),
            (vec![(Declared, "UNLICENSED")], Some("UNLICENSED")),
        ] {
            let claims: Vec<_> = claims
                .into_iter()
                .map(|(source, text)| LicenseClaim {
                    source,
                    text: text.to_owned(),
                    ..LicenseClaim::default()
                })
                .collect();
            assert_eq!(effective_license(&claims).as_deref(), expect, "{claims:?}");
        }
    }
}
