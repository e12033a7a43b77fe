//! A whole service in memory: the router, a worker, a clock that is set by hand, a visitor who is signed in.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine as _;
use clock::{Clock, SteppedClock, Timestamp};
use serde_json::{Value, json};
use store::advisories::{self, Batch, PreparedRecord};
use store::db::{Database, Location};
use store::documents::Documents;
use store::tokens::{Action, NewToken};
use store::wake::Wake;
use store::{feeds, projects, sessions, tokens};
use tower::ServiceExt as _;
use worker::Worker;

pub(crate) const CRITICAL: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";

const FEED: &str = "osv:crates.io";
/// More than any page of ours has.
const LONGEST_PAGE: usize = 8 << 20;

pub(crate) struct Site {
    pub(crate) database: Database,
    clock: Arc<SteppedClock>,
    router: Router,
    worker: Worker,
    cookie: String,
    folder: PathBuf,
}

/// What was answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) body: String,
}

impl Drop for Site {
    fn drop(&mut self) {
        // What is left over lies in the system's temporary folder.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Site {
    pub(crate) async fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("plumbline-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&folder).unwrap();
        let location = Location::Sqlite(folder.join("plumbline.db"));
        let database = Database::open(&location).await.unwrap();
        let clock = Arc::new(SteppedClock::at("2026-01-01T12:00:00Z".parse().unwrap()));
        let wake = Wake::new(&database);
        let router = server::router(server::Service::new(server::Parts {
            database: database.clone(),
            documents: Documents::at(folder.join("documents")),
            wake: wake.clone(),
            clock: clock.clone(),
            settings: server::Settings::default(),
        }));
        let worker = Worker::new(worker::Parts {
            database: database.clone(),
            documents: Documents::at(folder.join("documents")),
            wake,
            clock: clock.clone(),
            settings: Arc::new(worker::Settings::default()),
        });
        let cookie = sign_in(&database, clock.now()).await;
        Self {
            database,
            clock,
            router,
            worker,
            cookie,
            folder,
        }
    }

    /// Sets the clock to noon of a day, on which the visitor signs in anew.
    pub(crate) async fn day(&mut self, date: &str) {
        self.clock.set(format!("{date}T12:00:00Z").parse().unwrap());
        self.cookie = sign_in(&self.database, self.clock.now()).await;
    }

    /// Publishes what is known about crates; without records, that nothing is known of any.
    pub(crate) async fn publish(&self, records: &[Value]) {
        let mut tx = self.database.begin().await.unwrap();
        feeds::ensure(&mut tx, FEED, "crates.io", "by hand")
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let records = records.iter().map(ToString::to_string);
        let records = records.map(|record| PreparedRecord::new(record.as_bytes()).unwrap());
        let batch = Batch::Additions(records.collect());
        advisories::apply(&self.database, FEED, batch, self.clock.now())
            .await
            .unwrap();
        self.work().await;
    }

    pub(crate) async fn work(&self) {
        let worked = self.worker.work_off().await.unwrap();
        assert_eq!(worked.failed, Vec::<String>::new());
    }

    /// Sends a document from the page of the builds, as the form there does.
    pub(crate) async fn send(&self, project: &str, reference: &str, document: &str) -> Answer {
        let csrf = self.csrf().await;
        self.send_with(&csrf, project, reference, document).await
    }

    pub(crate) async fn send_with(
        &self,
        csrf: &str,
        project: &str,
        reference: &str,
        document: &str,
    ) -> Answer {
        let part = |name: &str, more: &str, content: &str| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{content}\r\n")
        };
        let parts = [
            part("csrf", "", csrf),
            part("ref", "", reference),
            part("file", "; filename=\"bom.json\"", document),
        ];
        let request = Request::post(format!("/projects/{project}/builds"))
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
            .body(Body::from(format!("{}--b--\r\n", parts.concat())));
        self.ask(request.unwrap()).await
    }

