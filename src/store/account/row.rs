//! An account as statements that are written out name its columns, and as it is read from their rows.
//!
//! SeaORM builds the text of a statement each time, and finds each value by its column's name. For as many columns as an
//! account has, that costs more than the way to the database and back.

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, Value};

use super::Model;

/// The columns of a table named `a`, in the order of the fields of [`Model`].
macro_rules! columns {
    () => {
        "a.id, a.realm, a.username, a.username_canonical, a.email, a.email_canonical, a.email_verified, \
         a.pending_email, a.pending_email_canonical, a.phone, a.phone_canonical, a.full_name, a.birth_date, a.locale, \
         a.role, a.state, a.external_id, a.attributes, a.password_hash, a.credentials_version, a.version, \
         a.created_at, a.updated_at, a.picture_id, a.picture_type, a.picture_width, a.picture_height, \
         a.picture_size, a.picture_at, a.password_change_required"
    };
}

/// The statement that finds accounts where its words say.
macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT ",
            $crate::store::account::row::columns!(),
            " FROM accounts a WHERE ",
            $condition
        )
    };
}

pub(in crate::store) use {columns, select};

/// The account that the statement finds.
pub(super) async fn find<const N: usize>(
    db: &impl ConnectionTrait,
    sql: &str,
    values: [Value; N],
) -> Result<Option<Model>, DbErr> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let row = db.query_one_raw(statement).await?;
    row.map(|row| read(&row, 0)).transpose()
}

/// The account in a row, whose columns begin at place `first`.
pub(in crate::store) fn read(row: &QueryResult, first: usize) -> Result<Model, DbErr> {
    Ok(Model {
        id: row.try_get_by_index(first)?,
        realm: row.try_get_by_index(first + 1)?,
        username: row.try_get_by_index(first + 2)?,
        username_canonical: row.try_get_by_index(first + 3)?,
        email: row.try_get_by_index(first + 4)?,
        email_canonical: row.try_get_by_index(first + 5)?,
        email_verified: row.try_get_by_index(first + 6)?,
        pending_email: row.try_get_by_index(first + 7)?,
        pending_email_canonical: row.try_get_by_index(first + 8)?,
        phone: row.try_get_by_index(first + 9)?,
        phone_canonical: row.try_get_by_index(first + 10)?,
        full_name: row.try_get_by_index(first + 11)?,
        birth_date: row.try_get_by_index(first + 12)?,
        locale: row.try_get_by_index(first + 13)?,
        role: row.try_get_by_index(first + 14)?,
        state: row.try_get_by_index(first + 15)?,
        external_id: row.try_get_by_index(first + 16)?,
        attributes: row.try_get_by_index(first + 17)?,
        password_hash: row.try_get_by_index(first + 18)?,
        credentials_version: row.try_get_by_index(first + 19)?,
        version: row.try_get_by_index(first + 20)?,
        created_at: row.try_get_by_index(first + 21)?,
        updated_at: row.try_get_by_index(first + 22)?,
        picture_id: row.try_get_by_index(first + 23)?,
        picture_type: row.try_get_by_index(first + 24)?,
        picture_width: row.try_get_by_index(first + 25)?,
        picture_height: row.try_get_by_index(first + 26)?,
        picture_size: row.try_get_by_index(first + 27)?,
        picture_at: row.try_get_by_index(first + 28)?,
        password_change_required: row.try_get_by_index(first + 29)?,
    })
}

#[cfg(test)]
mod tests {
    use sea_orm::{IdenStatic as _, Iterable as _};

    use crate::store::account::Column;

    #[test]
    fn statements_have_every_column_in_the_order_of_the_fields() {
        let all: Vec<String> = Column::iter()
            .map(|column| format!("a.{}", column.as_str()))
            .collect();
        assert_eq!(columns!(), all.join(", "));
    }
}
