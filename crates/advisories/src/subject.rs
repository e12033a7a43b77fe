//! The version that is asked about.

use std::borrow::Cow;

use ecosystems::{Ecosystem, VersionKey};

use crate::UndeterminedReason;

/// One version, parsed once for all the entries that it is matched against.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    text: &'a str,
    state: State<'a>,
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
        Self { text, state }
    }

    /// A version whose key is at hand, as the store keeps it.
    #[must_use]
    pub fn with_key(ecosystem: &dyn Ecosystem, text: &'a str, key: &'a VersionKey) -> Self {
        let state = State::Parsed {
            public: public_key(ecosystem, text),
            key: Cow::Borrowed(key),
        };
        Self { text, state }
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

/// Local labels and build metadata begin with a plus in every ecosystem that has them.
fn public_key(ecosystem: &dyn Ecosystem, text: &str) -> Option<VersionKey> {
    text.contains('+')
        .then(|| ecosystem.public_key(text).ok())
        .flatten()
}
