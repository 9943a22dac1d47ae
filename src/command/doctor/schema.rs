//! The schema of the database, against the steps that this version knows.

use accountd_migrations::{Migrator, MigratorTrait as _};
use sea_orm::DbErr;
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm_migration::{Migration, MigrationStatus};
use secrecy::ExposeSecret as _;

use super::{Patient, report::Report};
use crate::{
    command::serve::{open, schema},
    faults::Faults,
    store,
};

pub(super) const NAME: &str = "schema";

const UP: &str = "run `accountd migrate up`, or set store.migrate to `always`";

/// Compares the steps that were taken with those that are known.
pub(super) async fn check(patient: &Patient) -> Report {
    let report = Report::new(NAME);
    if has_no_file(patient) {
        return report.ok("the first start makes it, with the database");
    }
    match steps(patient).await {
        Ok(steps) => judge(report, patient, &steps),
        Err(DbErr::Custom(unknown)) => report.fail(
            format!("it is newer than this accountd: {unknown}"),
            "run the accountd that made it or a newer one, or take back its steps with that one's `accountd migrate down`",
        ),
        Err(error) => report.fail(
            format!("its version cannot be read: {error}"),
            "let the user of store.url read the table seaql_migrations",
        ),
    }
}

fn judge(report: Report, patient: &Patient, steps: &[MigrationStatus]) -> Report {
    let is_pending = |step: &MigrationStatus| matches!(step, MigrationStatus::Pending);
    let pending = steps.iter().filter(|step| is_pending(step)).count();
    let begun = steps.len() - pending;
    let first = steps.iter().position(is_pending).unwrap_or(steps.len());
    if first < begun {
        return report.fail(
            format!("step {} was not taken, but later ones were", first + 1),
            "restore the database from its last good backup, or run `accountd migrate up` if no step was lost",
        );
    }
    if pending == 0 {
        return report.ok(format!("all {begun} steps taken"));
    }
    let found = format!("{pending} of {} steps not taken", steps.len());
    if schema::may_migrate(&patient.settings) {
        report.warn(
            found,
            "run `accountd migrate up`, or let the next start do it",
        )
    } else {
        report.fail(found, UP)
    }
}

async fn steps(patient: &Patient) -> Result<Vec<MigrationStatus>, DbErr> {
    let options = open::database_options(
        &patient.settings,
        patient.settings.store.statement_timeout,
        &Faults::none(),
    );
    let db = store::connect_to_look(&options).await?;
    let steps = Migrator::get_migration_with_status_read_only(db.pool()).await?;
    Ok(steps.iter().map(Migration::status).collect())
}

fn has_no_file(patient: &Patient) -> bool {
    let url = patient.settings.database_url();
    let url = url.expose_secret();
    let file = url
        .starts_with("sqlite:")
        .then(|| url.parse::<SqliteConnectOptions>());
    url.contains(":memory:")
        || matches!(file, Some(Ok(options)) if !options.get_filename().exists())
}
