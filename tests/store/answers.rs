//! How people answer what is found, computed by hand beside what both engines say.

use clock::Timestamp;
use store::db::{Sql, Tx};
use store::findings::notes;
use store::portfolio::{self, Begun, Selection};
use store::projects;

use crate::databases::both;
use crate::four::{NOW, ago, four};

static SPAN: Sql = Sql::new(
    "PLANT_SPAN",
    "INSERT INTO finding_span (finding_id, opened_at, severity, cause, cause_detail)
     VALUES ($1, $2, 5, 'advisory_published', '')",
);
static RESCORED: Sql = Sql::new(
    "PLANT_RESCORED",
    "UPDATE finding_span SET closed_at = $2, close_reason = 'rescored' WHERE finding_id = $1",
);

async fn span(tx: &mut Tx, finding: i64, at: Timestamp) {
    assert_eq!(
        tx.query(&SPAN)
            .bind(finding)
            .bind(at.millis())
            .run()
            .await
            .unwrap(),
        1
    );
}

#[tokio::test]
async fn what_began_came_back_exposed_and_was_decided_is_counted_in_its_window() {
    for fresh in both().await {
        let shop = four(&fresh.database).await[0];
        let mut tx = fresh.database.begin().await.unwrap();
        let main = projects::reference(&mut tx, shop, "main").await.unwrap().unwrap();
        let id = |which: i64| main.id * 100 + which;
        // The sixth, fixed ten days ago, came back five days ago; the second goes on at another severity since yesterday.
        span(&mut tx, id(6), ago(5)).await;
        tx.query(&RESCORED)
            .bind(id(2))
            .bind(ago(1).millis())
            .run()
            .await
            .unwrap();
        span(&mut tx, id(2), ago(1)).await;
        let hours = |days: i64, hours: i64| ago(days).plus_millis(hours * 3_600_000);
        for (which, kind, at) in [
            (1, "comment", hours(8, 1)),
            (1, "decision", hours(8, 30)),
            (4, "decision", hours(20, 48)),
            (4, "decision", hours(20, 90)),
            // Before the window, and therefore no first decision within it.
            (9, "decision", hours(121, 5)),
            (9, "decision", hours(10, 5)),
        ] {
            notes::add(&mut tx, id(which), "user:mara", kind, "x", at)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();

        let mut session = fresh.database.read().await.unwrap();
        let all = Selection::default();
        let since = NOW.plus_days(-90);
        // New: the first, second, fourth, sixth, seventh and eighth; the third is older, the fifth is a notice.
        let begun = portfolio::begun(&mut session, &all, since).await.unwrap();
        assert_eq!(
            begun,
            Begun {
                new_ones: 6,
                again: 1
            },
            "{:?}",
            fresh.engine
        );
        assert_eq!(begun.again_percent(), Some(14));
        // One project: critical since eight days (the first), and within them the second, and the sixth once more.
        let exposed = portfolio::exposures(&mut session, &all, since).await.unwrap();
        assert_eq!(portfolio::exposure_days(&exposed, since, NOW), 8);
        let short = NOW.plus_days(-3);
        let exposed = portfolio::exposures(&mut session, &all, short).await.unwrap();
        assert_eq!(portfolio::exposure_days(&exposed, short, NOW), 3);
        let decided = portfolio::hours_to_decide(&mut session, &all, since)
            .await
            .unwrap();
        assert_eq!(
            (decided.as_slice(), portfolio::median(&decided)),
            (&[30, 48][..], Some(30))
        );

        let nobody = Selection {
            team: Some("nobody".to_owned()),
            tag: None,
        };
        let none = portfolio::begun(&mut session, &nobody, since).await.unwrap();
        assert_eq!((none, none.again_percent()), (Begun::default(), None));
        assert!(
            portfolio::exposures(&mut session, &nobody, since)
                .await
                .unwrap()
                .is_empty()
        );
    }
}
