//! The table of accounts. Every finder takes the realm: an id of one realm finds nothing in another.

mod import;
mod page;
pub(super) mod row;

use sea_orm::{
    ActiveModelBehavior, ColumnTrait, ConnectionTrait, DbBackend, DbErr, DeriveActiveEnum,
    DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, ExprTrait as _,
    PaginatorTrait as _, PrimaryKeyTrait, QueryFilter, QuerySelect, sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use page::{Key, Order, Page};

/// Where an account stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum State {
    /// Waits for its activation code; a newer registration replaces it.
    #[sea_orm(string_value = "pending")]
    Pending,
    /// May do what its realm allows.
    #[sea_orm(string_value = "active")]
    Active,
    /// Stopped by an operator.
    #[sea_orm(string_value = "suspended")]
    Suspended,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "accounts")]
pub struct Model {
    /// The account's name for ever (UUIDv7).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The population that it belongs to.
    pub realm: String,
    /// The user name as typed.
    pub username: Option<String>,
    /// What two user names are compared by; unique in the realm.
    pub username_canonical: Option<String>,
    /// The address as typed: where mail goes.
    pub email: Option<String>,
    /// What two addresses are compared by; unique in the realm.
    pub email_canonical: Option<String>,
    /// Whether a code sent to `email` has come back.
    pub email_verified: bool,
    /// An address that waits for its code before it becomes `email`.
    pub pending_email: Option<String>,
    /// The canonical form of `pending_email`; judged when it becomes `email_canonical`.
    pub pending_email_canonical: Option<String>,
    /// The phone number as typed.
    pub phone: Option<String>,
    /// The number in E.164 form; unique in the realm among accounts that are not pending.
    pub phone_canonical: Option<String>,
    /// Free text of the owner's.
    pub full_name: Option<String>,
    /// `YYYY-MM-DD`.
    pub birth_date: Option<String>,
    /// The language of mails.
    pub locale: String,
    /// What the account is allowed beyond the ordinary; set by operators.
    pub role: String,
    /// Where it stands in its life.
    pub state: State,
    /// Its name in another system; unique in the realm among accounts that are not pending.
    pub external_id: Option<String>,
    /// A JSON object that satisfies the realm's schema.
    pub attributes: Option<String>,
    /// A PHC string; left out of answers that are kept.
    #[serde(skip)]
    pub password_hash: String,
    /// Grows by one with each new password, so that a login can see that it was overtaken.
    pub credentials_version: i64,
    /// Grows by one with each change; the etag is its decimal form.
    pub version: i64,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// Milliseconds since 1970.
    pub updated_at: i64,
    /// The picture that the account has; all of `picture_…` are set, or none.
    pub picture_id: Option<Uuid>,
    /// The media type that it is stored as.
    pub picture_type: Option<String>,
    /// Pixels.
    pub picture_width: Option<i32>,
    /// Pixels.
    pub picture_height: Option<i32>,
    /// Bytes of the full picture.
    pub picture_size: Option<i64>,
    /// When it was uploaded, in milliseconds since 1970.
    pub picture_at: Option<i64>,
    /// Whether the password works no more, by an operator's decision, until another is set by code.
    #[serde(default)]
    pub password_change_required: bool,
}

/// None: sessions are found by their own finders.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// One of the ways to name an account from outside, in canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// By canonical user name.
    Username(String),
    /// By canonical email address.
    Email(String),
    /// By E.164 phone number. Pending accounts are not found by it: several may claim one number.
    Phone(String),
}

const FIND: &str = row::select!("a.id = $1 AND a.realm = $2");
const LOCK: &str = row::select!("a.id = $1 AND a.realm = $2 FOR UPDATE");
const FIND_BY_USERNAME: &str = row::select!("a.realm = $1 AND a.username_canonical = $2");
const FIND_BY_EMAIL: &str = row::select!("a.realm = $1 AND a.email_canonical = $2");
// Where they are of accounts that are not pending, in the words of the partial indexes, which neither engine uses for a state that
// comes as a value.
const FIND_BY_PHONE: &str =
    row::select!("a.realm = $1 AND a.phone_canonical = $2 AND a.state <> 'pending'");
const FIND_BY_EXTERNAL_ID: &str =
    row::select!("a.realm = $1 AND a.external_id = $2 AND a.state <> 'pending'");

impl Entity {
    /// The account of that id.
    pub async fn find_in_realm(
        db: &impl ConnectionTrait,
        realm: &str,
        id: Uuid,
    ) -> Result<Option<Model>, DbErr> {
        row::find(db, FIND, [id.into(), realm.into()]).await
    }

