//! A small world: one service with its worker, called as a client calls it.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use clock::{Clock, SteppedClock};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use server::{Limits, Service, Settings};
use store::advisories::{self, Batch, PreparedRecord};
use store::documents::Documents;
use store::feeds;
use store::sessions;
use store::tokens::{self, Action, NewToken};
use store::wake::Wake;
use tower::ServiceExt;
use worker::Worker;

use crate::databases::{self, Fresh};

const FEED: &str = "osv:crates.io";

pub(crate) struct World {
    pub(crate) fresh: Fresh,
    pub(crate) router: Router,
    pub(crate) clock: Arc<SteppedClock>,
    pub(crate) worker: Worker,
    /// A token that may do everything.
    pub(crate) admin: String,
    folder: PathBuf,
}

impl Drop for World {
    fn drop(&mut self) {
        // What is left over lies in the system's temporary folder.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// An answer as a client reads it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.status, self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap_or_default())
    }

    /// Asserts that the answer is a problem with everything that belongs to one; gives its slug.
    pub(crate) fn problem(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.text()
        );
        let body = self.json();
        assert_eq!(body["status"], self.status.as_u16());
        for key in ["title", "detail"] {
            assert!(
                body[key].as_str().is_some_and(|text| !text.is_empty()),
                "{key}: {body}"
            );
        }
        assert_eq!(body["request_id"], self.header("x-request-id"));
        let kind = body["type"].as_str().unwrap_or_default();
        kind.strip_prefix("/problems/").unwrap_or_default().to_owned()
    }
}

/// A request under construction.
pub(crate) struct Call<'w> {
    world: &'w World,
    request: axum::http::request::Builder,
    body: Body,
}

impl Call<'_> {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub(crate) fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn admin(self) -> Self {
        let token = self.world.admin.clone();
        self.token(&token)
    }

    pub(crate) fn body(mut self, bytes: impl Into<Body>) -> Self {
        self.body = bytes.into();
        self
    }

    pub(crate) fn json(self, value: &Value) -> Self {
        self.header("content-type", "application/json")
            .body(value.to_string())
    }

    /// A form as browsers send it; `fields` are encoded already.
    pub(crate) fn form(self, fields: &str) -> Self {
        self.header("content-type", "application/x-www-form-urlencoded")
            .body(fields.to_owned())
    }

    pub(crate) async fn send(self) -> Answer {
        let request = self.request.body(self.body).unwrap();
        let response = self.world.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes().to_vec(),
        }
    }
}

impl World {
    /// One world on each engine.
    pub(crate) async fn both() -> Vec<Self> {
        let mut worlds = Vec::new();
        for fresh in databases::both().await {
            worlds.push(Self::on(fresh).await);
        }
        worlds
    }

    async fn on(fresh: Fresh) -> Self {
        let clock = Arc::new(SteppedClock::at("2026-03-01T12:00:00Z".parse().unwrap()));
        let folder =
            std::env::temp_dir().join(format!("plumbline-{:?}-{}", fresh.engine, uuid::Uuid::new_v4()));
        let wake = Wake::new(&fresh.database);
        let worker = Worker::new(worker::Parts {
            wake: wake.clone(),
            database: fresh.database.clone(),
            documents: Documents::at(folder.clone()),
            clock: clock.clone(),
            settings: Arc::new(worker::Settings::default()),
        });
        let service = Service::new(server::Parts {
            database: fresh.database.clone(),
            documents: Documents::at(folder.clone()),
            wake,
            clock: clock.clone(),
            settings: Settings {
                limits: Limits {
                    document: 4 << 20,
                    ..Limits::default()
                },
                ..Settings::default()
            },
        });
        let mut world = Self {
            router: server::router(service),
            admin: String::new(),
            fresh,
            clock,
            worker,
            folder,
        };
        world.admin = world.token(&[Action::Admin], None).await;
        world
    }

