//! Who the caller is, as the service sees it.

use axum::Json;
use axum::extract::State;
use clock::Timestamp;
use serde::Serialize;
use store::projects;
use store::tokens::Action;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::problem::{Problem, ProblemDocument};
use crate::state::Service;

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(whoami))
}

/// The caller of this request.
#[derive(Debug, Serialize, ToSchema)]
struct WhoAmI {
    /// As the audit log names them: `token:NAME`, `user:NAME`.
    actor: String,
    /// What they may do; every action includes `read`, and `admin` includes all.
    #[schema(value_type = Vec<String>)]
    actions: Vec<Action>,
    /// The only project that they may see; absent when they may see all.
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// Who the caller is and what they may do
#[utoipa::path(
    get, path = "/v1/whoami", tag = "access",
    responses(
        (status = 200, body = WhoAmI),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn whoami(State(service): State<Service>, caller: Caller) -> Result<Json<WhoAmI>, Problem> {
    let project = match caller.project {
        Some(id) => {
            let mut session = service.database.read().await?;
            Some(projects::by_id(&mut session, id).await?.name)
        }
        None => None,
    };
    let expiry = caller.token.as_ref().and_then(|token| token.expires_at);
    Ok(Json(WhoAmI {
        actor: caller.actor.clone(),
        actions: caller.actions().to_vec(),
        project,
        expires_at: expiry.map(Timestamp::from_millis),
    }))
}
