//! The keys there are, in columns.

use super::Uses;
use crate::keys::{Algorithm, Kind, Listed};

/// A line for each key, with what lives by it where that was counted.
pub(super) fn table(keys: &[Listed], counted: Option<&Uses>) -> Vec<String> {
    let head = ["ID", "KIND", "ALGORITHM", "STATE", "AGE"].map(str::to_owned);
    let mut table = vec![row(head, counted.map(|_| "USED BY".to_owned()))];
    for key in keys {
        let algorithm = key.algorithm.map_or("-", Algorithm::name);
        let columns = [
            key.id.to_string(),
            key.kind.to_string(),
            algorithm.to_owned(),
            key.state.to_string(),
            humantime::format_duration(key.age).to_string(),
        ];
        let used = counted.map(|uses| match key.kind {
            Kind::Signing => "access tokens".to_owned(),
            Kind::Secret => uses.by(&key.id).to_string(),
        });
        table.push(row(columns, used));
    }
    let lost = counted.map(Uses::lost);
    if let Some(lost) = lost.filter(|lost| !lost.is_nothing()) {
        table.push(String::new());
        table.push(format!(
            "{lost} live by secret keys that are not here: restore those keys, or the sessions end and the passwords have \
             to be reset."
        ));
    }
    table
}

fn row([id, kind, algorithm, state, age]: [String; 5], used: Option<String>) -> String {
    let row = format!("{id:21}  {kind:7}  {algorithm:9}  {state:9}  ");
    match used {
        Some(used) => format!("{row}{age:22}  {used}"),
        None => format!("{row}{age}"),
    }
}
