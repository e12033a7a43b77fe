//! Waivers, statements, conclusions and notes: kept, found where they hold, and counted.

use inventory::statements::{Product, ProductId, State, Statement};
use policy::{AppliedWaiver, Day, Notation, Policy, Waiver, Waivers};
use store::db::Tx;
use store::findings::{detail, list, notes};
use store::policies::{self, NewRevision, Written, teams};
use store::statements::{self, NewVexDocument};
use store::waivers::{self, Filter, NewWaiver, Shelf, StoredWaiver, UseSummary, WaiverChange, WaiverState};
use store::{badges, conclusions};

use crate::databases::both;
use crate::planted::{NOW, Planted, plant};

fn waiver(id: &str, last: Option<&str>) -> Waiver {
    serde_json::from_value(serde_json::json!({
        "vulnerability": id, "status": "accepted_risk", "reason": "Looked at.", "expires_on": last
    }))
    .unwrap()
}

async fn make(tx: &mut Tx, waiver: &Waiver, state: WaiverState, projects: &[i64]) -> StoredWaiver {
    let new = NewWaiver {
        waiver,
        state,
        projects,
        decided_on: "lodash@4.17.20",
        origin: "api",
        requested_by: "user:mara",
        approved_by: None,
    };
    waivers::create(tx, &new, NOW).await.unwrap()
}

async fn shelf(tx: &mut Tx, shelf: Shelf, project: Option<i64>) -> Vec<String> {
    let filter = Filter {
        shelf,
        project,
        text: None,
    };
    let page = waivers::page(tx, &filter, Day::of(NOW), None, 50).await.unwrap();
    page.iter()
        .map(|row| row.vulnerability.clone().unwrap_or_default())
        .collect()
}

fn day(offset: i64) -> String {
    Day::of(NOW.plus_days(offset)).to_string()
}

#[tokio::test]
async fn waivers_stand_on_the_shelf_of_their_state_and_hold_in_their_projects() {
    for fresh in both().await {
        let Planted {
            payments, storefront, ..
        } = plant(&fresh.database).await;
        let mut tx = fresh.database.begin().await.unwrap();
        let (far, near, over) = (day(60), day(3), day(-1));
        make(&mut tx, &waiver("CVE-A", Some(&far)), WaiverState::Active, &[]).await;
        make(
            &mut tx,
            &waiver("CVE-B", Some(&near)),
            WaiverState::Active,
            &[payments.id],
        )
        .await;
        make(
            &mut tx,
            &waiver("CVE-C", Some(&over)),
            WaiverState::Active,
            &[payments.id, storefront.id],
        )
        .await;
        make(
            &mut tx,
            &waiver("CVE-D", None),
            WaiverState::Pending,
            &[storefront.id],
        )
        .await;
        for (wanted, expected) in [
            (Shelf::Active, vec!["cve-b", "cve-a"]),
            (Shelf::Ending, vec!["cve-b"]),
            (Shelf::Expired, vec!["cve-c"]),
            (Shelf::Pending, vec!["cve-d"]),
            (Shelf::All, vec!["cve-d", "cve-c", "cve-b", "cve-a"]),
            (Shelf::Unused, vec![]),
        ] {
            assert_eq!(shelf(&mut tx, wanted, None).await, expected, "{wanted:?}");
        }
        assert_eq!(
            shelf(&mut tx, Shelf::Active, Some(storefront.id)).await,
            ["cve-a"]
        );
        let holding = waivers::of_project(&mut tx, storefront.id).await.unwrap();
        let ids: Vec<&str> = holding
            .iter()
            .filter_map(|waiver| waiver.vulnerability.as_deref())
            .collect();
        assert_eq!(
            ids,
            ["CVE-A", "CVE-C"],
            "a verdict names expired ones, and pending ones do not hold"
        );
        let text = Filter {
            text: Some("cve-B".to_owned()),
            ..Filter::default()
        };
        assert_eq!(
            waivers::page(&mut tx, &text, Day::of(NOW), None, 5)
                .await
                .unwrap()
                .len(),
            1
        );
    }
}

#[tokio::test]
async fn a_change_follows_what_was_seen_and_an_end_is_acted_upon_once() {
    for fresh in both().await {
        let Planted { payments, .. } = plant(&fresh.database).await;
        let mut tx = fresh.database.begin().await.unwrap();
        let over = day(-1);
        let stored = make(
            &mut tx,
            &waiver("CVE-A", Some(&over)),
            WaiverState::Active,
            &[payments.id],
        )
        .await;
        let due = waivers::over(&mut tx, Day::of(NOW)).await.unwrap();
        assert_eq!(due.len(), 1);
        waivers::end(&mut tx, &[stored.id], NOW).await.unwrap();
        assert!(waivers::over(&mut tx, Day::of(NOW)).await.unwrap().is_empty());
        let later = day(9);
        let longer = waiver("CVE-A", Some(&later));
        let change = WaiverChange {
            waiver: &longer,
            state: WaiverState::Active,
            decided_by: Some("user:raimo"),
            because: None,
            requested_by: None,
        };
        let changed = waivers::update(&mut tx, &stored, &change, NOW)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (changed.revision, changed.ended_at),
            (2, None),
            "a new end is yet to come"
        );
        assert_eq!(
            changed.waiver().unwrap().approved_by.as_deref(),
            Some("user:raimo")
        );
        assert!(
            waivers::update(&mut tx, &stored, &change, NOW)
                .await
                .unwrap()
                .is_none(),
            "somebody was quicker"
        );
        let builds = waivers::builds_of_projects(&mut tx, &[payments.id])
            .await
            .unwrap();
        assert!(!builds.is_empty());
        waivers::rejudge::enqueue(&mut tx, &changed, NOW).await.unwrap();
    }
}

