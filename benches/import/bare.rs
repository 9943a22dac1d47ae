//! The same rows without accountd: statements of many rows, through one connection.

use std::{
    fmt::Write as _,
    ops::Range,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use accountd::backend::{Clock, Random};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement, Value};

/// Rows of one statement, as accountd takes them.
const ROWS: usize = 256;
const COLUMNS: &str = "id, realm, username, username_canonical, email, email_canonical, email_verified, full_name, locale, role, \
                       state, password_hash, credentials_version, version, created_at, updated_at";
const WIDTH: usize = 16;

/// Brings the schema of a database up.
pub(crate) fn schema(binary: &Path, database: &str) {
    let directory = tempfile::tempdir().unwrap();
    let status = Command::new(binary)
        .args(["migrate", "up"])
        .env_clear()
        .env("ACCOUNTD_STORE__URL", database)
        .env("ACCOUNTD_DATA_DIRECTORY", directory.path())
        .stdout(std::process::Stdio::null())
        .status();
    assert!(status.unwrap().success());
}

/// Inserts rows, and tells how long that took.
pub(crate) async fn insert(db: &DatabaseConnection, numbers: Range<usize>, hash: &str) -> Duration {
    let numbers: Vec<usize> = numbers.collect();
    let began = Instant::now();
    for numbers in numbers.chunks(ROWS) {
        let values = numbers.iter().flat_map(|number| row(*number, hash));
        let statement =
            Statement::from_sql_and_values(db.get_database_backend(), sql(numbers.len()), values);
        db.execute_raw(statement).await.unwrap();
    }
    began.elapsed()
}

fn sql(rows: usize) -> String {
    let mut sql = format!("INSERT INTO accounts ({COLUMNS}) VALUES ");
    for row in 0..rows {
        let comma = if row == 0 { "" } else { ", " };
        let places: Vec<String> = (1..=WIDTH)
            .map(|place| format!("${}", row * WIDTH + place))
            .collect();
        write!(sql, "{comma}({})", places.join(", ")).unwrap();
    }
    sql
}

fn row(number: usize, hash: &str) -> [Value; WIDTH] {
    let name = format!("user{number}");
    let email = format!("{name}@example.com");
    [
        Random::System.id(Clock::System.now()).into(),
        "default".into(),
        name.clone().into(),
        name.into(),
        email.clone().into(),
        email.into(),
        true.into(),
        format!("Person {number}").into(),
        "en".into(),
        "USER".into(),
        "active".into(),
        hash.into(),
        1_i64.into(),
        1_i64.into(),
        1_769_860_800_000_i64.into(),
        1_769_860_800_000_i64.into(),
    ]
}
