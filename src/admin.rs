//! What operators do with accounts that are not their own. One operation is one file, named by its verb.
//!
//! Whether the operator may, and in which realm, is known before; here the act is done, and its event written.

mod edit;
mod export_accounts;
pub mod filter;
mod get_account;
pub mod import_accounts;
pub mod limits;
mod list_accounts;
mod list_audit_events;
mod page;
mod require_password_change;
mod revoke_sessions;
mod set_account_state;
mod set_attributes;
mod set_role;

pub use edit::{Edited, Target};
pub use export_accounts::{Export, export_accounts};
pub use get_account::{Record, Whom, get_account};
pub use import_accounts::{import_accounts, note_import};
pub use list_accounts::{Listed, Query, list_accounts};
pub use list_audit_events::{Events, list_audit_events};
pub use require_password_change::require_password_change;
pub use revoke_sessions::revoke_sessions;
pub use set_account_state::set_account_state;
pub use set_attributes::{NewAttributes, set_attributes};
pub use set_role::set_role;
