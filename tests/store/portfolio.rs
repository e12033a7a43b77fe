//! The numbers of the portfolio, computed by hand beside what both engines say.

use advisories::Severity;
use clock::{DAY_MS, Timestamp};
use store::db::Session;
use store::portfolio::{self, Selection};
use store::projects;
use store::trends::{self, Counts, Days, Scope, Series};

use crate::databases::both;
use crate::four::{NOW, Seed, ago, delta, finding, four, open};

#[tokio::test]
async fn projects_stand_where_their_tracked_refs_stand() {
    for fresh in both().await {
        four(&fresh.database).await;
        let mut session = fresh.database.read().await.unwrap();
        let all = portfolio::standing(&mut session, &Selection::default(), NOW)
            .await
            .unwrap();
        assert_eq!(
            (all.projects, all.fresh, all.ageing, all.stale, all.never()),
            (4, 1, 1, 1, 1),
            "{:?}",
            fresh.engine
        );
        assert_eq!((all.checked, all.judged), (2, 3));
        assert_eq!(
            (all.failing, all.undecided, all.warning, all.failing_before),
            (1, 1, 0, 0)
        );
        assert_eq!(all.since(), Some(ago(100)));
        let team = Selection {
            team: Some("payments".to_owned()),
            tag: None,
        };
        assert_eq!(
            portfolio::standing(&mut session, &team, NOW)
                .await
                .unwrap()
                .projects,
            2
        );
        // A tag is not the beginning of another.
        for (tag, projects) in [("in", 3), ("inside", 1), ("none", 0)] {
            let tagged = Selection {
                team: None,
                tag: Some(tag.to_owned()),
            };
            let standing = portfolio::standing(&mut session, &tagged, NOW).await.unwrap();
            assert_eq!(standing.projects, projects, "{tag}");
        }
        assert_eq!(portfolio::tags(&mut session).await.unwrap(), ["in", "inside"]);
    }
}

#[tokio::test]
async fn an_empty_portfolio_has_no_number_that_says_anything() {
    for fresh in both().await {
        let mut session = fresh.database.read().await.unwrap();
        let none = portfolio::standing(&mut session, &Selection::default(), NOW)
            .await
            .unwrap();
        assert_eq!((none.projects, none.since()), (0, None));
        let scope = Scope::Selection(Selection::default());
        let series = trends::series(&mut session, &scope, Days::until(NOW, 30), none.since())
            .await
            .unwrap();
        assert_eq!(series.days, vec![None; 31]);
    }
}

