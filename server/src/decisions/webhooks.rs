//! Webhooks: made, changed, tried out and ended; the API and the pages do the same here.

use clock::Timestamp;
use store::audit_log::{self, Entry};
use store::db::{Session, Tx};
use store::news::{self, Kind, News, Told, Topic};
use store::projects;
use store::tokens::Action;
use store::wake::Event;
use store::webhooks::{self, Shape, Wanted, Webhook};

use crate::auth::Access;
use crate::names;
use crate::problem::{Fault, Problem};
use crate::state::Service;

/// Bytes of an address.
const LONGEST_URL: usize = 1_000;

/// A webhook as somebody asks for it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub name: String,
    pub url: String,
    pub shape: String,
    pub events: Vec<String>,
    /// The name of the only project that it is told of.
    pub project: Option<String>,
    pub private: bool,
    pub enabled: bool,
}

/// What is asked for, once everything about it is right.
async fn wanted(session: &mut Session, asked: &Asked) -> Result<Wanted, Problem> {
    let mut faults = Vec::new();
    if let Err(why) = names::plain(&asked.name) {
        faults.push(Fault::at("/name", why));
    }
    let shape = Shape::of(&asked.shape);
    match shape {
        None => faults.push(Fault::at("/shape", "may be signed, slack, teams or mail")),
        Some(Shape::Mail) if !are_people(&asked.url) => {
            faults.push(Fault::at(
                "/url",
                "must be addresses of people, with commas between them",
            ));
        }
        Some(Shape::Mail) => {}
        Some(_) if web::links::outside(&asked.url).is_none() || asked.url.len() > LONGEST_URL => {
            faults.push(Fault::at("/url", "must be an http or https address"));
        }
        Some(_) => {}
    }
    let kinds: Option<Vec<Kind>> = asked.events.iter().map(|word| Kind::of(word)).collect();
    let kinds = kinds.filter(|kinds| !kinds.is_empty());
    if kinds.is_none() {
        let known: Vec<&str> = Kind::ALL.map(Kind::word).to_vec();
        faults.push(Fault::at(
            "/events",
            format!("choose at least one of {}", known.join(", ")),
        ));
    }
    let mut project_id = None;
    if let Some(name) = &asked.project {
        project_id = projects::find(session, name).await?.map(|project| project.id);
        if project_id.is_none() {
            faults.push(Fault::at("/project", "there is no such project"));
        }
    }
    match (shape, kinds) {
        (Some(shape), Some(mut kinds)) if faults.is_empty() => {
            kinds.sort_unstable();
            kinds.dedup();
            Ok(Wanted {
                name: asked.name.trim().to_owned(),
                url: asked.url.clone(),
                shape,
                kinds,
                project_id,
                private: asked.private,
                enabled: asked.enabled,
            })
        }
        _ => Err(Problem::invalid("The webhook cannot be kept as it is.", faults)),
    }
}

/// Whether letters could be sent there: whoever sends them knows better, and says so in the log of messages.
fn are_people(text: &str) -> bool {
    let is_person = |one: &str| {
        let one = one.trim();
        let (name, host) = one.rsplit_once('@').unwrap_or_default();
        let plain = !one
            .chars()
            .any(|letter| letter.is_whitespace() || letter.is_control());
        !name.is_empty() && !host.is_empty() && plain
    };
    text.len() <= LONGEST_URL && text.split(',').all(is_person)
}

/// Makes a webhook.
pub(crate) async fn create(service: &Service, access: &Access, asked: &Asked) -> Result<Webhook, Problem> {
    access.require(Action::Admin)?;
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let wanted = wanted(&mut tx, asked).await?;
    if webhooks::count(&mut tx).await? >= webhooks::MOST {
        return Err(Problem::conflict(format!(
            "There are {} webhooks already.",
            webhooks::MOST
        )));
    }
    let made = webhooks::create(&mut tx, &wanted, &access.actor, now).await?;
    log(&mut tx, access, "webhook.create", &made, now).await?;
    tx.commit().await?;
    Ok(made)
}

