//! The licenses of all components in use, by what the default policy says of them.

use licenses::{Permission, Rules, Stated};
use policy::LicensePolicy;
use store::db::Session;
use store::policies;
use store::portfolio::{self, LicenseUse, Selection};
use web::views::portfolio::LicenseShares;

use crate::place::unsigned;
use crate::problem::Problem;

/// Different license expressions that are looked at, the most frequent first.
const MOST_EXPRESSIONS: i64 = 2_000;

/// `None` when no component is known.
pub(super) async fn load(
    session: &mut Session,
    selection: &Selection,
) -> Result<Option<LicenseShares>, Problem> {
    let uses = portfolio::licenses(session, selection, MOST_EXPRESSIONS).await?;
    if uses.is_empty() {
        return Ok(None);
    }
    let stored = policies::by_name(session, policies::DEFAULT).await?;
    let policy = stored
        .map(|stored| stored.policy())
        .transpose()?
        .unwrap_or_default();
    Ok(Some(shares(&policy.license, &uses)))
}

fn shares(policy: &LicensePolicy, uses: &[LicenseUse]) -> LicenseShares {
    let unlisted = if policy.allow.is_empty() {
        Permission::Allow
    } else {
        Permission::Review
    };
    let rules = Rules::new(&policy.allow, &policy.review, &policy.deny)
        .unlisted(unlisted)
        .unknown(policy.unknown)
        .gnu_or_later(policy.gnu_or_later);
    let mut shares = LicenseShares::default();
    for one in uses {
        let share = match one
            .license
            .as_deref()
            .map(licenses::read)
            .map(|reading| reading.stated)
        {
            None | Some(Stated::NoData | Stated::File(_)) => &mut shares.unknown,
            Some(Stated::Unlicensed) => &mut shares.review,
            Some(Stated::Expression(expression)) if expression.is_unknown() => &mut shares.unknown,
            Some(Stated::Expression(expression)) => match rules.evaluate(&expression).permission {
                Permission::Allow => &mut shares.allowed,
                Permission::Review => &mut shares.review,
                Permission::Deny => &mut shares.denied,
            },
        };
        *share = share.saturating_add(unsigned(one.components));
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_knows_is_neither_allowed_nor_denied() {
        let policy = LicensePolicy {
            allow: vec!["MIT".parse().unwrap()],
            deny: vec!["AGPL-3.0-only".parse().unwrap()],
            ..LicensePolicy::default()
        };
        let one = |license: Option<&str>, components| LicenseUse {
            license: license.map(str::to_owned),
            components,
        };
        let uses = [
            one(Some("MIT OR AGPL-3.0-only"), 8),
            one(Some("AGPL-3.0-only"), 4),
            one(Some("ISC"), 2),
            one(Some("NOASSERTION"), 1),
            one(None, 16),
        ];
        let shares = shares(&policy, &uses);
        let LicenseShares {
            allowed,
            review,
            unknown,
            denied,
        } = shares;
        assert_eq!((allowed, review, unknown, denied), (8, 2, 17, 4));
    }
}
