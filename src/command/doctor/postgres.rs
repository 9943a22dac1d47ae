//! A PostgreSQL server.

use sea_orm::sqlx::{
    self, ConnectOptions as _, Connection as _, Error,
    postgres::{PgConnectOptions, PgConnection},
};

use super::{Patient, clock::Compared, report::Report};

/// The oldest major version whose makers still mend it.
const OLDEST: i32 = 14;

/// What the server says of itself.
struct About {
    version: String,
    version_number: i32,
    is_replica: bool,
    is_encrypted: bool,
    connections: i32,
    ahead: i64,
}

/// Logs in and asks. It is a connection of its own, since the pool would wait and then say no more than that.
pub(super) async fn check(
    report: Report,
    patient: &Patient,
    options: &PgConnectOptions,
    clock: &mut Option<Compared>,
) -> Report {
    let place = place(options);
    match ask(patient, options).await {
        Ok(about) => {
            let whose = "PostgreSQL".to_owned();
            let ahead = about.ahead;
            *clock = Some(Compared { whose, ahead });
            judge(report, patient, &place, &about)
        }
        Err(error) => report.fail(
            format!("{place} cannot be used: {}", words(&error)),
            advice(&error),
        ),
    }
}

fn judge(report: Report, patient: &Patient, place: &str, about: &About) -> Report {
    let protection = if about.is_encrypted { ", by TLS" } else { "" };
    let report = report.ok(format!(
        "PostgreSQL {} at {place}{protection}",
        about.version
    ));
    let report = if about.version_number / 10_000 < OLDEST {
        report.warn("it is no longer maintained", "upgrade PostgreSQL")
    } else {
        report
    };
    let report = if about.is_replica {
        report.fail(
            "it is a replica and takes no writes",
            "name the primary in store.url, the one that takes writes",
        )
    } else {
        report
    };
    let wanted = patient.settings.store.max_connections;
    if i64::from(wanted) > i64::from(about.connections) {
        return report.warn(
            format!(
                "it gives {} connections, and one replica wants {wanted}",
                about.connections
            ),
            "lower store.max_connections, or raise max_connections of PostgreSQL",
        );
    }
    report
}

async fn ask(patient: &Patient, options: &PgConnectOptions) -> Result<About, Error> {
    let options = options.clone().application_name("accountd doctor");
    let mut connection: PgConnection = options.disable_statement_logging().connect().await?;
    let (version, version_number, is_replica, is_encrypted, connections) = sqlx::query_as(
        "SELECT current_setting('server_version'), current_setting('server_version_num')::int, pg_is_in_recovery(), \
         coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false), \
         current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int",
    )
    .fetch_one(&mut connection)
    .await?;
    let before = patient.clock.now().millis();
    let there: i64 =
        sqlx::query_scalar("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint")
            .fetch_one(&mut connection)
            .await?;
    let between = i64::midpoint(before, patient.clock.now().millis());
    connection.close().await?;
    Ok(About {
        version,
        version_number,
        is_replica,
        is_encrypted,
        connections,
        ahead: there - between,
    })
}

/// Where it is, without who we are.
fn place(options: &PgConnectOptions) -> String {
    let database = options.get_database().unwrap_or_default();
    match options.get_socket() {
        Some(socket) => format!("{}/{database}", socket.display()),
        None => format!("{}:{}/{database}", options.get_host(), options.get_port()),
    }
}

fn words(error: &Error) -> String {
    match error {
        Error::Database(error) => error.message().to_owned(),
        error => error.to_string(),
    }
}

fn advice(error: &Error) -> &'static str {
    let code = match error {
        Error::Database(error) => error.code(),
        _ => None,
    };
    match (code.as_deref(), error) {
        (Some("28P01" | "28000"), _) => {
            "correct the user and the password in store.url, or pg_hba.conf of the server"
        }
        (Some("3D000"), _) => "create the database, or correct its name in store.url",
        (Some("42501"), _) => {
            "grant the user of store.url what it needs: to connect, and its own schema"
        }
        (Some("53300"), _) => {
            "raise max_connections of PostgreSQL, or lower store.max_connections of all replicas"
        }
        (_, Error::Tls(_)) => {
            "correct sslmode and sslrootcert in store.url, or the certificate of the server"
        }
        (None, _) => {
            "start PostgreSQL and let this machine reach it, or correct the host and the port in store.url"
        }
        _ => "see the log of PostgreSQL, and correct store.url",
    }
}
