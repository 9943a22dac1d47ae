//! The table of issued codes: the durable judge of how often a code is sent and whether it has been used.
//!
//! The code itself is nowhere: it is derived from a key and the nonce that the key-value store holds.

use sea_orm::{
    ActiveModelBehavior, ColumnTrait, Condition, ConnectionTrait, DbErr, DeriveEntityModel,
    DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, ExprTrait as _, PrimaryKeyTrait,
    QueryFilter, QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

/// One row: the last issue of a purpose for a subject.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "codes")]
pub struct Model {
    /// The population.
    #[sea_orm(primary_key, auto_increment = false)]
    pub realm: String,
    /// What the code proves.
    #[sea_orm(primary_key, auto_increment = false)]
    pub purpose: String,
    /// Whose budget it counts against: an address or an account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
    /// The name of this issue.
    pub issue: Uuid,
    /// The account that the code acts on; none for an address without one.
    pub account_id: Option<Uuid>,
    /// The canonical address that the code was sent to.
    pub address: String,
    /// Milliseconds since 1970.
    pub issued_at: i64,
    /// Milliseconds since 1970.
    pub expires_at: i64,
    /// When it was used, or made useless by what happened to its account.
    pub consumed_at: Option<i64>,
    /// When the day began that `window_issues` counts.
    pub window_started_at: i64,
    /// Issues since then.
    pub window_issues: i32,
    /// Issues since the last one that was used.
    pub issues_in_a_row: i32,
    /// Wrong guesses at this issue.
    pub wrong_guesses: i32,
}

impl Model {
    /// How many more wrong guesses it takes, of so many that it is granted.
    pub fn guesses_left(&self, granted: u32) -> u32 {
        granted.saturating_sub(self.wrong_guesses.unsigned_abs())
    }
}

/// None.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// The last issue, locked until the transaction ends.
    pub async fn lock(
        db: &impl ConnectionTrait,
        realm: &str,
        purpose: &str,
        subject: &str,
    ) -> Result<Option<Model>, DbErr> {
        Self::find_by_id((realm.to_owned(), purpose.to_owned(), subject.to_owned()))
            .lock_exclusive()
            .one(db)
            .await
    }

    /// The last issue.
    pub async fn find_by_subject(
        db: &impl ConnectionTrait,
        realm: &str,
        purpose: &str,
        subject: &str,
    ) -> Result<Option<Model>, DbErr> {
        Self::find_by_id((realm.to_owned(), purpose.to_owned(), subject.to_owned()))
            .one(db)
            .await
    }

    /// The last issue that acts on the account.
    pub async fn find_by_account(
        db: &impl ConnectionTrait,
        realm: &str,
        purpose: &str,
        account_id: Uuid,
    ) -> Result<Option<Model>, DbErr> {
        Self::find()
            .filter(Column::AccountId.eq(account_id))
            .filter(Column::Realm.eq(realm))
            .filter(Column::Purpose.eq(purpose))
            .one(db)
            .await
    }

    /// Uses the issue up, unless it is used already, was guessed wrong as often as granted, or is not the last one.
    /// Returns whether it did.
    pub async fn consume(
        db: &impl ConnectionTrait,
        row: &Model,
        granted: u32,
        now: i64,
    ) -> Result<bool, DbErr> {
        let used = Self::update_many()
            .col_expr(Column::ConsumedAt, Expr::value(now))
            .col_expr(Column::IssuesInARow, Expr::value(0))
            .filter(Column::Realm.eq(&row.realm))
            .filter(Column::Purpose.eq(&row.purpose))
            .filter(Column::Subject.eq(&row.subject))
            .filter(Column::Issue.eq(row.issue))
            .filter(Column::ConsumedAt.is_null())
            .filter(Column::WrongGuesses.lt(i64::from(granted)))
            .filter(Column::ExpiresAt.gt(now))
            .exec(db)
            .await?;
        Ok(used.rows_affected == 1)
    }

    /// Counts a wrong guess at an issue of the row's subject, unless so many were made or it is not the last one. Returns
    /// whether it did.
    pub async fn count_wrong_guess(
        db: &impl ConnectionTrait,
        row: &Model,
        issue: Uuid,
        granted: u32,
    ) -> Result<bool, DbErr> {
        let counted = Self::update_many()
            .col_expr(Column::WrongGuesses, Expr::col(Column::WrongGuesses).add(1))
            .filter(Column::Realm.eq(&row.realm))
            .filter(Column::Purpose.eq(&row.purpose))
            .filter(Column::Subject.eq(&row.subject))
            .filter(Column::Issue.eq(issue))
            .filter(Column::WrongGuesses.lt(i64::from(granted)))
            .exec(db)
            .await?;
        Ok(counted.rows_affected == 1)
    }

    /// The last issues of all purposes that concern an account, those to its address among them.
    pub async fn list_of(
        db: &impl ConnectionTrait,
        realm: &str,
        account_id: Uuid,
        email: Option<&str>,
    ) -> Result<Vec<Model>, DbErr> {
        Self::find()
            .filter(Column::Realm.eq(realm))
            .filter(of_account(account_id, email))
            .all(db)
            .await
    }

    /// Gives the budget of issues back for one purpose of an account; guesses stay counted.
    pub async fn renew(
        db: &impl ConnectionTrait,
        realm: &str,
        purpose: &str,
        account_id: Uuid,
        email: Option<&str>,
    ) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::WindowIssues, Expr::value(0))
            .col_expr(Column::IssuesInARow, Expr::value(0))
            .filter(Column::Realm.eq(realm))
            .filter(Column::Purpose.eq(purpose))
            .filter(of_account(account_id, email))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Makes every outstanding code of an account useless, the ones sent to its address among them.
    pub async fn kill(
        db: &impl ConnectionTrait,
        realm: &str,
        account_id: Uuid,
        email: Option<&str>,
        now: i64,
    ) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::ConsumedAt, Expr::value(now))
            .filter(Column::Realm.eq(realm))
            .filter(of_account(account_id, email))
            .filter(Column::ConsumedAt.is_null())
            .exec(db)
            .await?;
        Ok(())
    }

    /// Forgets issues made before `stale_before`, at most `limit` at a time. Returns how many.
    ///
    /// `stale_before` must lie a budget's day back at least, else the budget would be forgotten with it.
    pub async fn sweep(
        db: &impl ConnectionTrait,
        stale_before: i64,
        limit: u64,
    ) -> Result<u64, DbErr> {
        let stale: Vec<Uuid> = Self::find()
            .select_only()
            .column(Column::Issue)
            .filter(Column::IssuedAt.lt(stale_before))
            .limit(limit)
            .into_tuple()
            .all(db)
            .await?;
        let gone = Self::delete_many()
            .filter(Column::Issue.is_in(stale))
            .filter(Column::IssuedAt.lt(stale_before))
            .exec(db)
            .await?;
        Ok(gone.rows_affected)
    }
}

/// The codes that act on an account, and those that were sent to its address.
fn of_account(account_id: Uuid, email: Option<&str>) -> Condition {
    let of_account = Condition::any().add(Column::AccountId.eq(account_id));
    match email {
        Some(email) => of_account.add(Column::Address.eq(email)),
        None => of_account,
    }
}
