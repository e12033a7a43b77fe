//! The policy of a team: that of its projects which have none of their own.

use crate::Error;
use crate::db::{Session, Tx, statements};

statements! {
    POLICY_ID = "SELECT policy_id FROM team_policy WHERE team = $1";
    SET = "INSERT INTO team_policy (team, policy_id) VALUES ($1, $2)
        ON CONFLICT (team) DO UPDATE SET policy_id = excluded.policy_id";
    CLEAR = "DELETE FROM team_policy WHERE team = $1";
    ALL = "SELECT t.team, p.name FROM team_policy t JOIN policy p ON p.id = t.policy_id ORDER BY t.team LIMIT 1000";
}

/// The internal id of a team's policy.
pub async fn policy_id(session: &mut Session, team: &str) -> Result<Option<i64>, Error> {
    if team.is_empty() {
        return Ok(None);
    }
    let found: Option<(i64,)> = session.query(&POLICY_ID).bind(team).optional().await?;
    Ok(found.map(|(id,)| id))
}

/// Gives a team a policy, or none.
pub async fn set(tx: &mut Tx, team: &str, policy: Option<i64>) -> Result<(), Error> {
    match policy {
        Some(id) => tx.query(&SET).bind(team).bind(id).run().await?,
        None => tx.query(&CLEAR).bind(team).run().await?,
    };
    Ok(())
}

/// Teams with a policy, and its name.
pub async fn all(session: &mut Session) -> Result<Vec<(String, String)>, Error> {
    session.query(&ALL).all().await
}
