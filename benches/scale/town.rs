//! A database of one size, and an accountd on it.

use std::{path::Path, sync::Arc};

use sea_orm::{ConnectionTrait as _, DatabaseConnection};

use crate::{
    processors,
    support::{
        crowd::Crowd,
        engines::{self, Engines},
        people,
        server::Accountd,
    },
};

/// People with an account, a session and the events of both.
pub(crate) struct Town {
    pub(crate) size: u64,
    pub(crate) server: Accountd,
    pub(crate) crowd: Arc<Crowd>,
    /// The first process of PostgreSQL.
    pub(crate) postmaster: String,
    // It stays until the end, so that no measurement pays for its.
    _db: DatabaseConnection,
}

impl Town {
    /// Fills a database of its own. All of it is on disk then.
    pub(crate) async fn found(binary: &Path, engines: &Engines, size: u64) -> Self {
        let database = engines.database(&format!("scale{size}")).await;
        let server = Accountd::start(binary, &engines.settings(&database));
        let people = people::sign_up(&server, 1).await;
        let db = engines::connect(&database).await;
        let crowd = Crowd::gather(&server, &db, &people[0].username, size).await;
        db.execute_unprepared("CHECKPOINT").await.unwrap();
        Self {
            size,
            server,
            crowd: Arc::new(crowd),
            postmaster: processors::postmaster(&db).await,
            _db: db,
        }
    }
}
