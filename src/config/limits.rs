//! The section `[limits]`: how often one client, account or realm may try.

use std::time::Duration;

use super::declare::settings;

settings! {
    /// Rate limits: a burst, and the time in which one more try comes back. A burst of 0 turns its limit off.
    pub struct Limits {
        /// Calls of one client address.
        address_burst: u32 = 60,
        /// Time in which one comes back.
        address_period: Duration = Duration::from_secs(1),
        /// Failed logins of one account from one address.
        login_burst: u32 = 10,
        /// Time in which one comes back.
        login_period: Duration = Duration::from_secs(10),
        /// Failed logins of one account over all addresses.
        account_burst: u32 = 50,
        /// Time in which one comes back.
        account_period: Duration = Duration::from_secs(30),
        /// Uploads of pictures by one account.
        picture_burst: u32 = 20,
        /// Time in which one comes back.
        picture_period: Duration = Duration::from_mins(1),
        /// Calls of one realm.
        realm_burst: u32 = 1000,
        /// Time in which one comes back.
        realm_period: Duration = Duration::from_millis(2),
    }
}
