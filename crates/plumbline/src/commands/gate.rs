//! `plumbline gate`: uploads documents to a server and answers with its verdict.

mod body;
mod exchange;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use audit::render::{Rendering, Style};
use fetch::Url;
use policy::{Outcome, Verdict};

use super::assumptions::AssumptionFlags;
use super::{Failure, output};
use body::Body;
use exchange::{Exchange, Reply};

/// The file in which a repository proposes waivers.
const PROPOSALS: &str = ".sbom-gate.toml";

/// Uploads a build's documents to a server and answers with the gate's verdict
#[derive(clap::Args)]
pub(crate) struct Gate {
    /// The SBOM, a lockfile, an archive of sources, or several lockfiles and manifests of one build
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Where the server is, such as `https://plumbline.example.org`
    #[arg(long, env = "PLUMBLINE_SERVER", value_name = "URL")]
    server: Url,
    /// The project, `team/name` where it has a team
    #[arg(long, env = "PLUMBLINE_PROJECT", value_name = "NAME")]
    project: String,
    /// The branch, pull request or release line that was built
    #[arg(long = "ref", value_name = "REF")]
    reference: String,
    /// branch, pr or release
    #[arg(long, value_name = "KIND")]
    channel: Option<String>,
    /// The commit that was built
    #[arg(long, value_name = "ID")]
    commit: Option<String>,
    /// The version that was built
    #[arg(long = "version", value_name = "VERSION")]
    build_version: Option<String>,
    /// The policy that judges, instead of the project's own
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
    /// What findings are compared with, such as `previous`
    #[arg(long, value_name = "BUILD")]
    baseline: Option<String>,
    /// Waivers that the repository proposes; without it `.sbom-gate.toml` of this folder, where there is one
    #[arg(long, value_name = "FILE")]
    proposals: Option<PathBuf>,
    /// Makes the project when there is none of this name
    #[arg(long)]
    create: bool,
    /// Refuses documents for mistakes that are otherwise warnings
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    assumptions: AssumptionFlags,
    /// How many seconds to wait for the verdict
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    wait: u64,
    /// A file that holds the token; without it the token is read from `PLUMBLINE_TOKEN`
    #[arg(long, env = "PLUMBLINE_TOKEN_FILE", value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// table, text, json, markdown, sarif, junit, github, gitlab, gitlab-dependency-scanning, html or csv
    #[arg(long, default_value = "table")]
    format: Rendering,
    /// Answers 0 when not everything could be checked and nothing that was checked fails
    #[arg(long)]
    allow_indeterminate: bool,
    /// Answers 1 for warnings
    #[arg(long)]
    warn_as_error: bool,
}

impl Gate {
    pub(crate) async fn run(self) -> Result<ExitCode, Failure> {
        let token = self.token()?;
        let body = Body::of(&self.files)?;
        let client = fetch::Client::new(fetch::Settings::default())?.allowing(&self.server);
        let mut exchange = Exchange::new(client, token, Duration::from_secs(self.wait));
        let proposals = self.proposals()?;
        // What the repository proposes may hold for this very verdict, so it goes first; a project that is yet to be made
        // takes it afterwards.
        let waiting = match &proposals {
            Some(text) => !exchange.propose(&self.server, &self.project, text).await?,
            None => false,
        };
        let reply = exchange
            .upload(
                exchange::upload_url(&self.server, &self.project, &self.query())?,
                body,
            )
            .await?;
        if let Some(text) = proposals.filter(|_| waiting) {
            exchange.propose(&self.server, &self.project, &text).await?;
        }
        let reply = exchange.follow(&self.server, reply).await?;
        self.answer(&reply)
    }

    fn token(&self) -> Result<Option<String>, Failure> {
        let token = match &self.token_file {
            Some(path) => Some(std::fs::read_to_string(path).map_err(|source| Failure::file(path, source))?),
            // Not a flag: the arguments of a process can be read by everybody on its machine.
            None => std::env::var("PLUMBLINE_TOKEN").ok(),
        };
        Ok(token
            .map(|token| token.trim().to_owned())
            .filter(|token| !token.is_empty()))
    }

    /// The text of the file of proposals, where there is one.
    fn proposals(&self) -> Result<Option<String>, Failure> {
        let path = match &self.proposals {
            Some(path) => path.clone(),
            None => PathBuf::from(PROPOSALS),
        };
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && self.proposals.is_none() => {
                Ok(None)
            }
            Err(source) => Err(Failure::file(&path, source)),
        }
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        let given = [
            ("ref", Some(self.reference.clone())),
            ("channel", self.channel.clone()),
            ("commit", self.commit.clone()),
            ("version", self.build_version.clone()),
            ("policy", self.policy.clone()),
            ("baseline", self.baseline.clone()),
            ("create", self.create.then(|| "true".to_owned())),
            ("strict", self.strict.then(|| "true".to_owned())),
        ];
        given
            .into_iter()
            .chain(self.assumptions.query())
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }

    fn answer(&self, reply: &Reply) -> Result<ExitCode, Failure> {
        if let Some(verdict) = &reply.verdict {
            self.print(verdict)?;
            return Ok(ExitCode::from(self.exit_code(verdict.verdict)));
        }
        let id = &reply.build.id;
        if reply.build.status == "failed" {
            let why = reply
                .build
                .error
                .as_deref()
                .unwrap_or("the server gave no reason");
            eprintln!("plumbline: build {id} could not be audited: {why}");
            return Ok(ExitCode::from(self.exit_code(Outcome::Indeterminate)));
        }
        eprintln!(
            "plumbline: build {id} is still {} after {} s",
            reply.build.status, self.wait
        );
        Ok(ExitCode::from(self.exit_code(Outcome::Pending)))
    }

    fn print(&self, verdict: &Verdict) -> Result<(), Failure> {
        let artifact = self
            .files
            .first()
            .map(|file| file.display().to_string())
            .unwrap_or_default();
        let style = Style {
            colour: output::has_colour(),
            artifact: &artifact,
        };
        output::print(&self.format.render(verdict, &style))
    }

    /// The exit codes of the gate (`gate.md` §2), bent as the caller asked.
    fn exit_code(&self, outcome: Outcome) -> u8 {
        match outcome {
            Outcome::Warn if self.warn_as_error => 1,
            Outcome::Indeterminate if self.allow_indeterminate => 0,
            other => output::exit_code(other),
        }
    }
}
