//! What the type definitions of the purl specification say about single types.

use std::borrow::Cow;

use super::Purl;

/// Types whose names are not case-sensitive; the canonical form is lower case.
const LOWER_NAME: &[&str] = &[
    "alpm",
    "apk",
    "bitbucket",
    "bitnami",
    "brew",
    "composer",
    "deb",
    "git",
    "github",
    "gitlab",
    "hex",
    "oci",
    "otp",
    "pub",
    "pypi",
    "vscode-extension",
];
/// Types whose namespaces are not case-sensitive.
const LOWER_NAMESPACE: &[&str] = &[
    "alpm",
    "apk",
    "bitbucket",
    "brew",
    "composer",
    "deb",
    "git",
    "github",
    "gitlab",
    "hex",
    "luarocks",
    "qpkg",
    "rpm",
    "vscode-extension",
];
/// Types whose versions are not case-sensitive: commits and such.
const LOWER_VERSION: &[&str] = &["huggingface", "luarocks", "vscode-extension"];
const NO_NAMESPACE: &[&str] = &[
    "bazel",
    "bitnami",
    "cargo",
    "chrome-extension",
    "cocoapods",
    "conda",
    "cran",
    "gem",
    "hackage",
    "julia",
    "mlflow",
    "nuget",
    "oci",
    "opam",
    "otp",
    "pub",
    "pypi",
    "vcpkg",
];
const NEEDS_NAMESPACE: &[&str] = &["bitbucket", "github", "swift", "vscode-extension"];

/// Brings the parts into the canonical spelling of the type.
pub(super) fn normalise(purl: &mut Purl) {
    let kind = purl.kind.as_str();
    if LOWER_NAME.contains(&kind) {
        lower(&mut purl.name);
    }
    if LOWER_NAMESPACE.contains(&kind) {
        purl.namespace.iter_mut().for_each(lower);
    }
    if LOWER_VERSION.contains(&kind) {
        purl.version.iter_mut().for_each(lower);
    }
    match kind {
        "pypi" => purl.name = purl.name.replace('_', "-"),
        // Several tools encode the slash of a scoped name: `pkg:npm/%40babel%2Fcore`.
        "npm" if purl.namespace.is_none() && purl.name.starts_with('@') => split_scope(purl),
        // Databricks folds the case of model names, Azure ML keeps it.
        "mlflow"
            if purl
                .qualifier("repository_url")
                .is_some_and(|url| url.contains("databricks")) =>
        {
            lower(&mut purl.name);
        }
        _ => {}
    }
}

fn split_scope(purl: &mut Purl) {
    if let Some((scope, name)) = purl.name.split_once('/') {
        (purl.namespace, purl.name) = (Some(scope.to_owned()), name.to_owned());
    }
}

fn lower(text: &mut String) {
    *text = text.to_lowercase();
}

/// Whether the type's own demands are met.
pub(super) fn check(purl: &Purl) -> Result<(), Cow<'static, str>> {
    let kind = purl.kind.as_str();
    if NO_NAMESPACE.contains(&kind) && purl.namespace.is_some() {
        return Err(format!("type `{kind}` has no namespace").into());
    }
    if NEEDS_NAMESPACE.contains(&kind) && purl.namespace.is_none() {
        return Err(format!("type `{kind}` needs a namespace").into());
    }
    match kind {
        "julia" if purl.qualifier("uuid").is_none() => Err("type `julia` needs the qualifier `uuid`".into()),
        "cpan" if purl.name.contains("::") => Err("type `cpan` names distributions, not modules".into()),
        "chrome-extension" => check_chrome_extension(purl),
        _ => Ok(()),
    }
}

/// An extension's id is 32 letters from a to p; its version is one to four numbers.
fn check_chrome_extension(purl: &Purl) -> Result<(), Cow<'static, str>> {
    if purl.name.len() != 32 || !purl.name.bytes().all(|b| (b'a'..=b'p').contains(&b)) {
        return Err("the id of a Chrome extension is 32 letters from a to p".into());
    }
    let numeric = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    match &purl.version {
        Some(version) if version.split('.').count() > 4 || !version.split('.').all(numeric) => {
            Err("the version of a Chrome extension is one to four numbers".into())
        }
        _ => Ok(()),
    }
}
