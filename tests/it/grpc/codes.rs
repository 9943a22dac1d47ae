//! OT: what can be done with one-time codes that must not be.
//!
//! OT-11 wants a detector over all accounts, which there is not yet. OT-14 stands in `keys/codes.rs`.

use std::time::Duration;

use accountd::config::{LoginSteps, Settings};

use crate::support::service::Ground;

mod budget;
mod burnt;
mod counted;
mod format;
mod killed;
mod mailbox;
mod once;
mod person;
mod purpose;
mod race;
mod second_step;
mod secrecy;
mod times;

/// A minute and a second: after it, another code may be asked for in the realm `default`.
pub(super) const COOLDOWN: Duration = Duration::from_secs(61);

/// The realm `default` says why a code does not work, so that a test can see which guesses were evaluated.
fn disclosing(settings: &mut Settings) {
    Ground::realm(settings, "default").disclose_accounts = true;
}

/// And its codes are so long that no two are ever equal by chance.
fn long(settings: &mut Settings) {
    disclosing(settings);
    Ground::realm(settings, "default").code_digits = 10;
}

/// And a login takes a code, too.
pub(super) fn two_steps(settings: &mut Settings) {
    long(settings);
    Ground::realm(settings, "default").login_steps = LoginSteps::Two;
}
