//! The audit log, filtered.

use clock::Timestamp;
use policy::Day;
use store::audit_log::{self, Filter, StoredEntry};
use store::db::Session;

use crate::extract::{Fields, Paging};
use crate::problem::Problem;

/// What is asked of the log.
#[derive(Clone, Debug)]
pub(crate) struct AuditQuery {
    pub filter: Filter,
    pub paging: Paging<i64>,
}

impl AuditQuery {
    /// Reads the query; days are whole days in UTC, both included.
    pub fn read(fields: &mut Fields) -> Result<Self, Problem> {
        let filter = Filter {
            actor: fields.one("actor")?,
            action: fields.one("action")?,
            object: fields.one("object")?,
            from: day(fields, "from")?.map(|day| begin(day.number())),
            until: day(fields, "until")?.map(|day| begin(day.number() + 1)),
        };
        Ok(Self {
            filter,
            paging: Paging::new(fields.one("cursor")?.as_deref(), fields.number("limit")?)?,
        })
    }

    /// The entries, and the cursor of what follows.
    pub async fn page(&self, session: &mut Session) -> Result<(Vec<StoredEntry>, Option<String>), Problem> {
        let (before, limit) = (self.paging.after, self.paging.rows());
        let mut rows = audit_log::filtered(session, &self.filter, before, limit).await?;
        let next = self.paging.finish(&mut rows, |entry| entry.id);
        Ok((rows, next))
    }
}

fn day(fields: &mut Fields, name: &str) -> Result<Option<Day>, Problem> {
    let text = fields.one(name)?;
    text.map(|text| text.parse())
        .transpose()
        .map_err(|error: policy::InvalidDay| Problem::bad_parameter(name, error.to_string()))
}

fn begin(day: i64) -> Timestamp {
    Timestamp::from_millis(day.saturating_mul(clock::DAY_MS))
}
