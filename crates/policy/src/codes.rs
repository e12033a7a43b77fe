//! The issue codes of Sandworm, by which its users know what is judged here by rules: `SWRM-202` is
//! `source.no_repository`.

/// What Sandworm calls a kind of issue, and what judges it here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssueCode {
    /// 100 to 205.
    pub number: u16,
    pub kind: IssueKind,
    pub severity: IssueSeverity,
    /// The rules that say the same; the first is the one that its action is set for.
    pub rules: &'static [&'static str],
    /// One sentence for people.
    pub title: &'static str,
}

/// The types of Sandworm's fail rules that codes have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssueKind {
    License,
    Meta,
}

/// Sandworm's severities, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IssueSeverity {
    Low,
    Moderate,
    High,
    Critical,
}

impl IssueSeverity {
    pub const ALL: [Self; 4] = [Self::Low, Self::Moderate, Self::High, Self::Critical];

    /// The word in Sandworm's documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Moderate => "moderate",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    pub(crate) fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.word() == word)
    }
}

const fn code(
    number: u16,
    kind: IssueKind,
    severity: IssueSeverity,
    rules: &'static [&'static str],
    title: &'static str,
) -> IssueCode {
    IssueCode {
        number,
        kind,
        severity,
        rules,
        title,
    }
}

/// The rules that say that a list of the policy names the license.
const LISTED: &[&str] = &["license.deny", "license.review", "license.allow"];

/// Every code. 150 and 151 have the severity of the line of Sandworm's policy that they come from; it is `high` here,
/// as by default there.
pub const CODES: [IssueCode; 15] = {
    use IssueKind::{License, Meta};
    use IssueSeverity::{Critical, High, Low, Moderate};
    [
        code(
            100,
            License,
            Critical,
            &["license.missing"],
            "No license is stated",
        ),
        code(
            101,
            License,
            Critical,
            &["license.unlicensed"],
            "No rights are granted",
        ),
        code(
            102,
            License,
            Low,
            &["license.not_osi_approved"],
            "The license is not approved by the Open Source Initiative",
        ),
        code(
            103,
            License,
            Low,
            &["license.deprecated_id"],
            "The license is stated by a deprecated id",
        ),
        code(
            104,
            License,
            High,
            &["license.uncategorized"],
            "The license is in no category",
        ),
        code(
            105,
            License,
            High,
            &["license.unknown"],
            "The license is not known",
        ),
        code(
            106,
            License,
            High,
            &["license.involved"],
            "The license is an expression of several parts",
        ),
        code(150, License, High, LISTED, "The policy names the license"),
        code(
            151,
            License,
            High,
            LISTED,
            "The policy names the license's category",
        ),
        code(
            200,
            Meta,
            High,
            &["deprecated"],
            "Its maintainers advise against it",
        ),
        code(
            201,
            Meta,
            High,
            &["source.install_scripts"],
            "Installing it runs code of its own",
        ),
        code(
            202,
            Meta,
            Moderate,
            &["source.no_repository"],
            "It names no source repository",
        ),
        code(
            203,
            Meta,
            Critical,
            &["source.url", "source.http"],
            "It comes from a plain address",
        ),
        code(
            204,
            Meta,
            Critical,
            &["source.git"],
            "It comes from a git repository",
        ),
        code(205, Meta, Moderate, &["source.file"], "It comes from a folder"),
    ]
};

/// What an alias of Sandworm's names: a code, or one issue with its package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Alias {
    pub code: &'static IssueCode,
    pub package: Option<AliasPackage>,
}

/// The package of one issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AliasPackage {
    pub name: String,
    /// `None` for `*`: all versions.
    pub version: Option<String>,
    /// What the id adds: the script, or the dependency that comes from elsewhere.
    pub specifier: Option<String>,
}

/// Why a text that begins as an alias is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidAlias {
    #[error("`{0}` is no issue code; there are SWRM-100 to 106, 150, 151 and 200 to 205")]
    Code(String),
    #[error("`{0}` names no package with a version, as SWRM-202-left-pad-1.3.0 does")]
    Package(String),
}

const PREFIX: &str = "SWRM-";
/// Scripts that npm runs when it installs.
const SCRIPTS: [&str; 3] = ["preinstall", "postinstall", "install"];

impl Alias {
    /// Reads `SWRM-202` or `SWRM-202-left-pad-1.3.0`; `None` for what does not begin so.
    pub fn read(text: &str) -> Option<Result<Self, InvalidAlias>> {
        let start = text.get(..PREFIX.len())?;
        start
            .eq_ignore_ascii_case(PREFIX)
            .then(|| Self::read_rest(text, text.get(PREFIX.len()..).unwrap_or_default()))
    }

