//! Repositories: served by git's own program, read by ours.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use fetch::git::{GitLimits, Repository, snapshot};
use fetch::{Client, Error, Settings, Url};

/// A folder with repositories, and how many requests came.
#[derive(Clone)]
struct Shelf {
    root: Arc<tempfile::TempDir>,
    requests: Arc<AtomicUsize>,
    /// The only credentials that are let in, if any.
    credentials: Option<&'static str>,
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(folder)
        .args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.org",
            "-c",
            "init.defaultBranch=main",
            "-c",
            "protocol.file.allow=always",
        ])
        .args(arguments)
        .output()
        .expect("git is installed");
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// A repository with two states, a tag, a link, a submodule and many similar files, so that its pack has deltas.
fn repository(shelf: &Path, filters: bool) -> String {
    let folder = shelf.join("work");
    std::fs::create_dir_all(&folder).unwrap();
    git(&folder, &["init", "-q"]);
    write(&folder, "package.json", "{\"name\": \"old\"}");
    for number in 0..60 {
        let text = format!(
            "{{\"name\": \"member-{number}\", \"filler\": \"{}\"}}",
            "x".repeat(3_000)
        );
        write(&folder, &format!("packages/{number}/package.json"), &text);
        write(
            &folder,
            &format!("packages/{number}/code.js"),
            &"code();\n".repeat(500),
        );
    }
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-qm", "one"]);
    git(&folder, &["tag", "-a", "v1", "-m", "one"]);
    write(&folder, "package.json", "{\"name\": \"new\"}");
    std::os::unix::fs::symlink("/etc/passwd", folder.join("Cargo.lock")).unwrap();
    git(
        &folder,
        &[
            "update-index",
            "--add",
            "--cacheinfo",
            &format!("160000,{},sub", "1".repeat(40)),
        ],
    );
    git(&folder, &["add", "package.json", "Cargo.lock"]);
    git(&folder, &["commit", "-qm", "two"]);
    git(&folder, &["repack", "-adfq"]);
    git(&folder, &["config", "http.uploadpack", "true"]);
    git(
        &folder,
        &[
            "config",
            "uploadpack.allowFilter",
            if filters { "true" } else { "false" },
        ],
    );
    git(&folder, &["rev-parse", "HEAD"])
}

/// Hands a request to `git http-backend` as CGI.
async fn backend(State(shelf): State<Shelf>, request: Request) -> Response {
    shelf.requests.fetch_add(1, Ordering::SeqCst);
    let (parts, body) = request.into_parts();
    let sent = parts
        .headers
        .get("authorization")
        .map(|value| value.to_str().unwrap().to_owned());
    if let Some(credentials) = shelf.credentials
        && sent.as_deref() != Some(credentials)
    {
        return Response::builder().status(401).body(Body::empty()).unwrap();
    }
    let body = axum::body::to_bytes(body, 16 << 20).await.unwrap();
    let header = |name: &str| {
        parts
            .headers
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default()
    };
    let (kind, protocol) = (header("content-type"), header("git-protocol"));
    let output = tokio::task::spawn_blocking(move || {
        run(
            &shelf,
            parts.method.as_str(),
            parts.uri.path(),
            parts.uri.query().unwrap_or_default(),
            [&kind, &protocol],
            &body,
        )
    });
    let output = output.await.unwrap();
    let split = output
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .expect("a CGI answer has headers");
    let mut response = Response::builder();
    for line in String::from_utf8_lossy(&output[..split]).lines() {
        let (name, value) = line.split_once(": ").unwrap();
        response = if name == "Status" {
            response.status(value[..3].parse::<u16>().unwrap())
        } else {
            response.header(name, value)
        };
    }
    response.body(Body::from(output[split + 4..].to_vec())).unwrap()
}

fn run(
    shelf: &Shelf,
    method: &str,
    path: &str,
    query: &str,
    [kind, protocol]: [&str; 2],
    body: &Bytes,
) -> Vec<u8> {
    use std::io::Write;
    let mut child = Command::new("git")
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", shelf.root.path())
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "safe.directory")
        .env("GIT_CONFIG_VALUE_0", "*")
        .env("PATH_INFO", path)
        .env("QUERY_STRING", query)
        .env("REQUEST_METHOD", method)
        .env("CONTENT_TYPE", kind)
        .env("CONTENT_LENGTH", body.len().to_string())
        .env("GIT_PROTOCOL", protocol)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(body).unwrap();
    child.wait_with_output().unwrap().stdout
}

async fn serve(shelf: Shelf) -> Url {
    let router = Router::new().fallback(backend).with_state(shelf);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    Url::parse(&format!("http://{address}/work/.git")).unwrap()
}

