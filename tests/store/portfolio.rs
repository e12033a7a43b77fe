//! The numbers of the portfolio, computed by hand beside what both engines say.

use advisories::Severity;
use clock::{DAY_MS, Timestamp};
use store::builds::{self, NewBuild, Success};
use store::db::{Column, Database, Insert, Session, Tx};
use store::inventories::{self, PreparedInventory};
use store::portfolio::{self, Selection};
use store::projects::{self, NewProject, Project, Reference};
use store::trends::{self, Counts, Days, Scope, Series};

use crate::databases::both;

/// 2026-11-25, a Wednesday, 12:00 UTC.
const NOW: Timestamp = Timestamp::from_millis(1_795_608_000_000);

static PACKAGE: Insert = Insert {
    table: "package",
    columns: &["id", "ecosystem", "name", "revision"],
    suffix: "",
};
static VERSION: Insert = Insert {
    table: "package_version",
    columns: &["id", "package_id", "version", "identity"],
    suffix: "",
};
static VULNERABILITY: Insert = Insert {
    table: "vulnerability",
    columns: &["id", "package_id", "canonical", "summary", "created_at"],
    suffix: "",
};
static VERDICT: Insert = Insert {
    table: "verdict",
    columns: &["build_id", "outcome", "body", "details", "cause", "created_at"],
    suffix: "",
};
static FINDING: Insert = Insert {
    table: "finding",
    columns: &[
        "id",
        "uuid",
        "project_id",
        "reference_id",
        "package_version_id",
        "vulnerability_id",
        "class",
        "severity",
        "rank",
        "kev",
        "fix_version",
        "scope",
        "opened_at",
        "closed_at",
        "close_reason",
        "due_at",
        "cause",
        "cause_detail",
        "body",
    ],
    suffix: "",
};
static SPAN: Insert = Insert {
    table: "finding_span",
    columns: &[
        "finding_id",
        "opened_at",
        "closed_at",
        "severity",
        "cause",
        "cause_detail",
        "close_reason",
    ],
    suffix: "",
};
static DELTA: Insert = Insert {
    table: "trend_delta",
    columns: &["scope", "day", "severity", "opened", "closed"],
    suffix: "",
};

fn text(value: &str) -> Column {
    Column::Text(vec![value.to_owned()])
}

fn ago(days: i64) -> Timestamp {
    NOW.plus_days(-days)
}

/// Ten versions of one package, each with a vulnerability of its own.
async fn packages(tx: &mut Tx) {
    let ids: Vec<i64> = (1..=10).collect();
    tx.insert(
        &PACKAGE,
        vec![
            Column::Int(vec![1]),
            text("npm"),
            text("axios"),
            Column::Int(vec![1]),
        ],
    )
    .await
    .unwrap();
    let versions = ids.iter().map(|id| format!("1.{id}.0")).collect();
    let identities = ids.iter().map(|id| format!("pkg:npm/axios@1.{id}.0")).collect();
    let columns = vec![
        Column::Int(ids.clone()),
        Column::Int(vec![1; 10]),
        Column::Text(versions),
        Column::Text(identities),
    ];
    tx.insert(&VERSION, columns).await.unwrap();
    let columns = vec![
        Column::Int(ids.clone()),
        Column::Int(vec![1; 10]),
        Column::Text(ids.iter().map(|id| format!("CVE-2026-{id}")).collect()),
        Column::Text(vec![String::new(); 10]),
        Column::Int(vec![0; 10]),
    ];
    tx.insert(&VULNERABILITY, columns).await.unwrap();
}

async fn project(tx: &mut Tx, name: &str, tag: &str) -> Project {
    let new = NewProject {
        name: name.to_owned(),
        tags: vec![tag.to_owned()],
        default_ref: "main".to_owned(),
        ..NewProject::default()
    };
    projects::create(tx, &new, ago(200)).await.unwrap().unwrap()
}

/// A build of `main` that was audited when it was sent: its outcome, and how many components were checked.
async fn audited(
    tx: &mut Tx,
    project: &Project,
    name: &str,
    at: Timestamp,
    outcome: &str,
    evaluated: i64,
) -> Reference {
    let inventory = PreparedInventory::new(&inventory::Inventory::default()).unwrap();
    let inventory_id = inventories::intern(tx, &inventory).await.unwrap();
    let reference = projects::ensure_reference(tx, project, name, "branch")
        .await
        .unwrap();
    let new = NewBuild {
        version: None,
        commit_id: None,
        document_digest: "00".repeat(32),
        document_size: 2,
        idempotency_key: format!("{name} {}", at.millis()),
        inventory_id,
        format: "CycloneDX 1.6 JSON".to_owned(),
        tools: Vec::new(),
        notices: "[]".to_owned(),
        policy: None,
        baseline: None,
        actor: "test".to_owned(),
        components: 3,
    };
    let build = builds::create(tx, project, &reference, &new, at).await.unwrap();
    let success = Success {
        outcome,
        evaluated,
        undetermined: 0,
        verdict_id: 0,
    };
    builds::succeed(tx, build.id, &success, at).await.unwrap();
    projects::set_state(tx, reference.id, build.id).await.unwrap();
    let columns = vec![
        Column::Int(vec![build.id]),
        text(outcome),
        Column::Bytes(vec![Vec::new()]),
        Column::Bytes(vec![Vec::new()]),
        text(""),
        Column::Int(vec![at.millis()]),
    ];
    tx.insert(&VERDICT, columns).await.unwrap();
    reference
}

