//! Lists of findings: scope, order, filters, keys, totals; and one finding whole.

use store::db::{Database, Session};
use store::findings::detail::{self, AffectedQuery};
use store::findings::list::{self, Filter, Key, Narrowing, Scope};

use crate::databases::both;
use crate::planted::{
    CRITICAL_IN_PAYMENTS, HIGH_IN_PAYMENTS, HIGH_IN_STOREFRONT, HIGH_ON_BRANCH, Planted, close, plant,
};

async fn ids(session: &mut Session, scope: &Scope, filter: &Filter) -> Vec<String> {
    let rows = list::page(session, scope, filter, None, 50).await.unwrap();
    let total = list::total(session, scope, filter).await.unwrap();
    assert_eq!(
        total,
        i64::try_from(rows.len()).unwrap(),
        "the total counts what is listed"
    );
    rows.into_iter().map(|row| row.finding.uuid).collect()
}

#[tokio::test]
async fn the_portfolio_lists_tracked_refs_worst_first() {
    for fresh in both().await {
        plant(&fresh.database).await;
        let mut session = fresh.database.read().await.unwrap();
        let listed = ids(&mut session, &Scope::Portfolio, &Filter::default()).await;
        assert_eq!(
            listed,
            [CRITICAL_IN_PAYMENTS, HIGH_IN_STOREFRONT, HIGH_IN_PAYMENTS]
        );
    }
}

/// A filter, and the findings of the portfolio and of the main branch of payments that fit it.
fn filters() -> Vec<(&'static str, Filter, Vec<&'static str>, Vec<&'static str>)> {
    let all_highs = vec![HIGH_IN_STOREFRONT, HIGH_IN_PAYMENTS];
    let text = |text: &str| Filter {
        text: Some(text.to_owned()),
        ..Filter::default()
    };
    vec![
        (
            "severity",
            Filter {
                severities: vec![4, 3],
                ..Filter::default()
            },
            all_highs.clone(),
            vec![HIGH_IN_PAYMENTS],
        ),
        (
            "kev",
            Filter {
                kev: Some(true),
                ..Filter::default()
            },
            vec![CRITICAL_IN_PAYMENTS],
            vec![CRITICAL_IN_PAYMENTS],
        ),
        (
            "fixable",
            Filter {
                fixable: Some(true),
                ..Filter::default()
            },
            all_highs.clone(),
            vec![HIGH_IN_PAYMENTS],
        ),
        (
            "not fixable",
            Filter {
                fixable: Some(false),
                ..Filter::default()
            },
            vec![CRITICAL_IN_PAYMENTS],
            vec![CRITICAL_IN_PAYMENTS],
        ),
        (
            "direct",
            Filter {
                direct: Some(true),
                ..Filter::default()
            },
            all_highs.clone(),
            vec![HIGH_IN_PAYMENTS],
        ),
        (
            "class",
            Filter {
                class: Some("malicious".to_owned()),
                ..Filter::default()
            },
            vec![],
            vec![],
        ),
        ("package", text("LoDa"), all_highs.clone(), vec![HIGH_IN_PAYMENTS]),
        ("alias", text("ghsa-35jh"), all_highs, vec![HIGH_IN_PAYMENTS]),
        (
            "id",
            text("CVE-2021-44906"),
            vec![CRITICAL_IN_PAYMENTS],
            vec![CRITICAL_IN_PAYMENTS],
        ),
        ("within a name", text("nimis"), vec![], vec![CRITICAL_IN_PAYMENTS]),
        ("nothing", text("left-pad"), vec![], vec![]),
        (
            "closed",
            Filter {
                closed: true,
                ..Filter::default()
            },
            vec![],
            vec![],
        ),
    ]
}

#[tokio::test]
async fn filters_choose_in_the_portfolio_and_within_a_ref() {
    for fresh in both().await {
        let planted = plant(&fresh.database).await;
        let mut session = fresh.database.read().await.unwrap();
        let main = Scope::References(vec![planted.main_of_payments]);
        for (name, filter, everywhere, within) in filters() {
            assert_eq!(
                ids(&mut session, &Scope::Portfolio, &filter).await,
                everywhere,
                "{name}, portfolio"
            );
            assert_eq!(ids(&mut session, &main, &filter).await, within, "{name}, ref");
        }
    }
}

#[tokio::test]
async fn narrowing_by_team_tag_and_project_finds_their_tracked_refs() {
    for fresh in both().await {
        let planted = plant(&fresh.database).await;
        let mut session = fresh.database.read().await.unwrap();
        let in_payments = vec![CRITICAL_IN_PAYMENTS, HIGH_IN_PAYMENTS];
        let cases: [(Narrowing, Vec<&str>); 4] = [
            (
                Narrowing {
                    team: Some("platform".to_owned()),
                    ..Narrowing::default()
                },
                in_payments.clone(),
            ),
            (
                Narrowing {
                    tag: Some("pci".to_owned()),
                    ..Narrowing::default()
                },
                in_payments,
            ),
            (
                Narrowing {
                    project: Some(planted.storefront.id),
                    ..Narrowing::default()
                },
                vec![HIGH_IN_STOREFRONT],
            ),
            (
                Narrowing {
                    team: Some("shop".to_owned()),
                    project: Some(planted.payments.id),
                    ..Narrowing::default()
                },
                vec![],
            ),
        ];
        for (narrowing, expect) in cases {
            let scope = list::scope(&mut session, &narrowing).await.unwrap();
            assert_eq!(
                ids(&mut session, &scope, &Filter::default()).await,
                expect,
                "{narrowing:?}"
            );
        }
        let scope = list::scope(&mut session, &Narrowing::default()).await.unwrap();
        assert_eq!(scope, Scope::Portfolio);
        let branch = Scope::References(vec![planted.branch_of_payments]);
        assert_eq!(
            ids(&mut session, &branch, &Filter::default()).await,
            [HIGH_ON_BRANCH]
        );
    }
}

