//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Measures Plumbline with documents of real package versions.
#[derive(Debug, Parser)]
#[command(name = "bench")]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Writes one generated document, to look at or to send by hand
    Generate(GenerateOptions),
    /// Uploads documents to a running server and measures the time to the verdict
    Upload(UploadOptions),
    /// Reads a document on one thread, without anything around it
    Read(ReadOptions),
    /// Runs `plumbline scan` as a whole process
    Scan(ScanOptions),
    /// Matches the components of a document against stored advisories, without a server
    Match(MatchOptions),
    /// Resolves an npm project from recorded documents
    Resolve(ResolveOptions),
    /// Writes a bucket of advisories in OSV's layout: the records of another one, several times under other names
    Bucket(BucketOptions),
    /// Changes advisories under a generated portfolio and measures until every version has been judged anew
    Changes(ChangesOptions),
}

#[derive(Debug, Args)]
pub struct GenerateOptions {
    #[command(flatten)]
    pub shape: Shape,
    /// Where the document goes
    #[arg(long)]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub struct ResolveOptions {
    #[command(flatten)]
    pub rounds: Rounds,
    /// A folder with the project's `package.json` and those of its members
    #[arg(long)]
    pub project: PathBuf,
    /// A folder of packuments, each as `NAME.json` with `%2f` for a slash
    #[arg(long)]
    pub documents: PathBuf,
    /// The version of Node.js to resolve for
    #[arg(long, default_value = "20.20.2")]
    pub node: String,
}

#[derive(Debug, Args)]
pub struct UploadOptions {
    #[command(flatten)]
    pub shape: Shape,
    #[command(flatten)]
    pub rounds: Rounds,
    /// The server, for example <http://127.0.0.1:8080>
    #[arg(long)]
    pub server: String,
    /// A token that may upload and create projects
    #[arg(long, env = "PLUMBLINE_TOKEN", hide_env_values = true)]
    pub token: String,
    /// Uploads in flight at a time
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub parallel: u16,
    /// Whether the server has seen the package versions before
    #[arg(long, value_enum, default_value_t = Temperature::Warm)]
    pub temperature: Temperature,
    /// A process whose memory is shown before and after: the server
    #[arg(long)]
    pub pid: Option<u32>,
}

#[derive(Debug, Args)]
pub struct ReadOptions {
    #[command(flatten)]
    pub shape: Shape,
    #[command(flatten)]
    pub rounds: Rounds,
    /// How the document is written
    #[arg(long, value_enum, default_value_t = Encoding::Json)]
    pub encoding: Encoding,
    /// Makes it at least this large, by copies of its components with more to say
    #[arg(long, default_value_t = 0)]
    pub megabytes: usize,
}

#[derive(Debug, Args)]
pub struct ScanOptions {
    #[command(flatten)]
    pub shape: Shape,
    #[command(flatten)]
    pub rounds: Rounds,
    /// The `plumbline` program
    #[arg(long)]
    pub binary: PathBuf,
    /// The state directory with the feeds, as for `plumbline --data`
    #[arg(long)]
    pub data: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct MatchOptions {
    #[command(flatten)]
    pub shape: Shape,
    #[command(flatten)]
    pub rounds: Rounds,
    /// The state directory with the feeds: its SQLite database is read
    #[arg(long)]
    pub data: PathBuf,
}

#[derive(Debug, Args)]
pub struct BucketOptions {
    /// The bucket whose records are multiplied: a folder
    #[arg(long)]
    pub base: PathBuf,
    /// The folder to write
    #[arg(long)]
    pub out: PathBuf,
    /// How often each record is written
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub times: u32,
}

#[derive(Debug, Args)]
pub struct ChangesOptions {
    /// A new, empty database: a PostgreSQL URL or an SQLite file
    #[arg(long)]
    pub database: String,
    /// Component rows
    #[arg(long, default_value_t = 2_000_000)]
    pub components: usize,
    /// Distinct package versions
    #[arg(long, default_value_t = 200_000)]
    pub versions: usize,
    /// Advisories that change
    #[arg(long, default_value_t = 1_000)]
    pub changed: usize,
    #[command(flatten)]
    pub rounds: Rounds,
}

/// What a generated document looks like; the same shape gives the same bytes.
#[derive(Clone, Debug, Args)]
pub struct Shape {
    /// Components in the document
    #[arg(long, default_value_t = 1_000)]
    pub components: usize,
    /// Where the choice of packages begins
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

#[derive(Clone, Debug, Args)]
pub struct Rounds {
    /// How often it is measured
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub rounds: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Encoding {
    /// `CycloneDX` JSON, without white space
    Json,
    /// `CycloneDX` XML
    Xml,
    /// SPDX tag-value
    TagValue,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Temperature {
    /// Each document has other package versions, none of which the server has matched yet
    Cold,
    /// All documents have the same package versions, in documents that differ
    Warm,
}
