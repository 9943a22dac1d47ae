//! The step of a session from one refresh token to the next.

use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbBackend, DbErr, EntityTrait as _, QueryFilter as _,
    Statement, Value, sea_query::Expr,
};
use uuid::Uuid;

use super::{COLUMNS, Column, Entity, Model, columns, read};
use crate::store::{account, audit_event};

/// A session, and of its account what a refresh has to know.
#[derive(Clone, Debug)]
pub struct Refreshable {
    /// The session.
    pub session: Model,
    /// The realm of the account.
    pub realm: String,
    /// The state of the account.
    pub state: account::State,
}

const FIND_REFRESHABLE: &str = concat!(
    "SELECT ",
    columns!(),
    ", a.realm, a.state FROM sessions s JOIN accounts a ON a.id = s.account_id WHERE s.id = $1"
);

const ROTATE_WITH_EVENT: &str = concat!(
    "WITH moved AS (UPDATE sessions SET generation = $2 + 1, seen_generation = $2, refreshed_at = $3, \
     idle_expires_at = $4 WHERE id = $1 AND generation = $2 RETURNING id) INSERT INTO audit_events (",
    audit_event::columns!(),
    ") SELECT $5, $6, $7, $8, $9, $10, $11, $12, $13 FROM moved"
);

/// The step from one refresh token to the next.
#[derive(Clone, Copy, Debug)]
pub struct Rotation {
    /// The session.
    pub id: Uuid,
    /// The generation that it is in.
    pub generation: i64,
    /// When it is refreshed, in milliseconds since 1970.
    pub at: i64,
    /// When it ends from then on, in milliseconds since 1970.
    pub idle_expires_at: i64,
}

impl Entity {
    /// What a refresh has to know of a session and its account.
    pub async fn find_refreshable(
        db: &impl ConnectionTrait,
        id: Uuid,
    ) -> Result<Option<Refreshable>, DbErr> {
        let backend = db.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, FIND_REFRESHABLE, [id.into()]);
        let Some(row) = db.query_one_raw(statement).await? else {
            return Ok(None);
        };
        Ok(Some(Refreshable {
            session: read(&row)?,
            realm: row.try_get_by_index(COLUMNS)?,
            state: row.try_get_by_index(COLUMNS + 1)?,
        }))
    }

    /// Moves a session on, unless somebody else has. Returns whether it did.
    pub async fn rotate(db: &impl ConnectionTrait, rotation: Rotation) -> Result<bool, DbErr> {
        let moved = Self::update_many()
            .col_expr(Column::Generation, Expr::value(rotation.generation + 1))
            .col_expr(Column::SeenGeneration, Expr::value(rotation.generation))
            .col_expr(Column::RefreshedAt, Expr::value(rotation.at))
            .col_expr(Column::IdleExpiresAt, Expr::value(rotation.idle_expires_at))
            .filter(Column::Id.eq(rotation.id))
            .filter(Column::Generation.eq(rotation.generation))
            .exec(db)
            .await?;
        Ok(moved.rows_affected == 1)
    }

    /// Moves a session on and adds the event of it, both or neither, where the engine can do that in one statement
    /// (PostgreSQL); `None`, and nothing is done, where it cannot.
    ///
    /// Returns whether it did: not when somebody else has.
    pub async fn rotate_with_event(
        db: &impl ConnectionTrait,
        rotation: Rotation,
        event: audit_event::Model,
    ) -> Result<Option<bool>, DbErr> {
        if db.get_database_backend() != DbBackend::Postgres {
            return Ok(None);
        }
        let step: [Value; 4] = [
            rotation.id.into(),
            rotation.generation.into(),
            rotation.at.into(),
            rotation.idle_expires_at.into(),
        ];
        let values = step.into_iter().chain(event.values());
        let statement =
            Statement::from_sql_and_values(DbBackend::Postgres, ROTATE_WITH_EVENT, values);
        let added = db.execute_raw(statement).await?;
        Ok(Some(added.rows_affected() == 1))
    }
}
