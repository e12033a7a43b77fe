//! The interpreter that a resolution is for: marker variables and the wheels that run on it.

use std::fmt;

use super::file_name::Tags;
use super::marker::Variables;

/// `CPython` of one version on one system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    pub python: PythonVersion,
    pub system: System,
    /// As `platform.machine()` gives it: `x86_64`, `aarch64`, `AMD64`, `arm64`.
    pub machine: String,
}

/// `major.minor.patch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PythonVersion {
    pub major: u32,
    pub minor: u32,
    pub patch: u32,
}

/// The operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// Linux with glibc of this version.
    Glibc(u32, u32),
    /// Linux with musl of this version.
    Musl(u32, u32),
    Windows,
    /// macOS of this version.
    MacOs(u32, u32),
}

impl Default for Environment {
    /// What most images run: `CPython` on Linux with glibc, on the usual machine.
    fn default() -> Self {
        Self {
            python: PythonVersion::DEFAULT,
            system: System::Glibc(2, 36),
            machine: "x86_64".to_owned(),
        }
    }
}

impl PythonVersion {
    pub const DEFAULT: Self = Self {
        major: 3,
        minor: 12,
        patch: 12,
    };
    /// The newest patch of each series that a project may be pinned to; a requirement decides among them.
    const SERIES: [Self; 8] = [
        Self::new(3, 14, 0),
        Self::new(3, 13, 9),
        Self::DEFAULT,
        Self::new(3, 11, 14),
        Self::new(3, 10, 19),
        Self::new(3, 9, 25),
        Self::new(3, 8, 20),
        Self::new(3, 7, 17),
    ];

    #[must_use]
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch }
    }

    /// Reads `3.11`, `3.11.7` or `python-3.11.7`; a missing patch is the newest that is known.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix("python-").unwrap_or(text);
        let text = text.strip_prefix("cpython-").unwrap_or(text);
        let mut numbers = text.split('.').map(str::parse::<u32>);
        let (major, minor) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
        let patch = match numbers.next() {
            Some(patch) => patch.ok()?,
            None => {
                let known = Self::SERIES
                    .iter()
                    .find(|known| (known.major, known.minor) == (major, minor));
                known.map_or(0, |known| known.patch)
            }
        };
        Some(Self::new(major, minor, patch))
    }

    /// The usual version, or the newest that `requires-python` admits when it does not admit that one.
    #[must_use]
    pub fn for_requirement(requires_python: &super::SpecifierSet) -> Self {
        let admits =
            |version: &Self| requires_python.contains(&version.to_string(), super::Prereleases::Admit);
        if admits(&Self::DEFAULT) {
            return Self::DEFAULT;
        }
        Self::SERIES.into_iter().find(admits).unwrap_or(Self::DEFAULT)
    }
}

impl fmt::Display for PythonVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl Environment {
    /// Every marker variable.
    #[must_use]
    pub fn variables(&self) -> Variables {
        let (os, platform, system) = match self.system {
            System::Glibc(..) | System::Musl(..) => ("posix", "linux", "Linux"),
            System::Windows => ("nt", "win32", "Windows"),
            System::MacOs(..) => ("posix", "darwin", "Darwin"),
        };
        let mut variables = Variables::default();
        let full = self.python.to_string();
        let short = format!("{}.{}", self.python.major, self.python.minor);
        for (name, value) in [
            ("implementation_name", "cpython"),
            ("implementation_version", full.as_str()),
            ("os_name", os),
            ("platform_machine", self.machine.as_str()),
            ("platform_python_implementation", "CPython"),
            ("platform_release", ""),
            ("platform_system", system),
            ("platform_version", ""),
            ("python_full_version", full.as_str()),
            ("python_version", short.as_str()),
            ("sys_platform", platform),
        ] {
            variables.set(name, value);
        }
        variables
    }

