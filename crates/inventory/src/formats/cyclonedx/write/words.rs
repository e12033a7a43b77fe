//! The words that the schema of CycloneDX 1.6 knows.

/// The word, if the list has it.
pub(super) fn known<'a>(words: &[&str], word: &'a str) -> Option<&'a str> {
    words.contains(&word).then_some(word)
}

/// Spelled as the schema does; readers of ours compare without case.
const HASHES: &[(&str, usize)] = &[
    ("MD5", 32),
    ("SHA-1", 40),
    ("SHA-256", 64),
    ("SHA-384", 96),
    ("SHA-512", 128),
    ("SHA3-256", 64),
    ("SHA3-384", 96),
    ("SHA3-512", 128),
    ("BLAKE2b-256", 64),
    ("BLAKE2b-384", 96),
    ("BLAKE2b-512", 128),
    ("BLAKE3", 64),
];

/// The schema's spelling of an algorithm whose value has its length.
pub(super) fn hash_algorithm(hash: &crate::Hash) -> Option<&'static str> {
    HASHES
        .iter()
        .find(|(name, length)| name.eq_ignore_ascii_case(&hash.algorithm) && *length == hash.value.len())
        .map(|(name, _)| *name)
}

pub(super) const EXTERNAL_REFERENCES: &[&str] = &[
    "vcs",
    "issue-tracker",
    "website",
    "advisories",
    "bom",
    "mailing-list",
    "social",
    "chat",
    "documentation",
    "support",
    "source-distribution",
    "distribution",
    "distribution-intake",
    "license",
    "build-meta",
    "build-system",
    "release-notes",
    "security-contact",
    "model-card",
    "log",
    "configuration",
    "evidence",
    "formulation",
    "attestation",
    "threat-model",
    "adversary-model",
    "risk-assessment",
    "vulnerability-assertion",
    "exploitability-statement",
    "pentest-report",
    "static-analysis-report",
    "dynamic-analysis-report",
    "runtime-analysis-report",
    "component-analysis-report",
    "maturity-report",
    "certification-report",
    "codified-infrastructure",
    "quality-metrics",
    "poam",
    "electronic-signature",
    "digital-signature",
    "rfc-9116",
    "other",
];

pub(super) const PHASES: &[&str] = &[
    "design",
    "pre-build",
    "build",
    "post-build",
    "operations",
    "discovery",
    "decommission",
];

pub(super) const AGGREGATES: &[&str] = &[
    "complete",
    "incomplete",
    "incomplete_first_party_only",
    "incomplete_first_party_proprietary_only",
    "incomplete_first_party_opensource_only",
    "incomplete_third_party_only",
    "incomplete_third_party_proprietary_only",
    "incomplete_third_party_opensource_only",
    "unknown",
    "not_specified",
];

pub(super) const IDENTITY_FIELDS: &[&str] = &[
    "group",
    "name",
    "version",
    "purl",
    "cpe",
    "omniborId",
    "swhid",
    "swid",
    "hash",
];

pub(super) const TECHNIQUES: &[&str] = &[
    "source-code-analysis",
    "binary-analysis",
    "manifest-analysis",
    "ast-fingerprint",
    "hash-comparison",
    "instrumentation",
    "dynamic-analysis",
    "filename",
    "attestation",
    "other",
];

pub(super) const PATCHES: &[&str] = &["unofficial", "monkey", "backport", "cherry-pick"];

pub(super) const SEVERITIES: &[&str] = &["critical", "high", "medium", "low", "info", "none", "unknown"];

pub(super) const METHODS: &[&str] = &["CVSSv2", "CVSSv3", "CVSSv31", "CVSSv4", "OWASP", "SSVC", "other"];

pub(super) const STATES: &[&str] = &[
    "resolved",
    "resolved_with_pedigree",
    "exploitable",
    "in_triage",
    "false_positive",
    "not_affected",
];

pub(super) const JUSTIFICATIONS: &[&str] = &[
    "code_not_present",
    "code_not_reachable",
    "requires_configuration",
    "requires_dependency",
    "requires_environment",
    "protected_by_compiler",
    "protected_at_runtime",
    "protected_at_perimeter",
    "protected_by_mitigating_control",
];

pub(super) const RESPONSES: &[&str] = &[
    "can_not_fix",
    "will_not_fix",
    "update",
    "rollback",
    "workaround_available",
];

pub(super) const AFFECTED: &[&str] = &["affected", "unaffected", "unknown"];
