//! `plumbline serve --demo`: the history is replayed once, by the real path.

use harness::{Place, Service, http};
use serde_json::Value;

#[test]
fn the_demo_shows_a_portfolio_and_a_second_start_keeps_it() {
    let place = Place::sqlite();
    let first = Service::start(&place, "serve", &["--demo"]);
    let link = first.printed();
    assert!(
        link.starts_with(&format!("{}/login?once=", first.origin())),
        "{link}"
    );
    let token = place.token();
    let before = builds(&first, &token);
    assert!(before.len() >= 10, "{before:?}");
    assert!(first.end().1.success());

    let second = Service::start(&place, "serve", &["--demo"]);
    assert!(
        second.printed().contains("/login?once="),
        "the demo always lets people in"
    );
    assert_eq!(builds(&second, &token), before, "nothing was replayed again");
    let whole = place.run(&["admin", "verify-audit-log"]);
    assert_eq!(whole.code, Some(0), "{}", whole.stdout);
}

/// The ids of the builds of one project.
fn builds(service: &Service, token: &str) -> Vec<String> {
    let url = format!(
        "{}/v1/projects/registry%2Fcrates.io/builds?limit=200",
        service.origin()
    );
    let answer = http::get(&url, &[("authorization", &format!("Bearer {token}"))]);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let list = answer.json();
    let items = list["items"].as_array().unwrap();
    let finished = |item: &&Value| item["status"] == "succeeded";
    assert_eq!(
        items.iter().filter(finished).count(),
        items.len(),
        "every build has its verdict"
    );
    items.iter().map(|item| item["id"].to_string()).collect()
}

#[test]
fn the_data_of_a_real_service_is_never_replaced_by_a_demo() {
    let place = Place::sqlite();
    let _ = place.token();
    let ended = place.run(&["serve", "--demo", "--listen", "127.0.0.1:0"]);
    assert_eq!(ended.code, Some(2));
    assert!(
        ended.stderr.contains("holds the data of a real service"),
        "{}",
        ended.stderr
    );
    assert_eq!(place.run(&["admin", "token", "list"]).stdout.lines().count(), 2);
}
