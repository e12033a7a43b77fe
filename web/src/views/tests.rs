//! Every page in every state: what must hold for all of them, and what each state must say.

use std::collections::{BTreeMap, HashSet};

use super::samples;
use crate::layout::{Flash, FlashKind, Shell, Theme};

/// Where our own links may lead: the pages and the API that the server has.
const ROUTES: [&str; 21] = [
    "/projects",
    "/findings",
    "/components",
    "/licenses",
    "/waivers",
    "/policies",
    "/feeds",
    "/advisories/",
    "/start",
    "/audit",
    "/settings/",
    "/watching",
    "/help",
    "/report",
    "/login",
    "/logout",
    "/theme",
    "/metrics/definitions",
    "/openapi.json",
    "/assets/",
    "/v1/",
];

fn pages() -> BTreeMap<&'static str, String> {
    let pages: BTreeMap<_, _> = samples(&Shell::sample()).into_iter().collect();
    assert_eq!(pages.len(), 83, "a sample is missing, or two have one name");
    pages
}

fn page(name: &str) -> String {
    pages()
        .remove(name)
        .unwrap_or_else(|| panic!("no sample called {name}"))
}

/// The opening tags of a page, with their attributes.
fn tags(html: &str) -> Vec<&str> {
    let starts = html.match_indices('<').map(|(at, _)| &html[at + 1..]);
    starts
        .filter(|tag| tag.starts_with(|c: char| c.is_ascii_alphabetic()))
        .map(|tag| &tag[..tag.find('>').unwrap()])
        .collect()
}

/// The values of an attribute, wherever it stands.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let key = format!(" {attribute}=\"");
    let found = tags(html)
        .into_iter()
        .filter_map(|tag| tag.split_once(key.as_str()));
    found.map(|(_, rest)| &rest[..rest.find('"').unwrap()]).collect()
}

#[test]
fn every_page_obeys_the_content_security_policy() {
    for (name, html) in pages() {
        for tag in tags(&html) {
            let names = tag
                .split(' ')
                .skip(1)
                .filter_map(|attribute| attribute.split_once('='));
            let inline = names
                .map(|(name, _)| name)
                .find(|name| *name == "style" || name.starts_with("on"));
            assert_eq!(inline, None, "{name}: <{tag}>");
        }
        assert_eq!(html.matches("<script").count(), 1, "{name}");
        assert!(
            html.contains("<script type=\"module\" src=\"/assets/app.") && html.contains(".js\"></script>"),
            "{name}"
        );
        assert!(!html.contains("<style"), "{name}");
    }
}

#[test]
fn every_page_has_one_heading_a_title_and_one_main() {
    for (name, html) in pages() {
        for (part, count) in [("<h1", 1), ("<title>", 1), ("<main", 1), ("class=\"skip\"", 1)] {
            // Charts have titles of their own, with an id or inside a group.
            let found = html.matches(part).count()
                - if part == "<title>" {
                    html.matches("<g><title>").count()
                } else {
                    0
                };
            assert_eq!(found, count, "{name}: {part}");
        }
    }
}

#[test]
fn every_link_leads_to_a_page_that_exists_or_openly_away() {
    for (name, html) in pages() {
        for address in values(&html, "href").into_iter().chain(values(&html, "action")) {
            let path = address.split(['?', '#']).next().unwrap();
            let ours = path == "/" || path.is_empty() || ROUTES.iter().any(|route| path.starts_with(route));
            let away = address.starts_with("https://") || address.starts_with("http://");
            assert!(!address.is_empty() && (ours || away), "{name}: {address}");
            assert!(
                !address.contains(' ') && !address.starts_with("//"),
                "{name}: {address}"
            );
        }
        for tag in tags(&html).into_iter().filter(|tag| tag.contains("href=\"http")) {
            assert!(tag.contains("rel=\"noopener noreferrer\""), "{name}: <{tag}>");
        }
    }
}

#[test]
fn ids_are_unique_and_every_reference_to_one_is_kept() {
    for (name, html) in pages() {
        let ids = values(&html, "id");
        let unique: HashSet<_> = ids.iter().copied().collect();
        assert_eq!(unique.len(), ids.len(), "{name}: an id stands twice");
        for attribute in ["aria-labelledby", "for"] {
            for reference in values(&html, attribute)
                .into_iter()
                .flat_map(str::split_whitespace)
            {
                assert!(unique.contains(reference), "{name}: {attribute} {reference}");
            }
        }
        for address in values(&html, "href")
            .into_iter()
            .filter_map(|href| href.strip_prefix('#'))
        {
            assert!(unique.contains(address), "{name}: #{address}");
        }
    }
}

#[test]
fn every_table_is_labelled_for_those_who_do_not_see_it() {
    let mut tables = 0;
    for (name, html) in pages() {
        let count = html.matches("<table").count();
        assert_eq!(count, html.matches("<caption").count(), "{name}");
        for tag in tags(&html)
            .into_iter()
            .filter(|tag| tag.starts_with("th ") || *tag == "th")
        {
            assert!(tag.contains("scope="), "{name}: <{tag}>");
        }
        tables += count;
    }
    assert!(tables > 25, "{tables}");
}

