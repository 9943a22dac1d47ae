//! What a version leaves behind: its database, its Redis, and what its clients hold.

use std::{fs, path::PathBuf, time::Duration};

use accountd::{
    backend::{Random, Timestamp},
    keys::Keys,
};
use accountd_migrations::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait as _, Database};

use super::{dump, held::Held, keys};
use crate::support::{
    binary, postgres,
    redis::Server,
    service::{Engines, Ground, Node},
};

const HEAD: &str = "\
What the last version with fewer steps in its schema left behind. Made by
  UPDATE_FIXTURES=1 TEST_OTHER_BINARY=<the binary of that version> cargo test px_15_what_the_other_version_leaves
which lets it serve some people, and dumps its stores. Nobody else has ever used these tokens and passwords, and the keys
behind them are made of public phrases (tests/it/versions/keys.rs).
";

pub(super) struct Left {
    pub(super) sql: String,
    pub(super) held: Held,
}

/// A node of this version that goes on with what was left.
pub(super) struct Heir {
    pub(super) node: Node,
    /// Steps that it had to take.
    pub(super) steps: usize,
    // It ends when dropped.
    _redis: Option<Server>,
}

impl Left {
    /// What was committed beside the tests.
    pub(super) fn committed(engines: Engines) -> Self {
        let [sql, held] = files(engines).map(|path| fs::read_to_string(path).unwrap());
        let held = toml::from_str(&held).unwrap();
        Self { sql, held }
    }

    /// Puts it in the place of what was committed.
    pub(super) fn commit(&self, engines: Engines) {
        let [sql, held] = files(engines);
        let text = toml::to_string(&self.held).unwrap();
        fs::write(sql, format!("{}\n{}", under_marks("--"), self.sql)).unwrap();
        fs::write(held, format!("{}\n{text}", under_marks("#"))).unwrap();
    }

    /// Takes it over on fresh engines, a second after its clients were told of it.
    pub(super) async fn taken_over(&self, engines: Engines) -> Heir {
        let at = Timestamp::from_millis(self.held.at_millis) + Duration::from_secs(1);
        let mut ground = Ground::at(engines, at, |_| {}).await;
        ground.store.url = match engines {
            Engines::Embedded => {
                let file = ground.path().join("left.db");
                format!("sqlite://{}?mode=rwc", file.display())
            }
            Engines::Production => postgres::database().await,
        };
        let steps = self.load(&ground.store.url).await;
        let directory = ground.path().join("left");
        keys::write(&directory);
        let (clock, random) = (ground.clock.clone(), Random::System);
        let delay = ground.settings.keys.activation_delay;
        ground.keys = Keys::load(&directory, delay, clock, random).unwrap();
        let mut redis = None;
        if engines == Engines::Production {
            let server = Server::start().await;
            dump::restore(&self.held.keys, &server).await;
            ground = ground.on_redis(&server).await;
            redis = Some(server);
        }
        Heir {
            node: ground.node().await,
            steps,
            _redis: redis,
        }
    }

    /// Loads the dump into an empty database, and brings its schema forward. How many steps that took.
    async fn load(&self, url: &str) -> usize {
        let db = Database::connect(url).await.unwrap();
        db.execute_unprepared(&self.sql).await.unwrap();
        let steps = Migrator::get_pending_migrations(&db).await.unwrap().len();
        Migrator::up(&db, None).await.unwrap();
        db.close().await.unwrap();
        steps
    }
}

/// The head as a comment.
fn under_marks(mark: &str) -> String {
    let lines: Vec<String> = HEAD.lines().map(|line| format!("{mark} {line}")).collect();
    lines.join("\n") + "\n"
}

fn files(engines: Engines) -> [PathBuf; 2] {
    let (sql, held) = match engines {
        Engines::Embedded => ("sqlite.sql", "sqlite.toml"),
        Engines::Production => ("postgres.sql", "postgres.toml"),
    };
    let directory = binary::root().join("tests/it/versions/fixtures");
    [directory.join(sql), directory.join(held)]
}
