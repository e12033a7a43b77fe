//! What is particular to the packages of an operating system.

/// How a distribution speaks of its releases.
pub trait Distribution {
    /// The release that a text names, in one form for all spellings: a purl's `distro` (`debian-12.4`,
    /// `bookworm`), os-release's `VERSION_ID` (`12`), or the suffix of an OSV ecosystem (`22.04:LTS`). Two
    /// texts mean the same release exactly when their forms are equal.
    ///
    /// `None` when the text names no release. A distribution without releases answers with an empty text,
    /// whatever it is asked.
    fn release(&self, text: &str) -> Option<String>;

    /// Whether ranges without a release say nothing, because each release is mended by itself
    /// (`matching.md` §2.2).
    fn needs_release(&self) -> bool {
        false
    }

    /// Whether records name source packages, whose version is what is compared then.
    fn names_sources(&self) -> bool {
        true
    }

    /// Whether records write epochs, so that one that a document keeps apart belongs to the version.
    fn has_epochs(&self) -> bool {
        true
    }

    /// The release that the version of a package was built for, where it tells that better than the system.
    fn release_of_build(&self, _version: &str) -> Option<String> {
        None
    }

    /// Whether what a record with this suffix names as fixed is to be had by paying customers only.
    fn is_restricted(&self, _suffix: &str) -> bool {
        false
    }
}
