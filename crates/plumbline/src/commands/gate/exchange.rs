//! The talk with the server: upload, ask again, give up when the time is over.

use std::time::{Duration, Instant};

use fetch::{Answer, Call, Client, Method, Url};
use indicatif::ProgressBar;
use policy::Verdict;
use serde::Deserialize;

use super::super::{Failure, progress};
use super::body::Body;

/// The most bytes that an answer may have: a verdict of a large build.
const ANSWER_LIMIT: u64 = 256 << 20;
/// The longest that the server is asked to hold one request.
const LONGEST_HOLD: Duration = Duration::from_secs(60);
/// Between two looks while somebody watches.
const GLANCE: Duration = Duration::from_secs(2);
/// What a request may take beyond the time that the server was asked to hold it.
const SLACK: Duration = Duration::from_secs(60);
/// Between two tries while the server is away or too busy.
const PAUSE: Duration = Duration::from_secs(1);

/// Places of a problem that are shown.
const ITEMS_SHOWN: usize = 10;

/// What the server says of a build.
#[derive(Debug, Deserialize)]
pub(super) struct Reply {
    pub(super) build: BuildState,
    #[serde(default)]
    pub(super) verdict: Option<Verdict>,
}

#[derive(Debug, Deserialize)]
pub(super) struct BuildState {
    pub(super) id: String,
    /// `queued`, `running`, `succeeded` or `failed`.
    pub(super) status: String,
    #[serde(default)]
    stage: String,
    #[serde(default)]
    progress: Option<Progress>,
    #[serde(default)]
    pub(super) error: Option<String>,
}

/// How far a stage is.
#[derive(Debug, Deserialize)]
struct Progress {
    done: u64,
    total: u64,
    #[serde(default)]
    what: Option<String>,
}

impl BuildState {
    /// Where it stands, for a person who watches.
    fn words(&self) -> String {
        let stage = match self.stage.as_str() {
            "" => self.status.as_str(),
            stage => stage,
        };
        match &self.progress {
            Some(Progress { done, total, what }) => {
                let what = what.as_deref().unwrap_or_default();
                format!("{stage} {what} {done}/{total}").replace("  ", " ")
            }
            None => stage.to_owned(),
        }
    }
}

impl Reply {
    fn is_settled(&self) -> bool {
        self.verdict.is_some() || self.build.status == "failed"
    }
}

/// RFC 9457, as far as a person is told of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Problem {
    title: String,
    detail: String,
    errors: Vec<ProblemItem>,
    request_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ProblemItem {
    pointer: Option<String>,
    line: Option<String>,
    parameter: Option<String>,
    detail: String,
}

/// A talk that ends at a time.
pub(super) struct Exchange {
    client: Client,
    token: Option<String>,
    deadline: Instant,
    /// How long the server is asked to hold a request: not long while somebody watches.
    hold: Duration,
    spinner: ProgressBar,
}

impl Exchange {
    pub(super) fn new(client: Client, token: Option<String>, wait: Duration) -> Self {
        Self {
            client,
            token,
            deadline: Instant::now() + wait,
            hold: if progress::is_watched() {
                GLANCE
            } else {
                LONGEST_HOLD
            },
            spinner: progress::spinner("Uploading".to_owned()),
        }
    }

    /// Uploads; sending the same document again is answered as before, so it may be tried again.
    pub(super) async fn upload(&mut self, url: Url, body: Body) -> Result<Reply, Failure> {
        self.reply(Method::Post, &url, &body.headers, &body.bytes).await
    }

    /// Proposes the waivers of a file; answers whether there is such a project.
    pub(super) async fn propose(&self, server: &Url, project: &str, text: &str) -> Result<bool, Failure> {
        let url = below(server, &["v1", "projects", project, "waivers", "proposals"])?;
        let headers = [("Content-Type".to_owned(), "application/toml".to_owned())];
        let answer = self
            .client
            .call(&self.call(Method::Post, &url, &headers, text.as_bytes()))
            .await?;
        match answer.status {
            404 => Ok(false),
            status if (200..300).contains(&status) => Ok(true),
            // The policy takes none from repositories; the build is judged all the same.
            403 => {
                eprintln!("plumbline: the proposals were not taken: {}", complaint(&answer));
                Ok(true)
            }
            _ => Err(Failure::Server(complaint(&answer))),
        }
    }