fn shelf(credentials: Option<&'static str>) -> Shelf {
    Shelf {
        root: Arc::new(tempfile::tempdir().unwrap()),
        requests: Arc::new(AtomicUsize::new(0)),
        credentials,
    }
}

fn asked(url: &Url, reference: Option<&str>, token: Option<&str>) -> Repository {
    Repository {
        url: url.clone(),
        reference: reference.map(str::to_owned),
        token: token.map(str::to_owned),
    }
}

fn client(url: &Url) -> Client {
    Client::new(Settings::default()).unwrap().allowing(url)
}

async fn read(url: &Url, reference: Option<&str>) -> Result<fetch::git::Snapshot, Error> {
    snapshot(
        &client(url),
        &asked(url, reference, None),
        &GitLimits::default(),
        |_| {},
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_of_a_ref_is_read_without_history_and_without_the_rest() {
    for filters in [true, false] {
        let shelf = shelf(None);
        let head = repository(shelf.root.path(), filters);
        let requests = Arc::clone(&shelf.requests);
        let url = serve(shelf).await;
        let found = read(&url, None).await.unwrap();
        assert_eq!(found.commit, head);
        assert_eq!(found.collection.paths().count(), 61, "manifests and nothing else");
        assert_eq!(
            found.collection.get("package.json"),
            Some(&b"{\"name\": \"new\"}"[..])
        );
        let gaps: Vec<_> = found
            .collection
            .gaps
            .iter()
            .map(|gap| (gap.code.as_str(), gap.place.as_str()))
            .collect();
        assert_eq!(
            gaps,
            [("link_not_followed", "Cargo.lock"), ("submodule_not_read", "sub")]
        );
        assert_eq!(requests.load(Ordering::SeqCst), if filters { 4 } else { 3 });
        for reference in ["v1", "refs/tags/v1"] {
            let old = read(&url, Some(reference)).await.unwrap();
            assert_eq!(
                old.collection.get("package.json"),
                Some(&b"{\"name\": \"old\"}"[..]),
                "{reference}"
            );
        }
        let same = read(&url, Some(&head)).await.unwrap();
        assert_eq!(same.commit, head);
        let error = read(&url, Some("gone")).await.unwrap_err().to_string();
        assert!(
            error.ends_with("there is no branch, tag or ref `gone`"),
            "{error}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_sent_and_nothing_is_said_of_it() {
    let shelf = shelf(Some("Basic eC1hY2Nlc3MtdG9rZW46c2VjcmV0"));
    repository(shelf.root.path(), true);
    let url = serve(shelf).await;
    let with = asked(&url, None, Some("secret"));
    snapshot(&client(&url), &with, &GitLimits::default(), |_| {})
        .await
        .unwrap();
    assert!(!format!("{with:?}").contains("secret"));
    let error = read(&url, None).await.unwrap_err().to_string();
    assert!(
        error.contains("may not be read without another token (status 401)"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_ends_with_an_error_or_a_gap() {
    let shelf = shelf(None);
    repository(shelf.root.path(), true);
    let url = serve(shelf).await;
    let small = |limits: GitLimits| {
        let (client, repository) = (client(&url), asked(&url, None, None));
        async move { snapshot(&client, &repository, &limits, |_| {}).await }
    };
    let limits = GitLimits {
        pack: 1_000,
        ..GitLimits::default()
    };
    assert!(matches!(small(limits).await, Err(Error::TooLarge { .. })));
    let limits = GitLimits {
        unpacked: 1_000,
        ..GitLimits::default()
    };
    assert!(matches!(small(limits).await, Err(Error::Invalid { .. })));
    let limits = GitLimits {
        time: std::time::Duration::ZERO,
        ..GitLimits::default()
    };
    assert!(matches!(small(limits).await, Err(Error::TimedOut { .. })));
    let files = sources::Limits {
        entries: 30,
        ..sources::Limits::default()
    };
    let limits = GitLimits {
        files,
        ..GitLimits::default()
    };
    let found = small(limits).await.unwrap();
    assert!(
        found
            .collection
            .gaps
            .iter()
            .any(|gap| gap.code == "source_cut_off"),
        "{:?}",
        found.collection.gaps
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_goes_inside_unless_the_operator_named_the_host() {
    let shelf = shelf(None);
    let requests = Arc::clone(&shelf.requests);
    let url = serve(shelf).await;
    let strict = Client::new(Settings::default()).unwrap();
    let error = snapshot(&strict, &asked(&url, None, None), &GitLimits::default(), |_| {})
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error}");
    assert_eq!(requests.load(Ordering::SeqCst), 0);
}
