//! Manifests without a lockfile, through the real binary, resolved from recorded registries on a loopback port.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use harness::registry::{self, Documents, Pace};
use harness::{Ended, Folder, Place, Registry, Service, bucket, http, plumbline, run};
use serde_json::{Value, json};

/// A service whose registries are these, and a token for it.
struct World {
    service: Service,
    token: String,
    _bucket: Folder,
}

impl World {
    fn new(place: &Place, registries: &str) -> Self {
        let bucket = bucket::of_npm(&["minimist"]);
        let text = bucket::configuration(&bucket) + registries;
        place.data.file("plumbline.toml", text.as_bytes());
        let synced = place.run(&["feeds", "sync"]);
        assert_eq!(synced.code, Some(0), "{}", synced.stderr);
        Self {
            service: Service::start(place, "serve", &[]),
            token: place.token(),
            _bucket: bucket,
        }
    }

    fn call(&self, path: &str) -> Value {
        let bearer = format!("Bearer {}", self.token);
        let url = format!("{}{path}", self.service.origin());
        let answer = http::get(&url, &[("authorization", &bearer)]);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.json()
    }

    /// Uploads and waits for the verdict.
    fn build(&self, name: &str, body: Vec<u8>, query: &str) -> Value {
        let bearer = format!("Bearer {}", self.token);
        let named = format!("attachment; filename=\"{name}\"");
        let url = format!(
            "{}/v1/projects/shop/builds?ref=main&create=true&{query}",
            self.service.origin()
        );
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-disposition", named.as_str()),
        ];
        let answer = http::post(&url, &headers, body);
        assert_eq!(answer.status, 202, "{}", answer.body);
        let id = answer.json()["build"]["id"].as_str().unwrap().to_owned();
        let mut stages = BTreeSet::new();
        loop {
            let now = self.call(&format!("/v1/builds/{id}?wait=1"));
            stages.insert(now["build"]["stage"].as_str().unwrap().to_owned());
            match now["build"]["status"].as_str() {
                Some("succeeded" | "failed") => return now,
                _ => assert!(stages.len() < 9, "{stages:?}"),
            }
        }
    }

    /// Packages and edges of a build, as its bill of materials has them: `name@version`, `a@1 → b@2`.
    fn graph(&self, build: &Value) -> (BTreeSet<String>, BTreeSet<String>) {
        let id = build["build"]["id"].as_str().unwrap();
        let bom = self.call(&format!("/v1/builds/{id}/sbom?format=cyclonedx-json"));
        let all = bom["components"].as_array().unwrap().iter();
        let root = &bom["metadata"]["component"];
        let id_of = |component: &Value| {
            let group = component["group"]
                .as_str()
                .map(|group| format!("{group}/"))
                .unwrap_or_default();
            let name = component["name"].as_str().unwrap();
            let version = component["version"].as_str().unwrap_or("?");
            format!("{group}{name}@{version}")
        };
        let by_ref: std::collections::HashMap<&str, String> = all
            .clone()
            .chain([root])
            .map(|component| (component["bom-ref"].as_str().unwrap(), id_of(component)))
            .collect();
        let mut edges = BTreeSet::new();
        for dependency in bom["dependencies"].as_array().unwrap() {
            let from = &by_ref[dependency["ref"].as_str().unwrap()];
            for to in dependency["dependsOn"].as_array().into_iter().flatten() {
                edges.insert(format!("{from} → {}", by_ref[to.as_str().unwrap()]));
            }
        }
        (all.map(id_of).collect(), edges)
    }
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn assert_same(what: &str, expected: &BTreeSet<String>, found: &BTreeSet<String>) {
    let missing: Vec<_> = expected.difference(found).take(5).collect();
    let extra: Vec<_> = found.difference(expected).take(5).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "{what}: missing {missing:?}, extra {extra:?}"
    );
    assert!(!expected.is_empty(), "{what}");
}

/// The notices of a build with a code.
fn notices<'a>(build: &'a Value, code: &str) -> Vec<&'a Value> {
    let all = build["build"]["document"]["notices"].as_array().unwrap();
    all.iter().filter(|notice| notice["code"] == code).collect()
}

