//! What operators do, through their own socket.

mod access;
mod attributes;
mod events;
mod faults;
mod imports;
mod input;
mod limits;
mod lists;
mod passwords;
mod states;

use accountd::proto::{GetAccountRequest, get_account_request::Name};

/// The account of that id in the realm `default`.
fn by_id(id: &str) -> GetAccountRequest {
    GetAccountRequest {
        name: Some(Name::AccountId(id.to_owned())),
        ..GetAccountRequest::default()
    }
}
