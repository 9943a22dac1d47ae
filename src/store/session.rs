//! The table of sessions: a row lives as long as its session does.

use sea_orm::{
    ActiveModelBehavior, ColumnTrait, ConnectionTrait, DbBackend, DbErr, DeriveEntityModel,
    DerivePrimaryKey, EntityTrait, EnumIter, PrimaryKeyTrait, QueryFilter, QueryOrder, QuerySelect,
    RelationDef, RelationTrait, Statement, Value, sea_query::Expr,
};
use uuid::Uuid;

use super::{account, audit_event};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    /// The session's name (UUIDv7).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub account_id: Uuid,
    /// The login, in milliseconds since 1970.
    pub created_at: i64,
    /// The last refresh, in milliseconds since 1970.
    pub refreshed_at: i64,
    /// When it ends unless it is refreshed before, in milliseconds since 1970.
    pub idle_expires_at: i64,
    /// When it ends at the latest, in milliseconds since 1970.
    pub expires_at: i64,
    /// Which refresh token is live: it counts the refreshes.
    pub generation: i64,
    /// The highest generation of which a token has been used.
    pub seen_generation: i64,
    /// What the session's refresh tokens are derived from, beside a key that is not in the database.
    pub nonce: Vec<u8>,
    /// The id of that key.
    pub secret_id: String,
    /// Where the login came from.
    pub peer_address: String,
    /// What the client called itself.
    pub user_agent: String,
}

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

const FIND_REFRESHABLE: &str = "SELECT s.account_id, s.created_at, s.refreshed_at, s.idle_expires_at, s.expires_at, \
     s.generation, s.seen_generation, s.nonce, s.secret_id, s.peer_address, s.user_agent, a.realm, a.state \
     FROM sessions s JOIN accounts a ON a.id = s.account_id WHERE s.id = $1";

const ROTATE_WITH_EVENT: &str = "WITH moved AS (UPDATE sessions SET generation = $2 + 1, seen_generation = $2, \
     refreshed_at = $3, idle_expires_at = $4 WHERE id = $1 AND generation = $2 RETURNING id) \
     INSERT INTO audit_events (id, at, realm, account_id, session_id, action, outcome, peer_address, request_id) \
     SELECT $5, $6, $7, $8, $9, $10, $11, $12, $13 FROM moved";

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

/// To the account.
#[derive(Clone, Copy, Debug, EnumIter)]
pub enum Relation {
    /// Whose session it is.
    Account,
}

impl RelationTrait for Relation {
    fn def(&self) -> RelationDef {
        Entity::belongs_to(account::Entity)
            .from(Column::AccountId)
            .to(account::Column::Id)
            .into()
    }
}

