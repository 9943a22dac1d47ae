//! The way that letters take, up to the point where one would leave.

use super::{
    Patient,
    directory::{self, Directory},
    report::Report,
};
use crate::{
    backend::{
        Mailer,
        mail::{Options, SmtpOptions},
    },
    command::serve::open,
};

pub(super) const NAME: &str = "mail";

/// Greets the relay, goes over to TLS and logs in, and sends nothing; or looks at the directory for letters.
pub(super) async fn check(patient: &Patient) -> Report {
    let report = Report::new(NAME);
    match open::mail_options(&patient.settings) {
        Options::Memory => report.ok("letters stay in memory"),
        Options::File { directory } => {
            let name = directory.display().to_string();
            let looked = tokio::task::spawn_blocking(move || directory::look(&directory)).await;
            match looked {
                Ok(Directory::Writable) => report.ok(format!("letters become files in {name}")),
                Ok(Directory::Missing) => report.ok(format!(
                    "letters become files in {name}, which the first start makes"
                )),
                Ok(Directory::Unusable(why)) => report.fail(
                    why,
                    "let this user write there, or name another place by data_directory",
                ),
                Err(error) => report.fail(error.to_string(), "run it again"),
            }
        }
        Options::Smtp(options) => relay(report, patient, options).await,
    }
}

async fn relay(report: Report, patient: &Patient, options: SmtpOptions) -> Report {
    let place = format!("{}:{}", options.host, options.port);
    let mut found = format!("the relay {place} lets us in by {:?}", options.security);
    if options.username.is_some() {
        found.push_str(" and with our password");
    }
    let options = SmtpOptions {
        timeout: options.timeout.min(patient.limit),
        ..options
    };
    let mailer = match Mailer::open(Options::Smtp(options), patient.clock.clone()) {
        Ok(mailer) => mailer,
        Err(error) => {
            return report.fail(
                error.to_string(),
                "correct mail.smtp_security, mail.smtp_username or mail.smtp_ca_file as said",
            );
        }
    };
    match mailer.probe().await {
        Ok(()) => report.ok(found),
        Err(error) => {
            let why = error.to_string();
            let advice = advice(&why);
            report.fail(format!("the relay {place}: {why}"), advice)
        }
    }
}

/// By the step that failed, which the mailer's errors name.
fn advice(why: &str) -> &'static str {
    if why.contains("AUTH") {
        "correct mail.smtp_username and mail.smtp_password, or permit AUTH PLAIN or LOGIN on the relay"
    } else if why.contains("certificate") {
        "name the authority of the relay's certificate by mail.smtp_ca_file, and the relay as there by mail.smtp_host"
    } else if why.contains("STARTTLS") {
        "switch on STARTTLS on the relay, or set mail.smtp_security to `tls` with its port, usually 465"
    } else {
        "let this machine reach the relay, or correct mail.smtp_host, mail.smtp_port and mail.smtp_security"
    }
}
