//! `plumbline import`: what another tool was told, in our words.

use std::path::PathBuf;
use std::process::ExitCode;

use clock::{Clock, SystemClock};
use policy::Policy;
use serde::Serialize;

use super::{Failure, output, sandworm};

/// Prints what a file of Sandworm Audit means here: a configuration as a policy, resolved issues as waivers
///
/// A policy is JSON, as `plumbline scan --policy` and the API take it; waivers are TOML, as `.sbom-gate.toml` has them.
/// What has no counterpart is said on standard error.
#[derive(clap::Args)]
pub(crate) struct Import {
    /// `.sandworm.config.json` or `resolved-issues.json`
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// A waiver as a repository proposes it: without what a store gives it.
#[derive(Serialize)]
struct Proposal {
    #[serde(skip_serializing_if = "Option::is_none")]
    vulnerability: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<String>,
    paths: Vec<String>,
    status: policy::WaiverStatus,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_on: Option<policy::Day>,
}

#[derive(Serialize)]
struct Proposals {
    waivers: Vec<Proposal>,
}

impl Import {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let text = std::fs::read_to_string(&self.file).map_err(|source| Failure::file(&self.file, source))?;
        output::print(&self.printed(&text)?)?;
        Ok(ExitCode::SUCCESS)
    }

    fn printed(&self, text: &str) -> Result<String, Failure> {
        let failed = |message: String| Failure::Document {
            path: self.file.clone(),
            place: String::new(),
            message,
        };
        if let Some(policy) = sandworm::policy(&self.file, text)? {
            let json = serde_json::to_string_pretty(&policy).map_err(|error| failed(error.to_string()))?;
            return Ok(format!("{json}\n"));
        }
        let waivers = sandworm::waivers(&self.file, text, &Policy::default(), SystemClock.now())?;
        let Some(waivers) = waivers else {
            return Err(failed(
                "it is neither a configuration of Sandworm's (an object with `audit`) nor its resolved issues (a list)"
                    .to_owned(),
            ));
        };
        let proposals = Proposals {
            waivers: waivers
                .into_iter()
                .map(|waiver| Proposal {
                    vulnerability: waiver.vulnerability,
                    rule: waiver.rule,
                    purl: waiver.purl,
                    paths: waiver.paths,
                    status: waiver.status,
                    reason: waiver.reason,
                    expires_on: waiver.expires_on,
                })
                .collect(),
        };
        toml::to_string(&proposals).map_err(|error| failed(error.to_string()))
    }
}
