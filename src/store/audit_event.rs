//! The table of audit events: one per authentication decision.

use sea_orm::{
    ActiveModelBehavior, ColumnTrait as _, ConnectionTrait, DbErr, DeriveEntityModel,
    DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Statement, Value,
};
use uuid::Uuid;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_events")]
pub struct Model {
    /// The event's name (UUIDv7).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Milliseconds since 1970.
    pub at: i64,
    /// The population.
    pub realm: String,
    /// The account, where one is known; it may be gone.
    pub account_id: Option<Uuid>,
    /// The session that was opened, used or ended.
    pub session_id: Option<Uuid>,
    /// What was asked for: `login`, `refresh`, ….
    pub action: String,
    /// `ok`, or the reason of the refusal in the words of the contract.
    pub outcome: String,
    /// Where the call came from.
    pub peer_address: String,
    /// The call's id, as the log has it.
    pub request_id: String,
}

/// None: an event outlives what it speaks of.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The columns, in the order of the fields of [`Model`].
macro_rules! columns {
    () => {
        "id, at, realm, account_id, session_id, action, outcome, peer_address, request_id"
    };
}
pub(super) use columns;

const ADD: &str = concat!(
    "INSERT INTO audit_events (",
    columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
);

impl Model {
    /// What its columns are set to.
    pub(super) fn values(self) -> [Value; 9] {
        [
            self.id.into(),
            self.at.into(),
            self.realm.into(),
            self.account_id.into(),
            self.session_id.into(),
            self.action.into(),
            self.outcome.into(),
            self.peer_address.into(),
            self.request_id.into(),
        ]
    }
}

impl Entity {
    /// Adds an event.
    pub async fn add(db: &impl ConnectionTrait, event: Model) -> Result<(), DbErr> {
        let backend = db.get_database_backend();
        db.execute_raw(Statement::from_sql_and_values(backend, ADD, event.values()))
            .await?;
        Ok(())
    }

    /// Forgets events from before `stale_before`, oldest first, at most `limit` at a time. Returns how many.
    pub async fn sweep(
        db: &impl ConnectionTrait,
        stale_before: i64,
        limit: u64,
    ) -> Result<u64, DbErr> {
        // Ids are ordered by time, so that the oldest are found without an index of their own.
        let oldest: Vec<(Uuid, i64)> = Self::find()
            .select_only()
            .columns([Column::Id, Column::At])
            .order_by_asc(Column::Id)
            .limit(limit)
            .into_tuple()
            .all(db)
            .await?;
        let stale = oldest.into_iter().filter(|(_, at)| *at < stale_before);
        let stale: Vec<Uuid> = stale.map(|(id, _)| id).collect();
        let gone = Self::delete_many()
            .filter(Column::Id.is_in(stale))
            .exec(db)
            .await?;
        Ok(gone.rows_affected)
    }
}