#[tokio::test]
async fn what_became_of_a_waiver_is_that_of_the_last_verdict() {
    for fresh in both().await {
        let Planted { main_of_payments, .. } = plant(&fresh.database).await;
        let mut tx = fresh.database.begin().await.unwrap();
        let used = make(&mut tx, &waiver("CVE-A", None), WaiverState::Active, &[]).await;
        let idle = make(&mut tx, &waiver("CVE-B", None), WaiverState::Active, &[]).await;
        let entry = |stored: &StoredWaiver| AppliedWaiver {
            id: stored.uuid.clone(),
            reason: String::new(),
            finding: None,
            expires_on: None,
            purl: None,
            status: None,
        };
        let verdict = Waivers {
            applied: vec![entry(&used), entry(&used)],
            unused: vec![entry(&idle)],
            ..Waivers::default()
        };
        waivers::record(&mut tx, main_of_payments, &verdict, NOW)
            .await
            .unwrap();
        let uses = waivers::uses(&mut tx, &[used.id, idle.id]).await.unwrap();
        assert_eq!(UseSummary::of(&uses[&used.id]).matters, 2);
        assert!(UseSummary::of(&uses[&idle.id]).is_unused());
        assert!(
            !UseSummary::of(&[]).is_unused(),
            "what nobody asked is not unused"
        );
        assert_eq!(shelf(&mut tx, Shelf::Unused, None).await, ["cve-b"]);
        let stale = Waivers {
            stale: vec![entry(&idle)],
            ..Waivers::default()
        };
        waivers::record(&mut tx, main_of_payments, &stale, NOW)
            .await
            .unwrap();
        assert_eq!(shelf(&mut tx, Shelf::Stale, None).await, ["cve-b"]);
        assert!(
            waivers::uses(&mut tx, &[used.id]).await.unwrap().is_empty(),
            "it was not asked any more"
        );
    }
}

fn statement(purl: &str, state: State) -> Statement {
    Statement {
        place: "/statements/0".to_owned(),
        vulnerability: "CVE-A".to_owned(),
        aliases: Vec::new(),
        products: vec![Product {
            id: ProductId::of(purl),
            subcomponents: Vec::new(),
        }],
        state,
        justification: None,
        detail: String::new(),
        at: Some(NOW),
    }
}

#[tokio::test]
async fn statements_count_where_they_were_given_and_a_newer_document_replaces_the_older() {
    for fresh in both().await {
        let Planted {
            payments, storefront, ..
        } = plant(&fresh.database).await;
        let mut tx = fresh.database.begin().await.unwrap();
        let all = [
            statement("pkg:npm/a", State::NotAffected),
            statement("pkg:npm/b", State::Fixed),
        ];
        let digest = "ab".repeat(32);
        let document = |statements| NewVexDocument {
            project: payments.id,
            format: "OpenVEX",
            identifier: "urn:1",
            author: "ACME",
            digest: &digest,
            size: 7,
            actor: "user:mara",
            statements,
        };
        statements::import(&mut tx, &document(&all[..]), NOW)
            .await
            .unwrap();
        assert_eq!(
            statements::of_project(&mut tx, payments.id).await.unwrap().len(),
            2
        );
        assert!(
            statements::of_project(&mut tx, storefront.id)
                .await
                .unwrap()
                .is_empty()
        );
        let newer = statements::import(&mut tx, &document(&all[..1]), NOW)
            .await
            .unwrap();
        assert_eq!(
            statements::of_project(&mut tx, payments.id).await.unwrap().len(),
            1
        );
        assert_eq!(
            statements::documents(&mut tx, payments.id, None, 5)
                .await
                .unwrap()
                .len(),
            1
        );

        let said = statement("pkg:npm/a", State::UnderInvestigation);
        statements::decide(&mut tx, None, "user:mara", &said, NOW)
            .await
            .unwrap();
        let again = statement("pkg:npm/a", State::Affected);
        statements::decide(&mut tx, None, "user:raimo", &again, NOW)
            .await
            .unwrap();
        let everywhere = statements::of_project(&mut tx, storefront.id).await.unwrap();
        assert_eq!(everywhere.len(), 1, "a new word replaces the one before");
        assert_eq!(everywhere[0].source, "user:raimo");
        statements::retract(&mut tx, None, &again).await.unwrap();
        statements::delete(&mut tx, newer.id).await.unwrap();
        assert!(
            statements::of_project(&mut tx, payments.id)
                .await
                .unwrap()
                .is_empty()
        );
    }
}