    /// The secret that every form of this session carries.
    async fn csrf(&self) -> String {
        let page = self.page("/metrics/definitions").await;
        let (_, rest) = page.split_once("name=\"csrf\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    /// Sends crates as a build and has it audited.
    pub(crate) async fn build(&self, project: &str, reference: &str, crates: &[(&str, &str)]) {
        let sent = self.send(project, reference, &sbom(crates)).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
        self.work().await;
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// A page that is there, with the number of statements that it took.
    pub(crate) async fn statements(&self, path: &str) -> u64 {
        let (answer, count) = store::db::counted(self.get(path)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        count
    }

    /// A page that is there.
    pub(crate) async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        answer.body
    }

    /// The same data as JSON.
    pub(crate) async fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.page(path).await).unwrap()
    }

    /// Sends a form of ours, which has no fields but its secret.
    pub(crate) async fn press(&self, path: &str) -> Answer {
        let csrf = self.csrf().await;
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request.body(Body::from(format!("csrf={csrf}"))).unwrap())
            .await
    }

    /// Sends JSON as a program does, with this token.
    pub(crate) async fn post(&self, token: &str, path: &str, body: &Value) -> Answer {
        self.post_as(format!("Bearer {token}"), path, body).await
    }

    /// Sends JSON with Basic credentials, `user:password`.
    pub(crate) async fn post_basic(&self, credentials: &str, path: &str, body: &Value) -> Answer {
        let encoded = base64::engine::general_purpose::STANDARD.encode(credentials);
        self.post_as(format!("Basic {encoded}"), path, body).await
    }

    async fn post_as(&self, authorization: String, path: &str, body: &Value) -> Answer {
        let request = Request::post(path)
            .header(header::AUTHORIZATION, authorization)
            .header(header::CONTENT_TYPE, "application/json");
        self.ask(request.body(Body::from(body.to_string())).unwrap())
            .await
    }

    /// What a program with this token reads; no session stands beside it.
    pub(crate) async fn get_as(&self, token: &str, path: &str) -> Answer {
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.ask(request.body(Body::empty()).unwrap()).await
    }

    async fn ask(&self, mut request: Request<Body>) -> Answer {
        let cookie = self.cookie.parse().unwrap();
        request.headers_mut().insert(header::COOKIE, cookie);
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let location = head.headers.get(header::LOCATION);
        let location = location.map(|value| value.to_str().unwrap().to_owned());
        let body = axum::body::to_bytes(body, LONGEST_PAGE).await.unwrap();
        Answer {
            status: head.status,
            location: location.unwrap_or_default(),
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }
}

/// A token that allows this; bound to a project where one is given.
pub(crate) async fn token(site: &Site, action: Action, project: Option<&str>) -> String {
    let mut tx = site.database.begin().await.unwrap();
    let project_id = match project {
        Some(name) => Some(projects::find(&mut tx, name).await.unwrap().unwrap().id),
        None => None,
    };
    let new = NewToken {
        name: "ci",
        project_id,
        actions: &[action],
        created_by: "user:mara",
        expires_at: None,
    };
    let (_, text) = tokens::create(&mut tx, &new, site.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    text
}

/// The cookie of somebody who followed a login link.
async fn sign_in(database: &Database, now: Timestamp) -> String {
    let mut tx = database.begin().await.unwrap();
    let link = sessions::create_link(&mut tx, "mara", now).await.unwrap();
    let secret = sessions::redeem(&mut tx, &link, now).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    format!("plumbline={secret}")
}

/// A product with these crates as direct dependencies, as CycloneDX.
pub(crate) fn sbom(crates: &[(&str, &str)]) -> String {
    let purl = |name: &str, version: &str| format!("pkg:cargo/{name}@{version}");
    let components: Vec<Value> = crates
        .iter()
        .map(|(name, version)| {
            json!({"type": "library", "bom-ref": name, "name": name, "version": version, "purl": purl(name, version)})
        })
        .collect();
    let names: Vec<&str> = crates.iter().map(|(name, _)| *name).collect();
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "metadata": {"component": {"type": "application", "bom-ref": "shop", "name": "shop"}},
        "components": components,
        "dependencies": [{"ref": "shop", "dependsOn": names}]
    })
    .to_string()
}

/// A record about one crate: affected from the start until `fixed`.
pub(crate) fn advisory(id: &str, name: &str, fixed: &str) -> Value {
    json!({
        "schema_version": "1.7.0",
        "id": id,
        "modified": "2026-01-01T00:00:00Z",
        "published": "2026-01-01T00:00:00Z",
        "summary": format!("a flaw in {name}"),
        "severity": [{"type": "CVSS_V3", "score": CRITICAL}],
        "affected": [{
            "package": {"ecosystem": "crates.io", "name": name},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": fixed}]}]
        }]
    })
}
