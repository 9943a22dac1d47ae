//! Accounts that are stopped and go on, roles, and the end of sessions.

use accountd::proto::{
    AccountState, GetAccountRequest, RevokeSessionsRequest, SetAccountStateRequest, SetRoleRequest,
    get_account_request::Name,
};
use tonic::Code;

use super::by_id;
use crate::support::{
    client::{PASSWORD, assert_refused},
    office::Office,
    service::{Ground, on_both_engines, start},
};

fn to(account_id: &str, state: AccountState) -> SetAccountStateRequest {
    SetAccountStateRequest {
        account_id: account_id.to_owned(),
        state: state.into(),
        reason: String::from("ticket 7"),
        ..SetAccountStateRequest::default()
    }
}

on_both_engines! {
    async fn tk_14_a_suspension_acts_at_once_on_every_node(engines) {
        let ground = Ground::new(engines).await;
        let (here, there) = (ground.node().await, ground.node().await);
        let chief = Office::open(&here).await;
        let chief_of = chief.chief();
        let joined = there.client().join("ada").await;
        let (id, tokens) = (joined.account.unwrap().id, joined.tokens.unwrap());
        let ada = there.client().with(&tokens.access_token);
        ada.current().await.unwrap();
        let done = chief_of.set_account_state(to(&id, AccountState::Suspended)).await.unwrap();
        assert_eq!(done.ended_sessions, 1);
        assert_eq!(done.account.unwrap().state, i32::from(AccountState::Suspended));
        assert_refused(ada.current().await, Code::Unauthenticated, "TOKEN_REVOKED");
        let refreshed = ada.refresh(&tokens.refresh_token).await;
        assert_refused(refreshed, Code::Unauthenticated, "REFRESH_TOKEN_INVALID");
        let login = there.client().login("ada", PASSWORD).await;
        assert_refused(login, Code::PermissionDenied, "ACCOUNT_SUSPENDED");
        // Once more changes nothing.
        let again = chief_of.set_account_state(to(&id, AccountState::Suspended)).await.unwrap();
        assert_eq!((again.ended_sessions, again.account.unwrap().etag), (0, String::from("3")));
        chief_of.set_account_state(to(&id, AccountState::Active)).await.unwrap();
        there.client().login("ada", PASSWORD).await.unwrap();
    }

    async fn tk_14_a_role_acts_on_the_next_call(engines) {
        let ground = Ground::new(engines).await;
        let (here, there) = (ground.node().await, ground.node().await);
        let office = Office::open(&here).await;
        let chief = office.chief();
        let joined = there.client().join("ada").await;
        let id = joined.account.unwrap().id;
        let ada = there.client().with(&joined.tokens.unwrap().access_token);
        let before = ada.current().await.unwrap();
        let message = SetRoleRequest {
            account_id: id.clone(),
            role: String::from("teacher"),
            etag: before.etag.clone(),
            ..SetRoleRequest::default()
        };
        chief.set_role(message.clone()).await.unwrap();
        assert_eq!(ada.current().await.unwrap().role, "teacher");
        assert_refused(chief.set_role(message.clone()).await, Code::Aborted, "ETAG_MISMATCH");
        let wrong = SetRoleRequest { role: String::from("a b"), ..message };
        assert_refused(chief.set_role(wrong).await, Code::InvalidArgument, "INVALID_FIELD");
    }

    async fn ot_16_a_suspension_makes_codes_useless(engines) {
        let node = start(engines).await;
        let office = Office::open(&node).await;
        let chief = office.chief();
        let stranger = node.client();
        let id = stranger.join("ada").await.account.unwrap().id;
        stranger.request_otp("ada@example.com", accountd::proto::OtpPurpose::ResetPassword).await.unwrap();
        let code = stranger.codes_for("ada@example.com", 2).await.pop().unwrap();
        chief.set_account_state(to(&id, AccountState::Suspended)).await.unwrap();
        chief.set_account_state(to(&id, AccountState::Active)).await.unwrap();
        let reset = stranger.reset_password("ada@example.com", &code, "a short night ashore").await;
        assert_refused(reset, Code::InvalidArgument, "CODE_INCORRECT");
    }

    async fn a_registration_can_be_activated_and_nothing_else(engines) {
        let node = start(engines).await;
        let office = Office::open(&node).await;
        let chief = office.chief();
        let stranger = node.client();
        let registered = stranger.register(stranger.registration("ada")).await.unwrap();
        let id = registered.account.unwrap().id;
        let code = stranger.code_for("ada@example.com").await;
        let stopped = chief.set_account_state(to(&id, AccountState::Suspended)).await;
        assert_refused(stopped, Code::InvalidArgument, "INVALID_FIELD");
        for state in [AccountState::Pending, AccountState::Unspecified] {
            let refused = chief.set_account_state(to(&id, state)).await;
            assert_refused(refused, Code::InvalidArgument, "INVALID_FIELD");
        }
        let done = chief.set_account_state(to(&id, AccountState::Active)).await.unwrap();
        let account = done.account.unwrap();
        assert_eq!((account.state, account.email_verified), (AccountState::Active.into(), false));
        stranger.login("ada", PASSWORD).await.unwrap();
        let late = stranger.activate(&id, &code).await;
        assert_refused(late, Code::InvalidArgument, "CODE_INCORRECT");
        // It stands in for nobody: a registration for a taken address never becomes an account.
        let mut second = stranger.registration("eve");
        second.email = String::from("ada@example.com");
        stranger.register(second).await.unwrap();
        let eve = chief.get_account(GetAccountRequest {
            name: Some(Name::Username(String::from("eve"))),
            ..GetAccountRequest::default()
        });
        let eve = eve.await.unwrap().record.unwrap().account.unwrap().id;
        let refused = chief.set_account_state(to(&eve, AccountState::Active)).await;
        assert_refused(refused, Code::AlreadyExists, "EMAIL_TAKEN");
    }

    async fn i1_sessions_that_an_operator_ends_are_over_on_every_node(engines) {
        let ground = Ground::new(engines).await;
        let (here, there) = (ground.node().await, ground.node().await);
        let office = Office::open(&here).await;
        let chief = office.chief();
        let stranger = there.client();
        let joined = stranger.join("ada").await;
        let (id, first) = (joined.account.unwrap().id, joined.tokens.unwrap());
        let second = stranger.login("ada", PASSWORD).await.unwrap().tokens.unwrap();
        let record = chief.get_account(by_id(&id)).await.unwrap().record.unwrap();
        assert_eq!((record.live_sessions, record.last_active_time.is_some()), (2, true));
        assert_eq!(record.password_scheme, "argon2id");
        let one = RevokeSessionsRequest {
            account_id: id.clone(),
            session_id: first.session_id.clone(),
            ..RevokeSessionsRequest::default()
        };
        assert_eq!(chief.revoke_sessions(one.clone()).await.unwrap().ended_sessions, 1);
        let ended = stranger.with(&first.access_token).current().await;
        assert_refused(ended, Code::Unauthenticated, "TOKEN_REVOKED");
        assert_refused(chief.revoke_sessions(one).await, Code::NotFound, "SESSION_NOT_FOUND");
        stranger.with(&second.access_token).current().await.unwrap();
        let all = RevokeSessionsRequest { account_id: id.clone(), ..RevokeSessionsRequest::default() };
        assert_eq!(chief.revoke_sessions(all.clone()).await.unwrap().ended_sessions, 1);
        let ended = stranger.with(&second.access_token).current().await;
        assert_refused(ended, Code::Unauthenticated, "TOKEN_REVOKED");
        assert_eq!(chief.revoke_sessions(all).await.unwrap().ended_sessions, 0);
        let record = chief.get_account(by_id(&id)).await.unwrap().record.unwrap();
        assert_eq!((record.live_sessions, record.last_active_time), (0, None));
    }

    async fn i10_an_act_that_is_sent_again_is_answered_again(engines) {
        let node = start(engines).await;
        let office = Office::open(&node).await;
        let chief = office.chief();
        let id = node.client().join("ada").await.account.unwrap().id;
        let message = SetAccountStateRequest {
            request_id: String::from("019a0000-0000-7000-8000-000000000001"),
            ..to(&id, AccountState::Suspended)
        };
        let first = chief.set_account_state(message.clone()).await.unwrap();
        chief.set_account_state(to(&id, AccountState::Active)).await.unwrap();
        let again = chief.set_account_state(message.clone()).await.unwrap();
        assert_eq!(first, again);
        let record = chief.get_account(by_id(&id)).await.unwrap().record.unwrap();
        assert_eq!(record.account.unwrap().state, i32::from(AccountState::Active));
        let other = SetAccountStateRequest { reason: String::from("another"), ..message.clone() };
        let refused = chief.set_account_state(other).await;
        assert_refused(refused, Code::InvalidArgument, "REQUEST_ID_REUSED");
        // Another operator's request is another one.
        let scopes = &accountd::operators::Scope::ALL;
        let rights = crate::support::office::Rights { scopes, ..Default::default() };
        let second = office.hire("second", rights);
        let refused = second.set_account_state(message).await;
        assert_refused(refused, Code::InvalidArgument, "REQUEST_ID_REUSED");
    }
}
