//! Accounts, pending ones among them.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Accounts {
    Table,
    Id,
    Realm,
    Username,
    UsernameCanonical,
    Email,
    EmailCanonical,
    EmailVerified,
    PendingEmail,
    PendingEmailCanonical,
    Phone,
    PhoneCanonical,
    FullName,
    BirthDate,
    Locale,
    Role,
    State,
    ExternalId,
    Attributes,
    PasswordHash,
    CredentialsVersion,
    Version,
    CreatedAt,
    UpdatedAt,
}

/// A pending registration holds its user name and email, so that its code has one account to go to; a phone or an
/// external id is judged when the code comes back, since nobody has proved anything before.
const PARTIAL: [&str; 2] = [
    "CREATE UNIQUE INDEX uq_accounts_phone ON accounts (realm, phone_canonical) WHERE state <> 'pending'",
    "CREATE UNIQUE INDEX uq_accounts_external_id ON accounts (realm, external_id) WHERE state <> 'pending'",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Accounts::Table)
                    .col(ColumnDef::new(Accounts::Id).uuid().not_null().primary_key())
                    .col(ColumnDef::new(Accounts::Realm).text().not_null())
                    .col(ColumnDef::new(Accounts::Username).text())
                    .col(ColumnDef::new(Accounts::UsernameCanonical).text())
                    .col(ColumnDef::new(Accounts::Email).text())
                    .col(ColumnDef::new(Accounts::EmailCanonical).text())
                    .col(ColumnDef::new(Accounts::EmailVerified).boolean().not_null())
                    .col(ColumnDef::new(Accounts::PendingEmail).text())
                    .col(ColumnDef::new(Accounts::PendingEmailCanonical).text())
                    .col(ColumnDef::new(Accounts::Phone).text())
                    .col(ColumnDef::new(Accounts::PhoneCanonical).text())
                    .col(ColumnDef::new(Accounts::FullName).text())
                    .col(ColumnDef::new(Accounts::BirthDate).text())
                    .col(ColumnDef::new(Accounts::Locale).text().not_null())
                    .col(ColumnDef::new(Accounts::Role).text().not_null())
                    .col(ColumnDef::new(Accounts::State).text().not_null())
                    .col(ColumnDef::new(Accounts::ExternalId).text())
                    .col(ColumnDef::new(Accounts::Attributes).text())
                    .col(ColumnDef::new(Accounts::PasswordHash).text().not_null())
                    .col(
                        ColumnDef::new(Accounts::CredentialsVersion)
                            .big_integer()
                            .not_null(),
                    )
                    .col(ColumnDef::new(Accounts::Version).big_integer().not_null())
                    .col(ColumnDef::new(Accounts::CreatedAt).big_integer().not_null())
                    .col(ColumnDef::new(Accounts::UpdatedAt).big_integer().not_null())
                    .to_owned(),
            )
            .await?;
        for (name, column) in [
            ("uq_accounts_username", Accounts::UsernameCanonical),
            ("uq_accounts_email", Accounts::EmailCanonical),
        ] {
            manager
                .create_index(
                    Index::create()
                        .name(name)
                        .table(Accounts::Table)
                        .col(Accounts::Realm)
                        .col(column)
                        .unique()
                        .to_owned(),
                )
                .await?;
        }
        for statement in PARTIAL {
            manager
                .get_connection()
                .execute_unprepared(statement)
                .await?;
        }
        manager
            .create_index(
                Index::create()
                    .name("ix_accounts_state_created_at")
                    .table(Accounts::Table)
                    .col(Accounts::State)
                    .col(Accounts::CreatedAt)
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(Accounts::Table).to_owned())
            .await
    }
}
