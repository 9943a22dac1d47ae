//! What operators do: whose act an event tells of, passwords that must be changed, and accounts in the order of their making.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Accounts {
    Table,
    Id,
    Realm,
    CreatedAt,
    PasswordChangeRequired,
}

#[derive(DeriveIden)]
enum AuditEvents {
    Table,
    Operator,
    Detail,
}

const BY_AGE: &str = "ix_accounts_realm_created_at";
const BY_OPERATOR: &str = "ix_audit_events_operator";

/// Few events are an operator's, so that the others are not to pay for it.
const OF_OPERATORS: &str = "CREATE INDEX ix_audit_events_operator ON audit_events (operator, id) WHERE operator IS NOT NULL";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(
                Table::alter()
                    .table(Accounts::Table)
                    .add_column(
                        ColumnDef::new(Accounts::PasswordChangeRequired)
                            .boolean()
                            .not_null()
                            .default(false),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name(BY_AGE)
                    .table(Accounts::Table)
                    .col(Accounts::Realm)
                    .col(Accounts::CreatedAt)
                    .col(Accounts::Id)
                    .to_owned(),
            )
            .await?;
        // SQLite adds one column at a time.
        for column in [AuditEvents::Operator, AuditEvents::Detail] {
            manager
                .alter_table(
                    Table::alter()
                        .table(AuditEvents::Table)
                        .add_column(ColumnDef::new(column).text())
                        .to_owned(),
                )
                .await?;
        }
        manager
            .get_connection()
            .execute_unprepared(OF_OPERATORS)
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table) in [
            (BY_OPERATOR, AuditEvents::Table.into_iden()),
            (BY_AGE, Accounts::Table.into_iden()),
        ] {
            manager
                .drop_index(Index::drop().name(name).table(table).to_owned())
                .await?;
        }
        for column in [AuditEvents::Detail, AuditEvents::Operator] {
            manager
                .alter_table(
                    Table::alter()
                        .table(AuditEvents::Table)
                        .drop_column(column)
                        .to_owned(),
                )
                .await?;
        }
        manager
            .alter_table(
                Table::alter()
                    .table(Accounts::Table)
                    .drop_column(Accounts::PasswordChangeRequired)
                    .to_owned(),
            )
            .await
    }
}