#[tokio::test]
async fn conclusions_notes_and_badge_keys() {
    for fresh in both().await {
        let Planted {
            payments,
            storefront,
            main_of_payments,
            ..
        } = plant(&fresh.database).await;
        let mut tx = fresh.database.begin().await.unwrap();
        let new = |project, license| conclusions::NewConclusion {
            project,
            purl: "pkg:npm/lodash",
            license,
            reason: "Read it.",
            author: "user:mara",
        };
        let all = conclusions::create(&mut tx, &new(None, "MIT"), NOW)
            .await
            .unwrap();
        conclusions::create(&mut tx, &new(Some(payments.id), "ISC"), NOW)
            .await
            .unwrap();
        let first = |found: Vec<audit::Conclusion>| found.first().map(|one| one.license.clone());
        let own = conclusions::of_project(&mut tx, payments.id).await.unwrap();
        assert_eq!(first(own).as_deref(), Some("ISC"), "a project's own comes first");
        let others = conclusions::of_project(&mut tx, storefront.id).await.unwrap();
        assert_eq!(first(others).as_deref(), Some("MIT"));
        conclusions::delete(&mut tx, all.id).await.unwrap();
        assert!(
            conclusions::of_project(&mut tx, storefront.id)
                .await
                .unwrap()
                .is_empty()
        );

        let scope = list::Scope::References(vec![main_of_payments]);
        let rows = list::page(&mut tx, &scope, &list::Filter::default(), None, 1)
            .await
            .unwrap();
        let row = rows[0].finding.id;
        notes::add(&mut tx, row, "user:mara", "comment", "Hm.", NOW)
            .await
            .unwrap();
        notes::add(&mut tx, row, "user:mara", "decision", "In triage", NOW)
            .await
            .unwrap();
        let said = notes::of_finding(&mut tx, row).await.unwrap();
        let texts: Vec<&str> = said.iter().map(|note| note.text.as_str()).collect();
        assert_eq!(texts, ["Hm.", "In triage"]);
        assert!(
            detail::by_uuid(&mut tx, &rows[0].finding.uuid)
                .await
                .unwrap()
                .is_some()
        );

        let first = badges::renew(&mut tx, payments.id, "user:mara", NOW)
            .await
            .unwrap();
        let second = badges::renew(&mut tx, payments.id, "user:mara", NOW)
            .await
            .unwrap();
        assert!(!badges::opens(&mut tx, payments.id, &first).await.unwrap());
        assert!(badges::opens(&mut tx, payments.id, &second).await.unwrap());
        assert!(!badges::opens(&mut tx, storefront.id, &second).await.unwrap());
        badges::revoke(&mut tx, payments.id).await.unwrap();
        assert!(!badges::opens(&mut tx, payments.id, &second).await.unwrap());
    }
}

async fn put(tx: &mut Tx, name: &str, text: &str, extends: Option<&str>, seen: i64) {
    let new = NewRevision {
        name,
        policy: &Policy::default(),
        written: Some(Written {
            text,
            notation: Notation::Toml,
            extends,
        }),
        reason: "because",
        author: "user:mara",
        seen,
    };
    policies::put(tx, &new, NOW).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_project_is_judged_by_its_teams_policy_with_all_that_it_inherits() {
    for fresh in both().await {
        let Planted { payments, .. } = plant(&fresh.database).await;
        let mut tx = fresh.database.begin().await.unwrap();
        put(
            &mut tx,
            "hosted",
            "extends = \"organisation\"\n[meta]\nmax_undetermined = 3\n",
            Some("organisation"),
            0,
        )
        .await;
        let team = payments.team.clone();
        let hosted = policies::by_name(&mut tx, "hosted").await.unwrap().unwrap();
        teams::set(&mut tx, &team, Some(hosted.id)).await.unwrap();
        let judged = policies::effective(&mut tx, &payments, None).await.unwrap();
        assert_eq!(
            (judged.name.as_str(), judged.policy.meta.max_undetermined),
            ("hosted", 3)
        );
        assert_eq!(judged.extends[0].revision, 0, "the built-in default");
        put(
            &mut tx,
            "default",
            "[vulnerability]\nfail_at = \"never\"\n",
            None,
            0,
        )
        .await;
        let changed = policies::effective(&mut tx, &payments, None).await.unwrap();
        assert_eq!(changed.policy.vulnerability.fail_at, policy::Threshold::Never);
        assert_eq!(changed.policy.meta.max_undetermined, 3);
        assert_eq!(
            policies::children(&mut tx, "organisation").await.unwrap(),
            ["hosted"]
        );
        teams::set(&mut tx, &team, None).await.unwrap();
        assert_eq!(
            policies::effective(&mut tx, &payments, None).await.unwrap().name,
            "default"
        );
    }
}
