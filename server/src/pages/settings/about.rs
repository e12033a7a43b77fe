//! What runs here.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use store::db::Engine;
use store::tokens::Action;
use web::views::settings::about::About;

use super::super::page;
use crate::auth::Visitor;
use crate::problem::Problem;
use crate::state::Service;

pub(super) fn routes() -> Router<Service> {
    Router::new().route("/settings/about", get(show))
}

async fn show(State(service): State<Service>, visitor: Visitor) -> Result<Response, Problem> {
    visitor.require(Action::Admin)?;
    Ok(page(&service.settings, view(&service).render(&visitor.shell)))
}

fn view(service: &Service) -> About {
    let settings = &service.settings;
    let limits = &settings.limits;
    let mebibytes = |bytes: usize| format!("{} MiB", bytes >> 20);
    About {
        service: vec![
            ("Version", env!("CARGO_PKG_VERSION").to_owned()),
            (
                "Database",
                match service.database.engine() {
                    Engine::Sqlite => "SQLite, embedded".to_owned(),
                    Engine::Postgres => "PostgreSQL".to_owned(),
                },
            ),
            (
                "Address",
                settings.public_url.clone().unwrap_or_else(|| {
                    "not set: messages carry paths instead of links; set public_url".to_owned()
                }),
            ),
            (
                "Cookies",
                if settings.secure_cookies {
                    "over HTTPS only"
                } else {
                    "over plain http, too: for this machine only"
                }
                .to_owned(),
            ),
        ],
        limits: vec![
            ("A document, unpacked", mebibytes(limits.document)),
            ("Any other body", mebibytes(limits.body)),
            ("Uploads at a time", limits.uploads.to_string()),
            ("Documents read at a time", limits.readers.to_string()),
            ("Waiting for a verdict", format!("{} s", limits.wait.as_secs())),
        ],
        retention: vec![
            ("Documents, builds, findings, decisions", "for ever".to_owned()),
            ("Audit log", "for ever".to_owned()),
            (
                "Verdicts that were replaced",
                "90 days, the first of each build for ever".to_owned(),
            ),
            ("News and messages to webhooks", "30 days".to_owned()),
            ("Finished jobs", "7 days".to_owned()),
            ("A browser's session", "7 days".to_owned()),
            ("A link that was not used", "1 day".to_owned()),
        ],
    }
}