    /// How a person names it: what a tree shows.
    #[must_use]
    pub fn describe(&self) -> Vec<(String, String)> {
        let libc = match self.system {
            System::Glibc(major, minor) => Some(format!("glibc {major}.{minor}")),
            System::Musl(major, minor) => Some(format!("musl {major}.{minor}")),
            System::Windows | System::MacOs(..) => None,
        };
        let variables = self.variables();
        let shown = [
            "implementation_name",
            "platform_machine",
            "platform_system",
            "python_full_version",
            "sys_platform",
        ];
        let mut described: Vec<_> = shown
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), variables.get(name)?.to_owned())))
            .collect();
        described.extend(libc.map(|libc| ("libc".to_owned(), libc)));
        described
    }

    /// How well a wheel suits, less being better; `None` when it does not run here.
    #[must_use]
    pub fn rank(&self, tags: &Tags<'_>) -> Option<u32> {
        let interpreters = tags.interpreters.split('.');
        let combinations = interpreters.flat_map(|interpreter| {
            tags.abis.split('.').flat_map(move |abi| {
                tags.platforms
                    .split('.')
                    .map(move |platform| (interpreter, abi, platform))
            })
        });
        // More combinations than any name spells out in earnest.
        let ranks = combinations
            .take(4096)
            .filter_map(|(interpreter, abi, platform)| {
                let code = self.code_rank(interpreter, abi)?;
                let platform = self.platform_rank(platform)?;
                Some(code * 1000 + platform)
            });
        ranks.min()
    }

    /// Own binaries first, then those with the stable interface, then pure code for ever older interpreters.
    fn code_rank(&self, interpreter: &str, abi: &str) -> Option<u32> {
        let own = self.python.minor;
        let minor = |prefix: &str| -> Option<u32> {
            let digits = interpreter.strip_prefix(prefix)?;
            digits.strip_prefix(&self.python.major.to_string())?.parse().ok()
        };
        if let Some(minor) = minor("cp") {
            let tag = format!("cp{}{own}", self.python.major);
            let is_own = minor == own;
            return match abi {
                abi if is_own && (abi == tag || (own < 8 && abi == format!("{tag}m"))) => Some(0),
                "abi3" if minor >= 2 && minor <= own => Some(1 + (own - minor)),
                "none" if is_own => Some(2),
                _ => None,
            };
        }
        if abi != "none" {
            return None;
        }
        if interpreter == format!("py{}", self.python.major) {
            return Some(101);
        }
        let minor = minor("py")?;
        (minor <= own).then(|| if minor == own { 100 } else { 102 + (own - minor) })
    }

    fn platform_rank(&self, platform: &str) -> Option<u32> {
        if platform == "any" {
            return Some(999);
        }
        match self.system {
            System::Glibc(major, minor) => {
                let (of_major, of_minor) = manylinux(platform, &self.machine)?;
                (of_major == major && of_minor <= minor).then(|| minor - of_minor)
            }
            System::Musl(major, minor) => {
                let (of_major, of_minor) = versioned(platform, "musllinux", &self.machine)
                    .or_else(|| plain_linux(platform, &self.machine, (major, 0)))?;
                (of_major == major && of_minor <= minor).then(|| minor - of_minor)
            }
            System::Windows => {
                let expected = match self.machine.to_ascii_lowercase().as_str() {
                    "amd64" | "x86_64" => "win_amd64",
                    "arm64" | "aarch64" => "win_arm64",
                    _ => "win32",
                };
                (platform == expected).then_some(0)
            }
            System::MacOs(major, minor) => {
                let architectures = match self.machine.as_str() {
                    "arm64" => ["arm64", "universal2"].as_slice(),
                    _ => ["x86_64", "universal2", "intel", "fat64", "universal"].as_slice(),
                };
                let found = architectures
                    .iter()
                    .find_map(|architecture| versioned(platform, "macosx", architecture));
                let (of_major, of_minor) = found?;
                (of_major < major || (of_major == major && of_minor <= minor))
                    .then(|| (major - of_major) * 20 + if of_major == major { minor - of_minor } else { 0 })
            }
        }
    }
}

/// The glibc that a Linux tag asks for.
fn manylinux(platform: &str, machine: &str) -> Option<(u32, u32)> {
    let old = [("manylinux1", 5), ("manylinux2010", 12), ("manylinux2014", 17)];
    for (name, minor) in old {
        if platform
            .strip_prefix(name)
            .and_then(|rest| rest.strip_prefix('_'))
            == Some(machine)
        {
            return Some((2, minor));
        }
    }
    versioned(platform, "manylinux", machine).or_else(|| plain_linux(platform, machine, (2, 0)))
}

fn plain_linux(platform: &str, machine: &str, version: (u32, u32)) -> Option<(u32, u32)> {
    (platform.strip_prefix("linux_") == Some(machine)).then_some(version)
}

/// `NAME_MAJOR_MINOR_MACHINE`.
fn versioned(platform: &str, name: &str, machine: &str) -> Option<(u32, u32)> {
    let rest = platform.strip_prefix(name)?.strip_prefix('_')?;
    let version = rest.strip_suffix(machine)?.strip_suffix('_')?;
    let (major, minor) = version.split_once('_')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rank(wheel: &str) -> Option<u32> {
        let environment = Environment {
            python: PythonVersion::new(3, 11, 7),
            ..Environment::default()
        };
        let mut parts = wheel.split('-');
        let mut next = || parts.next().expect("three tags");
        let (interpreters, abis, platforms) = (next(), next(), next());
        environment.rank(&Tags {
            interpreters,
            abis,
            platforms,
        })
    }

    #[test]
    fn wheels_that_run_are_ranked_as_pip_ranks_them() {
        let ascending = [
            "cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64",
            "cp311-cp311-manylinux1_x86_64",
            "cp311-abi3-manylinux_2_28_x86_64",
            "cp37-abi3-manylinux_2_28_x86_64",
            "py3-none-manylinux_2_17_x86_64",
            "py2.py3-none-any",
            "py36-none-any",
        ];
        let ranks: Vec<_> = ascending.iter().map(|wheel| rank(wheel).expect(wheel)).collect();
        assert!(ranks.is_sorted_by(|a, b| a < b), "{ranks:?}");
        for wheel in [
            "cp312-cp312-manylinux_2_17_x86_64",
            "cp311-cp311-musllinux_1_2_x86_64",
            "cp311-cp311-manylinux_2_17_aarch64",
            "cp311-cp311-manylinux_2_40_x86_64",
            "cp311-cp311-win_amd64",
            "cp312-abi3-manylinux_2_17_x86_64",
            "py2-none-any",
            "py312-none-any",
            "pp310-pypy310_pp73-manylinux_2_17_x86_64",
        ] {
            assert_eq!(rank(wheel), None, "{wheel}");
        }
    }

    #[test]
    fn the_interpreter_follows_the_project() {
        let version = |requires| {
            PythonVersion::for_requirement(&super::super::SpecifierSet::parse(requires).expect("specifiers"))
        };
        assert_eq!(version(">=3.9"), PythonVersion::DEFAULT);
        assert_eq!(version(">=3.8,<3.11").minor, 10);
        assert_eq!(version(">=3.13").minor, 14);
        assert_eq!(PythonVersion::parse("3.11"), Some(PythonVersion::new(3, 11, 14)));
        assert_eq!(
            PythonVersion::parse("python-3.9.1\n"),
            Some(PythonVersion::new(3, 9, 1))
        );
        assert_eq!(PythonVersion::parse("pypy3.9"), None);
    }
}