#[test]
fn every_form_that_changes_something_carries_the_token() {
    let mut forms = 0;
    for (name, html) in pages() {
        for form in html
            .split("<form")
            .skip(1)
            .filter(|form| form.split('>').next().unwrap().contains("method=\"post\""))
        {
            let form = form.split("</form>").next().unwrap();
            assert!(form.contains("name=\"csrf\" value=\"c0ffee\""), "{name}: {form}");
            forms += 1;
        }
    }
    assert!(forms > 80, "{forms}");
}

#[test]
fn what_comes_from_outside_stays_text() {
    let hostile = [
        ("projects-no-match", "<nothing>"),
        ("components-nobody", "\"><b>"),
        ("advisory", "<parts>"),
        ("finding", "javascript:"),
    ];
    for (name, text) in hostile {
        assert!(!page(name).contains(text), "{name} prints {text} as it came");
    }
    assert!(page("projects-no-match").contains("value=\"&#60;nothing&#62;\""));
}

#[test]
fn what_was_not_checked_is_said_and_never_shown_as_nothing_found() {
    for name in [
        "project-undecided",
        "portfolio-unchecked",
        "project-findings-unchecked",
        "project-new",
        "build-running",
    ] {
        let html = page(name);
        let said = ["Not checked yet", "not checked", "nothing is known"]
            .iter()
            .any(|words| html.contains(words));
        assert!(said, "{name} does not say that nothing was checked");
        for clean in [
            "Nothing found",
            "none known",
            "No known finding",
            "<dd class=\"big\">0</dd>",
            "Gate passed",
        ] {
            assert!(!html.contains(clean), "{name} claims: {clean}");
        }
    }
    assert!(page("project-undecided").contains("0 of 412 components checked"));
}

#[test]
fn a_clean_bill_names_what_it_rests_on() {
    for name in ["project-green", "project-findings-clean"] {
        assert!(page(name).contains("all 412 components checked"), "{name}");
    }
    assert!(page("advisory-withdrawn").contains("212 of 214 projects were checked"));
}

#[test]
fn without_a_feed_every_page_says_so() {
    assert!(page("portfolio-empty").contains("No advisory feed is loaded: nothing is checked yet"));
    assert!(
        page("feeds").contains("Not loaded yet") && page("feeds").contains("It is not counted as clean.")
    );
}

#[test]
fn the_project_page_leads_with_the_verdict_and_the_way_to_green() {
    let html = page("project");
    let at = |words: &str| html.find(words).unwrap_or_else(|| panic!("{words} is missing"));
    let order = [
        "Gate failed",
        "Shortest way to green",
        "Key numbers",
        "Open findings over time",
        "Most urgent findings",
        "Why it is here",
        "Branches",
        "what changed",
    ];
    let places: Vec<_> = order.iter().map(|words| at(words)).collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn the_finding_page_answers_why_what_how_and_who() {
    let html = page("finding");
    for words in [
        "Why is it here",
        "What to do",
        "npm i axios@1.12.2",
        "How we know",
        "introduced 4.0.0, fixed 4.0.4",
        "History",
        "your code did not change",
    ] {
        assert!(html.contains(words), "{words}");
    }
    assert!(!html.contains("Save decision") && page("finding-decide").contains("Save decision"));
    let bare = page("finding-bare");
    assert!(
        bare.contains("the path is not known")
            && bare.contains("No released version")
            && bare.contains("KEV not loaded")
    );
}

#[test]
fn a_build_at_work_is_looked_at_again_with_and_without_script() {
    let html = page("build-running");
    assert!(
        html.contains("data-refresh=\"3\"")
            && html.contains("Check again")
            && html.contains("Resolving npm, 40 %")
    );
    assert!(!page("build").contains("data-refresh"));
}

#[test]
fn the_shell_shows_theme_flash_and_who_is_there() {
    let flash = Flash {
        kind: FlashKind::Done,
        text: "Saved <it>.".to_owned(),
    };
    let shell = Shell {
        theme: Theme::Dark,
        flash: Some(flash),
        ..Shell::sample()
    };
    let html = super::definitions::Definitions.render(&shell);
    assert!(html.contains("<html lang=\"en\" data-theme=\"dark\">"));
    assert!(html.contains("role=\"status\"") && html.contains("Saved &#60;it&#62;."));
    assert!(html.contains(">MK</summary>"));
    let signed_out = page("login");
    assert!(!signed_out.contains("Sign out"));
    assert!(page("login-link").contains("name=\"once\""));
}

#[test]
fn pages_stay_small() {
    for (name, html) in pages() {
        let nodes = tags(&html).len();
        assert!(nodes <= 3_000, "{name} has {nodes} elements");
        assert!(html.len() <= 120_000, "{name} has {} bytes", html.len());
    }
}
