//! What each request asks of its operator.

use crate::{audit::Action, operators::Scope, proto};

/// A request of an operator.
pub(super) trait Ask {
    /// The scope that it takes.
    const SCOPE: Scope;
    /// What its event calls it.
    const ACTION: Action;

    /// The population that it names.
    fn realm(&self) -> &str;
}

macro_rules! ask {
    ($($($request:ident)::+: $scope:ident, $action:ident;)+) => {
        $(impl Ask for proto::$($request)::+ {
            const SCOPE: Scope = Scope::$scope;
            const ACTION: Action = Action::$action;

            fn realm(&self) -> &str {
                &self.realm
            }
        })+
    };
}

ask! {
    GetAccountRequest: AccountsRead, GetAccount;
    ListAccountsRequest: AccountsRead, ListAccounts;
    SetAccountStateRequest: AccountsWrite, SetAccountState;
    SetRoleRequest: AccountsWrite, SetRole;
    SetAttributesRequest: AccountsWrite, SetAttributes;
    RequirePasswordChangeRequest: AccountsWrite, RequirePasswordChange;
    RevokeSessionsRequest: SessionsRevoke, RevokeSessions;
    ListAuditEventsRequest: AuditRead, ListAuditEvents;
    GetLimitsRequest: LimitsRead, GetLimits;
    ResetLimitRequest: LimitsWrite, ResetLimit;
    import_accounts_request::Header: AccountsImport, ImportAccounts;
    ExportAccountsRequest: AccountsExport, ExportAccounts;
}
