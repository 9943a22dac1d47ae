//! LC-06: one event for each authentication decision, and no secret in it.

use std::time::Duration;

use accountd::{
    proto::{self, OtpPurpose, UpdateRequest},
    store::{
        account::{self, State},
        audit_event,
    },
};
use sea_orm::{EntityTrait as _, QueryOrder as _};
use tonic::Status;

use crate::support::{
    client::{Client, PASSWORD, reason, wrong},
    operator::set_state,
    service::{Node, on_both_engines, start},
};

const NEW_PASSWORD: &str = "a short night ashore";

/// Reads the events as they come.
struct Log<'a> {
    node: &'a Node,
    seen: Vec<audit_event::Model>,
    secrets: Vec<String>,
}

impl Log<'_> {
    async fn new_events(&mut self) -> Vec<audit_event::Model> {
        let query = audit_event::Entity::find().order_by_asc(audit_event::Column::Id);
        let all = query.all(&self.node.app.db).await.unwrap();
        let new = all.into_iter().filter(|event| !self.seen.contains(event));
        let new: Vec<_> = new.collect();
        self.seen.extend(new.clone());
        new
    }

    /// The call has left one event of `action`, whose outcome is what the caller was told.
    async fn decided<T>(
        &mut self,
        action: &str,
        expected: &str,
        answer: Result<T, Status>,
    ) -> Option<T> {
        let told = answer.as_ref().map_or_else(reason, |_| String::from("OK"));
        assert_eq!(told, expected);
        let events = self.new_events().await;
        let found: Vec<_> = events
            .iter()
            .map(|event| (event.action.as_str(), event.outcome.as_str()))
            .collect();
        assert_eq!(found, [(action, expected)], "exactly one event");
        assert_eq!(events[0].peer_address, "127.0.0.1");
        assert!(!events[0].request_id.is_empty());
        answer.ok()
    }

    /// The call has left no event: nothing was decided about anybody.
    async fn undecided<T>(&mut self, expected: &str, answer: Result<T, Status>) -> Option<T> {
        let told = answer.as_ref().map_or_else(reason, |_| String::from("OK"));
        assert_eq!(told, expected);
        assert_eq!(self.new_events().await, []);
        answer.ok()
    }

    /// The last event is about the account, and about the session if one is named.
    fn assert_about(&self, account_id: &str, session_id: Option<&str>) {
        let event = self.seen.last().unwrap();
        assert_eq!(
            event.account_id.map(|id| id.to_string()).as_deref(),
            Some(account_id)
        );
        assert_eq!(
            event.session_id.map(|id| id.to_string()).as_deref(),
            session_id
        );
        assert_eq!(event.realm, "default");
    }

    fn keep(&mut self, tokens: &proto::Tokens) {
        self.secrets
            .extend([tokens.access_token.clone(), tokens.refresh_token.clone()]);
    }

    async fn assert_no_secrets(&self) {
        let dump = format!("{:?}", self.seen);
        let rows = account::Entity::find()
            .all(&self.node.app.db)
            .await
            .unwrap();
        let hashes = rows.into_iter().map(|row| row.password_hash);
        for secret in self.secrets.iter().cloned().chain(hashes) {
            assert!(!dump.contains(&secret), "an event tells {secret}");
        }
    }
}

fn log(node: &Node) -> Log<'_> {
    let secrets = [PASSWORD, NEW_PASSWORD, "a wrong password", "a wrong token"].map(str::to_owned);
    Log {
        node,
        seen: Vec::new(),
        secrets: secrets.into(),
    }
}

async fn revoke(client: &Client, session_id: &str) -> Result<(), Status> {
    let message = proto::RevokeSessionRequest {
        session_id: session_id.to_owned(),
        ..proto::RevokeSessionRequest::default()
    };
    client
        .rpc
        .clone()
        .revoke_session(client.request(message))
        .await
        .map(drop)
}

fn new_password(current: &str) -> UpdateRequest {
    UpdateRequest {
        password: NEW_PASSWORD.to_owned(),
        current_password: current.to_owned(),
        ..UpdateRequest::default()
    }
}

