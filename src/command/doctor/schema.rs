//! The schema of the database, against the steps that this version knows.

use sea_orm::{DbErr, sqlx::sqlite::SqliteConnectOptions};
use secrecy::ExposeSecret as _;

use super::{Patient, report::Report};
use crate::{
    command::{
        migrate::Standing,
        serve::{open, schema},
    },
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
    match look(patient).await {
        Ok(standing) => judge(report, patient, &standing),
        Err(error) => report.fail(
            format!("its version cannot be read: {error}"),
            "let the user of store.url read the table seaql_migrations",
        ),
    }
}

fn judge(report: Report, patient: &Patient, standing: &Standing) -> Report {
    let steps = &standing.known;
    let pending = standing.pending();
    let taken = steps.len() - pending;
    let first = steps.iter().position(|(_, is_taken)| !is_taken);
    if let Some(first) = first.filter(|first| *first < taken) {
        return report.fail(
            format!("step {} was not taken, but later ones were", first + 1),
            "restore the database from its last good backup, or run `accountd migrate up` if no step was lost",
        );
    }
    if let Some(step) = standing.breaking() {
        return report.fail(
            format!("the step {step} of a newer version has taken away what this one uses"),
            "run a version that knows the step",
        );
    }
    if let Some(newest) = standing.newer.last() {
        return if pending == 0 {
            report.warn(
                format!("all {taken} steps taken, and those of a newer version up to {newest}"),
                "finish the upgrade, or let it be if the upgrade was taken back",
            )
        } else {
            report.fail(
                format!(
                    "{pending} of {} steps not taken, but {newest} of a newer version",
                    steps.len()
                ),
                "run `accountd migrate up` of the newer version",
            )
        };
    }
    if pending == 0 {
        return report.ok(format!("all {taken} steps taken"));
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

async fn look(patient: &Patient) -> Result<Standing, DbErr> {
    let options = open::database_options(
        &patient.settings,
        patient.settings.store.statement_timeout,
        &Faults::none(),
    );
    let db = store::connect_to_look(&options).await?;
    Standing::of(db.pool()).await
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
