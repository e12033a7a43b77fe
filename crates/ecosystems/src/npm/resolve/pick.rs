//! Choosing the version of a package that a specification means, as npm does.

use std::collections::HashMap;

use super::packument::{Glance, Packument};
use super::spec::{LOOSE, Spec};
use crate::npm::{Mode, Range, parse_version};
use crate::semver::Version;

/// What a choice depends on beside the registry and the specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// The version of Node.js, which `engines` of packages are compared with.
    pub node: String,
    /// The version of npm, likewise.
    pub npm: String,
    /// Only what was published until then counts, in milliseconds since 1970; what has no time counts.
    pub before: Option<i64>,
}

impl Default for Environment {
    fn default() -> Self {
        Self {
            node: "24.11.1".to_owned(),
            npm: "11.19.1".to_owned(),
            before: None,
        }
    }
}

/// A package's versions, parsed, and when they were published.
pub struct Versions {
    /// Each version with its position in the document, the highest first; what is no version is left out.
    sorted: Vec<(Version, usize)>,
    texts: Vec<String>,
    times: Option<HashMap<String, Option<i64>>>,
}

/// Chooses versions in one environment.
pub struct Picker {
    environment: Environment,
    /// Whether the environment satisfies what `engines` say.
    engines: HashMap<(bool, String), bool>,
}

impl Versions {
    pub fn new(packument: &Packument, environment: &Environment) -> Self {
        let texts: Vec<_> = packument.versions().map(str::to_owned).collect();
        let mut sorted: Vec<_> = texts
            .iter()
            .enumerate()
            .filter_map(|(position, text)| Some((parse_version(text, LOOSE)?, position)))
            .collect();
        sorted.sort_by(|(a, _), (b, _)| b.cmp(a));
        let times = environment
            .before
            .map(|_| packument.times().into_iter().collect());
        Self { sorted, texts, times }
    }

    /// Whether a version had been published; what has no readable time had not, what has none at all had.
    fn is_before(&self, version: &str, before: Option<i64>) -> bool {
        let (Some(before), Some(times)) = (before, &self.times) else {
            return true;
        };
        times
            .get(version)
            .is_none_or(|time| time.is_some_and(|time| time <= before))
    }
}

impl Picker {
    pub fn new(environment: Environment) -> Self {
        Self {
            environment,
            engines: HashMap::new(),
        }
    }

    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The version that a specification means; `None` when the registry has none such.
    pub fn pick(&mut self, packument: &Packument, versions: &Versions, spec: &Spec) -> Option<String> {
        let before = self.environment.before;
        match spec {
            Spec::Tag(tag) => {
                let version = packument.tag(tag)?;
                if versions.is_before(version, before) {
                    return packument.position(version).map(|_| version.to_owned());
                }
                let until = Range::parse(&format!("<={version}"), LOOSE).ok()?;
                self.pick_in_range(packument, versions, &until, false)
            }
            Spec::Version(version, _) => {
                packument.position(version)?;
                versions.is_before(version, before).then(|| version.to_string())
            }
            Spec::Range { range, any } => self.pick_in_range(packument, versions, range, *any),
            _ => None,
        }
    }

    fn pick_in_range(
        &mut self,
        packument: &Packument,
        versions: &Versions,
        range: &Range,
        any: bool,
    ) -> Option<String> {
        if let Some(latest) = packument.tag("latest")
            && (any || range.satisfied_by(latest))
            && let Some(position) = packument.position(latest)
            && versions.is_before(latest, self.environment.before)
            && self.rank(&packument.glance(position)) == BEST
        {
            return Some(latest.to_owned());
        }
        self.pick_highest(packument, versions, range)
    }

    /// The highest version of the best rank.
    fn pick_highest(&mut self, packument: &Packument, versions: &Versions, range: &Range) -> Option<String> {
        let mut best: Option<(u8, &str)> = None;
        for (version, position) in &versions.sorted {
            let Some(text) = versions.texts.get(*position) else {
                continue;
            };
            if !range.admits(version) || !versions.is_before(text, self.environment.before) {
                continue;
            }
            let rank = self.rank(&packument.glance(*position));
            if best.is_none_or(|(highest, _)| rank > highest) {
                best = Some((rank, text));
            }
            if rank == BEST {
                break;
            }
        }
        best.map(|(_, text)| text.to_owned())
    }

