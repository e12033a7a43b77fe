//! A portfolio in three states: in use, fresh, unchecked.

use advisories::Severity;
use clock::Timestamp;
use policy::Outcome;

use super::{AgeRow, LicenseShares, Portfolio, SbomAge, UpgradeRow};
use crate::charts::{Mark, TimeToFix, Trend};
use crate::parts::SeverityCounts;
use crate::views::list::Choice;
use crate::views::project::{sample_trend, sample_weeks};
use crate::views::projects::{ProjectRow, sample_project_rows};
use crate::views::rows::sample_now;

impl Portfolio {
    #[must_use]
    pub fn sample() -> Self {
        let mut trend = sample_trend();
        let scale = |counts: SeverityCounts| {
            SeverityCounts::new(
                counts.critical * 9 + 26,
                counts.high * 20 + 150,
                counts.medium * 22 + 650,
                counts.low * 30 + 280,
                0,
            )
        };
        trend.days.iter_mut().for_each(|day| *day = day.map(scale));
        let worm = trend.first_day + 34;
        trend.marks = vec![Mark {
            day: worm,
            label: "npm worm".to_owned(),
        }];
        let ttf = |severity, target_days, p50_days, p90_days, percent, past_due_now| TimeToFix {
            severity,
            target_days,
            p50_days,
            p90_days,
            past_due_now,
            fixed: 60,
            in_time_percent: Some(percent),
        };
        let age = |severity, buckets| AgeRow { severity, buckets };
        Self {
            teams: vec![
                Choice::new("", "All teams", true),
                Choice::new("platform", "platform", false),
            ],
            tags: vec![
                Choice::new("", "Any tag", true),
                Choice::new("internet-facing", "internet-facing", false),
            ],
            days: 90,
            projects: 214,
            gates_failing: Some(12),
            gates_failing_change_7_days: Some(3),
            coverage: SbomAge {
                fresh: 199,
                ageing: 6,
                stale: 7,
                never: 2,
            },
            licenses: Some(LicenseShares {
                allowed: 7_810,
                review: 214,
                unknown: 131,
                denied: 17,
            }),
            trend,
            weeks: sample_weeks(8),
            in_time_percent: Some(76),
            in_time_percent_before: Some(68),
            time_to_fix: vec![
                ttf(Severity::Critical, 7, 4, 11, 81, 6),
                ttf(Severity::High, 30, 17, 44, 74, 52),
                ttf(Severity::Medium, 90, 49, 120, 70, 88),
                TimeToFix {
                    fixed: 3,
                    ..ttf(Severity::Low, 180, 90, 210, 79, 41)
                },
            ],
            ages: vec![
                age(Severity::Critical, [24, 13, 5, 2]),
                age(Severity::High, [72, 134, 98, 27]),
                age(Severity::Medium, [166, 300, 412, 176]),
                age(Severity::Low, [62, 112, 200, 146]),
            ],
            first: sample_project_rows(),
            upgrades: sample_upgrades(),
            mark_note: Some(
                "The dotted line marks the npm worm of 28 September, which reached 41 projects.".to_owned(),
            ),
            computed_at: Some(Self::sample_computed_at()),
        }
    }

    fn sample_computed_at() -> Timestamp {
        sample_now().plus_millis(-22 * 60_000)
    }

    /// A fresh installation.
    #[must_use]
    pub fn sample_empty() -> Self {
        Self {
            days: 90,
            ..Self::default()
        }
    }

    /// Projects have sent SBOMs, but no feed is loaded.
    #[must_use]
    pub fn sample_unchecked() -> Self {
        let unchecked = |row: ProjectRow| ProjectRow {
            outcome: row.outcome.map(|_| Outcome::Indeterminate),
            counts: None,
            past_due: None,
            change_30_days: None,
            ..row
        };
        Self {
            days: 90,
            projects: 3,
            coverage: SbomAge {
                fresh: 2,
                never: 1,
                ..SbomAge::default()
            },
            trend: Trend {
                days: vec![None; 91],
                ..sample_trend()
            },
            first: sample_project_rows().into_iter().take(3).map(unchecked).collect(),
            ..Self::default()
        }
    }
}

fn sample_upgrades() -> Vec<UpgradeRow> {
    let upgrade =
        |package: &str, version: &str, ecosystem: &str, to: &str, projects, clears, worst| UpgradeRow {
            purl: format!("pkg:npm/{package}"),
            package: package.to_owned(),
            version: version.to_owned(),
            ecosystem: ecosystem.to_owned(),
            to: to.to_owned(),
            projects,
            clears,
            worst,
        };
    vec![
        upgrade("form-data", "4.0.0", "npm", "4.0.4", 61, 61, Severity::Critical),
        upgrade("qs", "6.7.0", "npm", "6.7.3", 48, 48, Severity::High),
        upgrade("urllib3", "1.26.5", "PyPI", "1.26.19", 39, 117, Severity::High),
        upgrade("idna", "0.5.0", "crates.io", "1.0.0", 22, 22, Severity::Medium),
        upgrade("semver", "7.3.5", "npm", "7.5.2", 57, 57, Severity::High),
    ]
}
