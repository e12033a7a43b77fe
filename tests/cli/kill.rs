//! The process is killed in the middle of everything, again and again; nothing is lost and nothing doubled.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use harness::http::{self, Answer};
use harness::{Place, Service, sbom, shared_data};
use serde_json::Value;

/// Documents, each for a project of its own, so that their order does not matter.
const UPLOADS: usize = 24;
/// After how many accepted uploads the process is killed.
const KILLS: [usize; 3] = [1, 8, 16];
/// The lease of a killed worker's job must run out; only a loss takes longer.
const PATIENCE: Duration = Duration::from_secs(240);
/// How often it is looked whether everything has settled.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Versions of minimist with different findings.
const VERSIONS: [&str; 4] = ["0.0.8", "1.2.0", "1.2.5", "1.2.8"];

#[test]
fn nothing_is_lost_or_doubled_on_sqlite() {
    check(&Place::sqlite(), &Place::sqlite());
}

#[test]
fn nothing_is_lost_or_doubled_on_postgres() {
    check(&Place::postgres(), &Place::postgres());
}

/// What remains of a run: the open findings, and the outcome of each build.
#[derive(Debug, PartialEq, Eq)]
struct Remains {
    /// `project package canonical`, sorted; a doubled finding stands here twice.
    findings: Vec<String>,
    /// By project; a doubled build would be a second outcome.
    outcomes: BTreeMap<String, Vec<String>>,
}

fn check(calm: &Place, harsh: &Place) {
    let expected = undisturbed(calm);
    assert_eq!(expected.outcomes.len(), UPLOADS);
    assert!(expected.findings.len() > UPLOADS, "there is something to lose");
    let world = World::new(harsh);
    world.upload_while_it_is_killed();
    let began = Instant::now();
    while world.remains().as_ref() != Some(&expected) && began.elapsed() < PATIENCE {
        std::thread::sleep(LOOK_EVERY);
    }
    assert_eq!(world.remains(), Some(expected), "{}", harsh.engine);
    let whole = harsh.run(&["admin", "verify-audit-log"]);
    assert_eq!(whole.code, Some(0), "{}: {}", harsh.engine, whole.stdout);
}

fn undisturbed(place: &Place) -> Remains {
    let world = World::new(place);
    let synced = place.run(&["feeds", "sync"]);
    assert_eq!(synced.code, Some(0), "{}", synced.stderr);
    for number in 0..UPLOADS {
        let answer = world.upload(number, 60).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    world.remains().unwrap()
}

/// A service that may be another process at any moment.
struct World<'a> {
    place: &'a Place,
    token: String,
    running: Mutex<Service>,
    origin: Mutex<String>,
    accepted: Mutex<usize>,
    one_more: Condvar,
}

impl<'a> World<'a> {
    fn new(place: &'a Place) -> Self {
        let source = shared_data("advisories");
        let configuration = format!(
            "[feeds.osv]\nsource = \"{}\"\necosystems = [\"npm\"]\n[feeds.known_exploited]\nsource = \"\"\n[feeds.exploit_scores]\nsource = \"\"\n",
            source.display()
        );
        place.data.file("plumbline.toml", configuration.as_bytes());
        // Its worker reads the feed and audits at once.
        let service = Service::start(place, "serve", &[]);
        Self {
            place,
            token: place.token(),
            origin: Mutex::new(service.origin()),
            running: Mutex::new(service),
            accepted: Mutex::new(0),
            one_more: Condvar::new(),
        }
    }

    /// Kills the process and starts another on the same state.
    fn replace(&self) {
        let mut running = self.running.lock().unwrap();
        running.kill();
        *running = Service::start(self.place, "serve", &[]);
        *self.origin.lock().unwrap() = running.origin();
    }

    fn send(&self, method: &str, path: &str, body: Vec<u8>) -> Option<Answer> {
        let url = format!("{}{path}", self.origin.lock().unwrap());
        let bearer = format!("Bearer {}", self.token);
        http::try_send(method.parse().unwrap(), &url, &[("authorization", &bearer)], body)
    }

    fn upload(&self, number: usize, wait: u64) -> Option<Answer> {
        let version = VERSIONS[number % VERSIONS.len()];
        let path = format!("/v1/projects/line-{number}/builds?ref=main&create=true&wait={wait}");
        self.send("POST", &path, sbom::minimist(version).to_string().into_bytes())
    }

    /// Three clients send, and send again what was not accepted, while the process dies under them.
    fn upload_while_it_is_killed(&self) {
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::SeqCst);
                        if number >= UPLOADS {
                            break;
                        }
                        self.upload_until_accepted(number);
                    }
                });
            }
            for after in KILLS {
                let accepted = self.accepted.lock().unwrap();
                drop(
                    self.one_more
                        .wait_while(accepted, |accepted| *accepted < after)
                        .unwrap(),
                );
                self.replace();
            }
        });
    }

    fn upload_until_accepted(&self, number: usize) {
        loop {
            match self.upload(number, 0) {
                Some(answer) if answer.status == 202 || answer.status == 200 => {
                    *self.accepted.lock().unwrap() += 1;
                    self.one_more.notify_all();
                    return;
                }
                Some(answer) => assert_eq!(answer.status, 503, "{}", answer.body),
                // Whoever killed it holds it until there is another.
                None => drop(self.running.lock().unwrap()),
            }
        }
    }

    /// `None` as long as some build has no verdict.
    fn remains(&self) -> Option<Remains> {
        let mut outcomes = BTreeMap::new();
        for number in 0..UPLOADS {
            let project = format!("line-{number}");
            let builds = self.items(&format!("/v1/projects/{project}/builds"));
            let of_project = builds
                .iter()
                .map(|build| build["outcome"].as_str().map(str::to_owned));
            outcomes.insert(project, of_project.collect::<Option<Vec<_>>>()?);
        }
        let mut findings: Vec<String> = self
            .items("/v1/findings")
            .iter()
            .map(|finding| {
                let (project, purl) = (&finding["project"], &finding["component"]["purl"]);
                format!("{project} {purl} {}", finding["canonical"])
            })
            .collect();
        findings.sort();
        Some(Remains { findings, outcomes })
    }

    /// A whole list, page by page.
    fn items(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let answer = self.send("GET", &format!("{path}?limit=200{cursor}"), Vec::new());
            let list = answer.unwrap().json();
            items.extend(list["items"].as_array().unwrap().iter().cloned());
            match list["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    }
}
