//! Findings of every kind, for samples.

use advisories::Severity;
use clock::Timestamp;
use policy::Cause;

use super::{FindingRow, State, Why};

/// The moment that all samples are seen from.
#[must_use]
pub fn sample_now() -> Timestamp {
    crate::layout::Shell::sample().now
}

/// Ten rows of every kind: exploited, fixed, unfixed, past due, waived, without a graph.
#[must_use]
pub fn sample_rows() -> Vec<FindingRow> {
    let (critical, high, medium) = (Severity::Critical, Severity::High, Severity::Medium);
    vec![
        sample_row(
            ("CVE-2025-7783", "form-data uses a predictable boundary", critical),
            ("form-data", "4.0.0", "npm"),
            "axios@1.6.8",
            0,
            Some("4.0.4"),
            (2, 7),
        ),
        FindingRow {
            kev: Some(true),
            ..sample_row(
                ("CVE-2021-44906", "Prototype pollution in minimist", critical),
                ("minimist", "1.2.5", "npm"),
                "mkdirp@0.5.5",
                1,
                Some("1.2.6"),
                (2, 7),
            )
        },
        FindingRow {
            state: State::InTriage,
            ..sample_row(
                (
                    "CVE-2025-27152",
                    "axios follows absolute URLs: SSRF and token leak",
                    high,
                ),
                ("axios", "1.6.8", "npm"),
                "",
                0,
                Some("1.8.2"),
                (6, 30),
            )
        },
        sample_row(
            (
                "CVE-2022-24999",
                "qs lets a query string poison the prototype",
                high,
            ),
            ("qs", "6.7.0", "npm"),
            "express@4.17.1 body-parser@1.19.0",
            1,
            Some("6.7.3"),
            (41, 30),
        ),
        sample_row(
            (
                "CVE-2024-45590",
                "body-parser: denial of service by deep URL encoding",
                high,
            ),
            ("body-parser", "1.19.0", "npm"),
            "express@4.17.1",
            0,
            Some("1.20.3"),
            (41, 30),
        ),
        sample_row(
            ("CVE-2024-21538", "cross-spawn regular expression blows up", high),
            ("cross-spawn", "7.0.3", "npm"),
            "execa@5.1.1",
            2,
            Some("7.0.5"),
            (12, 30),
        ),
        sample_row(
            (
                "CVE-2024-35195",
                "requests keeps verify=False for the session",
                medium,
            ),
            ("requests", "2.31.0", "PyPI"),
            "",
            0,
            Some("2.32.0"),
            (55, 90),
        ),
        FindingRow {
            state: State::Waived(Some("2027-01-12".to_owned())),
            ..sample_row(
                (
                    "RUSTSEC-2024-0421",
                    "idna accepts Punycode that yields no non-ASCII",
                    medium,
                ),
                ("idna", "0.5.0", "crates.io"),
                "reqwest@0.11.27 url@2.5.0",
                0,
                Some("1.0.0"),
                (63, 90),
            )
        },
        FindingRow {
            epss: None,
            direct: None,
            ..sample_row(
                (
                    "GHSA-p8p7-x288-28g6",
                    "Server-side request forgery in request",
                    medium,
                ),
                ("request", "2.88.2", "npm"),
                "",
                0,
                None,
                (24, 90),
            )
        },
        FindingRow {
            epss: None,
            due: None,
            ..sample_row(
                (
                    "MAL-2026-1182",
                    "Nobody has rated this record yet",
                    Severity::Unknown,
                ),
                ("left-pod", "1.3.0", "npm"),
                "",
                0,
                None,
                (41, 90),
            )
        },
    ]
}

fn sample_row(
    (canonical, title, severity): (&str, &str, Severity),
    (package, version, ecosystem): (&str, &str, &str),
    via: &str,
    more_paths: u64,
    fix: Option<&str>,
    (age, limit): (i64, i64),
) -> FindingRow {
    let first_seen = sample_now().plus_days(-age);
    FindingRow {
        id: format!(
            "0193f0aa-0000-7000-8000-{:012x}",
            canonical
                .bytes()
                .fold(7_u64, |sum, byte| sum * 31 % 0xffff_ffff + u64::from(byte))
        ),
        canonical: canonical.to_owned(),
        title: title.to_owned(),
        severity,
        kev: Some(false),
        epss: Some(0.021),
        purl: format!("pkg:npm/{package}@{version}"),
        package: package.to_owned(),
        version: version.to_owned(),
        ecosystem: ecosystem.to_owned(),
        via: via.split_whitespace().map(str::to_owned).collect(),
        more_paths,
        direct: Some(via.is_empty()),
        fix: fix.map(str::to_owned),
        first_seen: Some(first_seen),
        due: Some(first_seen.plus_days(limit)),
        state: State::Open,
        project: None,
    }
}

/// The explanation of the first of [`sample_rows`].
#[must_use]
pub fn sample_why() -> Why {
    Why {
        root: "payments-api".to_owned(),
        reference: "main".to_owned(),
        path: vec!["axios@1.6.8".to_owned(), "form-data@4.0.0".to_owned()],
        advice: "Move axios to 1.12.2. It brings form-data 4.0.4 and also clears CVE-2025-27152.".to_owned(),
        assurance: "No known finding affects axios 1.12.2 or form-data 4.0.4.".to_owned(),
        command: Some("npm i axios@1.12.2".to_owned()),
        canonical: "CVE-2025-7783".to_owned(),
        aliases: vec!["GHSA-fjxv-7rqg-78g4".to_owned()],
        range: "introduced 4.0.0, fixed 4.0.4".to_owned(),
        score: Some(9.4),
        cause: Some(Cause::AdvisoryPublished),
        first_seen: Some(sample_now().plus_days(-2)),
        disputed: false,
    }
}
