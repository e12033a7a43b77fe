//! The client against a real server on this machine: where it refuses to go, and what it does with answers.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::time::Duration;

use crate::server::Server;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Redirect;
use axum::routing::{get, post};
use fetch::{Call, Client, Error, Fetched, Method, Refusal, Retry, Settings, Url, Validator};

const LIMIT: u64 = 1000;

/// A client that does not wait between attempts.
fn client() -> Client {
    let retry = Retry {
        first: Duration::ZERO,
        ..Retry::default()
    };
    Client::new(Settings {
        retry,
        ..Settings::default()
    })
    .unwrap()
}

async fn get_bytes(client: &Client, url: &Url) -> Result<Vec<u8>, Error> {
    let fetched = client.bytes(url, LIMIT, &Validator::default()).await?;
    Ok(fetched
        .changed()
        .expect("an unconditional request is answered with the document"))
}

fn refusal(outcome: Result<Vec<u8>, Error>) -> Refusal {
    match outcome {
        Err(Error::Refused { why, .. }) => why,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[tokio::test]
async fn a_private_host_is_refused_by_address_and_by_name_until_it_is_named() {
    let server = Server::start(Router::new().route("/", get("inside"))).await;
    for url in [server.url("/"), server.named_url("/")] {
        let why = refusal(get_bytes(&client(), &url).await);
        assert!(matches!(why, Refusal::Address { .. }), "{why}");
        assert_eq!(
            get_bytes(&client().allowing(&url), &url).await.unwrap(),
            b"inside"
        );
    }
    assert_eq!(server.hits(), 2, "refused requests never arrived");
}

#[tokio::test]
async fn naming_a_host_opens_one_port_of_it() {
    let server = Server::start(Router::new().route("/", get("inside"))).await;
    let other = Server::start(Router::new()).await;
    let client = client().allowing(&other.named_url("/"));
    assert!(matches!(
        refusal(get_bytes(&client, &server.named_url("/")).await),
        Refusal::Address { .. }
    ));
    assert_eq!(server.hits(), 0);
}

#[tokio::test]
async fn settings_name_private_hosts_too() {
    let server = Server::start(Router::new().route("/", get("inside"))).await;
    let private = BTreeSet::from([server.url("/").authority().parse().unwrap()]);
    let client = Client::new(Settings {
        private,
        ..Settings::default()
    })
    .unwrap();
    assert_eq!(get_bytes(&client, &server.url("/")).await.unwrap(), b"inside");
}

#[tokio::test]
async fn a_named_host_cannot_redirect_to_one_that_is_not() {
    let inner = Server::start(Router::new().route("/secret", get("secret"))).await;
    for target in [
        inner.url("/secret").to_string(),
        inner.named_url("/secret").to_string(),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://[::ffff:127.0.0.1]/".to_owned(),
        "file:///etc/passwd".to_owned(),
    ] {
        let location = target.clone();
        let redirect = get(async move || Redirect::temporary(&location));
        let outer = Server::start(Router::new().route("/", redirect)).await;
        let url = outer.named_url("/");
        let why = refusal(get_bytes(&client().allowing(&url), &url).await);
        assert!(
            matches!(why, Refusal::Address { .. } | Refusal::Scheme(_)),
            "{target}: {why}"
        );
        assert_eq!(outer.hits(), 1, "a refusal is not tried again");
    }
    assert_eq!(inner.hits(), 0);
}

#[tokio::test]
async fn five_redirects_are_followed_and_a_sixth_is_not() {
    let hop = get(
        async |axum::extract::Path(left): axum::extract::Path<u8>| match left {
            0 => Err("arrived"),
            _ => Ok(Redirect::to(&format!("/{}", left - 1))),
        },
    );
    let server = Server::start(Router::new().route("/{left}", hop)).await;
    let client = client().allowing(&server.url("/"));
    assert_eq!(get_bytes(&client, &server.url("/5")).await.unwrap(), b"arrived");
    assert_eq!(
        refusal(get_bytes(&client, &server.url("/6")).await),
        Refusal::Redirects(5)
    );
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_announced_streamed_or_compressed() {
    let pieces = || (0..40).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 100]));
    let streamed = async move || Body::from_stream(futures_util::stream::iter(pieces()));
    let zipped = async || ([(header::CONTENT_ENCODING, "gzip")], gzip(&[b'x'; 100_000]));
    let routes = Router::new()
        .route("/announced", get("x".repeat(1001)))
        .route("/streamed", get(streamed))
        .route("/zipped", get(zipped))
        .route("/fits", get("x".repeat(1000)));
    let server = Server::start(routes).await;
    let client = client().allowing(&server.url("/"));
    assert!(
        gzip(&[b'x'; 100_000]).len() < 1000,
        "the bomb is small on the wire"
    );
    for path in ["/announced", "/streamed", "/zipped"] {
        let error = get_bytes(&client, &server.url(path)).await.unwrap_err();
        assert!(
            matches!(error, Error::TooLarge { limit: LIMIT, .. }),
            "{path}: {error}"
        );
    }
    assert_eq!(
        get_bytes(&client, &server.url("/fits")).await.unwrap().len(),
        1000
    );
    assert_eq!(server.hits(), 4, "what is too large is not asked for again");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn failures_that_may_pass_are_tried_again() {
    let server = Server::start_counting(|hit| match hit {
        1 => (StatusCode::SERVICE_UNAVAILABLE, HeaderMap::new(), Body::empty()),
        2 => (StatusCode::TOO_MANY_REQUESTS, retry_after("0"), Body::empty()),
        3 => (StatusCode::OK, HeaderMap::new(), broken_after("half of ")),
        _ => (StatusCode::OK, HeaderMap::new(), Body::from("the whole")),
    })
    .await;
    let client = client().allowing(&server.url("/"));
    assert_eq!(get_bytes(&client, &server.url("/")).await.unwrap(), b"the whole");
    assert_eq!(server.hits(), 4);
}

#[tokio::test]
async fn patience_has_an_end_and_lasting_failures_have_none() {
    let check = async |status: u16, headers: HeaderMap, hits: usize, wish: Option<u64>| {
        let status = StatusCode::from_u16(status).unwrap();
        let server = Server::start_counting(move |_| (status, headers.clone(), Body::empty())).await;
        let client = client().allowing(&server.url("/"));
        let error = get_bytes(&client, &server.url("/feed?key=secret"))
            .await
            .unwrap_err();
        let Error::Status { retry_after, .. } = &error else {
            panic!("{error:?}")
        };
        assert_eq!(*retry_after, wish.map(Duration::from_secs));
        assert_eq!(
            error.to_string(),
            format!(
                "{}: the server answered with status {}",
                server.url("/feed"),
                status.as_u16()
            )
        );
        assert_eq!(server.hits(), hits, "{status}");
    };
    check(500, HeaderMap::new(), 4, None).await;
    check(404, HeaderMap::new(), 1, None).await;
    check(304, HeaderMap::new(), 1, None).await;
    check(206, HeaderMap::new(), 1, None).await;
    check(429, retry_after("3600"), 1, Some(3600)).await;
}

fn retry_after(value: &str) -> HeaderMap {
    HeaderMap::from_iter([(header::RETRY_AFTER, value.parse().unwrap())])
}

/// A body that announces nothing, sends `start` and breaks the connection.
fn broken_after(start: &'static str) -> Body {
    let broken = Err(std::io::Error::other("pulled the plug"));
    Body::from_stream(futures_util::stream::iter([Ok(start), broken]))
}

#[tokio::test]
async fn a_document_that_has_not_changed_is_not_sent_again() {
    let document = get(async |headers: HeaderMap| {
        let mark = [
            (header::ETAG, "\"v7\""),
            (header::LAST_MODIFIED, "Sun, 06 Nov 1994 08:49:37 GMT"),
        ];
        let known = headers
            .get(header::IF_NONE_MATCH)
            .is_some_and(|value| value == "\"v7\"");
        let since = headers
            .get(header::IF_MODIFIED_SINCE)
            .is_some_and(|value| value == mark[1].1);
        if known && since {
            (StatusCode::NOT_MODIFIED, mark, "")
        } else {
            (StatusCode::OK, mark, "document")
        }
    });
    let server = Server::start(Router::new().route("/", document)).await;
    let client = client().allowing(&server.url("/"));
    let first = client
        .file(&server.url("/"), LIMIT, &Validator::default())
        .await
        .unwrap();
    let Fetched::Changed { mut value, validator } = first else {
        panic!("the first answer is the document")
    };
    let mut text = String::new();
    value.read_to_string(&mut text).unwrap();
    assert_eq!(text, "document", "the temporary file is rewound");
    assert_eq!(validator.etag.as_deref(), Some("\"v7\""));
    let second = client.file(&server.url("/"), LIMIT, &validator).await.unwrap();
    assert!(matches!(second, Fetched::Unchanged));
}

#[tokio::test]
async fn a_call_sends_its_body_once_and_takes_any_status_as_the_answer() {
    let echo = post(async |headers: HeaderMap, body: String| {
        let token = headers
            .get(header::AUTHORIZATION)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            [(header::CONTENT_TYPE, "application/problem+json")],
            token + &body,
        )
    });
    let moved = post(async || Redirect::temporary("/"));
    let server = Server::start(Router::new().route("/", echo).route("/moved", moved)).await;
    let client = client().allowing(&server.url("/"));
    let mut call = Call {
        method: Method::Post,
        url: server.url("/"),
        headers: vec![("authorization".to_owned(), "Bearer t ".to_owned())],
        body: b"sbom".to_vec(),
        limit: LIMIT,
        timeout: None,
    };
    let answer = client.call(&call).await.unwrap();
    assert_eq!(
        (answer.status, answer.body.as_slice()),
        (422, b"Bearer tsbom".as_slice())
    );
    assert_eq!(answer.content_type.as_deref(), Some("application/problem+json"));
    call.url = server.url("/moved");
    assert_eq!(
        client.call(&call).await.unwrap().status,
        307,
        "the token is not carried elsewhere"
    );
    call.url = Url::parse("http://127.0.0.1:1/").unwrap();
    assert!(matches!(client.call(&call).await, Err(Error::Refused { .. })));
    assert_eq!(server.hits(), 2);
}
