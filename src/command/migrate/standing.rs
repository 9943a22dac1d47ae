//! Where the schema of a database stands against the steps that this version knows.

use accountd_migrations::{Migrator, MigratorTrait as _};
use sea_orm::{DbErr, EntityTrait as _};
use sea_orm_migration::{IntoSchemaManagerConnection, SchemaManager, seaql_migrations};

/// The end of the name of a step that takes away what the version before it still uses.
const CONTRACT: &str = "_contract";

/// What has been done to the schema, and what has not.
#[derive(Debug)]
pub(in crate::command) struct Standing {
    /// The steps of this version, oldest first, each with whether it has been taken.
    pub(in crate::command) known: Vec<(String, bool)>,
    /// Steps of newer versions that have been taken, oldest first.
    pub(in crate::command) newer: Vec<String>,
}

impl Standing {
    /// Looks, and changes nothing.
    pub(in crate::command) async fn of<'c>(
        db: impl IntoSchemaManagerConnection<'c>,
    ) -> Result<Self, DbErr> {
        let schema = SchemaManager::new(db);
        let mut taken = Vec::new();
        if schema.has_table("seaql_migrations").await? {
            let rows = seaql_migrations::Entity::find();
            let rows = rows.all(schema.get_connection()).await?;
            taken.extend(rows.into_iter().map(|row| row.version));
        }
        taken.sort();
        let known = Migrator::migrations()
            .iter()
            .map(|step| step.name().to_owned())
            .map(|name| (name.clone(), taken.contains(&name)))
            .collect::<Vec<_>>();
        taken.retain(|name| known.iter().all(|(known, _)| known != name));
        Ok(Self {
            known,
            newer: taken,
        })
    }

    /// How many steps of this version have not been taken.
    pub(in crate::command) fn pending(&self) -> usize {
        self.known.iter().filter(|(_, is_taken)| !is_taken).count()
    }

    /// The step of a newer version that has taken away what this one uses, if there is one.
    ///
    /// All other steps leave the version before them working, so that replicas of both may serve during an upgrade, and an
    /// upgrade can be taken back without its steps.
    pub(in crate::command) fn breaking(&self) -> Option<&str> {
        let breaking = self.newer.iter().find(|name| name.ends_with(CONTRACT));
        breaking.map(String::as_str)
    }
}
