//! The distributions of RPM packages.

mod release;
mod version;

use std::borrow::Cow;

use crate::{Distribution, Ecosystem, UnparseableVersion, VersionKey};

/// A distribution of RPM packages.
pub struct Rpm {
    name: &'static str,
    namespaces: &'static [&'static str],
    release: fn(&str) -> Option<String>,
    /// Records of openEuler are written without epochs.
    has_epochs: bool,
    /// Records of `AlmaLinux` and Red Hat list every package that was built from the source.
    names_sources: bool,
}

const fn rpm(
    name: &'static str,
    namespaces: &'static [&'static str],
    release: fn(&str) -> Option<String>,
) -> Rpm {
    Rpm {
        name,
        namespaces,
        release,
        has_epochs: true,
        names_sources: true,
    }
}

pub static ALMA_LINUX: Rpm = Rpm {
    names_sources: false,
    ..rpm("AlmaLinux", &["almalinux", "alma"], release::major)
};
pub static ROCKY_LINUX: Rpm = rpm(
    "Rocky Linux",
    &["rocky", "rockylinux", "rocky-linux"],
    release::major,
);
pub static RED_HAT: Rpm = Rpm {
    names_sources: false,
    ..rpm("Red Hat", &["redhat", "rhel"], release::red_hat)
};
pub static SUSE: Rpm = rpm(
    "SUSE",
    &[
        "suse",
        "sles",
        "sled",
        "sle-micro",
        "sl-micro",
        "sles_sap",
        "suse.linux.enterprise.server",
        "suse linux enterprise server",
    ],
    release::suse,
);
pub static OPEN_SUSE: Rpm = rpm(
    "openSUSE",
    &[
        "opensuse",
        "opensuse-leap",
        "opensuse-tumbleweed",
        "opensuse.leap",
        "opensuse.tumbleweed",
        "opensuse-leap-micro",
    ],
    release::open_suse,
);
pub static OPEN_EULER: Rpm = Rpm {
    has_epochs: false,
    ..rpm("openEuler", &["openeuler"], release::open_euler)
};
pub static MAGEIA: Rpm = rpm("Mageia", &["mageia"], release::major);
pub static AZURE_LINUX: Rpm = rpm(
    "Azure Linux",
    &["azurelinux", "azl", "mariner", "cbl-mariner"],
    release::major,
);
pub static PHOTON: Rpm = rpm("Photon OS", &["photon"], release::whole);

impl Ecosystem for Rpm {
    fn name(&self) -> &'static str {
        self.name
    }

    fn purl_type(&self) -> &'static str {
        "rpm"
    }

    fn purl_namespaces(&self) -> &'static [&'static str] {
        self.namespaces
    }

    fn normalize<'a>(&self, name: &'a str) -> Cow<'a, str> {
        Cow::Borrowed(name)
    }

    fn key(&self, version: &str) -> Result<VersionKey, UnparseableVersion> {
        let evr = version::Evr::parse(version);
        evr.map(|evr| evr.key(self.has_epochs).finish())
            .ok_or_else(|| UnparseableVersion::new(self.name, version))
    }

    fn distribution(&self) -> Option<&dyn Distribution> {
        Some(self)
    }
}

impl Distribution for Rpm {
    fn release(&self, text: &str) -> Option<String> {
        (self.release)(text)
    }

    fn names_sources(&self) -> bool {
        self.names_sources
    }

    fn has_epochs(&self) -> bool {
        self.has_epochs
    }

    fn release_of_build(&self, version: &str) -> Option<String> {
        (self.name == OPEN_EULER.name)
            .then(|| release::open_euler_build(version))
            .flatten()
    }
}
