//! What named calls were answered, until it need not be told again.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Replies {
    Table,
    Key,
    Answer,
    ExpiresAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Replies::Table)
                    .col(ColumnDef::new(Replies::Key).text().not_null().primary_key())
                    .col(ColumnDef::new(Replies::Answer).blob().not_null())
                    .col(ColumnDef::new(Replies::ExpiresAt).big_integer().not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_replies_expires_at")
                    .table(Replies::Table)
                    .col(Replies::ExpiresAt)
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(Replies::Table).to_owned())
            .await
    }
}
