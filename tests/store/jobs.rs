//! The queue never does a job twice and never loses one.

use clock::Timestamp;
use store::db::Database;
use store::jobs::{self, Failed, Job, Lane, MAX_ATTEMPTS, NewJob};

use crate::databases::both;

const NOW: Timestamp = Timestamp::from_millis(1_000_000);
const LEASE_MS: i64 = 30_000;

async fn enqueue(database: &Database, lane: Lane, key: &str) {
    let mut tx = database.begin().await.unwrap();
    let job = NewJob {
        kind: "audit",
        lane,
        payload: "{}".to_owned(),
        unique_key: key.to_owned(),
        due_at: NOW,
    };
    jobs::enqueue(&mut tx, &job, NOW).await.unwrap();
    tx.commit().await.unwrap();
}

async fn claim(database: &Database, lane: Lane, worker: &str, now: Timestamp) -> Option<Job> {
    let mut tx = database.begin().await.unwrap();
    let job = jobs::claim(&mut tx, lane, worker, now, LEASE_MS).await.unwrap();
    tx.commit().await.unwrap();
    job
}

#[tokio::test]
async fn a_job_is_claimed_once_and_only_from_its_lane() {
    for fresh in both().await {
        enqueue(&fresh.database, Lane::Interactive, "a").await;
        assert!(claim(&fresh.database, Lane::Sweep, "w1", NOW).await.is_none());
        assert_eq!(
            claim(&fresh.database, Lane::Interactive, "w1", NOW)
                .await
                .unwrap()
                .attempt,
            1
        );
        assert!(
            claim(&fresh.database, Lane::Interactive, "w2", NOW)
                .await
                .is_none()
        );
    }
}

#[tokio::test]
async fn eight_claimers_share_the_work_without_doing_any_twice() {
    for fresh in both().await {
        for n in 0..40 {
            enqueue(&fresh.database, Lane::Sweep, &format!("job {n}")).await;
        }
        let mut claimers = tokio::task::JoinSet::new();
        for n in 0..8 {
            let database = fresh.database.clone();
            claimers.spawn(async move {
                let mut mine = Vec::new();
                while let Some(job) = claim(&database, Lane::Sweep, &format!("w{n}"), NOW).await {
                    mine.push(job.id);
                }
                mine
            });
        }
        let mut ids: Vec<i64> = claimers.join_all().await.concat();
        ids.sort_unstable();
        let all = ids.len();
        ids.dedup();
        assert_eq!((all, ids.len()), (40, 40), "{:?}", fresh.engine);
    }
}

#[tokio::test]
async fn equal_jobs_that_wait_are_one_job() {
    for fresh in both().await {
        enqueue(&fresh.database, Lane::Sweep, "same").await;
        enqueue(&fresh.database, Lane::Sweep, "same").await;
        assert!(claim(&fresh.database, Lane::Sweep, "w", NOW).await.is_some());
        assert!(claim(&fresh.database, Lane::Sweep, "w", NOW).await.is_none());
    }
}

#[tokio::test]
async fn a_silent_workers_job_comes_back_and_the_silent_worker_cannot_settle_it() {
    for fresh in both().await {
        enqueue(&fresh.database, Lane::Sweep, "a").await;
        let job = claim(&fresh.database, Lane::Sweep, "silent", NOW).await.unwrap();
        let later = NOW.plus_millis(LEASE_MS + 1);
        let mut tx = fresh.database.begin().await.unwrap();
        assert_eq!(jobs::reclaim(&mut tx, "keeper", later).await.unwrap(), 1);
        assert!(!jobs::finish(&mut tx, job.id, "silent", later).await.unwrap());
        tx.commit().await.unwrap();
        let again = claim(&fresh.database, Lane::Sweep, "awake", later.plus_days(1))
            .await
            .unwrap();
        assert_eq!((again.id, again.attempt), (job.id, 2));
    }
}

#[tokio::test]
async fn a_job_that_always_fails_is_buried_and_can_be_revived() {
    for fresh in both().await {
        enqueue(&fresh.database, Lane::Sweep, "bad").await;
        let mut now = NOW;
        let mut ends = Vec::new();
        for _ in 0..MAX_ATTEMPTS {
            now = now.plus_days(1);
            let job = claim(&fresh.database, Lane::Sweep, "w", now).await.unwrap();
            let mut tx = fresh.database.begin().await.unwrap();
            ends.push(
                jobs::fail(&mut tx, job.id, job.attempt, "w", "it broke", true, now)
                    .await
                    .unwrap(),
            );
            tx.commit().await.unwrap();
        }
        let (last, before) = ends.split_last().unwrap();
        assert_eq!(*last, Failed::Dead);
        assert!(before.iter().all(|end| *end == Failed::WillRetry));
        let mut session = fresh.database.read().await.unwrap();
        let dead = jobs::dead(&mut session, 10).await.unwrap();
        assert_eq!(
            dead.iter().map(|job| job.error.as_str()).collect::<Vec<_>>(),
            ["it broke"]
        );
        drop(session);
        let mut tx = fresh.database.begin().await.unwrap();
        assert!(jobs::revive(&mut tx, dead[0].id, now).await.unwrap());
        tx.commit().await.unwrap();
        assert!(claim(&fresh.database, Lane::Sweep, "w", now).await.is_some());
    }
}

#[tokio::test]
async fn a_job_of_a_transaction_that_rolled_back_never_was() {
    for fresh in both().await {
        let mut tx = fresh.database.begin().await.unwrap();
        let job = NewJob {
            kind: "audit",
            lane: Lane::Sweep,
            payload: "{}".to_owned(),
            unique_key: "undone".to_owned(),
            due_at: NOW,
        };
        jobs::enqueue(&mut tx, &job, NOW).await.unwrap();
        drop(tx);
        assert!(claim(&fresh.database, Lane::Sweep, "w", NOW).await.is_none());
    }
}
