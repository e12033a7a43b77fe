//! What is assumed when manifests are resolved.

use ecosystems::resolve::Assumptions;

use super::Failure;

/// Each is decided by the project or by a default when it is not given.
#[derive(clap::Args)]
pub(super) struct AssumptionFlags {
    /// Resolves manifests without a lockfile as of this moment, a date or an RFC 3339 time
    #[arg(long, value_name = "TIME")]
    cutoff: Option<String>,
    /// Resolves them for this version of Python, such as 3.12
    #[arg(long, value_name = "VERSION")]
    python: Option<String>,
    /// Resolves them for this version of Node.js, such as 22.11.0
    #[arg(long, value_name = "VERSION")]
    node: Option<String>,
}

impl AssumptionFlags {
    /// As a resolver takes them.
    ///
    /// # Errors
    /// When one makes no sense.
    pub(super) fn parse(&self) -> Result<Assumptions, Failure> {
        let (cutoff, python, node) = (&self.cutoff, &self.python, &self.node);
        let parsed = Assumptions::parse(cutoff.as_deref(), python.as_deref(), node.as_deref());
        parsed.map_err(|error| Failure::Usage(format!("--{}: {error}", error.field)))
    }

    /// As the API takes them.
    pub(super) fn query(&self) -> [(&'static str, Option<String>); 3] {
        [
            ("cutoff", self.cutoff.clone()),
            ("python", self.python.clone()),
            ("node", self.node.clone()),
        ]
    }
}
