//! Everything that SQL and the mailboxes tell, in words that are the same whenever the same has happened.

use std::{collections::BTreeMap, time::Duration};

use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement};
use serde_json::{Map, Value};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::scenes::addresses;
use crate::support::client::Client;

/// What is never the same twice, and how it begins.
const RANDOM: [&str; 2] = ["$argon2", "\\x"];
/// Milliseconds since 1970, all of them.
const INSTANT: i64 = 1_000_000_000_000;

/// The tables of a service, seen from outside it.
pub struct Tables {
    db: DatabaseConnection,
    /// Each with the statement that tells its rows as JSON.
    all: BTreeMap<String, String>,
}

/// All rows and the number of letters, one line each, sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State(pub Vec<String>);

/// Numbers for ids, keys and hashes, in the order in which they are met.
pub struct Labels {
    name: String,
    known: Vec<String>,
}

impl Tables {
    pub async fn open(url: &str) -> Self {
        let db = Database::connect(url).await.unwrap();
        let all = match db.get_database_backend() {
            DbBackend::Sqlite => of_sqlite(&db).await,
            _ => of_postgres(&db).await,
        };
        Self { db, all }
    }

    /// Removes all rows.
    pub async fn clear(&self) {
        let mut left: Vec<&String> = self.all.keys().collect();
        while !left.is_empty() {
            let before = left.len();
            let mut refused = Vec::new();
            for table in left {
                let gone = format!("DELETE FROM \"{table}\"");
                // Rows that others refer to go in a later round.
                if self.db.execute_unprepared(&gone).await.is_err() {
                    refused.push(table);
                }
            }
            left = refused;
            assert!(left.len() < before, "these cannot be emptied: {left:?}");
        }
    }

    /// Whether the outbox is empty in time; `wake` is called now and then.
    pub async fn all_mailed(&self, most: Duration, wake: impl Fn()) -> bool {
        let end = Instant::now() + most;
        while !self.rows("outbox").await.is_empty() {
            if Instant::now() > end {
                return false;
            }
            wake();
            sleep(Duration::from_millis(10)).await;
        }
        true
    }

    /// What a person of that name is, and how many letters have gone there.
    pub async fn look(&self, labels: &mut Labels, client: &Client) -> State {
        let mut rows = Vec::new();
        for table in self.all.keys() {
            for row in self.rows(table).await {
                // A picture that waits to be removed is nobody's.
                let is_nobodys = table == "pictures" && !row["remove_at"].is_null();
                if !is_nobodys {
                    rows.push((labels.masked(table, &row), row.to_string(), row));
                }
            }
        }
        // Rows that look alike stand in the order in which they were made: times come before ids.
        rows.sort_by(|(one, early, _), (other, late, _)| (one, early).cmp(&(other, late)));
        let mut lines: Vec<String> = rows
            .iter()
            .map(|(masked, _, row)| format!("{masked} {}", labels.told(row)))
            .collect();
        for address in addresses(&labels.name) {
            let count = client.letters_to(&address).len();
            lines.push(format!("{count} letters to {}", labels.plain(&address)));
        }
        State(lines)
    }

    async fn rows(&self, table: &str) -> Vec<Value> {
        let found = texts(&self.db, &self.all[table]).await;
        let rows = found.iter().map(|row| serde_json::from_str(row).unwrap());
        rows.collect()
    }
}

async fn of_sqlite(db: &DatabaseConnection) -> BTreeMap<String, String> {
    let list = "SELECT m.name || '.' || p.name AS it FROM sqlite_master m JOIN pragma_table_info(m.name) p \
        WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'seaql_migrations'";
    let mut parts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for column in texts(db, list).await {
        let (table, column) = column.split_once('.').unwrap();
        let value = format!(
            "CASE typeof(\"{column}\") WHEN 'blob' THEN '\\x' || hex(\"{column}\") ELSE \"{column}\" END"
        );
        let part = format!("'{column}', {value}");
        parts.entry(table.to_owned()).or_default().push(part);
    }
    let select = |(table, parts): (String, Vec<String>)| {
        let columns = parts.join(", ");
        let select = format!("SELECT json_object({columns}) AS it FROM \"{table}\"");
        (table, select)
    };
    parts.into_iter().map(select).collect()
}

async fn of_postgres(db: &DatabaseConnection) -> BTreeMap<String, String> {
    let list = "SELECT table_name::text AS it FROM information_schema.tables \
        WHERE table_schema = 'public' AND table_name <> 'seaql_migrations'";
    let tables = texts(db, list).await.into_iter();
    let select = |table: String| {
        let select = format!("SELECT row_to_json(t)::text AS it FROM \"{table}\" t");
        (table, select)
    };
    tables.map(select).collect()
}

async fn texts(db: &DatabaseConnection, query: &str) -> Vec<String> {
    let statement = Statement::from_string(db.get_database_backend(), query);
    let rows = db.query_all_raw(statement).await.unwrap();
    let text = |row: sea_orm::QueryResult| row.try_get::<String>("", "it").unwrap();
    rows.into_iter().map(text).collect()
}

impl Labels {
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            known: Vec::new(),
        }
    }

    /// A row without what is random and without times.
    fn masked(&self, table: &str, row: &Value) -> String {
        let fields: Map<String, Value> = fields(row)
            .iter()
            .map(|(column, value)| {
                let told = match value {
                    Value::Number(number) if is_instant(number) => Value::from("a time"),
                    Value::String(text) if is_random(text) => Value::from("random"),
                    Value::String(text) => Value::from(self.plain(&without_ids(text).0)),
                    other => other.clone(),
                };
                (column.clone(), told)
            })
            .collect();
        format!("{table} {}", Value::Object(fields))
    }

    /// The random parts of a row, numbered.
    fn told(&mut self, row: &Value) -> String {
        let mut told = Vec::new();
        for value in fields(row).values() {
            let Value::String(text) = value else {
                continue;
            };
            if is_random(text) {
                told.push(self.number(text));
            } else {
                for id in without_ids(text).1 {
                    told.push(self.number(&id));
                }
            }
        }
        format!("{told:?}")
    }

    fn number(&mut self, text: &str) -> usize {
        let place = self.known.iter().position(|known| known == text);
        place.unwrap_or_else(|| {
            self.known.push(text.to_owned());
            self.known.len() - 1
        })
    }

    fn plain(&self, text: &str) -> String {
        text.replace(&self.name, "NAME")
    }
}

fn fields(row: &Value) -> &Map<String, Value> {
    row.as_object().unwrap()
}

fn is_instant(number: &serde_json::Number) -> bool {
    number.as_i64().is_some_and(|number| number > INSTANT)
}

fn is_random(text: &str) -> bool {
    RANDOM.iter().any(|beginning| text.starts_with(beginning))
}

/// A text without the ids in it, and those.
fn without_ids(text: &str) -> (String, Vec<String>) {
    /// Digits and hyphens.
    const LENGTH: usize = 36;
    let (mut rest, mut plain, mut ids) = (text, String::new(), Vec::new());
    while let Some(first) = rest.chars().next() {
        match rest.get(..LENGTH) {
            Some(id) if Uuid::try_parse(id).is_ok() => {
                ids.push(id.to_owned());
                plain.push('#');
                rest = &rest[LENGTH..];
            }
            _ => {
                plain.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    (plain, ids)
}
