//! `SetRole`.

use std::sync::Arc;

use super::target::{Named, target};
use crate::{
    accounts::fields::Violation,
    admin::{self, Edited},
    app::{App, Call, Realm},
    error::Result,
    grpc::{answers, fields::Fields},
    proto::{SetRoleRequest, SetRoleResponse},
};

/// Characters of a role, at the most.
const MOST: usize = 64;

pub(super) async fn set_role(
    app: Arc<App>,
    call: Arc<Call>,
    realm: Arc<Realm>,
    request: SetRoleRequest,
) -> Result<Edited> {
    let mut fields = Fields::default();
    let role = fields.required("role", &request.role, parse);
    let named = Named {
        account_id: &request.account_id,
        etag: &request.etag,
        reason: "",
    };
    let target = target(fields, realm, &named)?;
    admin::set_role(&app, &call, &target, role.unwrap_or_default()).await
}

/// A role: 1 to 64 letters, digits and `._:-`.
pub(super) fn parse(text: &str) -> Result<String, Violation> {
    if text.len() > MOST {
        let text = format!("has more than {MOST} characters");
        return Err(Violation::new("TOO_LONG", text));
    }
    let is_plain = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte));
    if is_plain {
        Ok(text.to_owned())
    } else {
        let text = "has other than letters, digits and ._:-";
        Err(Violation::new("FORBIDDEN_CHARACTER", text))
    }
}

pub(super) fn answer(edited: Edited) -> SetRoleResponse {
    SetRoleResponse {
        account: Some(answers::account(edited.account)),
    }
}