    pub(crate) fn call(&self, method: Method, path: &str) -> Call<'_> {
        Call {
            world: self,
            request: Request::builder().method(method).uri(path),
            body: Body::empty(),
        }
    }

    pub(crate) fn get(&self, path: &str) -> Call<'_> {
        self.call(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> Call<'_> {
        self.call(Method::POST, path)
    }

    pub(crate) fn delete(&self, path: &str) -> Call<'_> {
        self.call(Method::DELETE, path)
    }

    pub(crate) fn put(&self, path: &str) -> Call<'_> {
        self.call(Method::PUT, path)
    }

    /// A token for a project of this name, or for all.
    pub(crate) async fn token(&self, actions: &[Action], project: Option<&str>) -> String {
        let now = self.clock.now();
        let mut tx = self.fresh.database.begin().await.unwrap();
        let project_id = match project {
            Some(name) => Some(
                store::projects::find(&mut tx, name)
                    .await
                    .unwrap()
                    .expect("the project is there")
                    .id,
            ),
            None => None,
        };
        let new = NewToken {
            name: "test",
            project_id,
            actions,
            created_by: "test",
            expires_at: Some(now.plus_days(30)),
        };
        let (_, text) = tokens::create(&mut tx, &new, now).await.unwrap();
        tx.commit().await.unwrap();
        text
    }

    /// The secret of a link that signs somebody in.
    pub(crate) async fn login_link(&self, name: &str) -> String {
        let mut tx = self.fresh.database.begin().await.unwrap();
        let secret = sessions::create_link(&mut tx, name, self.clock.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        secret
    }

    /// A session's cookie, from a link that was used as people use it.
    pub(crate) async fn sign_in(&self, name: &str) -> String {
        let once = self.login_link(name).await;
        let answer = self
            .post("/login")
            .form(&format!("once={once}&next=/"))
            .send()
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        let cookie = answer.header("set-cookie");
        cookie.split(';').next().unwrap_or_default().to_owned()
    }

    pub(crate) async fn make_project(&self, name: &str) {
        let path = format!("/v1/projects/{}", web::links::segment(name));
        let answer = self.put(&path).admin().json(&json!({})).send().await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    }

    /// Publishes an advisory: every version of a crate below `fixed` is affected.
    pub(crate) async fn publish(&self, id: &str, name: &str, fixed: &str) {
        let record = json!({
            "schema_version": "1.6.0", "id": id, "modified": "2026-02-01T00:00:00Z", "summary": format!("{name} breaks"),
            "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
            "affected": [{
                "package": {"ecosystem": "crates.io", "name": name},
                "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": fixed}]}]
            }]
        });
        let now = self.clock.now();
        let mut tx = self.fresh.database.begin().await.unwrap();
        feeds::ensure(&mut tx, FEED, "crates.io", "by hand")
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let records = vec![PreparedRecord::new(record.to_string().as_bytes()).unwrap()];
        advisories::apply(&self.fresh.database, FEED, Batch::Additions(records), now)
            .await
            .unwrap();
        let mut tx = self.fresh.database.begin().await.unwrap();
        feeds::confirmed(&mut tx, FEED, now).await.unwrap();
        tx.commit().await.unwrap();
        self.work().await;
    }

    pub(crate) async fn work(&self) {
        let worked = self.worker.work_off().await.unwrap();
        assert_eq!(worked.failed, Vec::<String>::new());
    }
}

/// A CycloneDX document with these crates, all direct.
pub(crate) fn sbom(crates: &[(&str, &str)]) -> Vec<u8> {
    let purl = |(name, version): &(&str, &str)| format!("pkg:cargo/{name}@{version}");
    let components: Vec<Value> = crates
        .iter()
        .map(|pair| {
            json!({
                "type": "library", "bom-ref": purl(pair), "name": pair.0, "version": pair.1, "purl": purl(pair),
                "licenses": [{"license": {"id": "MIT"}}]
            })
        })
        .collect();
    let references: Vec<String> = crates.iter().map(purl).collect();
    let document = json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "root", "name": "shop", "version": "1.0.0"}},
        "components": components,
        "dependencies": [{"ref": "root", "dependsOn": references}]
    });
    document.to_string().into_bytes()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