#[test]
fn an_npm_manifest_becomes_the_tree_that_npm_installs() {
    let npm = Registry::recorded("npm", Pace::AtOnce);
    let case = registry::case("npm", "express");
    let truth = read(&case.join("expected/now.graph.json"));
    let places: std::collections::HashMap<&str, String> = truth["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| {
            let text = |key: &str| node[key].as_str().unwrap();
            (text("loc"), format!("{}@{}", text("name"), text("version")))
        })
        .collect();
    let ids: BTreeSet<String> = places
        .iter()
        .filter(|(place, _)| !place.is_empty())
        .map(|(_, id)| id.clone())
        .collect();
    let edges: BTreeSet<String> = truth["edges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edge| {
            let id = |end: usize| &places[edge[end].as_str().unwrap()];
            format!("{} → {}", id(0), id(1))
        })
        .collect();
    for place in Place::both() {
        let world = World::new(&place, &registry::configuration(npm.origin(), "", ""));
        let manifest = fs::read(case.join("project/package.json")).unwrap();
        let build = world.build("package.json", manifest, "node=20.20.2");
        assert_eq!(build["build"]["status"], "succeeded", "{build}");
        assert_eq!(
            build["verdict"]["verdict"], "pass",
            "{}",
            build["verdict"]["notices"]
        );
        let (found_ids, found_edges) = world.graph(&build);
        assert_same(place.engine, &ids, &found_ids);
        assert_same(place.engine, &edges, &found_edges);
        let resolved = notices(&build, "resolved");
        let text = resolved[0]["text"].as_str().unwrap();
        assert!(text.contains("npm 11") && text.contains("node 20.20.2"), "{text}");
        assert_eq!(resolved[0]["place"], "package.json");
        assert_eq!(
            build["build"]["document"]["format"],
            "resolved as npm 11.19.1 would"
        );
    }
}

#[test]
fn a_cargo_workspace_becomes_what_cargo_locks() {
    let crates = Registry::recorded("cargo", Pace::AtOnce);
    let case = registry::case("cargo", "axum");
    let lock = fs::read_to_string(case.join("expected/now.Cargo.lock")).unwrap();
    let lock: toml::Table = lock.parse().unwrap();
    let ids: BTreeSet<String> = lock["package"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| {
            format!(
                "{}@{}",
                package["name"].as_str().unwrap(),
                package["version"].as_str().unwrap()
            )
        })
        .collect();
    let archive = packed(&case.join("project"));
    for place in Place::both() {
        let world = World::new(&place, &registry::configuration("", crates.origin(), ""));
        let build = world.build("axum.tar", archive.clone(), "cutoff=2026-11-23T21:46:00Z");
        assert_eq!(build["build"]["status"], "succeeded", "{build}");
        let (found, _) = world.graph(&build);
        let found: BTreeSet<String> = found.into_iter().filter(|id| !id.ends_with("@?")).collect();
        assert_same(place.engine, &ids, &found);
        assert!(notices(&build, "not_resolved").is_empty(), "{build}");
        let resolved = notices(&build, "resolved");
        assert_eq!(resolved.len(), 1, "the workspace speaks for its members");
        let text = resolved[0]["text"].as_str().unwrap();
        assert!(text.contains("cutoff 2026-11-23T21:46:00Z"), "{text}");
    }
}

/// A folder as an archive.
fn packed(folder: &Path) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    builder.append_dir_all("project", folder).unwrap();
    builder.into_inner().unwrap()
}

