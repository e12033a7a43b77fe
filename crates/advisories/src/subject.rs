//! The version that is asked about.

use std::borrow::Cow;

use ecosystems::{Ecosystem, VersionKey};

use crate::UndeterminedReason;
use crate::entry::Claim;

/// A package version as it is installed: what advisories of its ecosystem are asked about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Installed<'a> {
    /// The version that is compared; of a distribution's package, that of its source where records name
    /// sources. Empty when there is none.
    pub version: &'a str,
    /// The release of the distribution, in the form of
    /// [`Distribution::release`](ecosystems::Distribution::release).
    pub release: Option<&'a str>,
    /// The module and stream that it is from (`nodejs:14`), where that is known.
    pub module: Option<&'a str>,
    /// The source package that records name in place of this one.
    pub source: Option<&'a str>,
}

/// One version, parsed once for all the entries that it is matched against.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    text: &'a str,
    state: State<'a>,
    installed: Installed<'a>,
}

#[derive(Clone, Debug)]
enum State<'a> {
    Missing,
    Unparseable,
    Parsed {
        key: Cow<'a, VersionKey>,
        /// The key without local label; absent when it is the same.
        public: Option<VersionKey>,
    },
}

impl<'a> Subject<'a> {
    /// Reads a component's version; none, an empty one and `UNKNOWN` are no version (§2.4.9).
    #[must_use]
    pub fn new(ecosystem: &dyn Ecosystem, version: Option<&'a str>) -> Self {
        let text = version.unwrap_or_default().trim();
        let state = match ecosystem.key(text) {
            _ if text.is_empty() || text.eq_ignore_ascii_case("unknown") => State::Missing,
            Err(_) => State::Unparseable,
            Ok(key) => State::Parsed {
                public: public_key(ecosystem, text),
                key: Cow::Owned(key),
            },
        };
        Self {
            text,
            state,
            installed: Installed::default(),
        }
    }

    /// As [`Subject::new`], for a version in its surroundings.
    #[must_use]
    pub fn of(ecosystem: &dyn Ecosystem, installed: &Installed<'a>) -> Self {
        Self {
            installed: *installed,
            ..Self::new(ecosystem, Some(installed.version))
        }
    }

    /// A version whose key is at hand, as the store keeps it.
    #[must_use]
    pub fn with_key(ecosystem: &dyn Ecosystem, text: &'a str, key: &'a VersionKey) -> Self {
        let state = State::Parsed {
            public: public_key(ecosystem, text),
            key: Cow::Borrowed(key),
        };
        Self {
            text,
            state,
            installed: Installed::default(),
        }
    }

    /// The same surroundings, of another subject.
    pub(crate) fn beside(mut self, other: &Subject<'a>) -> Self {
        self.installed = other.installed;
        self
    }

    pub(crate) fn release(&self) -> Option<&'a str> {
        self.installed.release
    }

    /// The source package that records name in place of the package, for the evidence.
    pub(crate) fn source(&self) -> Option<&'a str> {
        self.installed.source
    }

    /// Whether a claim is about the release and the builds that the subject is one of. Releases compare only
    /// when both sides name one (`matching.md` §2.2).
    pub(crate) fn is_meant_by(&self, claim: &Claim) -> bool {
        let release = self.installed.release.zip(claim.release.as_deref());
        release.is_none_or(|(ours, theirs)| ours == theirs) && self.is_built_as(claim)
    }

    /// Packages of a module are built apart from all others, and each stream by itself. A stream that one
    /// side does not name may be the other's.
    fn is_built_as(&self, claim: &Claim) -> bool {
        let modular = self.text.contains(MODULAR_BUILD) || self.installed.module.is_some();
        match &claim.module {
            None => true,
            Some(_) if !modular => false,
            Some(stream) if stream.is_empty() => true,
            Some(stream) => self.installed.module.is_none_or(|ours| ours == stream),
        }
    }

    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The key, and the key without local label; none when the version did not parse.
    pub(crate) fn keys(&self) -> Option<(&VersionKey, &VersionKey)> {
        match &self.state {
            State::Parsed { key, public } => Some((key, public.as_ref().unwrap_or(key))),
            State::Missing | State::Unparseable => None,
        }
    }

    pub(crate) fn key(&self) -> Option<&VersionKey> {
        self.keys().map(|(key, _)| key)
    }

    /// Why nothing can be compared with this version.
    pub(crate) fn defect(&self) -> Option<UndeterminedReason> {
        match self.state {
            State::Missing => Some(UndeterminedReason::NoVersion),
            State::Unparseable => Some(UndeterminedReason::UnparseableVersion),
            State::Parsed { .. } => None,
        }
    }
}

/// Stands in the release of every package that was built for a module.
pub(crate) const MODULAR_BUILD: &str = ".module";

/// Local labels and build metadata begin with a plus in every ecosystem that has them.
fn public_key(ecosystem: &dyn Ecosystem, text: &str) -> Option<VersionKey> {
    text.contains('+')
        .then(|| ecosystem.public_key(text).ok())
        .flatten()
}
