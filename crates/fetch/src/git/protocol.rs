//! What is said to the server: which refs there are, and send me these objects.

use std::io::{Seek, Write};

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use url::Url;

use super::Repository;
use super::packet::{self, Packet, Packets};
use super::tree::Oid;
use crate::guard::Origin;
use crate::{Client, Error, Refusal, Result, download};

/// Redirects that are followed before the first answer.
const REDIRECTS: usize = 5;
/// Bytes of a list of refs; only those that may be meant are asked for.
const REFS_LIMIT: u64 = 4 << 20;
/// Bytes of what goes before a pack.
const PREAMBLE_LIMIT: usize = 1 << 20;
/// A server's complaint that is passed on.
const COMPLAINT_SHOWN: usize = 300;

/// A server that speaks version 2.
pub(super) struct Remote<'c> {
    client: &'c Client,
    /// After redirects, without a slash at the end.
    base: Url,
    credentials: Option<HeaderValue>,
    filters: bool,
}

impl<'c> Remote<'c> {
    /// Asks what the server can do.
    pub(super) async fn open(client: &'c Client, repository: &Repository) -> Result<Self> {
        let mut base = repository.url.clone();
        base.set_query(None);
        base.set_fragment(None);
        let path = base.path().trim_end_matches('/').to_owned();
        base.set_path(&path);
        let mut remote = Self {
            client,
            base,
            credentials: repository
                .token
                .as_deref()
                .map(|token| basic(token, &repository.url))
                .transpose()?,
            filters: false,
        };
        let response = remote.knock().await?;
        let answer = read_all(response, REFS_LIMIT).await?;
        remote.learn(&answer)?;
        Ok(remote)
    }

    pub(super) const fn can_filter(&self) -> bool {
        self.filters
    }

    /// The first request; where it is sent on to is where the repository is.
    async fn knock(&mut self) -> Result<Response> {
        let first = Origin::of(&self.base);
        for _ in 0..=REDIRECTS {
            let url = below(&self.base, "info/refs", Some("service=git-upload-pack"));
            let response = self.send(self.request(Method::GET, &url)?, &url).await?;
            let Some(next) = download::redirected(&url, response.status(), response.headers())? else {
                return self.expect_ok(response);
            };
            let path = next.path().strip_suffix("/info/refs").map(str::to_owned);
            let path = path.ok_or_else(|| Error::refused(&url, Refusal::Location))?;
            self.base = next;
            self.base.set_path(&path);
            self.base.set_query(None);
            // Whoever the server sends us to has no right to what was meant for itself.
            if Origin::of(&self.base) != first {
                self.credentials = None;
            }
        }
        Err(Error::refused(&self.base, Refusal::Redirects(REDIRECTS)))
    }

    fn learn(&mut self, answer: &[u8]) -> Result<()> {
        let lines = self.lines(answer)?;
        if !lines.iter().any(|line| line == "version 2") {
            return Err(self.invalid(
                "the server does not speak version 2 of git's protocol, or there is no repository",
            ));
        }
        if lines.iter().any(|line| {
            line.strip_prefix("object-format=")
                .is_some_and(|format| format != "sha1")
        }) {
            return Err(self.invalid("the repository names its objects by SHA-256, which is not supported"));
        }
        let features = lines.iter().find_map(|line| line.strip_prefix("fetch="));
        self.filters =
            features.is_some_and(|features| features.split(' ').any(|feature| feature == "filter"));
        Ok(())
    }

    /// The commit or tag that a ref names; what is a commit already stays.
    pub(super) async fn resolve(&self, reference: Option<&str>) -> Result<Oid> {
        if let Some(oid) = reference.and_then(Oid::parse) {
            return Ok(oid);
        }
        let names = candidates(reference);
        let mut message = Vec::new();
        packet::line(&mut message, "command=ls-refs");
        packet::delimiter(&mut message);
        packet::line(&mut message, "peel");
        for name in &names {
            packet::line(&mut message, &format!("ref-prefix {name}"));
        }
        packet::flush(&mut message);
        let answer = read_all(self.post(message).await?, REFS_LIMIT).await?;
        let lines = self.lines(&answer)?;
        let refs: Vec<Ref<'_>> = lines.iter().filter_map(|line| Ref::parse(line)).collect();
        let found = names
            .iter()
            .find_map(|name| refs.iter().find(|found| found.name == *name));
        match (found, reference) {
            (Some(found), _) => Ok(found.commit),
            (None, Some(reference)) => {
                Err(self.invalid(&format!("there is no branch, tag or ref `{reference}`")))
            }
            (None, None) => Err(self.invalid("the repository is empty")),
        }
    }