#[test]
fn requirements_become_what_pip_installs() {
    let pypi = Registry::recorded("pip", Pace::AtOnce);
    let case = registry::case("pip", "flask");
    let truth = read(&case.join("expected/now.pip.graph.json"));
    let python = truth["environment"]["python_full_version"].as_str().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let ids: BTreeSet<String> = truth["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| format!("{}@{}", text(&node["name"]), text(&node["version"])))
        .collect();
    for place in Place::both() {
        let simple = format!("{}/simple/", pypi.origin());
        let world = World::new(&place, &registry::configuration("", "", &simple));
        let mut requirements = fs::read(case.join("requirements.flat.in")).unwrap();
        // The very index that is asked may be named.
        let named = format!("\n--index-url {}\n", simple.trim_end_matches('/'));
        requirements.extend_from_slice(named.as_bytes());
        let query = format!("python={python}&cutoff=2026-11-23T21:51:00Z");
        let build = world.build("requirements.in", requirements, &query);
        assert_eq!(build["build"]["status"], "succeeded", "{build}");
        assert!(notices(&build, "index_ignored").is_empty(), "{build}");
        let (found, edges) = world.graph(&build);
        assert_same(place.engine, &ids, &found);
        let ends = |edge: &str| -> (String, String) {
            let (from, to) = edge.split_once(" → ").unwrap();
            let name = |id: &str| id.split('@').next().unwrap().to_owned();
            (name(from), name(to))
        };
        let edges: BTreeSet<(String, String)> = edges.iter().map(|edge| ends(edge)).collect();
        for edge in truth["edges"].as_array().unwrap() {
            let edge = (text(&edge[0]), text(&edge[1]));
            assert!(edges.contains(&edge), "{edge:?}");
        }
    }
}

const SHOP: &str = r#"{"name": "shop", "version": "1.0.0", "dependencies": {"mkdirp": "^0.5.0"}}"#;

/// A registry with a package that needs another in a vulnerable version.
fn small() -> Documents {
    let package = |name: &str, version: &str, needs: Value| {
        let document = json!({
            "name": name,
            "dist-tags": {"latest": version},
            "versions": {version: {"name": name, "version": version, "dependencies": needs, "license": "MIT"}},
        });
        (format!("/{name}"), document.to_string().into_bytes())
    };
    Documents::from([
        package("mkdirp", "0.5.1", json!({"minimist": "0.0.8"})),
        package("minimist", "0.0.8", json!({})),
    ])
}

fn scan(folder: &Path, configuration: &Folder, advisories: &Folder, arguments: &[&str]) -> Ended {
    run(plumbline(&["scan"])
        .arg(folder)
        .arg("--source")
        .arg(advisories.path())
        .arg("--config")
        .arg(configuration.path().join("plumbline.toml"))
        .arg("--data")
        .arg(configuration.path())
        .args(arguments))
}

fn configured(registries: &str) -> Folder {
    let folder = Folder::new();
    folder.file("plumbline.toml", registries.as_bytes());
    folder
}

#[test]
fn scan_resolves_a_manifest_and_finds_what_comes_with_it() {
    let npm = Registry::of(small(), Pace::AtOnce);
    let bucket = bucket::of_npm(&["minimist"]);
    let configuration = configured(&registry::configuration(npm.origin(), "", ""));
    let source = Folder::new();
    source.file("package.json", SHOP.as_bytes());
    let ended = scan(source.path(), &configuration, &bucket, &["--format", "json"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let finding = &report["findings"][0];
    assert_eq!(
        finding["paths"][0],
        json!(["mkdirp@0.5.1", "minimist@0.0.8"]),
        "{finding}"
    );
    assert!(
        ended.stderr.contains("resolved as npm 11.19.1 would: 2 packages"),
        "{}",
        ended.stderr
    );
    assert_eq!(npm.asked().len(), 2, "{:?}", npm.asked());
}

#[test]
fn what_was_asked_before_is_there_offline_and_nothing_else_is() {
    for place in Place::both() {
        let npm = Registry::of(small(), Pace::AtOnce);
        let world = World::new(&place, &registry::configuration(npm.origin(), "", ""));
        let first = world.build("package.json", SHOP.into(), "");
        assert_eq!(first["verdict"]["verdict"], "fail", "{first}");
        let asked = npm.asked().len();
        drop(world);
        let text = registry::configuration(npm.origin(), "", "") + "offline = true\n";
        let world = World::new(&place, &text);
        let kept = world.build("package.json", SHOP.replace("1.0.0", "1.0.1").into(), "");
        assert_eq!(kept["verdict"]["verdict"], "fail", "{kept}");
        let other = SHOP.replace("mkdirp", "left-pad");
        let unknown = world.build("package.json", other.into(), "");
        assert_eq!(unknown["verdict"]["verdict"], "indeterminate", "{unknown}");
        let told = notices(&unknown, "registry_unread");
        assert_eq!(told[0]["place"], "package.json: /dependencies/left-pad");
        assert!(
            told[0]["text"].as_str().unwrap().contains("not asked"),
            "{told:?}"
        );
        let said = unknown["verdict"]["notices"].as_array().unwrap();
        assert!(
            said.iter().any(|notice| notice["code"] == "registry_unread"),
            "{said:?}"
        );
        assert_eq!(npm.asked().len(), asked, "{}: nothing more", place.engine);
    }
}

#[test]
fn the_order_of_answers_does_not_matter() {
    let bucket = bucket::of_npm(&["minimist"]);
    let case = registry::case("npm", "sandworm-audit");
    let mut digests = BTreeSet::new();
    for pace in [Pace::AtOnce, Pace::Shuffled(1), Pace::Shuffled(2)] {
        let npm = Registry::recorded("npm", pace);
        let configuration = configured(&registry::configuration(npm.origin(), "", ""));
        let ended = scan(
            &case.join("project"),
            &configuration,
            &bucket,
            &["--format", "json", "--node", "20.20.2"],
        );
        let report: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|error| {
            panic!("{error}: {}", ended.stderr);
        });
        assert_eq!(report["verdict"]["build"]["components"], 580, "{}", ended.stderr);
        digests.insert(report["verdict"]["build"]["sbom_sha256"].to_string());
    }
    assert_eq!(digests.len(), 1, "{digests:?}");
}

#[test]
fn nothing_that_a_repository_names_is_asked() {
    let inside = Registry::of(Documents::new(), Pace::AtOnce);
    let npm = Registry::of(small(), Pace::AtOnce);
    let bucket = bucket::of_npm(&["minimist"]);
    let trap = inside.origin();
    let source = Folder::new();
    source.file(
        "web/.npmrc",
        format!("registry={trap}/\n@acme:registry={trap}/\n").as_bytes(),
    );
    let manifest = json!({"name": "web", "dependencies": {
        "mkdirp": "^0.5.0",
        "@acme/ui": "^1",
        "remote": format!("{trap}/remote.tgz"),
        "git": format!("git+{trap}/repository.git"),
    }});
    source.file("web/package.json", manifest.to_string().as_bytes());
    let cargo = format!(
        "[package]\nname = \"api\"\nversion = \"1.0.0\"\n[dependencies]\n\
         a = {{ version = \"1\", registry = \"theirs\" }}\n\
         b = {{ version = \"1\", registry-index = \"sparse+{trap}/\" }}\n\
         c = {{ git = \"{trap}/c.git\" }}\n"
    );
    source.file("api/Cargo.toml", cargo.as_bytes());
    let replaced = format!(
        "[registries.theirs]\nindex = \"sparse+{trap}/\"\n[source.crates-io]\nreplace-with = \"x\"\n[source.x]\nregistry = \"sparse+{trap}/\"\n"
    );
    source.file("api/.cargo/config.toml", replaced.as_bytes());
    let list = format!(
        "--index-url {trap}/simple/\n--extra-index-url {trap}/simple/\nflask\nwheel @ {trap}/wheel-1.0-py3-none-any.whl\n-e git+{trap}/x.git#egg=x\n"
    );
    source.file("jobs/requirements.txt", list.as_bytes());
    // Whoever scans a checkout from inside of it is not told by it where to ask.
    source.file(
        "plumbline-data/plumbline.toml",
        registry::configuration(trap, trap, trap).as_bytes(),
    );
    let configuration = configured(&registry::configuration(npm.origin(), "", ""));
    let ended = scan(source.path(), &configuration, &bucket, &["--format", "json"]);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(
        report["verdict"]["verdict"], "fail",
        "what was found counts all the same"
    );
    for told in [
        "web/package.json: /dependencies/git",
        "api/Cargo.toml: /dependencies/c",
        "jobs/requirements.txt: line 1",
    ] {
        let notices = report["verdict"]["notices"].as_array().unwrap();
        assert!(
            notices
                .iter()
                .any(|notice| notice["text"].as_str().unwrap().contains(told) || notice["place"] == *told),
            "{told}: {notices:#?}"
        );
    }
    let own = run(plumbline(&["scan", ".", "--offline"])
        .arg("--source")
        .arg(bucket.path())
        .current_dir(source.path()));
    assert!(own.stderr.contains("was not read"), "{}", own.stderr);
    assert_eq!(inside.asked(), Vec::<String>::new());
}

#[test]
fn a_manifest_that_means_no_good_ends_with_words() {
    let hostile = json!({"name": "../../x", "dependencies": {
        "../../etc/passwd": "1", "a b": "1", "%2e%2e": "*", "mkdirp": "^".repeat(100_000),
        "minimist": "npm:minimist@npm:minimist@1", "": "1",
    }, "workspaces": ["../*", "/etc/*", "{a,b,c,d}{a,b,c,d}{a,b,c,d}{a,b,c,d}{a,b,c,d}{a,b,c,d}"]});
    let endless = json!({"dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": {
        "name": "loop", "version": "1.0.0", "dependencies": {"loop": "^1", "pool": "^1"}}}});
    let mut documents = small();
    documents.insert("/loop".to_owned(), endless.to_string().into_bytes());
    documents.insert("/pool".to_owned(), b"{\"versions\": [1, 2".to_vec());
    let npm = Registry::of(documents, Pace::AtOnce);
    let bucket = bucket::of_npm(&["minimist"]);
    let configuration = configured(&registry::configuration(npm.origin(), "", ""));
    for manifest in [
        hostile.to_string(),
        r#"{"dependencies": {"loop": "1"}}"#.to_owned(),
        "[1]".to_owned(),
        "{\"dependencies\": {\"a\": ".repeat(20_000),
    ] {
        let source = Folder::new();
        source.file("package.json", manifest.as_bytes());
        let ended = scan(source.path(), &configuration, &bucket, &[]);
        assert_eq!(ended.code, Some(3), "{}{}", ended.stdout, ended.stderr);
        assert!(ended.stderr.contains("package.json"), "{}", ended.stderr);
    }
    assert!(
        npm.asked()
            .iter()
            .all(|path| !path.contains("..") && !path.contains("passwd")),
        "{:?}",
        npm.asked()
    );
}

/// A registry in which a higher version of a direct dependency needs a version that is not affected.
fn mended() -> Documents {
    let version = |name: &str, version: &str, needs: Value| json!({"name": name, "version": version, "dependencies": needs});
    let mkdirp = json!({"name": "mkdirp", "dist-tags": {"latest": "0.5.6"}, "versions": {
        "0.5.1": version("mkdirp", "0.5.1", json!({"minimist": "0.0.8"})),
        "0.5.4": version("mkdirp", "0.5.4", json!({"minimist": "1.2.5"})),
        "0.5.6": version("mkdirp", "0.5.6", json!({"minimist": "^1.2.6"})),
    }});
    let minimist = json!({"name": "minimist", "dist-tags": {"latest": "1.2.8"}, "versions": {
        "0.0.8": version("minimist", "0.0.8", json!({})),
        "1.2.5": version("minimist", "1.2.5", json!({})),
        "1.2.8": version("minimist", "1.2.8", json!({})),
    }});
    Documents::from([
        ("/mkdirp".to_owned(), mkdirp.to_string().into_bytes()),
        ("/minimist".to_owned(), minimist.to_string().into_bytes()),
    ])
}

const PINNED: &str = r#"{"name": "shop", "version": "1.0.0", "dependencies": {"mkdirp": "0.5.1"}}"#;

fn assert_way(upgrades: &Value) {
    let step = &upgrades[0];
    assert_eq!(
        (&step["name"], &step["to"]),
        (&json!("mkdirp"), &json!("0.5.6")),
        "{upgrades}"
    );
    assert_eq!(step["command"], "npm install mkdirp@0.5.6");
    assert_eq!(step["resolved"], true, "resolving again has shown it");
}

#[test]
fn the_way_to_green_is_the_nearest_version_whose_whole_tree_is_green() {
    for place in Place::both() {
        let npm = Registry::of(mended(), Pace::AtOnce);
        let world = World::new(&place, &registry::configuration(npm.origin(), "", ""));
        let build = world.build("package.json", PINNED.into(), "");
        assert_eq!(build["verdict"]["verdict"], "fail", "{build}");
        let id = build["build"]["id"].as_str().unwrap();
        let mut upgrades = Value::Null;
        for _ in 0..600 {
            upgrades = world.call(&format!("/v1/builds/{id}/report"))["upgrades"].clone();
            if upgrades[0]["resolved"] == true {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        assert_way(&upgrades);
        drop(world);

        let source = Folder::new();
        source.file("package.json", PINNED.as_bytes());
        let ended = run(plumbline(&["scan", "--format", "json"])
            .arg(source.path())
            .args(place.flags()));
        let report: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_way(&report["upgrades"]);
    }
}

#[test]
fn a_lockfile_that_is_older_than_need_be_is_to_be_refreshed() {
    let place = Place::sqlite();
    let npm = Registry::of(mended(), Pace::AtOnce);
    let world = World::new(&place, &registry::configuration(npm.origin(), "", ""));
    drop(world);
    let source = Folder::new();
    let lock = json!({"name": "shop", "lockfileVersion": 3, "packages": {
        "": {"name": "shop", "version": "1.0.0", "dependencies": {"mkdirp": "0.5.6"}},
        "node_modules/mkdirp": {"version": "0.5.6", "dependencies": {"minimist": "^1.2.0"}},
        "node_modules/minimist": {"version": "1.2.5"},
    }});
    source.file("package-lock.json", lock.to_string().as_bytes());
    source.file("package.json", PINNED.replace("0.5.1", "0.5.6").as_bytes());
    let ended = run(plumbline(&["scan", "--format", "json"])
        .arg(source.path())
        .args(place.flags()));
    let report: Value =
        serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {}", ended.stderr));
    let step = &report["upgrades"][0];
    assert_eq!(
        (&step["name"], &step["to"]),
        (&json!("minimist"), &Value::Null),
        "{step}"
    );
    assert_eq!(step["command"], "npm update minimist");
    assert_eq!(step["resolved"], true);
}
