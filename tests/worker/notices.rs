//! News: written where it happens, gathered, sent, tried again, given up, sent once more.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use clock::{Clock, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::news::Kind;
use store::webhooks::{self, Delivery, Shape, Wanted, Webhook};
use tokio::net::TcpListener;

use crate::databases::both;
use crate::story::{Story, advisory};

const CRITICAL: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";

/// A program that takes messages, or says that it does not.
#[derive(Clone, Default)]
struct Receiver {
    taken: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    /// What it answers; 0 for 200.
    answer: Arc<Mutex<u16>>,
}

impl Receiver {
    async fn start() -> (Self, String) {
        let receiver = Self::default();
        let handler = receiver.clone();
        let routes = Router::new().fallback(async move |headers: HeaderMap, body: Bytes| {
            let text = String::from_utf8(body.to_vec()).unwrap();
            handler.taken.lock().unwrap().push((headers, text));
            let answer = *handler.answer.lock().unwrap();
            StatusCode::from_u16(if answer == 0 { 200 } else { answer }).unwrap()
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks/s3cret", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        (receiver, url)
    }

    fn count(&self) -> usize {
        self.taken.lock().unwrap().len()
    }

    fn last(&self) -> (HeaderMap, Value) {
        let taken = self.taken.lock().unwrap();
        let (headers, body) = taken.last().expect("something was taken");
        (headers.clone(), serde_json::from_str(body).unwrap())
    }

    fn answers(&self, status: u16) {
        *self.answer.lock().unwrap() = status;
    }
}

async fn hook(story: &Story, url: &str, kinds: &[Kind], private: bool) -> Webhook {
    hook_of(story, url, kinds, private, Shape::Signed).await
}

async fn hook_of(story: &Story, url: &str, kinds: &[Kind], private: bool, shape: Shape) -> Webhook {
    let wanted = Wanted {
        name: "test".to_owned(),
        url: url.to_owned(),
        shape,
        kinds: kinds.to_vec(),
        project_id: None,
        private,
        enabled: true,
    };
    let mut tx = story.database.begin().await.unwrap();
    let made = webhooks::create(&mut tx, &wanted, "user:mara", story.clock.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    made
}

async fn deliveries(story: &Story, hook: &Webhook) -> Vec<Delivery> {
    let mut session = story.database.read().await.unwrap();
    webhooks::deliveries(&mut session, hook.id, None, 50)
        .await
        .unwrap()
}

fn later(story: &Story, seconds: i64) {
    let then = story.clock.now().plus_millis(seconds * 1_000);
    story.clock.set(then);
}

/// The signature as a receiver recomputes it, by hand: HMAC with a key of more than one block, which is hashed first.
fn hmac(key: &str, message: &str) -> String {
    assert!(key.len() > 64, "{key}");
    let mut block = [0_u8; 64];
    block[..32].copy_from_slice(&Sha256::digest(key));
    let pad = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha256::digest([&pad(0x36)[..], message.as_bytes()].concat());
    hex::encode(Sha256::digest([&pad(0x5c)[..], &inner].concat()))
}

#[tokio::test]
async fn the_first_import_is_quiet_and_an_advisory_is_one_message() {
    for fresh in both().await {
        let story = Story::new(fresh.database.clone()).await;
        let (receiver, url) = Receiver::start().await;
        let hook = hook(&story, &url, &Kind::ALL, true).await;
        story.day("2026-03-01");
        story
            .publish(&[advisory("A-1", "old", "2.0.0", "2026-01-01", CRITICAL)])
            .await;
        story
            .build("main", &[("old", "1.0.0"), ("alpha", "1.0.0"), ("beta", "1.0.0")])
            .await;
        assert!(
            deliveries(&story, &hook).await.is_empty(),
            "what was there is no news"
        );

        // Mended, so that the gate is green, and then two advisories at once.
        story
            .build("main", &[("old", "2.0.0"), ("alpha", "1.0.0"), ("beta", "1.0.0")])
            .await;
        assert!(deliveries(&story, &hook).await.is_empty());
        story.day("2026-03-02");
        story
            .publish(&[
                advisory("A-2", "alpha", "2.0.0", "2026-03-02", CRITICAL),
                advisory("A-3", "beta", "2.0.0", "2026-03-02", CRITICAL),
            ])
            .await;
        assert_eq!(receiver.count(), 0, "a wave is gathered first");
        later(&story, 31);
        story.work().await;
        assert_eq!(receiver.count(), 1);
        let (headers, body) = receiver.last();
        assert_eq!(body["summary"], "The gate of team/shop turned red on main");
        assert_eq!(body["events"][0]["event"], "gate.failed");
        assert_eq!(body["events"][0]["html_url"], "/projects/team/shop/builds/2");
        let rows = deliveries(&story, &hook).await;
        assert_eq!(
            (rows.len(), rows[0].state.as_str(), rows[0].status),
            (1, "delivered", Some(200))
        );
        assert_eq!(headers["plumbline-delivery"], rows[0].uuid.as_str());
        let signature = headers["plumbline-signature"].to_str().unwrap();
        let seconds = story.clock.now().millis() / 1_000;
        let expect = hmac(&hook.secret, &format!("{seconds}.{}", rows[0].body));
        assert_eq!(signature, format!("t={seconds},v1={expect}"));

        // Red stays red: nothing is told twice.
        story.day("2026-03-03");
        story
            .publish(&[advisory("A-4", "alpha", "2.0.0", "2026-03-03", CRITICAL)])
            .await;
        later(&story, 700);
        story.work().await;
        assert_eq!(receiver.count(), 1);
    }
}

#[tokio::test]
async fn what_an_upload_brings_is_told_at_once() {
    for fresh in both().await {
        let story = Story::new(fresh.database.clone()).await;
        let (receiver, url) = Receiver::start().await;
        hook(&story, &url, &Kind::ALL, true).await;
        story.day("2026-03-01");
        story
            .publish(&[advisory("A-1", "evil", "2.0.0", "2026-01-01", CRITICAL)])
            .await;
        story.build("main", &[("alpha", "1.0.0")]).await;
        story
            .build("main", &[("alpha", "1.0.0"), ("evil", "1.0.0")])
            .await;
        assert_eq!(receiver.count(), 1);
        let (_, body) = receiver.last();
        assert!(body["topic"].as_str().unwrap().starts_with("build:"), "{body}");
        let details = body["events"][0]["details"].as_array().unwrap();
        assert!(!details.is_empty(), "{body}");
    }
}

#[tokio::test]
async fn a_finding_that_becomes_exploited_is_told() {
    for fresh in both().await {
        let story = Story::new(fresh.database.clone()).await;
        let (receiver, url) = Receiver::start().await;
        hook(&story, &url, &[Kind::KnownExploited], true).await;
        story.day("2026-03-01");
        story
            .publish(&[advisory("CVE-2026-1", "alpha", "2.0.0", "2026-01-01", CRITICAL)])
            .await;
        story.build("main", &[("alpha", "1.0.0")]).await;
        let catalogue = json!({
            "title": "t", "catalogVersion": "1", "dateReleased": "2026-03-02T00:00:00Z", "count": 1,
            "vulnerabilities": [{"cveID": "CVE-2026-1", "knownRansomwareCampaignUse": "Unknown"}]
        });
        let catalogue = advisories::kev::Catalogue::parse(catalogue.to_string().as_bytes()).unwrap();
        let now = story.day("2026-03-02");
        let mut tx = story.database.begin().await.unwrap();
        store::feeds::ensure(&mut tx, store::feeds::EXPLOITED, "", "by hand")
            .await
            .unwrap();
        store::exploited::replace(&mut tx, &catalogue, "", None, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        story.work().await;
        later(&story, 31);
        story.work().await;
        assert_eq!(receiver.count(), 1);
        let (_, body) = receiver.last();
        assert_eq!(
            body["summary"],
            "CVE-2026-1 in alpha, known to be exploited, is in team/shop"
        );
        assert!(
            body["events"][0]["html_url"]
                .as_str()
                .unwrap()
                .starts_with("/findings/")
        );
    }
}

#[tokio::test]
async fn what_is_not_taken_is_tried_again_and_can_be_sent_once_more() {
    for fresh in both().await {
        let story = Story::new(fresh.database.clone()).await;
        let (receiver, url) = Receiver::start().await;
        let hook = hook(&story, &url, &Kind::ALL, true).await;
        story.day("2026-03-01");
        receiver.answers(503);
        tried(&story, &hook).await;
        let row = &deliveries(&story, &hook).await[0];
        assert_eq!(
            (row.state.as_str(), row.attempts, row.status),
            ("waiting", 1, Some(503))
        );
        assert!(row.error.as_ref().unwrap().contains("503"), "{row:?}");
        later(&story, 59);
        story.work().await;
        assert_eq!(receiver.count(), 1, "not before its time");
        later(&story, 2);
        receiver.answers(200);
        story.work().await;
        let row = &deliveries(&story, &hook).await[0];
        assert_eq!((row.state.as_str(), row.attempts), ("delivered", 2));

        let mut tx = story.database.begin().await.unwrap();
        assert!(
            webhooks::replay(&mut tx, row.id, story.clock.now())
                .await
                .unwrap()
        );
        assert!(
            !webhooks::replay(&mut tx, row.id, story.clock.now())
                .await
                .unwrap(),
            "it waits already"
        );
        tx.commit().await.unwrap();
        story.work().await;
        let (headers, _) = receiver.last();
        assert_eq!(receiver.count(), 3);
        assert_eq!(
            headers["plumbline-delivery"],
            row.uuid.as_str(),
            "the same message"
        );
    }
}

/// Asks for a trial, as the pages do, and lets it be sent.
async fn tried(story: &Story, hook: &Webhook) {
    use store::news::{self, News, Told, Topic};
    let now = story.clock.now();
    let news = News {
        event: Kind::Test,
        at: now,
        project: None,
        reference: None,
        build: None,
        title: "A trial".to_owned(),
        details: Vec::new(),
        path: "/".to_owned(),
    };
    let told = Told {
        topic: Topic::Test(hook.uuid.clone()),
        project_id: None,
        news,
    };
    let mut tx = story.database.begin().await.unwrap();
    news::add(&mut tx, &[told], now).await.unwrap();
    tx.commit().await.unwrap();
    story.work().await;
}

#[tokio::test]
async fn a_receiver_that_never_answers_is_given_up_after_a_day() {
    for fresh in both().await {
        let story = Story::new(fresh.database.clone()).await;
        let (receiver, url) = Receiver::start().await;
        let hook = hook(&story, &url, &Kind::ALL, true).await;
        story.day("2026-03-01");
        receiver.answers(500);
        tried(&story, &hook).await;
        for _ in 0..20 {
            later(&story, 8 * 3_600 + 1);
            story.work().await;
        }
        let row = &deliveries(&story, &hook).await[0];
        assert_eq!(
            (row.state.as_str(), row.attempts, receiver.count()),
            ("dead", 12, 12)
        );
    }
}

#[tokio::test]
async fn a_message_whose_job_died_is_seen_and_can_be_sent_again() {
    for fresh in both().await {
        let story = Story::new(fresh.database.clone()).await;
        let (receiver, url) = Receiver::start().await;
        let hook = hook(&story, &url, &Kind::ALL, true).await;
        story.day("2026-03-01");
        receiver.answers(503);
        tried(&story, &hook).await;
        let id = deliveries(&story, &hook).await[0].id;
        let now = story.clock.now();
        let mut tx = story.database.begin().await.unwrap();
        webhooks::bury(&mut tx, id, "its job died", now).await.unwrap();
        tx.commit().await.unwrap();
        let row = &deliveries(&story, &hook).await[0];
        assert_eq!(
            (row.state.as_str(), row.error.as_deref()),
            ("dead", Some("its job died"))
        );
        receiver.answers(200);
        let mut tx = story.database.begin().await.unwrap();
        assert!(webhooks::replay(&mut tx, id, now).await.unwrap());
        tx.commit().await.unwrap();
        // The next attempt was asked for already, and two jobs with one key are one.
        later(&story, 61);
        story.work().await;
        assert_eq!(deliveries(&story, &hook).await[0].state, "delivered");
    }
}

#[tokio::test]
async fn an_internal_address_is_refused_unless_it_was_allowed() {
    for fresh in both().await {
        let story = Story::new(fresh.database.clone()).await;
        let (receiver, url) = Receiver::start().await;
        let hook = hook(&story, &url, &Kind::ALL, false).await;
        tried(&story, &hook).await;
        assert_eq!(receiver.count(), 0);
        let row = &deliveries(&story, &hook).await[0];
        assert_eq!(
            (row.state.as_str(), row.attempts),
            ("dead", 1),
            "no later try would help"
        );
        let why = row.error.as_ref().unwrap();
        assert!(why.contains("not a public address"), "{why}");
        assert!(!why.contains("s3cret"), "the path may hold a secret: {why}");
    }
}

#[tokio::test]
async fn without_a_webhook_nothing_is_written_and_the_past_is_not_told() {
    for fresh in both().await {
        let story = Story::new(fresh.database.clone()).await;
        story.day("2026-03-01");
        story.build("main", &[("alpha", "1.0.0")]).await;
        story
            .publish(&[advisory("A-1", "alpha", "2.0.0", "2026-03-01", CRITICAL)])
            .await;
        let mut session = story.database.read().await.unwrap();
        assert!(store::news::waiting(&mut session, 10).await.unwrap().is_empty());
        drop(session);
        let (receiver, url) = Receiver::start().await;
        hook(&story, &url, &Kind::ALL, true).await;
        later(&story, 3_600);
        story.work().await;
        assert_eq!(receiver.count(), 0);
    }
}

#[tokio::test]
async fn time_makes_news_once() {
    for fresh in both().await {
        let story = Story::new(fresh.database.clone()).await;
        let (receiver, url) = Receiver::start().await;
        let hook = hook(&story, &url, &[Kind::FeedLate, Kind::WaiverEnding], true).await;
        let first = story.day("2026-03-01");
        let mut tx = story.database.begin().await.unwrap();
        store::feeds::confirmed(&mut tx, "osv:crates.io", first)
            .await
            .unwrap();
        let waiver = policy::Waiver {
            vulnerability: Some("CVE-2026-1".to_owned()),
            reason: "only reads our own files".to_owned(),
            expires_on: Some("2026-03-20".parse().unwrap()),
            ..waiver()
        };
        let new = store::waivers::NewWaiver {
            waiver: &waiver,
            state: store::waivers::WaiverState::Active,
            projects: &[],
            decided_on: "",
            origin: "api",
            requested_by: "user:mara",
            approved_by: None,
        };
        store::waivers::create(&mut tx, &new, first).await.unwrap();
        tx.commit().await.unwrap();
        let told = async || {
            story.worker.keep_schedule().await.unwrap();
            story.work().await;
            deliveries(&story, &hook).await.len()
        };
        assert_eq!(told().await, 0, "nothing is late, and the waiver holds for long");
        story.day("2026-03-03");
        assert_eq!(told().await, 1, "the feed is late");
        assert_eq!(told().await, 1, "and is told of once");
        story.day("2026-03-06");
        assert_eq!(told().await, 2, "the waiver ends in 14 days");
        story.day("2026-03-07");
        assert_eq!(told().await, 2);
        let (_, body) = receiver.last();
        assert_eq!(body["summary"], "The waiver of CVE-2026-1 ends in 14 days");
        // It recovers, and is late again.
        let mut tx = story.database.begin().await.unwrap();
        let recovered: Timestamp = story.clock.now();
        store::feeds::confirmed(&mut tx, "osv:crates.io", recovered)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(told().await, 2);
        story.day("2026-03-12");
        assert_eq!(told().await, 3);
    }
}

fn waiver() -> policy::Waiver {
    serde_json::from_value(json!({"id": "", "status": "accepted_risk", "reason": "x"})).unwrap()
}

#[tokio::test]
async fn who_watches_a_component_is_named() {
    for fresh in both().await {
        let story = Story::new(fresh.database.clone()).await;
        let (receiver, url) = Receiver::start().await;
        hook(&story, &url, &[Kind::Watched], true).await;
        let now = story.day("2026-03-01");
        story
            .build("main", &[("alpha", "1.0.0"), ("beta", "1.0.0")])
            .await;
        let mut tx = story.database.begin().await.unwrap();
        let alpha = store::components::package(&mut tx, "crates.io", "alpha")
            .await
            .unwrap()
            .unwrap();
        assert!(
            store::watches::add(&mut tx, "user:mara", alpha, now)
                .await
                .unwrap()
        );
        tx.commit().await.unwrap();
        story
            .publish(&[advisory("A-1", "beta", "2.0.0", "2026-03-01", CRITICAL)])
            .await;
        later(&story, 60);
        story.work().await;
        assert_eq!(receiver.count(), 0, "nobody watches beta");
        story.day("2026-03-02");
        story
            .publish(&[advisory("A-2", "alpha", "2.0.0", "2026-03-02", CRITICAL)])
            .await;
        later(&story, 60);
        story.work().await;
        let (_, body) = receiver.last();
        assert_eq!(
            body["summary"],
            "New findings in alpha, which mara watches, in team/shop"
        );
    }
}

/// A mail server that takes every letter, but none for `nobody`.
async fn post_office() -> (Arc<Mutex<Vec<String>>>, String) {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    let letters = Arc::new(Mutex::new(Vec::new()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("smtp://{}", listener.local_addr().unwrap());
    let taken = letters.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let taken = taken.clone();
            tokio::spawn(async move {
                let (read, mut write) = stream.split();
                let mut lines = BufReader::new(read).lines();
                let (mut letter, mut in_letter) = (String::new(), false);
                write.write_all(b"220 post office\r\n").await.unwrap();
                while let Ok(Some(line)) = lines.next_line().await {
                    let answer: &[u8] = match line.as_str() {
                        "." if in_letter => {
                            taken.lock().unwrap().push(std::mem::take(&mut letter));
                            in_letter = false;
                            b"250 taken\r\n"
                        }
                        _ if in_letter => {
                            letter.push_str(&line);
                            letter.push('\n');
                            continue;
                        }
                        "DATA" => {
                            in_letter = true;
                            b"354 go on\r\n"
                        }
                        "QUIT" => b"221 bye\r\n",
                        line if line.contains("nobody@") => b"550 nobody here\r\n",
                        _ => b"250 ok\r\n",
                    };
                    write.write_all(answer).await.unwrap();
                }
            });
        }
    });
    (letters, address)
}

#[tokio::test]
async fn a_letter_reaches_people_and_a_lasting_no_is_not_asked_again() {
    for fresh in both().await {
        let mut story = Story::new(fresh.database.clone()).await;
        let (letters, address) = post_office().await;
        let server = fetch::Url::parse(&address).unwrap();
        let server =
            fetch::mail::MailServer::new(&server, "Plumbline <plumbline@example.org>", None).unwrap();
        story.worker = worker::Worker::new(worker::Parts {
            wake: store::wake::Wake::new(&story.database),
            database: story.database.clone(),
            documents: crate::story::documents(),
            clock: story.clock.clone(),
            settings: Arc::new(worker::Settings {
                mail: Some(server),
                ..worker::Settings::default()
            }),
        });
        story.day("2026-03-01");
        for (to, state) in [("mara@example.org", "delivered"), ("nobody@example.org", "dead")] {
            let hook = hook_of(&story, to, &Kind::ALL, false, Shape::Mail).await;
            tried(&story, &hook).await;
            let row = &deliveries(&story, &hook).await[0];
            assert_eq!((row.state.as_str(), row.attempts), (state, 1), "{row:?}");
        }
        let letters = letters.lock().unwrap();
        let [letter] = letters.as_slice() else {
            panic!("one letter was taken: {letters:?}");
        };
        for part in [
            "To: mara@example.org",
            "Subject: A trial",
            "From: Plumbline <plumbline@example.org>",
        ] {
            assert!(letter.contains(part), "no `{part}`: {letter}");
        }
    }
}