    /// Has objects sent as a pack, into an unnamed file that is rewound.
    pub(super) async fn fetch(
        &self,
        wanted: &[Oid],
        shallow: bool,
        filter: bool,
        limit: u64,
    ) -> Result<std::fs::File> {
        let mut message = Vec::new();
        packet::line(&mut message, "command=fetch");
        packet::delimiter(&mut message);
        for word in ["no-progress", "ofs-delta"] {
            packet::line(&mut message, word);
        }
        if shallow {
            packet::line(&mut message, "deepen 1");
        }
        if filter {
            packet::line(&mut message, "filter blob:none");
        }
        for oid in wanted {
            packet::line(&mut message, &format!("want {oid}"));
        }
        packet::line(&mut message, "done");
        packet::flush(&mut message);
        let response = self.post(message).await?;
        self.receive(response, limit).await
    }

    async fn receive(&self, mut response: Response, limit: u64) -> Result<std::fs::File> {
        let mut file = tempfile::tempfile().map_err(|source| self.file_error(source))?;
        let mut packets = Packets::default();
        let (mut in_pack, mut before, mut room) = (false, 0, limit);
        while let Some(piece) = response
            .chunk()
            .await
            .map_err(|source| Error::transport(&self.base, source))?
        {
            packets.push(&piece);
            while let Some(packet) = packets.next().map_err(|_| self.no_packets())? {
                match (packet, in_pack) {
                    (Packet::Data(content), true) => {
                        self.demultiplex(&content, &mut file, &mut room, limit)?;
                    }
                    (Packet::Data(content), false) => {
                        before += content.len();
                        self.complain(&content)?;
                        in_pack = content == b"packfile\n";
                    }
                    _ => {}
                }
                if before > PREAMBLE_LIMIT {
                    return Err(self.no_packets());
                }
            }
        }
        if !in_pack || !packets.is_empty() {
            return Err(self.invalid("the answer ended before the pack was whole"));
        }
        file.rewind().map_err(|source| self.file_error(source))?;
        Ok(file)
    }

    /// The first byte says what follows: a part of the pack, progress, or an error.
    fn demultiplex(
        &self,
        content: &[u8],
        file: &mut std::fs::File,
        room: &mut u64,
        limit: u64,
    ) -> Result<()> {
        match content {
            [1, data @ ..] => {
                *room = room
                    .checked_sub(data.len() as u64)
                    .ok_or_else(|| Error::TooLarge {
                        target: crate::error::shown(&self.base),
                        limit,
                    })?;
                file.write_all(data).map_err(|source| self.file_error(source))
            }
            [3, text @ ..] => Err(self.invalid(&format!("the server says: {}", shown(text)))),
            _ => Ok(()),
        }
    }

    /// An error may come instead of any line.
    fn complain(&self, content: &[u8]) -> Result<()> {
        match content.strip_prefix(b"ERR ") {
            Some(text) => Err(self.invalid(&format!("the server says: {}", shown(text)))),
            None => Ok(()),
        }
    }

    async fn post(&self, message: Vec<u8>) -> Result<Response> {
        let url = below(&self.base, "git-upload-pack", None);
        let request = self
            .request(Method::POST, &url)?
            .header(CONTENT_TYPE, "application/x-git-upload-pack-request")
            .header(ACCEPT, "application/x-git-upload-pack-result")
            .body(message);
        let response = self.send(request, &url).await?;
        self.expect_ok(response)
    }

    fn request(&self, method: Method, url: &Url) -> Result<RequestBuilder> {
        let mut headers = HeaderMap::new();
        headers.insert("git-protocol", HeaderValue::from_static("version=2"));
        if let Some(credentials) = &self.credentials {
            headers.insert(AUTHORIZATION, credentials.clone());
        }
        Ok(self
            .client
            .half_for(url)?
            .http
            .request(method, url.clone())
            .headers(headers))
    }

