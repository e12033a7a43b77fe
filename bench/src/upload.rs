//! From the first byte of an upload to the verdict in its answer, over HTTP, one project a lane.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Failure;
use crate::arguments::{Temperature, UploadOptions};
use crate::catalogue::{self, PackageVersion};
use crate::generate;
use crate::latency::Latencies;
use crate::process::{self, Memory};

/// How long the server may take for one verdict, in seconds: its own limit for `wait`.
const WAIT: u32 = 60;

pub async fn measure(options: &UploadOptions) -> Result<String, Failure> {
    let catalogue = catalogue::shuffled(options.shape.seed)?;
    let target = Target::new(options)?;
    if options.temperature == Temperature::Warm {
        target
            .upload("bench-warm-up", document(options, &catalogue, 0)?)
            .await?;
    }
    let before = memory(options)?;
    let start = Instant::now();
    let durations = run(options, &target, &catalogue).await?;
    let elapsed = start.elapsed();
    Ok(report(
        options,
        &Latencies::new(durations),
        elapsed,
        before,
        memory(options)?,
    ))
}

/// All rounds, dealt to as many lanes as there are uploads in flight.
async fn run(
    options: &UploadOptions,
    target: &Target,
    catalogue: &[PackageVersion],
) -> Result<Vec<Duration>, Failure> {
    let lanes = u32::from(options.parallel);
    let mut tasks = tokio::task::JoinSet::new();
    for lane in 0..lanes {
        let documents: Result<Vec<_>, Failure> = (lane + 1..=options.rounds.rounds)
            .step_by(usize::from(options.parallel))
            .map(|round| document(options, catalogue, round))
            .collect();
        let (documents, target) = (documents?, target.clone());
        tasks.spawn(async move { target.upload_all(&format!("bench-{lane}"), documents).await });
    }
    let mut durations = Vec::new();
    while let Some(lane) = tasks.join_next().await {
        durations.extend(lane??);
    }
    Ok(durations)
}

/// A cold round has package versions of its own; warm rounds share them and differ in the rest.
fn document(options: &UploadOptions, catalogue: &[PackageVersion], round: u32) -> Result<Vec<u8>, Failure> {
    let slice = match options.temperature {
        Temperature::Cold => usize::try_from(round)?.saturating_sub(1),
        Temperature::Warm => 0,
    };
    let packages = generate::slice(catalogue, slice, options.shape.components)?;
    // Not the same bytes twice, not even in a second run: the server would answer with the build it has.
    let salt = std::time::SystemTime::UNIX_EPOCH.elapsed()?.as_secs();
    Ok(generate::document(
        packages,
        salt.wrapping_mul(1_000_003).wrapping_add(u64::from(round)),
    ))
}

fn memory(options: &UploadOptions) -> Result<Option<Memory>, Failure> {
    options.pid.map(process::memory).transpose()
}

fn report(
    options: &UploadOptions,
    latencies: &Latencies,
    elapsed: Duration,
    before: Option<Memory>,
    after: Option<Memory>,
) -> String {
    let temperature = format!("{:?}", options.temperature).to_lowercase();
    let mut text = format!(
        "upload {} components, {temperature}, {} in flight: {latencies}, all in {:.2} s",
        options.shape.components,
        options.parallel,
        elapsed.as_secs_f64(),
    );
    if let (Some(before), Some(after)) = (before, after) {
        text += &format!("\nserver before: {before}\nserver after:  {after}");
    }
    text
}

/// The server and the right to upload to it.
#[derive(Clone)]
struct Target {
    client: reqwest::Client,
    server: String,
    token: String,
}

impl Target {
    fn new(options: &UploadOptions) -> Result<Self, Failure> {
        // Only the first call in a process can install it; a second would find the same one there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Ok(Self {
            client: reqwest::Client::builder().no_proxy().build()?,
            server: options.server.trim_end_matches('/').to_owned(),
            token: options.token.clone(),
        })
    }

    async fn upload_all(&self, project: &str, documents: Vec<Vec<u8>>) -> Result<Vec<Duration>, Failure> {
        let mut durations = Vec::with_capacity(documents.len());
        for document in documents {
            durations.push(self.upload(project, document).await?);
        }
        Ok(durations)
    }

    /// One upload; an answer without a verdict is a failure, not a fast round.
    async fn upload(&self, project: &str, document: Vec<u8>) -> Result<Duration, Failure> {
        let url = format!(
            "{}/v1/projects/{project}/builds?ref=main&create=true&wait={WAIT}",
            self.server
        );
        let request = self
            .client
            .post(url)
            .bearer_auth(&self.token)
            .header("Content-Type", "application/json");
        let start = Instant::now();
        let response = request.body(document).send().await?;
        let status = response.status();
        let body = response.bytes().await?;
        let duration = start.elapsed();
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        if status.is_success() && answer.get("verdict").is_some_and(|verdict| !verdict.is_null()) {
            return Ok(duration);
        }
        Err(format!("{status} without a verdict: {}", String::from_utf8_lossy(&body)).into())
    }
}
