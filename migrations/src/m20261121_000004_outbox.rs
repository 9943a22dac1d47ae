//! Mail waiting to be sent.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, integer, pk_uuid, text, text_null},
};

/// Creates the table `outbox`.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("outbox")
                    .col(pk_uuid("id"))
                    .col(text("realm"))
                    .col(text("recipient"))
                    .col(text("locale"))
                    .col(text("mail"))
                    .col(big_integer("created_at"))
                    .col(big_integer("due_at"))
                    .col(big_integer_null("not_after"))
                    .col(integer("attempts"))
                    .col(integer("copies"))
                    .col(big_integer_null("lease_until"))
                    .col(text_null("last_error"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("outbox_due_at")
                    .table("outbox")
                    .col("due_at")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("outbox").to_owned())
            .await
    }
}
