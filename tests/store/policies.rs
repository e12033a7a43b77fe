//! Policies: revisions that stay as they were, and which one a project is judged by.

use clock::Timestamp;
use policy::Policy;
use store::db::Tx;
use store::policies::{self, EffectivePolicy, NewRevision, StoredPolicy};
use store::projects::{self, NewProject, Project, ProjectChange};

use crate::databases::both;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn only_fixable(yes: bool) -> Policy {
    Policy::from_json(&format!("{{\"vulnerability\":{{\"only_fixable\":{yes}}}}}")).unwrap()
}

async fn put(tx: &mut Tx, name: &str, policy: &Policy, seen: i64) -> Option<StoredPolicy> {
    let new = NewRevision {
        name,
        policy,
        written: None,
        reason: "because",
        author: "user:mara",
        seen,
    };
    policies::put(tx, &new, NOW).await.unwrap()
}

async fn project(tx: &mut Tx) -> Project {
    let new = NewProject {
        name: "shop".to_owned(),
        default_ref: "main".to_owned(),
        ..NewProject::default()
    };
    projects::create(tx, &new, NOW).await.unwrap().unwrap()
}

async fn judged_by(tx: &mut Tx, project: &Project, asked: Option<&str>) -> (String, i64) {
    let EffectivePolicy { name, revision, .. } = policies::effective(tx, project, asked).await.unwrap();
    (name, revision)
}

#[tokio::test]
async fn a_revision_follows_only_the_one_that_was_seen_and_none_is_lost() {
    for fresh in both().await {
        let mut tx = fresh.database.begin().await.unwrap();
        let first = put(&mut tx, "strict", &only_fixable(false), 0).await.unwrap();
        assert_eq!(
            (first.revision, first.policy().unwrap()),
            (1, only_fixable(false))
        );
        assert!(
            put(&mut tx, "strict", &only_fixable(true), 0).await.is_none(),
            "it exists"
        );
        assert!(
            put(&mut tx, "strict", &only_fixable(true), 7).await.is_none(),
            "nobody saw that"
        );
        assert!(
            put(&mut tx, "other", &only_fixable(true), 1).await.is_none(),
            "it does not exist"
        );
        let second = put(&mut tx, "strict", &only_fixable(true), 1).await.unwrap();
        assert_eq!((second.revision, second.digest), (2, only_fixable(true).digest()));
        let kept = policies::revision(&mut tx, "strict", 1).await.unwrap().unwrap();
        assert_eq!(kept.policy().unwrap(), only_fixable(false));
        let all = policies::revisions(&mut tx, "strict", None, 10).await.unwrap();
        assert_eq!(all.iter().map(|one| one.revision).collect::<Vec<_>>(), [2, 1]);
        let older = policies::revisions(&mut tx, "strict", Some(2), 10).await.unwrap();
        assert_eq!(older.len(), 1);
    }
}

#[tokio::test]
async fn policies_are_listed_by_name() {
    for fresh in both().await {
        let mut tx = fresh.database.begin().await.unwrap();
        for name in ["b", "c", "a"] {
            put(&mut tx, name, &Policy::default(), 0).await.unwrap();
        }
        let names = |page: Vec<StoredPolicy>| page.into_iter().map(|one| one.name).collect::<Vec<_>>();
        assert_eq!(names(policies::page(&mut tx, None, 2).await.unwrap()), ["a", "b"]);
        assert_eq!(names(policies::page(&mut tx, Some("b"), 2).await.unwrap()), ["c"]);
    }
}

#[tokio::test]
async fn the_nearest_policy_judges() {
    for fresh in both().await {
        let mut tx = fresh.database.begin().await.unwrap();
        let shop = project(&mut tx).await;
        assert_eq!(judged_by(&mut tx, &shop, None).await, ("default".to_owned(), 0));
        put(&mut tx, "default", &only_fixable(true), 0).await.unwrap();
        assert_eq!(judged_by(&mut tx, &shop, None).await, ("default".to_owned(), 1));
        let own = put(&mut tx, "own", &Policy::default(), 0).await.unwrap();
        let change = ProjectChange {
            description: String::new(),
            tags: Vec::new(),
            default_ref: "main".to_owned(),
            policy_id: Some(own.id),
            archived: false,
        };
        projects::update(&mut tx, &shop, &change, NOW).await.unwrap();
        let shop = projects::by_id(&mut tx, shop.id).await.unwrap();
        assert_eq!(judged_by(&mut tx, &shop, None).await, ("own".to_owned(), 1));
        put(&mut tx, "asked", &Policy::default(), 0).await.unwrap();
        assert_eq!(
            judged_by(&mut tx, &shop, Some("asked")).await,
            ("asked".to_owned(), 1)
        );
        assert_eq!(
            judged_by(&mut tx, &shop, Some("gone")).await,
            ("own".to_owned(), 1)
        );
        let names = policies::names(&mut tx, &[own.id]).await.unwrap();
        assert_eq!(names[&own.id], "own");
    }
}
