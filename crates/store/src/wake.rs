//! Who waits is woken: in this process at once, in others through PostgreSQL. A poll is always underneath.

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tokio::sync::broadcast;

use crate::db::Database;

const CHANNEL: &str = "plumbline";
/// More than any burst; one who lags behind just looks at the database.
const BACKLOG: usize = 1024;
const RECONNECT: Duration = Duration::from_secs(5);

/// What has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A lane has work.
    Job,
    /// A build moved: its public id.
    Build(String),
}

impl Event {
    fn to_text(&self) -> String {
        match self {
            Self::Job => "job".to_owned(),
            Self::Build(uuid) => format!("build:{uuid}"),
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        match text.split_once(':') {
            None if text == "job" => Some(Self::Job),
            Some(("build", uuid)) => Some(Self::Build(uuid.to_owned())),
            _ => None,
        }
    }
}

/// Sends and receives wake-ups.
#[derive(Clone, Debug)]
pub struct Wake {
    sender: Arc<broadcast::Sender<Event>>,
    postgres: Option<PgPool>,
}

impl Wake {
    /// Starts listening; must be called inside a Tokio runtime.
    #[must_use]
    pub fn new(database: &Database) -> Self {
        let (sender, _) = broadcast::channel(BACKLOG);
        let sender = Arc::new(sender);
        let postgres = match database {
            Database::Sqlite { .. } => None,
            Database::Postgres(pool) => {
                tokio::spawn(listen(pool.clone(), Arc::downgrade(&sender)));
                Some(pool.clone())
            }
        };
        Self { sender, postgres }
    }

    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.sender.subscribe()
    }

    /// Tells everybody, after the commit that made it true. A lost message costs one poll interval.
    pub async fn send(&self, event: Event) {
        let Some(pool) = &self.postgres else {
            // Nobody listens: nobody waits.
            let _ = self.sender.send(event);
            return;
        };
        let told = sqlx::query("SELECT pg_notify($1, $2)")
            .bind(CHANNEL)
            .bind(event.to_text())
            .execute(pool)
            .await;
        if let Err(error) = told {
            tracing::warn!(error = %error, "a wake-up could not be sent; waiting jobs are found by polling");
            let _ = self.sender.send(event);
        }
    }
}

async fn listen(pool: PgPool, sender: std::sync::Weak<broadcast::Sender<Event>>) {
    loop {
        if let Err(error) = forward(&pool, &sender).await {
            tracing::warn!(error = %error, "listening for wake-ups failed; polling until it works again");
        }
        if sender.strong_count() == 0 || pool.is_closed() {
            return;
        }
        tokio::time::sleep(RECONNECT).await;
    }
}

async fn forward(
    pool: &PgPool,
    sender: &std::sync::Weak<broadcast::Sender<Event>>,
) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        let message = listener.recv().await?;
        let Some(sender) = sender.upgrade() else {
            return Ok(());
        };
        if let Some(event) = Event::from_text(message.payload()) {
            let _ = sender.send(event);
        }
    }
}
