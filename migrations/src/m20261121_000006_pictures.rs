//! Profile pictures: what is stored, whose it is, and the tickets to upload one before the first login.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Accounts {
    Table,
    Id,
    PictureId,
    PictureType,
    PictureWidth,
    PictureHeight,
    PictureSize,
    PictureAt,
}

#[derive(DeriveIden)]
enum Pictures {
    Table,
    Id,
    Realm,
    AccountId,
    ContentType,
    Width,
    Height,
    FullSize,
    FullDigest,
    #[sea_orm(iden = "square_512_size")]
    Square512Size,
    #[sea_orm(iden = "square_512_digest")]
    Square512Digest,
    #[sea_orm(iden = "square_128_size")]
    Square128Size,
    #[sea_orm(iden = "square_128_digest")]
    Square128Digest,
    CreatedAt,
    RemoveAt,
}

#[derive(DeriveIden)]
enum UploadTickets {
    Table,
    AccountId,
    Digest,
    ExpiresAt,
    IsUsed,
}

/// What the job that removes objects looks for, and nothing else.
const PARTIAL: [&str; 2] = [
    "CREATE INDEX ix_pictures_remove_at ON pictures (remove_at) WHERE remove_at IS NOT NULL",
    "CREATE INDEX ix_pictures_nobodys ON pictures (id) WHERE account_id IS NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One statement a column: SQLite adds no more at once.
        for column in [
            ColumnDef::new(Accounts::PictureId).uuid().take(),
            ColumnDef::new(Accounts::PictureType).text().take(),
            ColumnDef::new(Accounts::PictureWidth).integer().take(),
            ColumnDef::new(Accounts::PictureHeight).integer().take(),
            ColumnDef::new(Accounts::PictureSize).big_integer().take(),
            ColumnDef::new(Accounts::PictureAt).big_integer().take(),
        ] {
            manager
                .alter_table(
                    Table::alter()
                        .table(Accounts::Table)
                        .add_column(column)
                        .to_owned(),
                )
                .await?;
        }
        create_pictures(manager).await?;
        create_tickets(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(UploadTickets::Table).to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table(Pictures::Table).to_owned())
            .await?;
        for column in [
            Accounts::PictureId,
            Accounts::PictureType,
            Accounts::PictureWidth,
            Accounts::PictureHeight,
            Accounts::PictureSize,
            Accounts::PictureAt,
        ] {
            manager
                .alter_table(
                    Table::alter()
                        .table(Accounts::Table)
                        .drop_column(column)
                        .to_owned(),
                )
                .await?;
        }
        Ok(())
    }
}

async fn create_pictures(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table(Pictures::Table)
        .col(ColumnDef::new(Pictures::Id).uuid().not_null().primary_key())
        .col(ColumnDef::new(Pictures::Realm).text().not_null())
        .col(ColumnDef::new(Pictures::AccountId).uuid())
        .col(ColumnDef::new(Pictures::ContentType).text().not_null())
        .col(ColumnDef::new(Pictures::Width).integer().not_null())
        .col(ColumnDef::new(Pictures::Height).integer().not_null());
    for (size, digest) in [
        (Pictures::FullSize, Pictures::FullDigest),
        (Pictures::Square512Size, Pictures::Square512Digest),
        (Pictures::Square128Size, Pictures::Square128Digest),
    ] {
        table
            .col(ColumnDef::new(size).big_integer().not_null())
            .col(ColumnDef::new(digest).blob().not_null());
    }
    table
        .col(ColumnDef::new(Pictures::CreatedAt).big_integer().not_null())
        .col(ColumnDef::new(Pictures::RemoveAt).big_integer())
        // A picture outlives its account until its objects are removed. It is nobody's in the very statement that
        // removes the account, whichever that is.
        .foreign_key(
            ForeignKey::create()
                .name("fk_pictures_account")
                .from(Pictures::Table, Pictures::AccountId)
                .to(Accounts::Table, Accounts::Id)
                .on_delete(ForeignKeyAction::SetNull),
        );
    manager.create_table(table).await?;
    manager
        .create_index(
            Index::create()
                .name("ix_pictures_account")
                .table(Pictures::Table)
                .col(Pictures::AccountId)
                .to_owned(),
        )
        .await?;
    for statement in PARTIAL {
        manager
            .get_connection()
            .execute_unprepared(statement)
            .await?;
    }
    Ok(())
}

async fn create_tickets(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(UploadTickets::Table)
                .col(
                    ColumnDef::new(UploadTickets::AccountId)
                        .uuid()
                        .not_null()
                        .primary_key(),
                )
                .col(ColumnDef::new(UploadTickets::Digest).blob().not_null())
                .col(
                    ColumnDef::new(UploadTickets::ExpiresAt)
                        .big_integer()
                        .not_null(),
                )
                .col(ColumnDef::new(UploadTickets::IsUsed).boolean().not_null())
                .foreign_key(
                    ForeignKey::create()
                        .name("fk_upload_tickets_account")
                        .from(UploadTickets::Table, UploadTickets::AccountId)
                        .to(Accounts::Table, Accounts::Id)
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("ix_upload_tickets_expires_at")
                .table(UploadTickets::Table)
                .col(UploadTickets::ExpiresAt)
                .to_owned(),
        )
        .await
}
