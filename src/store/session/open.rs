//! Adding a session, with its event, and ending those that are one too many for it.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};
use uuid::Uuid;

use super::{Entity, Model};
use crate::store::audit_event;

/// The rows to add: the values of the session, how many others to keep, and the values of the event.
macro_rules! additions {
    ($between:literal) => {
        concat!(
            "INSERT INTO sessions (id, account_id, created_at, refreshed_at, idle_expires_at, expires_at, generation, \
             seen_generation, nonce, secret_id, peer_address, user_agent) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            $between,
            "INSERT INTO audit_events (",
            audit_event::columns!(),
            ") VALUES ($14, $15, $16, $17, $18, $19, $20, $21, $22)"
        )
    };
}

const OPEN: &str = concat!(
    "WITH ended AS (DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE account_id = $2 \
     ORDER BY id DESC OFFSET $13) RETURNING id), opened AS (",
    additions!("), noted AS ("),
    ") SELECT id FROM ended"
);

/// The same for SQLite, which changes one table with a statement: three of them, sent together.
const OPEN_IN_TURN: &str = concat!(
    "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE account_id = $2 \
     ORDER BY id DESC LIMIT -1 OFFSET $13) RETURNING id; ",
    additions!("; ")
);

impl Entity {
    /// Adds a session and the event of it, and ends the oldest sessions of its account beyond `keep` others. Returns which.
    ///
    /// The transaction must hold the account's lock, or two at once would each keep as many.
    pub async fn open(
        tx: &impl ConnectionTrait,
        session: Model,
        keep: u32,
        event: audit_event::Model,
    ) -> Result<Vec<Uuid>, DbErr> {
        let row: [Value; 13] = [
            session.id.into(),
            session.account_id.into(),
            session.created_at.into(),
            session.refreshed_at.into(),
            session.idle_expires_at.into(),
            session.expires_at.into(),
            session.generation.into(),
            session.seen_generation.into(),
            session.nonce.into(),
            session.secret_id.into(),
            session.peer_address.into(),
            session.user_agent.into(),
            i64::from(keep).into(),
        ];
        let values = row.into_iter().chain(event.values());
        let backend = tx.get_database_backend();
        let sql = match backend {
            DbBackend::Postgres => OPEN,
            _ => OPEN_IN_TURN,
        };
        let statement = Statement::from_sql_and_values(backend, sql, values);
        let ended = tx.query_all_raw(statement).await?;
        ended.iter().map(|row| row.try_get_by_index(0)).collect()
    }
}