    /// Fitting engines weigh more than not being deprecated.
    fn rank(&mut self, glance: &Glance) -> u8 {
        let fits = self.fits(true, glance.engines.get("node")) && self.fits(false, glance.engines.get("npm"));
        u8::from(fits) * 2 + u8::from(!glance.deprecated.is_true)
    }

    fn fits(&mut self, is_node: bool, wanted: Option<&str>) -> bool {
        let version = if is_node {
            &self.environment.node
        } else {
            &self.environment.npm
        };
        let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty() && !version.is_empty()) else {
            return true;
        };
        if let Some(fits) = self.engines.get(&(is_node, wanted.to_owned())) {
            return *fits;
        }
        let mode = Mode {
            loose: false,
            include_prerelease: true,
        };
        let fits = Range::parse(wanted, mode).is_ok_and(|range| range.satisfied_by(version));
        self.engines.insert((is_node, wanted.to_owned()), fits);
        fits
    }
}

/// The rank of a version that is not deprecated and whose engines fit.
const BEST: u8 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{
        "dist-tags": {"latest": "2.0.0", "next": "4.0.0-rc.1", "gone": "9.9.9"},
        "time": {"1.0.0": "2020-01-01", "1.1.0": "2021-01-01", "2.0.0": "2022-01-01", "2.1.0": "2023-01-01",
            "4.0.0-rc.1": "2024-01-01"},
        "versions": {"1.0.0": {}, "1.1.0": {"deprecated": "no"}, "1.2.0": {"engines": {"node": ">=99"}},
            "2.0.0": {}, "2.1.0": {}, "3.0.0": {"deprecated": "no", "engines": {"node": ">=99"}},
            "3.0.1": {"engines": {"node": ">=99"}}, "4.0.0-rc.1": {}}}"#;

    fn pick(spec: &str, before: Option<&str>) -> Option<String> {
        let environment = Environment {
            before: before.map(|text| super::super::time::parse(text).expect("a moment")),
            ..Environment::default()
        };
        let packument = Packument::read(DOCUMENT.as_bytes()).expect("a packument");
        let versions = Versions::new(&packument, &environment);
        Picker::new(environment).pick(&packument, &versions, &Spec::parse(spec))
    }

    #[test]
    fn the_version_is_the_one_that_npm_takes() {
        for (spec, expect, why) in [
            ("*", Some("2.0.0"), "latest, though 2.1.0 is higher"),
            ("", Some("2.0.0"), "no specification is any"),
            (">=1", Some("2.0.0"), "latest satisfies"),
            ("^2.1.0", Some("2.1.0"), "latest does not satisfy"),
            (
                "^1.0.0",
                Some("1.0.0"),
                "1.1.0 is deprecated and 1.2.0 wants another node",
            ),
            ("~1.1.0", Some("1.1.0"), "deprecated, but the only one"),
            (
                "1.1.0 || 1.2.0",
                Some("1.1.0"),
                "fitting engines weigh more than deprecation",
            ),
            ("3.x", Some("3.0.1"), "both unfit, one deprecated"),
            ("4", None, "a pre-release satisfies no range that names none"),
            (">=4.0.0-0", Some("4.0.0-rc.1"), "unless the range names one"),
            ("next", Some("4.0.0-rc.1"), "a tag is exact"),
            ("gone", None, "a tag of no version"),
            ("none", None, "no such tag"),
            (
                "=v1.1.0",
                Some("1.1.0"),
                "an exact version is taken though deprecated",
            ),
            ("5", None, "nothing satisfies"),
        ] {
            assert_eq!(pick(spec, None).as_deref(), expect, "{spec}: {why}");
        }
    }

    #[test]
    fn a_cut_off_hides_what_came_later() {
        for (spec, before, expect) in [
            ("*", "2021-06-01", Some("1.0.0")),
            ("latest", "2021-06-01", Some("1.0.0")),
            ("2.0.0", "2021-06-01", None),
            ("*", "2022-01-01", Some("2.0.0")),
            ("^2.1.0", "2022-06-01", None),
            ("~1.2.0", "2019-01-01", Some("1.2.0")),
        ] {
            assert_eq!(
                pick(spec, Some(before)).as_deref(),
                expect,
                "{spec} before {before}"
            );
        }
    }
}