impl sea_orm::Related<account::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Account.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// The session and its account, in one statement.
    pub async fn find_with_account(
        db: &impl ConnectionTrait,
        id: Uuid,
    ) -> Result<Option<(Model, account::Model)>, DbErr> {
        let found = Self::find_by_id(id)
            .find_also_related(account::Entity)
            .one(db)
            .await?;
        Ok(found.and_then(|(session, account)| Some((session, account?))))
    }

    /// What a refresh has to know of a session and its account.
    ///
    /// It is written out, and has no more than it needs, since to build and to read a statement of all columns costs more
    /// than its way to the database and back.
    pub async fn find_refreshable(
        db: &impl ConnectionTrait,
        id: Uuid,
    ) -> Result<Option<Refreshable>, DbErr> {
        let backend = db.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, FIND_REFRESHABLE, [id.into()]);
        let Some(row) = db.query_one_raw(statement).await? else {
            return Ok(None);
        };
        let session = Model {
            id,
            account_id: row.try_get_by_index(0)?,
            created_at: row.try_get_by_index(1)?,
            refreshed_at: row.try_get_by_index(2)?,
            idle_expires_at: row.try_get_by_index(3)?,
            expires_at: row.try_get_by_index(4)?,
            generation: row.try_get_by_index(5)?,
            seen_generation: row.try_get_by_index(6)?,
            nonce: row.try_get_by_index(7)?,
            secret_id: row.try_get_by_index(8)?,
            peer_address: row.try_get_by_index(9)?,
            user_agent: row.try_get_by_index(10)?,
        };
        Ok(Some(Refreshable {
            session,
            realm: row.try_get_by_index(11)?,
            state: row.try_get_by_index(12)?,
        }))
    }

    /// Whether the session has not ended at `now`; it cannot end before the transaction does.
    pub async fn is_live(db: &impl ConnectionTrait, id: Uuid, now: i64) -> Result<bool, DbErr> {
        let one: Option<Uuid> = Self::find_by_id(id)
            .select_only()
            .column(Column::Id)
            .filter(Column::IdleExpiresAt.gt(now))
            .lock_shared()
            .into_tuple()
            .one(db)
            .await?;
        Ok(one.is_some())
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
        let values: [Value; 13] = [
            rotation.id.into(),
            rotation.generation.into(),
            rotation.at.into(),
            rotation.idle_expires_at.into(),
            event.id.into(),
            event.at.into(),
            event.realm.into(),
            event.account_id.into(),
            event.session_id.into(),
            event.action.into(),
            event.outcome.into(),
            event.peer_address.into(),
            event.request_id.into(),
        ];
        let statement =
            Statement::from_sql_and_values(DbBackend::Postgres, ROTATE_WITH_EVENT, values);
        let added = db.execute_raw(statement).await?;
        Ok(Some(added.rows_affected() == 1))
    }

    /// Notes that a token of `generation` has been used.
    pub async fn note_seen(
        db: &impl ConnectionTrait,
        id: Uuid,
        generation: i64,
    ) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::SeenGeneration, Expr::value(generation))
            .filter(Column::Id.eq(id))
            .filter(Column::SeenGeneration.lt(generation))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Live sessions of an account, newest first, from below `before` on.
    pub async fn list(
        db: &impl ConnectionTrait,
        account_id: Uuid,
        now: i64,
        before: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<Model>, DbErr> {
        let mut query = Self::find()
            .filter(Column::AccountId.eq(account_id))
            .filter(Column::IdleExpiresAt.gt(now));
        if let Some(before) = before {
            query = query.filter(Column::Id.lt(before));
        }
        query.order_by_desc(Column::Id).limit(limit).all(db).await
    }

    /// The ids of all sessions of an account, newest first.
    pub async fn ids_of(db: &impl ConnectionTrait, account_id: Uuid) -> Result<Vec<Uuid>, DbErr> {
        Self::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::AccountId.eq(account_id))
            .order_by_desc(Column::Id)
            .into_tuple()
            .all(db)
            .await
    }

    /// Ends the sessions of `account_id` that `ids` names. Returns how many there were.
    pub async fn end(
        db: &impl ConnectionTrait,
        account_id: Uuid,
        ids: &[Uuid],
    ) -> Result<u64, DbErr> {
        let gone = Self::delete_many()
            .filter(Column::AccountId.eq(account_id))
            .filter(Column::Id.is_in(ids.iter().copied()))
            .exec(db)
            .await?;
        Ok(gone.rows_affected)
    }

    /// Whether a session of the account was opened from `peer_address`.
    pub async fn knows_address(
        db: &impl ConnectionTrait,
        account_id: Uuid,
        peer_address: &str,
    ) -> Result<bool, DbErr> {
        let one: Option<Uuid> = Self::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::AccountId.eq(account_id))
            .filter(Column::PeerAddress.eq(peer_address))
            .into_tuple()
            .one(db)
            .await?;
        Ok(one.is_some())
    }

    /// Removes sessions that ended of themselves before `now`, at most `limit` at a time.
    pub async fn sweep(db: &impl ConnectionTrait, now: i64, limit: u64) -> Result<u64, DbErr> {
        let stale: Vec<Uuid> = Self::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::IdleExpiresAt.lt(now))
            .limit(limit)
            .into_tuple()
            .all(db)
            .await?;
        let gone = Self::delete_many()
            .filter(Column::Id.is_in(stale))
            // A refresh may have prolonged one meanwhile.
            .filter(Column::IdleExpiresAt.lt(now))
            .exec(db)
            .await?;
        Ok(gone.rows_affected)
    }
}