on_both_engines! {
    async fn lc_06_an_arrival_leaves_an_event_for_each_decision(engines) {
        let node = start(engines).await;
        let mut log = log(&node);
        let stranger = node.client();
        let message = stranger.registration("ada");
        let registered = log.decided("register", "OK", stranger.register(message.clone()).await).await;
        let id = registered.unwrap().account.unwrap().id;
        log.assert_about(&id, None);
        let other = proto::RegisterRequest { email: String::from("other@example.com"), ..message.clone() };
        log.decided("register", "USERNAME_TAKEN", stranger.register(other).await).await;
        let empty = proto::RegisterRequest { password: String::new(), ..message };
        log.undecided("INVALID_FIELD", stranger.register(empty).await).await;
        log.decided("login", "INVALID_CREDENTIALS", stranger.login("ada", PASSWORD).await).await;
        log.assert_about(&id, None);

        let code = stranger.code_for("ada@example.com").await;
        log.secrets.push(code.clone());
        log.decided("verify_otp", "CODE_INCORRECT", stranger.activate(&id, &wrong(&code)).await).await;
        let verified = log.decided("verify_otp", "OK", stranger.activate(&id, &code).await).await;
        let tokens = verified.unwrap().tokens.unwrap();
        log.assert_about(&id, Some(&tokens.session_id));
        log.keep(&tokens);
        log.assert_no_secrets().await;
    }

    async fn lc_06_a_login_leaves_an_event_for_each_decision(engines) {
        let node = start(engines).await;
        let stranger = node.client();
        let id = stranger.join("ada").await.account.unwrap().id;
        let mut log = log(&node);
        log.new_events().await;
        log.decided("login", "INVALID_CREDENTIALS", stranger.login("nobody", PASSWORD).await).await;
        log.decided("login", "INVALID_CREDENTIALS", stranger.login("ada", "a wrong password").await).await;
        log.assert_about(&id, None);
        let login = log.decided("login", "OK", stranger.login("ada", PASSWORD).await).await;
        let tokens = login.unwrap().tokens.unwrap();
        log.assert_about(&id, Some(&tokens.session_id));
        log.keep(&tokens);
        set_state(&node, &id, State::Suspended).await;
        log.decided("login", "ACCOUNT_SUSPENDED", stranger.login("ada", PASSWORD).await).await;
        log.decided("refresh", "ACCOUNT_SUSPENDED", stranger.refresh(&tokens.refresh_token).await).await;
        log.assert_no_secrets().await;
    }

    async fn lc_06_a_session_leaves_an_event_for_each_decision(engines) {
        let node = start(engines).await;
        let stranger = node.client();
        let joined = stranger.join("ada").await;
        let (id, first) = (joined.account.unwrap().id, joined.tokens.unwrap());
        let ada = stranger.with(&first.access_token);
        let mut log = log(&node);
        log.new_events().await;
        let session = Some(first.session_id.as_str());

        log.undecided("OK", ada.current().await).await;
        log.undecided("OK", ada.sessions().await).await;
        let second = log.decided("refresh", "OK", ada.refresh(&first.refresh_token).await).await.unwrap();
        log.assert_about(&id, session);
        // The answer was lost: the same pair is given again, and that is a decision too.
        log.decided("refresh", "OK", ada.refresh(&first.refresh_token).await).await;
        log.assert_about(&id, session);
        log.decided("refresh", "REFRESH_TOKEN_INVALID", ada.refresh("a-wrong-token").await).await;
        let third = log.decided("refresh", "OK", ada.refresh(&second.refresh_token).await).await.unwrap();
        log.decided("refresh", "REFRESH_TOKEN_REUSED", ada.refresh(&first.refresh_token).await).await;
        log.assert_about(&id, session);
        for tokens in [&first, &second, &third] {
            log.keep(tokens);
        }

        let login = log.decided("login", "OK", stranger.login("ada", PASSWORD).await).await.unwrap();
        let tokens = login.tokens.unwrap();
        let ada = stranger.with(&tokens.access_token);
        let foreign = revoke(&ada, "019a0000-0000-7000-8000-000000000000").await;
        log.decided("logout", "SESSION_NOT_FOUND", foreign).await;
        log.assert_about(&id, Some(&tokens.session_id));
        let other = log.decided("login", "OK", stranger.login("ada", PASSWORD).await).await.unwrap();
        let other = other.tokens.unwrap().session_id;
        log.decided("logout", "OK", revoke(&ada, &other).await).await;
        log.assert_about(&id, Some(&other));
        log.decided("logout", "OK", ada.logout().await).await;
        log.assert_about(&id, Some(&tokens.session_id));
        // A token is looked at on every call, and by anybody: what it does not open leaves no row behind.
        log.undecided("TOKEN_REVOKED", ada.current().await).await;
        log.undecided("TOKEN_REVOKED", ada.logout().await).await;

        let login = log.decided("login", "OK", stranger.login("ada", PASSWORD).await).await.unwrap();
        node.advance(Duration::from_hours(14 * 24));
        let late = stranger.refresh(&login.tokens.unwrap().refresh_token).await;
        log.decided("refresh", "REFRESH_TOKEN_EXPIRED", late).await;
        log.assert_no_secrets().await;
    }

    async fn lc_06_a_change_of_credentials_leaves_an_event_for_each_decision(engines) {
        let node = start(engines).await;
        let stranger = node.client();
        let joined = stranger.join("ada").await;
        let (id, tokens) = (joined.account.unwrap().id, joined.tokens.unwrap());
        let ada = stranger.with(&tokens.access_token);
        let mut log = log(&node);
        log.new_events().await;
        let wrong_one = ada.update(new_password("a wrong password")).await;
        log.decided("update", "CURRENT_PASSWORD_INCORRECT", wrong_one).await;
        log.decided("update", "OK", ada.update(new_password(PASSWORD)).await).await;
        log.assert_about(&id, Some(&tokens.session_id));

        let asked = stranger.request_otp("ada@example.com", OtpPurpose::ResetPassword).await;
        log.undecided("OK", asked).await;
        let code = stranger.codes_for("ada@example.com", 2).await.pop().unwrap();
        log.secrets.push(code.clone());
        let refused = stranger.reset_password("ada@example.com", &wrong(&code), PASSWORD).await;
        log.decided("reset_password", "CODE_INCORRECT", refused).await;
        let done = stranger.reset_password("ada@example.com", &code, PASSWORD).await;
        log.decided("reset_password", "OK", done).await;
        log.assert_about(&id, None);

        let login = log.decided("login", "OK", stranger.login("ada", PASSWORD).await).await.unwrap();
        let tokens = login.tokens.unwrap();
        let ada = stranger.with(&tokens.access_token);
        log.decided("delete", "CURRENT_PASSWORD_INCORRECT", ada.delete("a wrong password").await).await;
        log.decided("delete", "OK", ada.delete(PASSWORD).await).await;
        log.assert_about(&id, Some(&tokens.session_id));
        log.decided("login", "INVALID_CREDENTIALS", stranger.login("ada", PASSWORD).await).await;
        log.assert_no_secrets().await;
    }
}