    /// The account of that id, locked until the transaction ends.
    ///
    /// Whoever opens a session and whoever changes the password take this lock, so that no session of the old
    /// password appears after the change. SQLite has one writer and needs no lock.
    pub async fn lock(
        db: &impl ConnectionTrait,
        realm: &str,
        id: Uuid,
    ) -> Result<Option<Model>, DbErr> {
        let sql = match db.get_database_backend() {
            DbBackend::Postgres => LOCK,
            _ => FIND,
        };
        row::find(db, sql, [id.into(), realm.into()]).await
    }

    /// The account that has the name, pending or not.
    pub async fn find_by_name(
        db: &impl ConnectionTrait,
        realm: &str,
        name: &Name,
    ) -> Result<Option<Model>, DbErr> {
        let (sql, canonical) = match name {
            Name::Username(canonical) => (FIND_BY_USERNAME, canonical),
            Name::Email(canonical) => (FIND_BY_EMAIL, canonical),
            Name::Phone(canonical) => (FIND_BY_PHONE, canonical),
        };
        row::find(db, sql, [realm.into(), canonical.as_str().into()]).await
    }

    /// The account, not pending, that has the external id.
    pub async fn find_by_external_id(
        db: &impl ConnectionTrait,
        realm: &str,
        external_id: &str,
    ) -> Result<Option<Model>, DbErr> {
        let values = [realm.into(), external_id.into()];
        row::find(db, FIND_BY_EXTERNAL_ID, values).await
    }

    /// Removes the pending registration that holds the email or was made for it, or held the user name until
    /// `stale_before`.
    ///
    /// Who proves an address owns it, so a newer registration of an address always wins; a user name proves nothing,
    /// so it stays with who came first until that registration is stale.
    pub async fn give_way(
        db: &impl ConnectionTrait,
        realm: &str,
        email: Option<&str>,
        username: Option<&str>,
        stale_before: i64,
    ) -> Result<u64, DbErr> {
        let mut held = sea_orm::Condition::any();
        if let Some(email) = email {
            held = held
                .add(Column::EmailCanonical.eq(email))
                .add(Column::PendingEmailCanonical.eq(email));
        }
        if let Some(username) = username {
            held = held.add(
                Column::UsernameCanonical
                    .eq(username)
                    .and(Column::CreatedAt.lt(stale_before)),
            );
        }
        if held.is_empty() {
            return Ok(0);
        }
        let gone = Self::delete_many()
            .filter(Column::Realm.eq(realm))
            .filter(Column::State.eq(State::Pending))
            .filter(held)
            .exec(db)
            .await?;
        Ok(gone.rows_affected)
    }

    /// Removes pending registrations of the realm made before `stale_before`, at most `limit` at a time.
    pub async fn sweep_pending(
        db: &impl ConnectionTrait,
        realm: &str,
        stale_before: i64,
        limit: u64,
    ) -> Result<u64, DbErr> {
        let stale: Vec<Uuid> = Self::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::Realm.eq(realm))
            .filter(Column::State.eq(State::Pending))
            .filter(Column::CreatedAt.lt(stale_before))
            .limit(limit)
            .into_tuple()
            .all(db)
            .await?;
        let gone = Self::delete_many()
            .filter(Column::Id.is_in(stale))
            // An account that was activated meanwhile is not stale any more.
            .filter(Column::State.eq(State::Pending))
            .exec(db)
            .await?;
        Ok(gone.rows_affected)
    }

    /// How many accounts have this text in the stored hash of their password. It looks at each account.
    pub async fn count_hashed_with(db: &impl ConnectionTrait, mark: &str) -> Result<u64, DbErr> {
        Self::find()
            .filter(Column::PasswordHash.contains(mark))
            .count(db)
            .await
    }

    /// Whether the realm has any account, pending ones among them.
    pub async fn is_any_in(db: &impl ConnectionTrait, realm: &str) -> Result<bool, DbErr> {
        let one: Option<Uuid> = Self::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::Realm.eq(realm))
            .limit(1)
            .into_tuple()
            .one(db)
            .await?;
        Ok(one.is_some())
    }

    /// Puts a stronger hash of the same password in place of `old`, unless the password changed meanwhile.
    pub async fn strengthen_hash(
        db: &impl ConnectionTrait,
        id: Uuid,
        old: &str,
        new: String,
    ) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::PasswordHash, Expr::value(new))
            .filter(Column::Id.eq(id))
            .filter(Column::PasswordHash.eq(old))
            .exec(db)
            .await?;
        Ok(())
    }
}
