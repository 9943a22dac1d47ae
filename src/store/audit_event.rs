//! The table of audit events: one per authentication decision.

use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait as _, ColumnTrait as _, Condition, ConnectionTrait,
    DbErr, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    IntoActiveModel as _, PrimaryKeyTrait, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    Statement, Value,
};
use uuid::{Builder, Uuid};

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
    /// The operator whose act it was; none for the account's own.
    pub operator: Option<String>,
    /// What the operator changed, and why.
    pub detail: Option<String>,
}

/// Which events are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Whose, as far as they are an account's.
    pub account_id: Option<Uuid>,
    /// Whose, as far as they are an operator's.
    pub operator: Option<String>,
    /// What was asked for.
    pub action: Option<String>,
    /// How it was decided.
    pub outcome: Option<String>,
    /// The first instant, in milliseconds since 1970.
    pub from: Option<i64>,
    /// The first instant that is too late.
    pub until: Option<i64>,
}

/// None: an event outlives what it speaks of.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The columns that every event has, in the order of the fields of [`Model`].
macro_rules! columns {
    () => {
        "id, at, realm, account_id, session_id, action, outcome, peer_address, request_id"
    };
}
pub(super) use columns;

const ADD: &str = concat!(
    "INSERT INTO audit_events (",
    columns!(),
    ", operator, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
);

impl Model {
    /// What these columns are set to.
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
        let of_operator = [event.operator.clone().into(), event.detail.clone().into()];
        let values = event.values().into_iter().chain(of_operator);
        let backend = db.get_database_backend();
        db.execute_raw(Statement::from_sql_and_values(backend, ADD, values))
            .await?;
        Ok(())
    }

    /// Adds many events.
    pub async fn add_all(db: &impl ConnectionTrait, events: Vec<Model>) -> Result<(), DbErr> {
        let events = events
            .into_iter()
            .map(|event| event.into_active_model().reset_all());
        Self::insert_many(events).exec_without_returning(db).await?;
        Ok(())
    }

    /// Events of a realm, newest first, from below `before` on.
    pub async fn page(
        db: &impl ConnectionTrait,
        realm: &str,
        wanted: &Wanted,
        before: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<Model>, DbErr> {
        let conditions = [
            Some(Column::Realm.eq(realm)),
            wanted.account_id.map(|id| Column::AccountId.eq(id)),
            wanted
                .operator
                .as_ref()
                .map(|name| Column::Operator.eq(name)),
            wanted
                .action
                .as_ref()
                .map(|action| Column::Action.eq(action)),
            wanted
                .outcome
                .as_ref()
                .map(|outcome| Column::Outcome.eq(outcome)),
            wanted.from.map(|from| Column::At.gte(from)),
            wanted.until.map(|until| Column::At.lt(until)),
            // Ids are ordered by time, and are what is walked along.
            wanted.from.map(|from| Column::Id.gte(first_of(from))),
            wanted.until.map(|until| Column::Id.lt(first_of(until))),
            before.map(|before| Column::Id.lt(before)),
        ];
        let all = conditions.into_iter().flatten();
        Self::find()
            .filter(all.fold(Condition::all(), Condition::add))
            .order_by_desc(Column::Id)
            .limit(limit)
            .all(db)
            .await
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

/// The least id of an instant.
fn first_of(millis: i64) -> Uuid {
    let millis = u64::try_from(millis).unwrap_or_default();
    let least = Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid();
    // Beyond the 48 bits that an id has for the time there is none.
    if millis >> 48 == 0 {
        least
    } else {
        Uuid::max()
    }
}
