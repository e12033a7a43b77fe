//! Bodies: read up to a limit, decoded up to the same limit.

use std::io::Read;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use crate::problem::{Fault, Problem};
use crate::state::Service;

/// As a power of two: what a zstd frame may demand as its window, 64 MiB.
const ZSTD_WINDOW: u32 = 26;

/// A body as its sender wrote it, after `Content-Encoding`.
#[derive(Clone, Debug)]
pub(crate) struct Payload {
    pub headers: HeaderMap,
    pub bytes: Bytes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Identity,
    Gzip,
    Zstd,
}

impl Payload {
    /// Reads and decodes a body; neither what is sent nor what it becomes may be larger than `limit` bytes.
    pub async fn read(request: Request, limit: usize) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let encoding = Encoding::of(&parts.headers)?;
        let sent = collect(body, limit).await?;
        let bytes = match encoding {
            Encoding::Identity => sent,
            other => tokio::task::spawn_blocking(move || decode(other, &sent, limit))
                .await
                .map_err(|_| Problem::internal())??,
        };
        Ok(Self {
            headers: parts.headers,
            bytes,
        })
    }

    /// The media type without parameters, in lower case; empty when none is given.
    pub fn media_type(&self) -> String {
        let value = self.headers.get(header::CONTENT_TYPE);
        let text = value.and_then(|value| value.to_str().ok()).unwrap_or_default();
        text.split(';').next().unwrap_or_default().trim().to_lowercase()
    }

    /// The body as JSON of one shape; an empty body is read as `{}`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let bytes: &[u8] = if self.bytes.is_empty() { b"{}" } else { &self.bytes };
        serde_json::from_slice(bytes).map_err(|error| json_problem(&error))
    }
}

impl Encoding {
    fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let Some(value) = headers.get(header::CONTENT_ENCODING) else {
            return Ok(Self::Identity);
        };
        match value.to_str().unwrap_or_default().trim().to_lowercase().as_str() {
            "" | "identity" => Ok(Self::Identity),
            "gzip" | "x-gzip" => Ok(Self::Gzip),
            "zstd" => Ok(Self::Zstd),
            _ => Err(Problem::unsupported_media_type(
                "Content-Encoding may be gzip or zstd, once.",
            )),
        }
    }
}

async fn collect(body: Body, limit: usize) -> Result<Bytes, Problem> {
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(over(limit)),
        Err(_) => Err(Problem::bad_request("The body ended before it was whole.")),
    }
}

/// Decodes as far as the limit and not a byte further, so that a bomb costs no more than an honest body.
fn decode(encoding: Encoding, sent: &[u8], limit: usize) -> Result<Bytes, Problem> {
    let damaged = |_: std::io::Error| {
        Problem::bad_request("The body is not what Content-Encoding says: the stream is damaged or cut off.")
    };
    let mut decoded = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    match encoding {
        Encoding::Identity => return Ok(Bytes::copy_from_slice(sent)),
        Encoding::Gzip => {
            let stream = flate2::read::MultiGzDecoder::new(sent);
            stream.take(most).read_to_end(&mut decoded).map_err(damaged)?;
        }
        Encoding::Zstd => {
            let mut stream = zstd::Decoder::with_buffer(sent).map_err(damaged)?;
            stream.window_log_max(ZSTD_WINDOW).map_err(damaged)?;
            stream.take(most).read_to_end(&mut decoded).map_err(damaged)?;
        }
    }
    if decoded.len() > limit {
        return Err(over(limit));
    }
    Ok(decoded.into())
}

fn over(limit: usize) -> Problem {
    Problem::too_large(format!(
        "The body, decoded, is larger than {} KiB.",
        limit.div_ceil(1024)
    ))
}

/// A body that is JSON of one shape.
#[derive(Clone, Debug)]
pub(crate) struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Service> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, service: &Service) -> Result<Self, Problem> {
        let payload = Payload::read(request, service.settings.limits.body).await?;
        payload.json().map(Self)
    }
}

/// No JSON is a 400; JSON of another shape is a 422.
pub(crate) fn json_problem(error: &serde_json::Error) -> Problem {
    let text = error.to_string();
    let what = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(what, _)| what);
    let place = format!("line {}, column {}", error.line(), error.column());
    let fault = Fault::at(&place, what);
    if error.is_data() {
        return Problem::invalid(format!("The body is not as it should be: {what}."), vec![fault]);
    }
    let mut problem = Problem::bad_request("The body is not well-formed JSON.");
    problem.errors = vec![fault];
    problem
}