/// One finding: which of the ten, how severe, since when, until when and why, what fixes it.
struct Seed {
    which: i64,
    severity: Severity,
    opened: Timestamp,
    closed: Option<(Timestamp, &'static str)>,
    fix: Option<&'static str>,
    class: &'static str,
}

const fn open(which: i64, severity: Severity, opened: Timestamp) -> Seed {
    Seed {
        which,
        severity,
        opened,
        closed: None,
        fix: None,
        class: "vulnerability",
    }
}

async fn finding(tx: &mut Tx, reference: &Reference, seed: &Seed) {
    let severity = store::findings::severity_code(seed.severity);
    let due = store::deadlines::due(None, seed.severity, seed.opened).map(Timestamp::millis);
    let id = reference.id * 100 + seed.which;
    let closed_at = seed.closed.map(|(at, _)| at.millis());
    let reason = seed.closed.map(|(_, reason)| reason.to_owned());
    let columns = vec![
        Column::Int(vec![id]),
        Column::Text(vec![format!("finding {id}")]),
        Column::Int(vec![reference.project_id]),
        Column::Int(vec![reference.id]),
        Column::Int(vec![seed.which]),
        Column::Int(vec![seed.which]),
        text(seed.class),
        Column::Int(vec![severity]),
        Column::Int(vec![severity]),
        Column::MaybeBool(vec![Some(seed.which == 1)]),
        Column::MaybeText(vec![seed.fix.map(str::to_owned)]),
        text("runtime"),
        Column::Int(vec![seed.opened.millis()]),
        Column::MaybeInt(vec![closed_at]),
        Column::MaybeText(vec![reason.clone()]),
        Column::MaybeInt(vec![due]),
        text("first_scan"),
        text(""),
        text("{}"),
    ];
    tx.insert(&FINDING, columns).await.unwrap();
    let columns = vec![
        Column::Int(vec![id]),
        Column::Int(vec![seed.opened.millis()]),
        Column::MaybeInt(vec![closed_at]),
        Column::Int(vec![severity]),
        text("first_scan"),
        text(""),
        Column::MaybeText(vec![reason]),
    ];
    tx.insert(&SPAN, columns).await.unwrap();
}

async fn delta(tx: &mut Tx, scope: &str, day: i64, severity: i64, opened: i64, closed: i64) {
    let columns = vec![
        text(scope),
        Column::Int(vec![day]),
        Column::Int(vec![severity]),
        Column::Int(vec![opened]),
        Column::Int(vec![closed]),
    ];
    tx.insert(&DELTA, columns).await.unwrap();
}

/// Four projects: failing with findings, green but old, checked for nothing, and one that never sent anything.
async fn four(database: &Database) -> Vec<i64> {
    let mut tx = database.begin().await.unwrap();
    packages(&mut tx).await;
    let shop = project(&mut tx, "payments/shop", "inside").await;
    audited(&mut tx, &shop, "main", ago(100), "pass", 3).await;
    let main = audited(&mut tx, &shop, "main", ago(2), "fail", 3).await;
    let branch = audited(&mut tx, &shop, "feature", ago(1), "fail", 3).await;
    let old = project(&mut tx, "payments/old", "in").await;
    audited(&mut tx, &old, "main", ago(40), "pass", 3).await;
    let blind = project(&mut tx, "blind", "in").await;
    audited(&mut tx, &blind, "main", ago(20), "indeterminate", 0).await;
    let never = project(&mut tx, "never", "in").await;
    let seeds = [
        // Past its seven days; known to be exploited.
        Seed {
            fix: Some("1.9.0"),
            ..open(1, Severity::Critical, ago(8))
        },
        // Due in three days.
        Seed {
            fix: Some("1.10.0"),
            ..open(2, Severity::Critical, ago(4))
        },
        open(3, Severity::High, ago(95)),
        open(4, Severity::Unknown, ago(20)),
        Seed {
            class: "unmaintained",
            ..open(5, Severity::Unknown, ago(20))
        },
        Seed {
            closed: Some((ago(10), "fixed")),
            ..open(6, Severity::High, ago(30))
        },
        Seed {
            closed: Some((ago(3), "removed")),
            ..open(7, Severity::High, ago(60))
        },
        Seed {
            closed: Some((ago(3), "retracted")),
            ..open(8, Severity::High, ago(60))
        },
        Seed {
            closed: Some((ago(120), "fixed")),
            ..open(9, Severity::Low, ago(121))
        },
    ];
    for seed in &seeds {
        finding(&mut tx, &main, seed).await;
    }
    // What stands on a branch that is not tracked is in no number of the portfolio.
    finding(&mut tx, &branch, &open(1, Severity::Critical, ago(1))).await;
    tx.commit().await.unwrap();
    vec![shop.id, old.id, blind.id, never.id]
}

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