    fn read_rest(text: &str, rest: &str) -> Result<Self, InvalidAlias> {
        let (number, issue) = match rest.split_once('-') {
            Some((number, issue)) => (number, Some(issue)),
            None => (rest, None),
        };
        let code = number
            .parse()
            .ok()
            .and_then(|number: u16| CODES.iter().find(|code| code.number == number))
            .ok_or_else(|| InvalidAlias::Code(text.chars().take(80).collect()))?;
        let package = match issue {
            None => None,
            Some(issue) => Some(
                AliasPackage::read(code.number, issue)
                    .ok_or_else(|| InvalidAlias::Package(text.chars().take(80).collect()))?,
            ),
        };
        Ok(Self { code, package })
    }
}

impl AliasPackage {
    /// `NAME-VERSION` or `NAME-VERSION-SPECIFIER`. Names hold dashes, too: the version begins at the first dash behind
    /// which a whole version, or `*`, follows.
    fn read(number: u16, issue: &str) -> Option<Self> {
        // A name has a first letter, so that the first dash cannot be at its start.
        let dashes = issue.match_indices('-').map(|(at, _)| at).filter(|at| *at > 0);
        dashes
            .filter_map(|at| Some((issue.get(..at)?, issue.get(at + 1..)?)))
            .find_map(|(name, rest)| {
                let (version, specifier) = version_and_rest(number, rest)?;
                Some(Self {
                    name: name.to_owned(),
                    version: (version != "*").then(|| version.to_owned()),
                    specifier: specifier.map(str::to_owned),
                })
            })
    }

    /// Whether the issue is about this package. A version that cannot be told is that of no issue.
    pub fn is_of(&self, name: &str, version: Option<&str>) -> bool {
        self.name == name
            && self
                .version
                .as_deref()
                .is_none_or(|wanted| version == Some(wanted))
    }
}

/// The version at the start of a text, and what follows it for the codes that name something more.
fn version_and_rest(number: u16, text: &str) -> Option<(&str, Option<&str>)> {
    let (version, specifier) = match number {
        201 => SCRIPTS
            .iter()
            .find_map(|script| Some((text.strip_suffix(script)?.strip_suffix('-')?, Some(*script))))?,
        // What follows may hold dashes as well, so that the version ends at the first one.
        203..=205 => {
            let (version, rest) = text.split_once('-')?;
            (version, Some(rest).filter(|rest| !rest.is_empty()))
        }
        _ => (text, None),
    };
    let whole = version == "*" || is_version(version);
    (whole && (!(203..=205).contains(&number) || specifier.is_some())).then_some((version, specifier))
}

/// `1.2.3`, with whatever may follow it.
fn is_version(text: &str) -> bool {
    let core = text.split(['-', '+']).next().unwrap_or_default();
    let mut numbers = core.split('.');
    let is_number = |part: Option<&str>| {
        part.is_some_and(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
    };
    is_number(numbers.next())
        && is_number(numbers.next())
        && is_number(numbers.next())
        && numbers.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_taken_apart_where_its_version_begins() {
        for (text, name, version, specifier) in [
            ("SWRM-202-left-pad-1.3.0", "left-pad", Some("1.3.0"), None),
            (
                "SWRM-102-@scope/a-b-2.0.0-rc.1",
                "@scope/a-b",
                Some("2.0.0-rc.1"),
                None,
            ),
            ("SWRM-100-x-1.0.0-2.0.0", "x", Some("1.0.0-2.0.0"), None),
            ("swrm-102-pkg-*", "pkg", None, None),
            (
                "SWRM-201-core-js-3.6.5-postinstall",
                "core-js",
                Some("3.6.5"),
                Some("postinstall"),
            ),
            (
                "SWRM-201-x-1.0.0-beta-1-install",
                "x",
                Some("1.0.0-beta-1"),
                Some("install"),
            ),
            (
                "SWRM-204-sinopia-1.4.0-git-dep",
                "sinopia",
                Some("1.4.0"),
                Some("git-dep"),
            ),
            ("SWRM-205-a-2-1.0.0-b", "a-2", Some("1.0.0"), Some("b")),
        ] {
            let alias = Alias::read(text).unwrap().unwrap();
            let package = alias.package.unwrap();
            assert_eq!(package.name, name, "{text}");
            assert_eq!(package.version.as_deref(), version, "{text}");
            assert_eq!(package.specifier.as_deref(), specifier, "{text}");
        }
    }

    #[test]
    fn what_is_no_code_is_told() {
        assert_eq!(Alias::read("license.deny"), None);
        assert_eq!(Alias::read("é"), None);
        for text in [
            "SWRM-",
            "SWRM-107",
            "SWRM-x",
            "SWRM-202-",
            "SWRM-202-left-pad",
            "SWRM-204-a-1.0.0",
        ] {
            assert!(Alias::read(text).unwrap().is_err(), "{text}");
        }
        for code in CODES {
            let alias = Alias::read(&format!("SWRM-{}", code.number)).unwrap().unwrap();
            assert_eq!((alias.code.number, alias.package), (code.number, None));
        }
    }
}
