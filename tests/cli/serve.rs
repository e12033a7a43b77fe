//! `plumbline serve` on both engines: how it starts, lets people in, and ends.

use harness::{Place, Service, http};

#[test]
fn the_first_start_prints_a_link_that_lets_somebody_in_once() {
    for place in Place::both() {
        let service = Service::start(&place, "serve", &["--no-sync"]);
        let link = service.printed();
        let origin = service.origin();
        assert!(link.starts_with(&format!("{origin}/login?once=")), "{link}");
        assert_eq!(http::get(&format!("{origin}/healthz"), &[]).status, 200);
        assert_eq!(http::get(&format!("{origin}/readyz"), &[]).status, 200);
        assert_eq!(sign_in(&link), 303, "{}", place.engine);
        assert_ne!(sign_in(&link), 303, "{}: a link works once", place.engine);
        let (printed, status) = service.end();
        assert!(status.success(), "{status}");
        assert!(printed.is_empty(), "the link was all: {printed:?}");
    }
}

/// Opens the link and presses its button; the status of what follows.
fn sign_in(link: &str) -> u16 {
    let page = http::get(link, &[]);
    let origin = link.split("/login").next().unwrap();
    if page.status != 200 {
        return page.status;
    }
    let once = link.split("once=").nth(1).unwrap();
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", origin),
        ("sec-fetch-site", "same-origin"),
    ];
    http::post(&format!("{origin}/login"), &headers, format!("once={once}")).status
}

#[test]
fn whoever_has_a_token_is_let_in_without_a_link() {
    let place = Place::sqlite();
    let token = place.token();
    let service = Service::start(&place, "serve", &["--no-sync"]);
    let bearer = format!("Bearer {token}");
    let who = http::get(
        &format!("{}/v1/whoami", service.origin()),
        &[("authorization", &bearer)],
    );
    assert_eq!(who.status, 200, "{}", who.body);
    let (printed, _) = service.end();
    assert!(printed.is_empty(), "{printed:?}");
    let link = place.run(&["admin", "login-link"]);
    assert_eq!(link.code, Some(0), "{}", link.stderr);
    assert!(link.stdout.contains("/login?once="), "{}", link.stdout);
}

#[test]
fn a_start_without_network_works_and_says_that_feeds_were_never_read() {
    let place = Place::sqlite();
    // Nobody listens on the discard port of this machine.
    let configuration = b"proxy = \"http://127.0.0.1:9\"\n";
    place.data.file("plumbline.toml", configuration);
    let service = Service::start(&place, "serve", &[]);
    assert_eq!(
        http::get(&format!("{}/readyz", service.origin()), &[]).status,
        200
    );
    let status = place.run(&["feeds", "status"]);
    assert_eq!(status.code, Some(0), "{}", status.stderr);
    assert_eq!(status.stdout.matches("never").count(), 5, "{}", status.stdout);
}

#[test]
fn a_port_that_is_taken_is_told_before_anything_is_made() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let place = Place::sqlite();
    let ended = place.run(&["serve", "--listen", &address]);
    assert_eq!(ended.code, Some(2));
    assert!(
        ended.stderr.contains(&format!("cannot listen on {address}")),
        "{}",
        ended.stderr
    );
    assert!(!place.data.path().join("plumbline.db").exists());
}

#[test]
fn logs_are_json_when_machines_read_them() {
    let place = Place::sqlite();
    let service = Service::start(&place, "serve", &["--no-sync", "--log-format", "json"]);
    for line in &service.log {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line["message"].is_string() && line["level"].is_string(), "{line}");
    }
}
