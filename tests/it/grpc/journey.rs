//! A whole account life in the realm `default`.

use accountd::proto;
use tonic::Code;

use crate::support::{
    client::{PASSWORD, assert_refused},
    service::{on_both_engines, start},
};

on_both_engines! {
    async fn an_account_lives_and_ends(engines) {
        let node = start(engines).await;
        let client = node.client();
        let registered = client.register(client.registration("ada")).await.unwrap();
        let account = registered.account.unwrap();
        assert_eq!(account.state(), proto::AccountState::Pending);
        let challenge = registered.challenge.unwrap();
        assert_eq!(challenge.purpose(), proto::OtpPurpose::Activate);
        assert_eq!(challenge.account_id, account.id);

        let before = client.login("ada", PASSWORD).await;
        assert_refused(before, Code::Unauthenticated, "INVALID_CREDENTIALS");

        let code = client.code_for("ada@example.com").await;
        let verified = client.activate(&account.id, &code).await.unwrap();
        assert!(verified.account.unwrap().email_verified);
        assert!(verified.tokens.is_some(), "the realm gives tokens after activation");

        let tokens = client.login("ada", PASSWORD).await.unwrap().tokens.unwrap();
        let ada = client.with(&tokens.access_token);
        assert_eq!(ada.current().await.unwrap().username, "ada");
        assert_eq!(ada.sessions().await.unwrap().len(), 2);

        let updated = ada
            .update(proto::UpdateRequest {
                full_name: String::from("Ada Lovelace"),
                ..proto::UpdateRequest::default()
            })
            .await
            .unwrap();
        assert_eq!(updated.account.unwrap().full_name, "Ada Lovelace");

        let next = client.refresh(&tokens.refresh_token).await.unwrap();
        let ada = client.with(&next.access_token);
        ada.logout().await.unwrap();
        assert_refused(ada.current().await, Code::Unauthenticated, "TOKEN_REVOKED");

        let tokens = client.login("ada", PASSWORD).await.unwrap().tokens.unwrap();
        let ada = client.with(&tokens.access_token);
        ada.delete(PASSWORD).await.unwrap();
        assert_refused(ada.current().await, Code::Unauthenticated, "ACCOUNT_DELETED");
        let gone = client.login("ada", PASSWORD).await;
        assert_refused(gone, Code::Unauthenticated, "INVALID_CREDENTIALS");
    }
}
