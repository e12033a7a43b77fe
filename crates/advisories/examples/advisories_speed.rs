//! How long a range check takes on parsed keys: `cargo run --release -p advisories --example advisories_speed`.

use std::hint::black_box;
use std::time::Instant;

use advisories::{Advisory, Range, Record};
use ecosystems::VersionKey;
use serde_json::json;

const ROUNDS: u32 = 200_000;

/// An ecosystem, the events of a range, and versions in and out of it.
type Case = (
    &'static str,
    &'static [(&'static str, &'static str)],
    [&'static str; 4],
);

const CASES: [Case; 6] = [
    (
        "npm",
        &[("introduced", "1.0.0"), ("fixed", "1.2.6")],
        ["0.9.0", "1.2.5", "1.2.6", "2.0.0"],
    ),
    (
        "PyPI",
        &[
            ("introduced", "0"),
            ("fixed", "2.2.28"),
            ("introduced", "3.0"),
            ("fixed", "3.2.13"),
        ],
        ["2.2", "2.2.28", "3.2", "4.0"],
    ),
    (
        "Debian:12",
        &[("introduced", "0"), ("fixed", "1:2.38.1-5+deb12u3")],
        ["2.38.1-5", "1:2.38.1-5", "1:2.38.1-5+deb12u3", "1:2.39-1"],
    ),
    (
        "AlmaLinux:9",
        &[("introduced", "0"), ("fixed", "1:3.0.7-25.el9_3")],
        [
            "3.0.7-25.el9",
            "1:3.0.7-24.el9",
            "1:3.0.7-25.el9_3",
            "1:3.2.2-6.el9_5",
        ],
    ),
    (
        "Alpine:v3.19",
        &[("introduced", "0"), ("fixed", "3.1.4-r5")],
        ["3.1.4-r4", "3.1.4-r5", "3.0.0-r0", "3.2.0_rc1-r0"],
    ),
    (
        "Maven",
        &[("introduced", "2.0-beta9"), ("fixed", "2.15.0")],
        ["2.14.1", "2.15.0", "2.0-rc1", "1.2.17"],
    ),
];

fn main() {
    for (ecosystem, events, versions) in CASES {
        let ranges = ranges(ecosystem, events);
        let comparator = ecosystems::by_name(ecosystem);
        let keys: Vec<VersionKey> = versions
            .iter()
            .filter_map(|version| comparator?.key(version).ok())
            .collect();
        let lengths: usize = keys.iter().map(|key| key.as_bytes().len()).sum();
        let mut inside = 0_usize;
        let start = Instant::now();
        for _ in 0..ROUNDS {
            for key in &keys {
                let found = ranges
                    .iter()
                    .filter(|range| black_box(range).find(black_box(key), key).is_some());
                inside += found.count();
            }
        }
        let checks = f64::from(ROUNDS) * 4.0;
        println!(
            "{ecosystem}: {:.1} ns a check, keys of {} bytes ({inside} inside)",
            start.elapsed().as_secs_f64() * 1e9 / checks,
            lengths / keys.len().max(1),
        );
    }
}

/// The ranges of a record as they are stored.
fn ranges(ecosystem: &str, events: &[(&str, &str)]) -> Vec<Range> {
    let events: Vec<_> = events
        .iter()
        .map(|(kind, version)| json!({*kind: version}))
        .collect();
    let record = json!({"id": "X-1", "modified": "2024-01-01T00:00:00Z", "affected": [{
        "package": {"ecosystem": ecosystem, "name": "p"},
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
    }]});
    let record = Record::parse(record.to_string().as_bytes()).expect("a record of the right shape");
    let (advisory, _) = Advisory::compile(&record);
    let claims = advisory
        .packages
        .into_iter()
        .flat_map(|package| package.entry.claims);
    claims.flat_map(|claim| claim.ranges).collect()
}
