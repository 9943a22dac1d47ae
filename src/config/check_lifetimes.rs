//! Contradictions and weak points in the numbers and times of a realm's codes and sessions.

use std::time::Duration;

use super::{LoginSteps, Realm, Reauthentication, check_realm::At};

/// A day: no code lives longer (NIST SP 800-63A-4, confirmation codes).
const DAY: Duration = Duration::from_hours(24);

/// Wrong guesses in a row after which an account must stop answering (NIST SP 800-63B-4).
const GUESSES_IN_A_ROW: u32 = 100;

/// Wrong guesses in a day that keep the chance of a hit small for a code of six digits.
const GUESSES_A_DAY: u32 = 50;

impl Realm {
    pub(super) fn check_codes(&self, at: &mut At<'_>) {
        if !(4..=10).contains(&self.code_digits) {
            at.refuse("code_digits", "must be from 4 to 10");
        } else if self.code_digits < 6 {
            at.warn(
                "code_digits",
                format!(
                    "is {}: under 6, a code is guessed too easily",
                    self.code_digits
                ),
            );
        }
        let counts = [
            ("code_guesses", self.code_guesses),
            ("code_daily", self.code_daily),
            ("code_in_a_row", self.code_in_a_row),
        ];
        for (key, _) in counts.iter().filter(|(_, count)| *count == 0) {
            at.refuse(
                key,
                "is 0, so that no code could ever be used; set it to 1 or more",
            );
        }
        if self.code_lifetime < Duration::from_secs(30) || self.code_lifetime > DAY {
            at.refuse("code_lifetime", "must be from 30s to 24h");
        } else if self.code_lifetime > Duration::from_mins(10) {
            at.warn("code_lifetime", "is longer than 10m");
        }
        if self.code_cooldown > self.code_lifetime {
            at.refuse("code_cooldown", "is longer than code_lifetime, so that nobody could get a code in between; lower it");
        }
        if self.code_guesses.saturating_mul(self.code_daily) > GUESSES_A_DAY {
            at.warn(
                "code_daily",
                format!(
                    "allows more than {GUESSES_A_DAY} guesses a day (code_guesses × code_daily)"
                ),
            );
        }
        if self.code_guesses.saturating_mul(self.code_in_a_row) > GUESSES_IN_A_ROW {
            at.warn("code_in_a_row", format!("allows more than {GUESSES_IN_A_ROW} wrong guesses in a row (code_guesses × code_in_a_row)"));
        }
        if self.registration_lifetime < self.code_lifetime {
            at.refuse(
                "registration_lifetime",
                "ends before the code that activates it; raise it to code_lifetime or more",
            );
        }
    }

    pub(super) fn check_sessions(&self, at: &mut At<'_>) {
        if self.access_lifetime < Duration::from_secs(30) || self.access_lifetime > DAY {
            at.refuse("access_lifetime", "must be from 30s to 24h");
        } else if self.access_lifetime > Duration::from_hours(1) {
            at.warn(
                "access_lifetime",
                "is longer than 1h; a refresh makes it needless",
            );
        }
        if self.access_lifetime > self.refresh_idle {
            at.refuse(
                "refresh_idle",
                "ends before the access token does; raise it, or lower access_lifetime",
            );
        }
        if self.refresh_idle > self.refresh_absolute {
            at.refuse(
                "refresh_absolute",
                "ends before refresh_idle does; raise it, or lower refresh_idle",
            );
        }
        if self.refresh_absolute > 30 * DAY {
            at.warn("refresh_absolute", "is longer than 30d");
        }
        if self.session_cap == 0 {
            at.refuse(
                "session_cap",
                "is 0, so that nobody could log in; set it to 1 or more",
            );
        }
        if self.tokens_after_activation && self.login_steps == LoginSteps::Two {
            at.refuse(
                "tokens_after_activation",
                "gives tokens without the second step of login_steps; set it to false",
            );
        }
        let warning = match self.reauthentication {
            Reauthentication::Password => return,
            Reauthentication::RecentLogin => {
                "is recent_login: a stolen token is enough to take an account over"
            }
            Reauthentication::RecentLoginForAddress => {
                "is recent_login_for_address: a stolen token is enough to change the address"
            }
        };
        at.warn("reauthentication", warning);
        if self.recent_login.is_zero() {
            at.refuse(
                "recent_login",
                "is 0, so that no login would be recent; raise it",
            );
        }
    }
}
