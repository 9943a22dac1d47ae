//! How often a code was guessed wrong, so that no older key-value store gives guesses back; and codes by address.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Codes {
    Table,
    Realm,
    Address,
    WrongGuesses,
}

const BY_ADDRESS: &str = "ix_codes_address";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(
                Table::alter()
                    .table(Codes::Table)
                    .add_column(
                        ColumnDef::new(Codes::WrongGuesses)
                            .integer()
                            .not_null()
                            .default(0),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name(BY_ADDRESS)
                    .table(Codes::Table)
                    .col(Codes::Realm)
                    .col(Codes::Address)
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(
                Index::drop()
                    .name(BY_ADDRESS)
                    .table(Codes::Table)
                    .to_owned(),
            )
            .await?;
        manager
            .alter_table(
                Table::alter()
                    .table(Codes::Table)
                    .drop_column(Codes::WrongGuesses)
                    .to_owned(),
            )
            .await
    }
}