    /// Asks for the build until it is settled or the time is over.
    pub(super) async fn follow(&mut self, server: &Url, mut reply: Reply) -> Result<Reply, Failure> {
        let url = below(server, &["v1", "builds", &reply.build.id])?;
        while !reply.is_settled() && !self.left().is_zero() {
            self.spinner
                .set_message(format!("Build {}: {}", reply.build.id, reply.build.words()));
            reply = self.reply(Method::Get, &url, &[], &[]).await?;
        }
        self.spinner.finish_and_clear();
        Ok(reply)
    }

    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// One answer, however often a server that is away has to be asked.
    async fn reply(
        &self,
        method: Method,
        url: &Url,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<Reply, Failure> {
        loop {
            let call = self.call(method, url, headers, body);
            let why = match self.client.call(&call).await {
                Ok(answer) if may_pass(answer.status) && !self.left().is_zero() => {
                    format!("it answered with status {}", answer.status)
                }
                Ok(answer) => return read(&answer),
                Err(error) if error.is_transient() && !self.left().is_zero() => error.to_string(),
                Err(error) => return Err(error.into()),
            };
            tracing::info!("will ask the server again: {why}");
            tokio::time::sleep(PAUSE.min(self.left())).await;
        }
    }

    fn call(&self, method: Method, url: &Url, headers: &[(String, String)], body: &[u8]) -> Call {
        let hold = self.left().min(self.hold);
        let mut url = url.clone();
        url.query_pairs_mut()
            .append_pair("wait", &hold.as_secs().to_string());
        let mut headers = headers.to_vec();
        headers.push(("Accept".to_owned(), "application/json".to_owned()));
        if let Some(token) = &self.token {
            headers.push(("Authorization".to_owned(), format!("Bearer {token}")));
        }
        Call {
            method,
            url,
            headers,
            body: body.to_vec(),
            limit: ANSWER_LIMIT,
            timeout: Some(hold + SLACK),
        }
    }
}

/// Whether the same request may be answered otherwise a little later.
const fn may_pass(status: u16) -> bool {
    matches!(status, 429 | 502 | 503 | 504)
}

/// Where builds of a project are uploaded.
pub(super) fn upload_url(
    server: &Url,
    project: &str,
    query: &[(&'static str, String)],
) -> Result<Url, Failure> {
    let mut url = below(server, &["v1", "projects", project, "builds"])?;
    url.query_pairs_mut().extend_pairs(query);
    Ok(url)
}

/// The server's URL with segments behind it; each is percent-encoded as one.
fn below(server: &Url, segments: &[&str]) -> Result<Url, Failure> {
    let mut url = server.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.path_segments_mut()
        .map_err(|()| Failure::Usage(format!("{server} is not the address of a server")))?
        .pop_if_empty()
        .extend(segments);
    Ok(url)
}

fn read(answer: &Answer) -> Result<Reply, Failure> {
    if !(200..300).contains(&answer.status) {
        return Err(Failure::Server(complaint(answer)));
    }
    serde_json::from_slice(&answer.body)
        .map_err(|error| Failure::Server(format!("what it answered is not a build: {error}")))
}

/// What the server did not like, in one paragraph.
fn complaint(answer: &Answer) -> String {
    let Ok(problem) = serde_json::from_slice::<Problem>(&answer.body) else {
        return format!("status {}", answer.status);
    };
    let mut text = format!("status {}: {}", answer.status, problem.title);
    if !problem.detail.is_empty() {
        text = format!("{text}: {}", problem.detail);
    }
    for item in problem.errors.into_iter().take(ITEMS_SHOWN) {
        let place = item.pointer.or(item.line).or(item.parameter);
        text = format!("{text}\n  {} {}", place.unwrap_or_default(), item.detail);
    }
    match problem.request_id {
        Some(id) => format!("{text} (request {id})"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_with_a_team_is_one_segment_below_wherever_the_server_is() {
        for (server, expected) in [
            ("http://h:1", "http://h:1/v1/projects/a%2Fb%20c/builds?ref=x%2Fy"),
            (
                "https://h/below/?q#f",
                "https://h/below/v1/projects/a%2Fb%20c/builds?ref=x%2Fy",
            ),
        ] {
            let server = Url::parse(server).unwrap();
            let url = upload_url(&server, "a/b c", &[("ref", "x/y".to_owned())]).unwrap();
            assert_eq!(url.as_str().replace('+', "%20"), expected);
        }
        let mail = Url::parse("mailto:a@b").unwrap();
        assert!(upload_url(&mail, "a", &[]).is_err());
    }

    #[test]
    fn what_the_server_did_not_like_is_passed_on() {
        let answer = |status, body: &str| Answer {
            status,
            content_type: None,
            body: body.as_bytes().to_vec(),
        };
        let body = r#"{"title":"Not an SBOM","detail":"it is HTML","errors":[{"pointer":"/components","detail":"no list"}]}"#;
        let told = read(&answer(422, body)).unwrap_err().to_string();
        for part in ["422", "Not an SBOM", "it is HTML", "/components no list"] {
            assert!(told.contains(part), "{told}");
        }
        assert!(
            read(&answer(502, "<html>"))
                .unwrap_err()
                .to_string()
                .contains("status 502")
        );
        assert!(read(&answer(200, "{}")).is_err());
    }
}
