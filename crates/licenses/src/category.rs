//! What a license asks for, in one word.

use std::fmt;
use std::str::FromStr;

use spdx::LicenseId;

/// What a license asks of those who pass the software on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Rights are given up.
    PublicDomain,
    /// Keep the notices.
    Permissive,
    /// Changes to the licensed files (or library) stay open.
    WeakCopyleft,
    /// The whole work that is passed on stays open.
    StrongCopyleft,
    /// As strong, and use over a network counts as passing on.
    NetworkCopyleft,
    /// Some use is forbidden: commercial, competing, by field, or without a contract.
    Proprietary,
    /// On the SPDX list (or not) without anybody having sorted it.
    Uncategorized,
}

/// The word is no category.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no license category; known are {list}", list = names())]
pub struct UnknownCategory(pub String);

impl Category {
    /// All categories, in order.
    pub const ALL: &'static [Self] = &[
        Self::PublicDomain,
        Self::Permissive,
        Self::WeakCopyleft,
        Self::StrongCopyleft,
        Self::NetworkCopyleft,
        Self::Proprietary,
        Self::Uncategorized,
    ];

    /// The name as policies write it behind `cat:`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PublicDomain => "public-domain",
            Self::Permissive => "permissive",
            Self::WeakCopyleft => "weak-copyleft",
            Self::StrongCopyleft => "strong-copyleft",
            Self::NetworkCopyleft => "network-copyleft",
            Self::Proprietary => "proprietary",
            Self::Uncategorized => "uncategorized",
        }
    }

    /// The category of a license on the SPDX list: our own table first, then the list's flags.
    #[must_use]
    pub fn of(id: LicenseId) -> Self {
        let sorted = TABLE
            .iter()
            .find(|(_, prefixes)| prefixes.iter().any(|prefix| matches_prefix(id.name, prefix)));
        match sorted {
            Some((category, _)) => *category,
            None if id.is_copyleft() => Self::StrongCopyleft,
            None if id.is_osi_approved() || id.is_fsf_free_libre() => Self::Permissive,
            None => Self::Uncategorized,
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Category {
    type Err = UnknownCategory;

    fn from_str(text: &str) -> Result<Self, UnknownCategory> {
        let found = Self::ALL.iter().copied().find(|category| category.name() == text);
        found
            .or_else(|| other_name(text))
            .ok_or_else(|| UnknownCategory(text.to_owned()))
    }
}

fn names() -> String {
    let names: Vec<&str> = Category::ALL.iter().map(|category| category.name()).collect();
    names.join(", ")
}

/// The category that others call so: Sandworm's names, and those of Google's classifier that mean one of ours.
fn other_name(text: &str) -> Option<Category> {
    let word: String = text.trim().to_ascii_lowercase().replace([' ', '_'], "-");
    Some(match word.as_str() {
        "public-domain" | "unencumbered" => Category::PublicDomain,
        "permissive" | "notice" => Category::Permissive,
        "weakly-protective" | "reciprocal" => Category::WeakCopyleft,
        "strongly-protective" | "restricted" => Category::StrongCopyleft,
        "network-protective" => Category::NetworkCopyleft,
        "uncategorized" => Category::Uncategorized,
        _ => return None,
    })
}

/// A prefix ends at a `*`; without one it is the whole id.
fn matches_prefix(id: &str, pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => id.starts_with(prefix),
        None => id == pattern,
    }
}

/// Ids (or beginnings of ids, with `*`) by category; the first row that matches counts.
const TABLE: &[(Category, &[&str])] = &[
    (
        Category::NetworkCopyleft,
        &[
            "AGPL-*",
            "SSPL-1.0",
            "CPAL-1.0",
            "EUPL-*",
            "OSL-3.0",
            "RPL-*",
            "RPSL-1.0",
            "APSL-*",
            "CAL-1.0*",
            "NPOSL-3.0",
            "Parity-*",
            "Watcom-1.0",
        ],
    ),
    (
        Category::Proprietary,
        &[
            "CC-BY-NC-*",
            "CC-BY-ND-*",
            "BUSL-1.1",
            "Elastic-2.0",
            "FSL-1.1-*",
            "PolyForm-*",
            "SUL-1.0",
            "Aladdin",
            "JSON",
            "Hippocratic-*",
            "PPL",
            "BSD-3-Clause-No-Military-License",
            "BSD-3-Clause-No-Nuclear-*",
            "UnRAR",
            "MPEG-SSG",
            "IEC-Code-Components-EULA",
            "AML-glslang",
            "C-UDA-1.0",
            "NCGL-UK-2.0",
            "Community-Spec-1.0",
            "CPOL-1.02",
            "MS-LPL",
            "BSD-3-Clause-OpenWebUI",
            "COIL-1.0",
            "FDK-MPEG-H",
            "3D-Slicer-1.0",
            "Unicode-TOU",
        ],
    ),
    (
        Category::PublicDomain,
        &[
            "CC0-1.0",
            "Unlicense",
            "Unlicense-*",
            "PDDL-1.0",
            "0BSD",
            "CC-PDDC",
            "CC-PDM-1.0",
            "NIST-PD*",
            "NTIA-PD",
            "NCBI-PD",
            "SAX-PD*",
            "ANTLR-PD*",
            "blessing",
            "libselinux-1.0",
            "WTFPL",
            "MIT-0",
            "Saxpath",
            "DL-DE-ZERO-2.0",
            "diffmark",
            "LOOP",
            "TTWL",
        ],
    ),
    (
        Category::WeakCopyleft,
        &[
            "LGPL-*",
            "LGPLLR",
            "MPL-*",
            "EPL-*",
            "CDDL-*",
            "CPL-1.0",
            "IPL-1.0",
            "MS-RL",
            "NPL-*",
            "SPL-1.0",
            "OCLC-2.0",
            "Artistic-1.0*",
            "Artistic-2.0",
            "ErlPL-1.1",
            "SISSL*",
            "Nokia",
            "LPL-*",
            "CECILL-C",
            "CUA-OPL-1.0",
            "Frameworx-1.0",
            "gSOAP-1.3b",
            "Interbase-1.0",
            "NASA-1.3",
            "OSET-PL-2.1",
            "RSCPL",
            "SugarCRM-1.1.3",
            "YPL-*",
            "Zimbra-*",
            "CERN-OHL-W-2.0",
            "LiLiQ-R-1.1",
            "OCCT-PL",
            "Motosoto",
            "LPPL-*",
            "OFL-*",
            "Ruby",
            "TPL-1.0",
            "SNIA",
            "CATOSL-1.1",
            "FreeImage",
            "BitTorrent-*",
            "ESA-PL-weak-copyleft-*",
            "OpenPBS-2.3",
            "wxWindows",
            "NOSL",
            "Ubuntu-font-1.0",
            "CDLA-Sharing-1.0",
            "ODbL-1.0",
            "Vim",
            "RHeCos-1.1",
            "eCos-2.0",
        ],
    ),
    (
        Category::StrongCopyleft,
        &[
            "GPL-*",
            "GFDL-*",
            "OSL-*",
            "CC-BY-SA-*",
            "CC-SA-1.0",
            "Sleepycat",
            "QPL-*",
            "CECILL-1.*",
            "CECILL-2.*",
            "copyleft-next-*",
            "CERN-OHL-S-2.0",
            "CERN-OHL-1.*",
            "LiLiQ-Rplus-1.1",
            "SimPL-2.0",
            "TAPR-OHL-1.0",
            "D-FSL-1.0",
            "NGPL",
            "OPL-1.0",
            "SMAIL-GPL",
            "TGPPL-1.0",
            "TOSL",
            "LAL-*",
            "SMPPL",
            "ESA-PL-strong-copyleft-*",
            "CDL-1.0",
            "BSD-Protection",
            "Arphic-1999",
            "Linux-man-pages-copyleft*",
            "OGTSL",
        ],
    ),
    (
        Category::Permissive,
        &[
            "BSD-*",
            "MIT*",
            "HPND*",
            "X11*",
            "ISC*",
            "Apache-*",
            "CC-BY-*",
            "OLDAP-*",
            "PHP-*",
            "Python-*",
            "CNRI-*",
            "PSF-2.0",
            "ZPL-*",
            "Unicode-*",
            "Zlib*",
            "zlib-*",
            "libpng-*",
            "Libpng",
            "curl",
            "IJG*",
            "FTL",
            "TCL",
            "NTP*",
            "bzip2-*",
            "BlueOak-1.0.0",
            "BSL-1.0",
            "W3C*",
            "OpenSSL*",
            "SSLeay-*",
            "SSH-*",
            "SGI-*",
            "Bitstream-*",
            "psfrag",
            "psutils",
            "CDLA-Permissive-*",
            "ODC-By-1.0",
            "OGL-*",
            "etalab-2.0",
            "Info-ZIP",
            "JasPer-2.0",
            "ImageMagick",
            "libtiff",
            "Leptonica",
            "FSFAP*",
            "FSFUL*",
            "Spencer-*",
            "Sendmail*",
            "Sun-PPP*",
            "SunPro",
            "TU-Berlin-*",
            "NIST-Software",
            "Boehm-GC*",
            "Brian-Gladman-*",
            "DEC-3-Clause",
            "Latex2e*",
            "MulanPSL-*",
            "NLOD-*",
            "OGC-1.0",
            "Beerware",
            "dtoa",
            "python-ldap",
            "Qhull",
            "RSA-MD",
            "Minpack",
            "LZMA-SDK-*",
            "Caldera*",
            "AMD-newlib",
            "AMDPLPA",
            "ECL-*",
            "AFL-*",
            "Adobe-*",
            "EFL-*",
            "Pixar",
            "TCP-wrappers",
            "xinetd",
            "Xfig",
            "XFree86-1.1",
            "Xerox",
            "Vixie-Cron",
            "SWL",
            "Soundex",
            "swrule",
            "softSurfer",
            "snprintf",
            "ssh-keyscan",
            "UCAR",
            "Unicode-3.0",
            "mpich2",
            "mpi-permissive",
            "NetCDF",
            "Net-SNMP",
            "NRL",
            "OpenVision",
            "PADL",
            "Plexus",
            "radvd",
            "Rdisc",
            "Crossword",
            "Cronyx",
            "checkmk",
            "CFITSIO",
            "CMU-Mach*",
            "Clips",
            "Bahyph",
            "Barr",
            "Borceux",
            "Dotseqn",
            "DOC",
            "DRL-*",
            "DocBook-*",
            "Eurosym",
            "Fair",
            "GL2PS",
            "Glulxe",
            "Graphics-Gems",
            "gnuplot",
            "hdparm",
            "HP-*",
            "HTMLTIDY",
            "IBM-pibs",
            "ICU",
            "Inner-Net-2.0",
            "Intel*",
            "Jam",
            "JPNIC",
            "Kazlib",
            "Knuth-CTAN",
            "lsof",
            "Lucida-Bitmap-Fonts",
            "Mackerras-*",
            "magaz",
            "mailprio",
            "Martin-Birgmeier",
            "metamail",
            "MMIXware",
            "mplus",
            "MTLL",
            "Mup",
            "NAIST-2003",
            "Naumen",
            "NICTA-1.0",
            "NLPL",
            "Noweb",
            "O-UDA-1.0",
            "OFFIS",
            "OML",
            "pkgconf",
            "pnmstitch",
            "SCEA",
            "SchemeReport",
            "SMLNJ",
            "StandardML-NJ",
            "TermReadKey",
            "threeparttable",
            "ThirdEye",
            "TTYP0",
            "ulem",
            "UPL-1.0",
            "URT-RLE",
            "w3m",
            "Widget-Workshop",
            "Wsuipa",
            "xlock",
            "xpp",
            "xkeyboard-*",
            "Zed",
            "Zeeff",
            "Zend-2.0",
            "Abstyles",
            "ADSL",
            "Afmparse",
            "ANTLR-*",
            "App-s2p",
            "bcrypt-Solar-Designer",
            "check-cvs",
            "diffmark",
            "FBM",
            "fwlw",
            "generic-xts",
            "GLWTPL",
            "Gutmann",
            "HDF5",
            "HIDAPI",
            "jove",
            "libutil-David-Nugent",
            "man2html",
            "Newsletr",
            "ngrep",
            "cve-tou",
            "Catharon",
            "Furuseth",
            "Ferguson-Twofish",
            "ESA-PL-permissive-*",
            "CERN-OHL-P-2.0",
            "LiLiQ-P-1.1",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use spdx::identifiers::LICENSES;

    use super::*;

    fn of(id: &str) -> Category {
        Category::of(spdx::license_id(id).expect(id))
    }

    #[test]
    fn well_known_licenses_are_where_a_lawyer_expects_them() {
        for (category, ids) in [
            (Category::PublicDomain, &["CC0-1.0", "Unlicense", "0BSD"][..]),
            (
                Category::Permissive,
                &[
                    "MIT",
                    "Apache-2.0",
                    "BSD-3-Clause",
                    "ISC",
                    "BlueOak-1.0.0",
                    "Zlib",
                    "PSF-2.0",
                ],
            ),
            (
                Category::WeakCopyleft,
                &[
                    "LGPL-2.1-only",
                    "LGPL-3.0-or-later",
                    "MPL-2.0",
                    "EPL-2.0",
                    "CDDL-1.1",
                ],
            ),
            (
                Category::StrongCopyleft,
                &["GPL-2.0-only", "GPL-3.0-or-later", "OSL-2.1", "CC-BY-SA-4.0"],
            ),
            (
                Category::NetworkCopyleft,
                &["AGPL-3.0-only", "AGPL-3.0-or-later", "SSPL-1.0", "EUPL-1.2"],
            ),
            (
                Category::Proprietary,
                &[
                    "BUSL-1.1",
                    "Elastic-2.0",
                    "CC-BY-NC-4.0",
                    "PolyForm-Noncommercial-1.0.0",
                ],
            ),
        ] {
            for id in ids {
                assert_eq!(of(id), category, "{id}");
            }
        }
    }

    #[test]
    fn every_row_of_the_table_sorts_something() {
        for pattern in TABLE.iter().flat_map(|(_, patterns)| patterns.iter()) {
            assert!(
                LICENSES.iter().any(|l| matches_prefix(l.name, pattern)),
                "{pattern} matches no id"
            );
        }
    }

    #[test]
    fn most_of_the_list_is_sorted() {
        let unsorted = LICENSES
            .iter()
            .filter(|l| of(l.name) == Category::Uncategorized)
            .count();
        assert!(
            unsorted * 5 < LICENSES.len(),
            "{unsorted} of {} are not sorted",
            LICENSES.len()
        );
    }

    #[test]
    fn names_read_back() {
        for category in Category::ALL {
            assert_eq!(category.name().parse(), Ok(*category));
        }
        assert!("copyleft".parse::<Category>().is_err());
    }
}
