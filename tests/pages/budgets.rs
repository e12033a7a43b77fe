//! What pages may cost: statements, however much there is to show.

use crate::site::{Site, advisory};

/// What every page asks for itself: who is signed in, and how old the feeds are.
const SHELL: u64 = 2;
/// What a page may ask beyond that (ux.md §9).
const MOST: u64 = 6;

/// Pages of two projects with findings, and of everything.
const PAGES: [&str; 17] = [
    "/projects",
    "/projects/platform/shop/components",
    "/projects/platform/shop/badge",
    "/projects/platform/shop/vex",
    "/findings",
    "/waivers",
    "/policies",
    "/feeds",
    "/audit",
    "/watching",
    "/help",
    "/start?project=platform/shop",
    "/metrics/definitions",
    "/settings/tokens",
    "/settings/people",
    "/settings/webhooks",
    "/settings/sla",
];

/// Pages that still ask more than that: none of them may ask yet more.
const DEARER: [(&str, u64); 5] = [
    ("/projects/platform/shop/findings", 10),
    ("/projects/platform/shop/builds", 8),
    ("/components?q=alpha", 8),
    ("/components/pkg:cargo/alpha", 11),
    ("/advisories/RUSTSEC-2026-0001", 8),
];

async fn site(projects: usize) -> Site {
    let site = Site::new().await;
    site.publish(&[
        advisory("RUSTSEC-2026-0001", "alpha", "2.0.0"),
        advisory("RUSTSEC-2026-0002", "beta", "2.0.0"),
    ])
    .await;
    for number in 0..projects {
        let name = if number == 0 {
            "platform/shop".to_owned()
        } else {
            format!("platform/shop{number}")
        };
        site.build(&name, "main", &[("alpha", "1.0.0"), ("beta", "1.0.0")])
            .await;
    }
    site
}

#[tokio::test]
async fn a_page_asks_a_bounded_number_of_questions_however_much_there_is() {
    let (small, large) = (site(1).await, site(6).await);
    let mut over = Vec::new();
    let cheap = PAGES.map(|path| (path, MOST));
    for (path, most) in cheap.into_iter().chain(DEARER) {
        let (few, many) = (small.statements(path).await, large.statements(path).await);
        if many > few || many > SHELL + most {
            over.push(format!(
                "{path}: {few} statements for one project, {many} for six"
            ));
        }
    }
    assert!(over.is_empty(), "{}", over.join("\n"));
}