/// Changes a webhook that is still at `revision`.
pub(crate) async fn change(
    service: &Service,
    access: &Access,
    id: &str,
    revision: i64,
    asked: &Asked,
) -> Result<Webhook, Problem> {
    access.require(Action::Admin)?;
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let found = find(&mut tx, access, id).await?;
    let stale = || Problem::precondition_failed("Somebody else has changed the webhook. Look at it again.");
    if found.revision != revision {
        return Err(stale());
    }
    let wanted = wanted(&mut tx, asked).await?;
    let changed = webhooks::update(&mut tx, &found, &wanted, now)
        .await?
        .ok_or_else(stale)?;
    log(&mut tx, access, "webhook.change", &changed, now).await?;
    tx.commit().await?;
    Ok(changed)
}

/// Ends a webhook.
pub(crate) async fn delete(service: &Service, access: &Access, id: &str) -> Result<(), Problem> {
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let found = find(&mut tx, access, id).await?;
    webhooks::delete(&mut tx, found.id).await?;
    log(&mut tx, access, "webhook.delete", &found, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives it another secret; the answer is the only place where it is shown.
pub(crate) async fn renew_secret(
    service: &Service,
    access: &Access,
    id: &str,
) -> Result<(Webhook, String), Problem> {
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let found = find(&mut tx, access, id).await?;
    let secret = webhooks::renew_secret(&mut tx, found.id, now).await?;
    log(&mut tx, access, "webhook.secret", &found, now).await?;
    tx.commit().await?;
    Ok((found, secret))
}

/// Sends a message that says nothing but that it came.
pub(crate) async fn test(service: &Service, access: &Access, id: &str) -> Result<(), Problem> {
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let found = find(&mut tx, access, id).await?;
    if !found.enabled {
        return Err(Problem::conflict(
            "The webhook is switched off; switch it on first.",
        ));
    }
    let told = Told {
        topic: Topic::Test(found.uuid.clone()),
        project_id: None,
        news: News {
            event: Kind::Test,
            at: now,
            project: None,
            reference: None,
            build: None,
            title: format!("A trial of the webhook {}", found.name),
            details: vec![format!("asked for by {}", access.actor)],
            path: format!("/settings/webhooks/{}", found.uuid),
        },
    };
    news::add(&mut tx, &[told], now).await?;
    tx.commit().await?;
    service.wake.send(Event::Job).await;
    Ok(())
}

/// Sends a message again that was taken or given up.
pub(crate) async fn replay(
    service: &Service,
    access: &Access,
    id: &str,
    delivery: &str,
) -> Result<(), Problem> {
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let found = find(&mut tx, access, id).await?;
    let message = webhooks::delivery(&mut tx, delivery)
        .await?
        .filter(|message| message.webhook_id == found.id)
        .ok_or_else(|| Problem::not_found("such message"))?;
    if !webhooks::replay(&mut tx, message.id, now).await? {
        return Err(Problem::conflict("The message waits to be sent already."));
    }
    log(&mut tx, access, "webhook.replay", &found, now).await?;
    tx.commit().await?;
    service.wake.send(Event::Job).await;
    Ok(())
}

/// The webhook, for those who look after webhooks.
pub(crate) async fn find(session: &mut Session, access: &Access, id: &str) -> Result<Webhook, Problem> {
    access.require(Action::Admin)?;
    webhooks::by_uuid(session, id)
        .await?
        .ok_or_else(|| Problem::not_found("such webhook"))
}

/// The host and no more, because some services put a secret into the path; people's addresses are no secret.
pub(crate) fn host(url: &str) -> &str {
    if !url.contains("://") {
        return url;
    }
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    rest.rsplit('@').next().unwrap_or(rest)
}

async fn log(
    tx: &mut Tx,
    access: &Access,
    action: &str,
    webhook: &Webhook,
    now: Timestamp,
) -> Result<(), Problem> {
    let private = if webhook.private {
        ", private addresses allowed"
    } else {
        ""
    };
    let entry = Entry {
        actor: &access.actor,
        action,
        object: &webhook.uuid,
        detail: &format!("{} to {}{private}", webhook.name, host(&webhook.url)),
    };
    audit_log::append(tx, &entry, now).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn only_the_host_of_an_address_is_written_down() {
        for (url, expect) in [
            ("https://hooks.example.org/T0/B1/secret?x=1", "hooks.example.org"),
            ("http://user:pass@10.0.0.1:8080", "10.0.0.1:8080"),
            ("mara@example.org", "mara@example.org"),
        ] {
            assert_eq!(host(url), expect);
        }
    }
}
