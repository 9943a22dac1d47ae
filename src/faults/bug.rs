//! Bugs that other identity services have shipped, to be put back on purpose: a harness that does not find them proves
//! nothing.

/// A bug that can be put back; each names the invariant that it breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "faults",
    derive(strum::EnumIter, strum::EnumString, strum::IntoStaticStr)
)]
#[cfg_attr(feature = "faults", strum(serialize_all = "snake_case"))]
pub enum Bug {
    /// A wrong guess gives its guess back, as a right one does (I4; CVE-2026-35597).
    GuessesAreFree,
    /// A resend forgets how many codes the day has seen (I4).
    ResendRenewsTheBudget,
    /// Whether a code was used is looked at and not claimed (I2).
    CodeIsUsedTwice,
    /// A code works long after the end that its mail tells (I18).
    CodesLiveForADay,
    /// An address is compared as it was typed (I5; CVE-2019-19844).
    AddressesAreComparedAsTyped,
    /// The predecessor of a refresh token is taken for stolen at once: a lost answer logs the owner out (I9).
    LostAnswerIsTheft,
    /// An old refresh token is answered for ever (I9).
    ReuseIsForgiven,
    /// A logout is only marked in the key-value store (I1).
    LogoutIsOnlyMarked,
    /// Nobody hears that an account has changed: not of a logout (I1), of a deletion (I7) or of a new password (I8).
    ChangesAreNotAnnounced,
    /// A new password leaves the other sessions open (I8; CVE-2026-43911).
    SessionsOutliveThePassword,
    /// A login does not look again, under the lock, whether the password is still the one it checked (I8).
    OldPasswordWinsTheRace,
    /// A deletion ends the sessions and leaves the account (I7).
    DeletedAccountStays,
    /// Whoever names a session ends it (I14).
    ForeignSessionsAreEnded,
    /// A database that does not answer is told as a wrong password (I11).
    OutageIsAWrongPassword,
    /// A change is acknowledged although its commit failed (I6).
    CommitIsNotLookedAt,
    /// A letter is dropped when the relay does not take it at the first try (I6).
    MailIsTriedOnce,
    /// A request id is not looked at (I10).
    RequestIdIsIgnored,
    /// A refusal leaves no event (LC-06).
    RefusalsLeaveNoEvent,
}

#[cfg(feature = "faults")]
impl Bug {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        <Self as strum::IntoEnumIterator>::iter()
    }

    /// Its name in the file that tells a process what is to go wrong.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
