//! Everything that SQL and the mailboxes tell, in words that are the same whenever the same has happened.

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use sea_orm::{
    ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement, TransactionTrait as _,
};
use serde_json::{Map, Value};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep},
};
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
    /// Their names; what refers to another stands before it, as far as that is known.
    names: Mutex<Vec<String>>,
    /// Tells the rows of all of them, each as JSON behind the name of its table.
    all: String,
}

/// All rows and the number of letters, one line each, sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State(pub Vec<String>);

/// Numbers for ids, keys and hashes, in the order in which they are met.
pub struct Labels {
    name: String,
    known: Vec<String>,
}

/// A scene without faults.
pub struct Reference {
    pub before: State,
    pub after: State,
    /// What it passed, in this order.
    pub points: Vec<String>,
}

impl Tables {
    pub async fn open(url: &str) -> Self {
        let db = Database::connect(url).await.unwrap();
        let selects = match db.get_database_backend() {
            DbBackend::Sqlite => of_sqlite(&db).await,
            _ => of_postgres(&db).await,
        };
        let (names, selects): (Vec<String>, Vec<String>) = selects.into_iter().unzip();
        Self {
            db,
            names: Mutex::new(names),
            all: selects.join(" UNION ALL "),
        }
    }

    /// Removes all rows.
    pub async fn clear(&self) {
        let mut names = self.names.lock().await;
        // Whatever is referred to is tried again behind all others.
        for _ in 0..=names.len() * names.len() {
            let Err(refused) = self.delete_all(&names).await else {
                return;
            };
            let name = names.remove(refused);
            names.push(name);
        }
        panic!("these cannot be emptied: {names:?}");
    }

    /// Empties these tables in this order, all or none; which one could not be.
    async fn delete_all(&self, names: &[String]) -> Result<(), usize> {
        let tx = self.db.begin().await.unwrap();
        for (place, name) in names.iter().enumerate() {
            let gone = format!("DELETE FROM \"{name}\"");
            if tx.execute_unprepared(&gone).await.is_err() {
                tx.rollback().await.unwrap();
                return Err(place);
            }
        }
        tx.commit().await.unwrap();
        Ok(())
    }

    /// Whether the outbox is empty in time; `wake` is called now and then.
    pub async fn all_mailed(&self, most: Duration, wake: impl Fn()) -> bool {
        let end = Instant::now() + most;
        while !self.letters().await.is_empty() {
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
        for line in texts(&self.db, &self.all).await {
            let (table, row) = line.split_once(' ').unwrap();
            let row: Value = serde_json::from_str(row).unwrap();
            // A picture that waits to be removed is nobody's.
            let is_nobodys = table == "pictures" && !row["remove_at"].is_null();
            if !is_nobodys {
                rows.push((labels.masked(table, &row), row.to_string(), row));
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

    /// Whether somebody has taken a letter out of the outbox and not put it back.
    pub async fn has_taken_letters(&self) -> bool {
        self.letters().await.iter().any(|lease| lease == "taken")
    }

    /// One word for each letter in the outbox.
    async fn letters(&self) -> Vec<String> {
        let select =
            "SELECT CASE WHEN lease_until IS NULL THEN 'free' ELSE 'taken' END AS it FROM outbox";
        texts(&self.db, select).await
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
        let select = format!("SELECT '{table} ' || json_object({columns}) AS it FROM \"{table}\"");
        (table, select)
    };
    parts.into_iter().map(select).collect()
}

async fn of_postgres(db: &DatabaseConnection) -> BTreeMap<String, String> {
    let list = "SELECT table_name::text AS it FROM information_schema.tables \
        WHERE table_schema = 'public' AND table_name <> 'seaql_migrations'";
    let tables = texts(db, list).await.into_iter();
    let select = |table: String| {
        let select = format!("SELECT '{table} ' || row_to_json(t)::text AS it FROM \"{table}\" t");
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
    RANDOM.iter().any(|beginning| text.starts_with(beginning)) || is_key(text)
}

/// Whether it names one of a service's keys: `20260131T120000Z-d02d`.
fn is_key(text: &str) -> bool {
    let form = |(place, byte): (usize, u8)| match place {
        8 => byte == b'T',
        15 => byte == b'Z',
        16 => byte == b'-',
        0..16 => byte.is_ascii_digit(),
        _ => byte.is_ascii_hexdigit(),
    };
    text.len() == 21 && text.bytes().enumerate().all(form)
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

/// Whether the state is the one before or the one after (I10), and the latter where success was told (I6).
pub fn judge(told: bool, state: &State, reference: &Reference) -> Result<(), String> {
    if *state == reference.after || (!told && *state == reference.before) {
        return Ok(());
    }
    let from = difference(state, &reference.before);
    let to = difference(state, &reference.after);
    Err(format!(
        "told {told}, it is neither begun nor done; from before:{from}\nfrom after:{to}"
    ))
}

/// The lines that only one of two states has.
pub fn difference(found: &State, wanted: &State) -> String {
    let mut text = String::new();
    let only = |in_one: &State, other: &State| {
        let mut rest = other.0.clone();
        let mut only = in_one.0.clone();
        only.retain(|line| {
            let place = rest.iter().position(|other| other == line);
            place.map(|place| rest.remove(place)).is_none()
        });
        only
    };
    for (sign, lines) in [('+', only(found, wanted)), ('-', only(wanted, found))] {
        for line in lines {
            write!(text, "\n    {sign} {line}").unwrap();
        }
    }
    text
}