#[tokio::test]
async fn open_findings_are_grouped_by_severity_and_age() {
    for fresh in both().await {
        four(&fresh.database).await;
        let mut session = fresh.database.read().await.unwrap();
        let groups = portfolio::open(&mut session, &Selection::default(), NOW)
            .await
            .unwrap();
        let found: Vec<_> = groups
            .iter()
            .map(|g| {
                (
                    g.level(),
                    g.age,
                    g.findings,
                    g.past_due,
                    g.due_soon,
                    g.fixable,
                    g.exploited,
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                (Severity::Unknown, 1, 1, 0, 0, 0, 0),
                (Severity::High, 3, 1, 1, 0, 0, 0),
                (Severity::Critical, 0, 1, 0, 1, 1, 0),
                (Severity::Critical, 1, 1, 1, 0, 1, 1),
            ],
            "{:?}",
            fresh.engine
        );
        let other = Selection {
            team: Some("nobody".to_owned()),
            tag: None,
        };
        assert!(
            portfolio::open(&mut session, &other, NOW)
                .await
                .unwrap()
                .is_empty()
        );
    }
}

#[tokio::test]
async fn fixes_are_counted_in_their_period_and_by_their_day() {
    for fresh in both().await {
        four(&fresh.database).await;
        let mut session = fresh.database.read().await.unwrap();
        let groups = portfolio::fixes(&mut session, &Selection::default(), NOW)
            .await
            .unwrap();
        let found: Vec<_> = groups
            .iter()
            .map(|g| (g.level(), g.recent, g.days, g.findings, g.in_time))
            .collect();
        // What was retracted was never fixed.
        assert_eq!(
            found,
            [
                (Severity::Low, false, 1, 1, 1),
                (Severity::High, true, 20, 1, 1),
                (Severity::High, true, 57, 1, 0),
            ]
        );
        for (days_ago, past_due) in [(0, 2), (5, 3), (90, 0)] {
            let count = portfolio::past_due_at(&mut session, &Selection::default(), ago(days_ago))
                .await
                .unwrap();
            assert_eq!(count, past_due, "{days_ago} days ago");
        }
    }
}

#[tokio::test]
async fn upgrades_go_to_the_version_that_clears_all() {
    for fresh in both().await {
        let projects = four(&fresh.database).await;
        let mut tx = fresh.database.begin().await.unwrap();
        let old = projects::by_id(&mut tx, projects[1]).await.unwrap();
        let main = projects::reference(&mut tx, old.id, "main")
            .await
            .unwrap()
            .unwrap();
        // The same component version in a second project needs a later version: 1.10 is after 1.9.
        let seed = Seed {
            fix: Some("1.10.0"),
            ..open(1, Severity::High, ago(4))
        };
        finding(&mut tx, &main, &seed).await;
        tx.commit().await.unwrap();
        let mut session = fresh.database.read().await.unwrap();
        let upgrades = portfolio::upgrades(&mut session, &Selection::default(), 5)
            .await
            .unwrap();
        let found: Vec<_> = upgrades
            .iter()
            .map(|u| (u.identity.as_str(), u.to.as_str(), u.clears, u.projects, u.worst))
            .collect();
        assert_eq!(
            found,
            [
                ("pkg:npm/axios@1.1.0", "1.10.0", 2, 2, Severity::Critical),
                ("pkg:npm/axios@1.2.0", "1.10.0", 1, 1, Severity::Critical),
            ]
        );
    }
}

#[tokio::test]
async fn rows_tell_what_is_known_of_each_project_from_what_is_not() {
    for fresh in both().await {
        let projects = four(&fresh.database).await;
        let mut session = fresh.database.read().await.unwrap();
        let rows = portfolio::rows(&mut session, &projects, NOW).await.unwrap();
        let [shop, old, blind, never] = &rows[..] else {
            panic!("{rows:?}")
        };
        let counts = Counts {
            critical: 2,
            high: 1,
            unknown: 1,
            ..Counts::default()
        };
        assert_eq!(
            (shop.open, shop.past_due, shop.outcome.as_deref()),
            (Some(counts), Some(2), Some("fail"))
        );
        // Four now; four then: the old high one, and those that were fixed, removed and retracted since.
        assert_eq!(shop.change_30_days, Some(0));
        assert_eq!(shop.newest, Some((3, ago(1))));
        assert_eq!(
            (old.open, old.past_due),
            (Some(Counts::default()), Some(0)),
            "checked and clean"
        );
        assert_eq!(
            (blind.open, blind.past_due, blind.change_30_days),
            (None, None, None)
        );
        assert_eq!(blind.outcome.as_deref(), Some("indeterminate"));
        assert_eq!(
            (never.open, never.newest, never.outcome.as_deref()),
            (None, None, None)
        );
    }
}

async fn days_of(session: &mut Session, scope: &Scope, since: Timestamp) -> Series {
    trends::series(session, scope, Days::until(NOW, 100), Some(since))
        .await
        .unwrap()
}

#[tokio::test]
async fn the_trend_of_a_ref_and_of_a_tag_come_from_the_spans_alike() {
    for fresh in both().await {
        let projects = four(&fresh.database).await;
        let mut session = fresh.database.read().await.unwrap();
        let main = projects::reference(&mut session, projects[0], "main")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(main.checked_since, Some(ago(100).millis()));
        let tagged = Scope::Selection(Selection {
            team: None,
            tag: Some("inside".to_owned()),
        });
        let of_tag = days_of(&mut session, &tagged, ago(100)).await;
        let of_ref = days_of(&mut session, &Scope::Reference(main.id), ago(100)).await;
        assert_eq!(of_tag, of_ref);
        let high: Vec<_> = [0, 3, 4, 10, 11, 30, 31, 60, 61, 95, 96]
            .map(|days| of_ref.days_ago(days).map(|counts| counts.high))
            .to_vec();
        assert_eq!(high, [1, 1, 3, 3, 4, 4, 3, 3, 1, 1, 0].map(Some));
        assert_eq!(of_ref.days_ago(101), None);
        let flows = trends::flows(&mut session, &tagged, ago(60).day()).await.unwrap();
        assert_eq!(
            flows,
            trends::flows(&mut session, &Scope::Reference(main.id), ago(60).day())
                .await
                .unwrap()
        );
        let weeks = trends::weeks(&flows, NOW, 2, Some(ago(100)));
        let found: Vec<_> = weeks.iter().map(|week| (week.new, week.fixed)).collect();
        // The week from 16 November: two criticals opened, one was removed on the 22nd; this week nothing yet.
        assert_eq!(found, [(2, 1), (0, 0)]);
    }
}

#[tokio::test]
async fn the_trend_of_a_team_comes_from_the_rollup() {
    for fresh in both().await {
        let mut tx = fresh.database.begin().await.unwrap();
        let today = NOW.day();
        for (scope, day, severity, opened, closed) in [
            ("portfolio", today - 400, 5, 9, 0),
            ("team:payments", today - 400, 5, 7, 0),
            ("team:payments", today - 200, 5, 0, 3),
            ("team:payments", today - 1, 4, 2, 1),
            ("team:payments", today, 5, 1, 0),
        ] {
            delta(&mut tx, scope, day, severity, opened, closed).await;
        }
        tx.commit().await.unwrap();
        let mut session = fresh.database.read().await.unwrap();
        let scope = Scope::Selection(Selection {
            team: Some("payments".to_owned()),
            tag: None,
        });
        let days = Days {
            first: today - 2,
            last: today,
        };
        let since = Some(Timestamp::from_millis((today - 500) * DAY_MS));
        let series = trends::series(&mut session, &scope, days, since).await.unwrap();
        let counts: Vec<_> = series
            .days
            .iter()
            .flatten()
            .map(|c| (c.critical, c.high))
            .collect();
        assert_eq!(counts, [(4, 0), (4, 1), (5, 1)]);
        assert_eq!(
            trends::deltas(&mut session, &scope, days).await.unwrap().len(),
            3,
            "all before the first day is one row a severity"
        );
    }
}