    async fn send(&self, request: RequestBuilder, url: &Url) -> Result<Response> {
        request
            .send()
            .await
            .map_err(|source| Error::transport(url, source))
    }

    fn expect_ok(&self, response: Response) -> Result<Response> {
        match response.status() {
            StatusCode::OK => Ok(response),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => {
                let status = response.status().as_u16();
                Err(self.invalid(&format!(
                    "there is no such repository, or it may not be read without another token (status {status})"
                )))
            }
            status => Err(Error::Status {
                target: crate::error::shown(&self.base),
                status: status.as_u16(),
                retry_after: None,
            }),
        }
    }

    /// The lines of an answer, without marks and line ends.
    fn lines(&self, answer: &[u8]) -> Result<Vec<String>> {
        let mut packets = Packets::default();
        packets.push(answer);
        let mut lines = Vec::new();
        while let Some(packet) = packets.next().map_err(|_| self.no_packets())? {
            if let Packet::Data(content) = packet {
                self.complain(&content)?;
                lines.push(
                    String::from_utf8_lossy(&content)
                        .trim_end_matches('\n')
                        .to_owned(),
                );
            }
        }
        Ok(lines)
    }

    fn no_packets(&self) -> Error {
        self.invalid("what answers there is no git repository")
    }

    fn invalid(&self, what: &str) -> Error {
        Error::Invalid {
            target: crate::error::shown(&self.base),
            what: what.to_owned(),
        }
    }

    fn file_error(&self, source: std::io::Error) -> Error {
        Error::File {
            target: crate::error::shown(&self.base),
            source,
        }
    }
}

/// One line of a list of refs.
struct Ref<'a> {
    name: &'a str,
    /// Of an annotated tag, what it stands for.
    commit: Oid,
}

impl<'a> Ref<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let mut words = line.split(' ');
        let oid = Oid::parse(words.next()?)?;
        let name = words.next()?;
        let peeled = words
            .find_map(|word| word.strip_prefix("peeled:"))
            .and_then(Oid::parse);
        Some(Self {
            name,
            commit: peeled.unwrap_or(oid),
        })
    }
}

/// The whole refs that a short one may mean, the likeliest first.
fn candidates(reference: Option<&str>) -> Vec<String> {
    match reference {
        None => vec!["HEAD".to_owned()],
        Some(whole) if whole.starts_with("refs/") => vec![whole.to_owned()],
        Some(short) => vec![
            format!("refs/heads/{short}"),
            format!("refs/tags/{short}"),
            short.to_owned(),
        ],
    }
}

fn below(base: &Url, path: &str, query: Option<&str>) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url.set_query(query);
    url
}

/// Forges take a token as the password of any user.
fn basic(token: &str, url: &Url) -> Result<HeaderValue> {
    let pair = if token.contains(':') {
        token.to_owned()
    } else {
        format!("x-access-token:{token}")
    };
    let text = format!("Basic {}", base64(pair.as_bytes()));
    let mut value = HeaderValue::try_from(text).map_err(|_| Error::Invalid {
        target: crate::error::shown(url),
        what: "the token has characters that none has".to_owned(),
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| usize::from(chunk.get(at).copied().unwrap_or_default());
        let bits = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for digit in 0..4 {
            if digit <= chunk.len() {
                text.push(char::from(DIGITS[(bits >> (18 - 6 * digit)) & 63]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

async fn read_all(response: Response, limit: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    download::stream(response, limit, &mut bytes).await?;
    Ok(bytes)
}

/// What a server says, fit to be shown.
fn shown(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(COMPLAINT_SHOWN)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_basic() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("x-access-token:t", "eC1hY2Nlc3MtdG9rZW46dA=="),
        ] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn a_tag_stands_for_its_commit() {
        let line = format!("{} refs/tags/v1 peeled:{}", "a".repeat(40), "b".repeat(40));
        let found = Ref::parse(&line).unwrap();
        assert_eq!(
            (found.name, found.commit.to_string()),
            ("refs/tags/v1", "b".repeat(40))
        );
        assert!(Ref::parse("unborn HEAD").is_none());
    }
}
