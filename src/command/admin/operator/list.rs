//! `accountd admin operator list`.

use rustls::pki_types::ServerName;
use serde::Serialize;

use crate::{
    backend::{Clock, Timestamp},
    command::admin::{
        output::{Output, json_line},
        table::Table,
        values::time_text,
    },
    config::Settings,
    operators::{self, Entry, Proof, Scope},
};

/// An operator, without what recognises its token.
#[derive(Serialize)]
struct Listed {
    name: String,
    scopes: Vec<Scope>,
    /// None: all.
    realms: Option<Vec<String>>,
    expires: Option<String>,
    is_expired: bool,
    /// None: it has a token.
    certificate: Option<String>,
}

/// Prints all operators of the file.
pub(super) fn run(settings: &Settings, output: Output) -> anyhow::Result<()> {
    let now = Clock::System.now();
    let entries = operators::list(&settings.operators_file())?;
    let listed: Vec<Listed> = entries.into_iter().map(|one| listed(one, now)).collect();
    output.print(&if output.is_json() {
        listed.iter().map(json_line).collect::<Result<_, _>>()?
    } else {
        let rows: Vec<[String; 5]> = listed.into_iter().map(row).collect();
        Table::new(["NAME", "SCOPES", "REALMS", "EXPIRES", "PROOF"]).lines(&rows)
    })
}

fn listed(entry: Entry, now: Timestamp) -> Listed {
    let text = |at: Timestamp| {
        time_text(prost_types::Timestamp {
            seconds: at.seconds(),
            nanos: 0,
        })
    };
    Listed {
        name: entry.name,
        scopes: entry.scopes.into_iter().collect(),
        realms: entry.realms.map(|realms| realms.into_iter().collect()),
        expires: entry.expires.and_then(text),
        is_expired: entry.expires.is_some_and(|at| at <= now),
        certificate: match &entry.proof {
            Proof::Token(_) => None,
            Proof::Certificate(name) => Some(ServerName::to_str(name).into_owned()),
        },
    }
}

fn row(listed: Listed) -> [String; 5] {
    let scopes: Vec<&str> = listed.scopes.iter().map(|scope| scope.as_str()).collect();
    let expires = match listed.expires {
        None => "never".to_owned(),
        Some(at) if listed.is_expired => format!("{at}, has passed"),
        Some(at) => at,
    };
    [
        listed.name,
        scopes.join(" "),
        listed
            .realms
            .map_or("all".to_owned(), |realms| realms.join(" ")),
        expires,
        listed.certificate.unwrap_or_else(|| "token".to_owned()),
    ]
}