#[tokio::test]
async fn pages_go_on_after_a_key_without_gap_or_repetition() {
    for fresh in both().await {
        plant(&fresh.database).await;
        let mut session = fresh.database.read().await.unwrap();
        let mut seen = Vec::new();
        let mut after: Option<Key> = None;
        loop {
            let page = list::page(&mut session, &Scope::Portfolio, &Filter::default(), after, 1)
                .await
                .unwrap();
            let Some(row) = page.first() else { break };
            after = Some(row.key());
            seen.push(row.finding.uuid.clone());
        }
        assert_eq!(seen, [CRITICAL_IN_PAYMENTS, HIGH_IN_STOREFRONT, HIGH_IN_PAYMENTS]);
    }
}

#[tokio::test]
async fn counts_rest_on_what_was_checked() {
    for fresh in both().await {
        let planted = plant(&fresh.database).await;
        let mut session = fresh.database.read().await.unwrap();
        let mut severities = list::severities(&mut session, &Scope::Portfolio).await.unwrap();
        severities.sort_unstable();
        assert_eq!(severities, [(4, 2), (5, 1)]);
        let checked = list::checked(&mut session, &Scope::Portfolio).await.unwrap();
        assert_eq!((checked.components, checked.evaluated, checked.builds), (4, 4, 2));
        let nothing = list::checked(&mut session, &Scope::References(vec![]))
            .await
            .unwrap();
        assert_eq!((nothing.components, nothing.builds), (0, 0));
        let main = Scope::References(vec![planted.main_of_payments]);
        assert_eq!(list::checked(&mut session, &main).await.unwrap().components, 3);
    }
}

async fn whole(database: &Database, uuid: &str) -> detail::Detail {
    let mut session = database.read().await.unwrap();
    let listed = detail::by_uuid(&mut session, uuid).await.unwrap().unwrap();
    detail::detail(&mut session, listed).await.unwrap()
}

async fn a_finding_knows_its_place(database: &Database, planted: &Planted) {
    let detail = whole(database, HIGH_IN_PAYMENTS).await;
    assert_eq!(detail.listed.project, planted.payments.name);
    assert_eq!(detail.listed.reference, "main");
    assert_eq!(detail.build, Some(2));
    assert_eq!(detail.other_projects, 1);
    assert_eq!(detail.worse.as_deref(), Some(CRITICAL_IN_PAYMENTS));
    assert_eq!(detail.less, None);
    assert_eq!(detail.spans.len(), 1);
    assert_eq!(
        detail.evidence.unwrap().ids,
        ["CVE-2021-23337", "GHSA-35jh-r3h4-6jhm"]
    );
    assert_eq!(detail.listed.finding.body().unwrap().id, HIGH_IN_PAYMENTS);
}

#[tokio::test]
async fn one_finding_comes_with_evidence_history_and_neighbours() {
    for fresh in both().await {
        let planted = plant(&fresh.database).await;
        a_finding_knows_its_place(&fresh.database, &planted).await;
        close(&fresh.database, &planted, HIGH_IN_STOREFRONT).await;
        let detail = whole(&fresh.database, HIGH_IN_STOREFRONT).await;
        assert!(detail.listed.finding.closed_at.is_some());
        assert_eq!(
            detail.spans.first().and_then(|span| span.close_reason.as_deref()),
            Some("fixed")
        );
        assert_eq!(whole(&fresh.database, HIGH_IN_PAYMENTS).await.other_projects, 0);
        let mut session = fresh.database.read().await.unwrap();
        assert!(detail::by_uuid(&mut session, "nobody").await.unwrap().is_none());
        let closed = Filter {
            closed: true,
            ..Filter::default()
        };
        assert_eq!(
            ids(&mut session, &Scope::Portfolio, &closed).await,
            [HIGH_IN_STOREFRONT]
        );
    }
}

#[tokio::test]
async fn an_advisory_names_whom_it_affects_now_and_whom_it_ever_did() {
    for fresh in both().await {
        let planted = plant(&fresh.database).await;
        close(&fresh.database, &planted, HIGH_IN_STOREFRONT).await;
        let mut session = fresh.database.read().await.unwrap();
        let groups = detail::groups(&mut session, "ghsa-35JH-r3h4-6jhm").await.unwrap();
        assert_eq!(groups.len(), 1);
        let mut query = AffectedQuery {
            groups,
            project: None,
            ever: false,
        };
        for (ever, expect) in [
            (false, vec![HIGH_IN_PAYMENTS]),
            (true, vec![HIGH_IN_PAYMENTS, HIGH_IN_STOREFRONT]),
        ] {
            query.ever = ever;
            let rows = detail::affected(&mut session, &query, None, 50).await.unwrap();
            let found: Vec<_> = rows.iter().map(|row| row.finding.uuid.as_str()).collect();
            assert_eq!(found, expect);
            let total = detail::affected_total(&mut session, &query).await.unwrap();
            assert_eq!(total, i64::try_from(expect.len()).unwrap());
            let after = rows.first().map(detail::affected_key);
            let rest = detail::affected(&mut session, &query, after, 50).await.unwrap();
            assert_eq!(rest.len() + 1, expect.len());
        }
        query.project = Some(planted.storefront.id);
        query.ever = false;
        assert!(
            detail::affected(&mut session, &query, None, 50)
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(
            detail::checked_projects(&mut session, None).await.unwrap(),
            (3, 2)
        );
    }
}
