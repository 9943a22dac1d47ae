//! A whole life of an account, each of its steps at another node than the one before it.

use accountd::proto::{
    LogoutRequest, OtpPurpose, PictureVariant, RevokeSessionRequest, Tokens, UpdateRequest,
};
use tonic::Code;

use crate::support::{
    client::{Client, PASSWORD, assert_refused},
    codes::Who,
    pictures,
    request_id::fresh_request_id,
    samples,
};

const NEXT_PASSWORD: &str = "a longer day ashore";

/// Somebody and the two nodes that serve them; the same one twice where there is one.
struct Life<'a> {
    here: &'a Client,
    there: &'a Client,
    name: &'a str,
    email: String,
}

/// Lives a life from the registration to the removal of the account.
///
/// # Panics
/// When a node does not know at once what the other one did.
pub(super) async fn live(here: &Client, there: &Client, name: &str) {
    let life = Life {
        here,
        there,
        name,
        email: format!("{name}@example.com"),
    };
    let tokens = life.join().await;
    let tokens = life.go_on(tokens).await;
    life.change(&tokens).await;
    life.show(&tokens).await;
    life.forget(&tokens).await;
    life.end_sessions().await;
    life.leave().await;
}

impl Life<'_> {
    async fn join(&self) -> Tokens {
        let (id, code) = self.here.pending(self.name).await;
        let who = Who::Id(&id);
        let joined = self.there.bring(OtpPurpose::Activate, who, &code).await;
        let joined = joined.unwrap();
        assert_eq!(joined.account.unwrap().id, id);
        let again = self.here.bring(OtpPurpose::Activate, who, &code).await;
        assert_refused(again, Code::InvalidArgument, "CODE_INCORRECT");
        joined.tokens.unwrap()
    }

    /// Access tokens are read by the other node, and refresh tokens rotate from node to node.
    async fn go_on(&self, first: Tokens) -> Tokens {
        let read = self.here.with(&first.access_token).current().await.unwrap();
        assert_eq!(read.username, self.name);
        let second = self.here.refresh(&first.refresh_token).await.unwrap();
        let third = self.there.refresh(&second.refresh_token).await.unwrap();
        assert_eq!(third.session_id, first.session_id);
        let account = self.here.with(&third.access_token).current().await;
        assert_eq!(account.unwrap().id, read.id);
        third
    }

    /// A change is seen at once by the other node, and is answered there as it was.
    async fn change(&self, tokens: &Tokens) {
        let message = UpdateRequest {
            full_name: format!("{} of the sea", self.name),
            request_id: fresh_request_id(),
            ..UpdateRequest::default()
        };
        let here = self.here.with(&tokens.access_token);
        let there = self.there.with(&tokens.access_token);
        assert_eq!(there.current().await.unwrap().full_name, "");
        let changed = here.update(message.clone()).await.unwrap();
        let read = there.current().await.unwrap();
        assert_eq!(read.full_name, message.full_name);
        let again = there.update(message).await.unwrap();
        assert_eq!(again, changed);
        let back = UpdateRequest {
            full_name: String::from("nobody"),
            ..UpdateRequest::default()
        };
        there.update(back).await.unwrap();
        assert_eq!(here.current().await.unwrap().full_name, "nobody");
    }

    async fn show(&self, tokens: &Tokens) {
        let here = self.here.with(&tokens.access_token);
        let there = self.there.with(&tokens.access_token);
        let shown = pictures::upload(&here, &samples::jpeg(64, 48)).await;
        let shown = shown.unwrap().picture.unwrap();
        for client in [&there, &here] {
            let fetched = pictures::download(client, PictureVariant::Full).await;
            let fetched = fetched.unwrap();
            assert_eq!(fetched.header.etag, shown.etag);
            let size = i64::try_from(fetched.bytes.len()).unwrap();
            assert_eq!(size, fetched.header.size);
        }
        let without = pictures::delete(&there).await.unwrap();
        assert_eq!(without.picture, None);
        assert_eq!(here.current().await.unwrap().picture, None);
    }

    /// A new password ends all sessions, on both nodes.
    async fn forget(&self, tokens: &Tokens) {
        let purpose = OtpPurpose::ResetPassword;
        self.here.request_otp(&self.email, purpose).await.unwrap();
        let code = self.here.code_number(&self.email, 2).await;
        let reset = self.there.reset_password(&self.email, &code, NEXT_PASSWORD);
        reset.await.unwrap();
        for client in [self.here, self.there] {
            let ended = client.with(&tokens.access_token).current().await;
            assert_refused(ended, Code::Unauthenticated, "TOKEN_REVOKED");
            let old = client.login(self.name, PASSWORD).await;
            assert_refused(old, Code::Unauthenticated, "INVALID_CREDENTIALS");
        }
    }

    async fn log_in(&self, client: &Client) -> Tokens {
        let answer = client.login(self.name, NEXT_PASSWORD).await;
        answer.unwrap().tokens.unwrap()
    }

    /// Sessions are listed by both, and one that a node ended is over at the other.
    async fn end_sessions(&self) {
        let first = self.log_in(self.here).await;
        let second = self.log_in(self.there).await;
        let here = self.here.with(&second.access_token);
        let there = self.there.with(&first.access_token);
        let mut listed: Vec<String> = Vec::new();
        for session in there.sessions().await.unwrap() {
            listed.push(session.id);
        }
        listed.sort();
        let mut expected = [first.session_id.clone(), second.session_id.clone()];
        expected.sort();
        assert_eq!(listed, expected);
        let message = here.request(RevokeSessionRequest {
            session_id: first.session_id,
            ..RevokeSessionRequest::default()
        });
        here.rpc.clone().revoke_session(message).await.unwrap();
        let ended = there.current().await;
        assert_refused(ended, Code::Unauthenticated, "TOKEN_REVOKED");
        let ended = self.there.refresh(&first.refresh_token).await;
        assert_refused(ended, Code::Unauthenticated, "REFRESH_TOKEN_INVALID");
        let message = here.request(LogoutRequest::default());
        here.rpc.clone().logout(message).await.unwrap();
        let ended = self.there.with(&second.access_token).current().await;
        assert_refused(ended, Code::Unauthenticated, "TOKEN_REVOKED");
    }

    async fn leave(&self) {
        let tokens = self.log_in(self.here).await;
        let there = self.there.with(&tokens.access_token);
        there.delete(NEXT_PASSWORD).await.unwrap();
        let here = self.here.with(&tokens.access_token);
        assert_refused(
            here.current().await,
            Code::Unauthenticated,
            "ACCOUNT_DELETED",
        );
        let gone = self.here.login(self.name, NEXT_PASSWORD).await;
        assert_refused(gone, Code::Unauthenticated, "INVALID_CREDENTIALS");
    }
}
