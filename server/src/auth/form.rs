//! Forms that change something: only from our own pages, only of the session that was given them.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Turned, Visitor};
use crate::extract::Payload;
use crate::problem::Problem;
use crate::state::Service;

/// The fields of a form, and the visitor whose session it carried the secret of.
#[derive(Debug)]
pub(crate) struct SignedForm<T> {
    pub visitor: Visitor,
    pub fields: T,
}

/// The fields of a form in which a name may stand several times, as check boxes do.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Pairs(Vec<(String, String)>);

impl Pairs {
    /// The value of a field, without space around it; empty when it was not sent.
    pub fn one(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(found, _)| found == name);
        found.map_or("", |(_, value)| value.trim())
    }

    /// The same where empty is nothing.
    pub fn given(&self, name: &str) -> Option<String> {
        Some(self.one(name))
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
    }

    /// Every value of a field.
    pub fn many(&self, name: &str) -> Vec<String> {
        let found = self.0.iter().filter(|(found, _)| found == name);
        found.map(|(_, value)| value.clone()).collect()
    }

    /// Whether a box was ticked.
    pub fn is_ticked(&self, name: &str) -> bool {
        self.0.iter().any(|(found, _)| found == name)
    }
}

#[derive(Deserialize)]
struct Signature {
    csrf: String,
}

impl<T: DeserializeOwned + Send> FromRequest<Service> for SignedForm<T> {
    type Rejection = Turned;

    async fn from_request(request: Request, service: &Service) -> Result<Self, Turned> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, service).await?;
        let request = Request::from_parts(parts, body);
        let payload = Payload::read(request, service.settings.limits.body)
            .await
            .map_err(Turned::Away)?;
        let signature: Signature = fields(&payload).await.map_err(Turned::Away)?;
        visitor.check(&signature.csrf).map_err(Turned::Away)?;
        let fields = fields(&payload).await.map_err(Turned::Away)?;
        Ok(Self { visitor, fields })
    }
}

impl Visitor {
    /// Whether a form was made for this session.
    pub fn check(&self, csrf: &str) -> Result<(), Problem> {
        if same(csrf.as_bytes(), self.shell.csrf.as_bytes()) {
            return Ok(());
        }
        Err(Problem::forbidden(
            "The form is not of this session. Go back, reload the page and send it again.",
        ))
    }
}

/// Takes as long for a wrong secret as for the right one.
fn same(left: &[u8], right: &[u8]) -> bool {
    let differences = left.iter().zip(right).fold(0, |seen, (a, b)| seen | (a ^ b));
    left.len() == right.len() && differences == 0
}

/// The fields of a form in `application/x-www-form-urlencoded`.
pub(crate) async fn fields<T: DeserializeOwned>(payload: &Payload) -> Result<T, Problem> {
    let request = Request::post("/")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(axum::body::Body::from(payload.bytes.clone()))
        .map_err(|_| Problem::internal())?;
    match axum::Form::<T>::from_request(request, &()).await {
        Ok(axum::Form(fields)) => Ok(fields),
        Err(rejection) => Err(Problem::bad_request(rejection.body_text())),
    }
}
