//! What was issued to whom, and whether it was used: the durable half of a one-time code.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Codes {
    Table,
    Realm,
    Purpose,
    Subject,
    Issue,
    AccountId,
    Address,
    IssuedAt,
    ExpiresAt,
    ConsumedAt,
    WindowStartedAt,
    WindowIssues,
    IssuesInARow,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Codes::Table)
                    .col(ColumnDef::new(Codes::Realm).text().not_null())
                    .col(ColumnDef::new(Codes::Purpose).text().not_null())
                    .col(ColumnDef::new(Codes::Subject).text().not_null())
                    .col(ColumnDef::new(Codes::Issue).uuid().not_null())
                    .col(ColumnDef::new(Codes::AccountId).uuid())
                    .col(ColumnDef::new(Codes::Address).text().not_null())
                    .col(ColumnDef::new(Codes::IssuedAt).big_integer().not_null())
                    .col(ColumnDef::new(Codes::ExpiresAt).big_integer().not_null())
                    .col(ColumnDef::new(Codes::ConsumedAt).big_integer())
                    .col(
                        ColumnDef::new(Codes::WindowStartedAt)
                            .big_integer()
                            .not_null(),
                    )
                    .col(ColumnDef::new(Codes::WindowIssues).integer().not_null())
                    .col(ColumnDef::new(Codes::IssuesInARow).integer().not_null())
                    .primary_key(
                        Index::create()
                            .col(Codes::Realm)
                            .col(Codes::Purpose)
                            .col(Codes::Subject),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_codes_account")
                    .table(Codes::Table)
                    .col(Codes::AccountId)
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_codes_issued_at")
                    .table(Codes::Table)
                    .col(Codes::IssuedAt)
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(Codes::Table).to_owned())
            .await
    }
}
