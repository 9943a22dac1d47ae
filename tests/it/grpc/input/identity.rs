//! BI-02, BI-06, BI-10: one person, however the name, the address or the password is typed.

use accountd::proto::{self, login_request::Identifier};
use tonic::Code;

use super::roomy;
use crate::support::{
    client::{PASSWORD, assert_refused},
    service::{Ground, on_both_engines, start},
};

on_both_engines! {
    async fn bi_02_a_password_works_in_either_unicode_form(engines) {
        let node = start(engines).await;
        let client = node.client();
        // 64 code points in the composed form, of many scripts, with spaces and a joined emoji.
        let mut composed = String::from("é ñ ü 한 パ 👩\u{200d}🚀 ");
        composed.extend(std::iter::repeat_n('ö', 64 - composed.chars().count()));
        let decomposed = composed
            .replace('é', "e\u{301}")
            .replace('ñ', "n\u{303}")
            .replace('ü', "u\u{308}")
            .replace('한', "\u{1112}\u{1161}\u{11ab}")
            .replace('パ', "ハ\u{309a}")
            .replace('ö', "o\u{308}");
        assert_ne!(composed, decomposed);
        let message = proto::RegisterRequest {
            password: composed.clone(),
            ..client.registration("ada")
        };
        let account = client.register(message).await.unwrap().account.unwrap();
        let code = client.code_for("ada@example.com").await;
        client.activate(&account.id, &code).await.unwrap();
        client.login("ada", &composed).await.unwrap();
        client.login("ada", &decomposed).await.unwrap();
        let cut: String = composed.chars().take(63).collect();
        assert_refused(client.login("ada", &cut).await, Code::Unauthenticated, "INVALID_CREDENTIALS");
    }

    async fn bi_06_a_user_name_has_one_owner_in_all_its_spellings(engines) {
        let node = start(engines).await;
        let client = node.client();
        client.join("bob").await;
        let message = proto::RegisterRequest {
            username: String::from("Andr\u{e9}"),
            ..client.registration("andre")
        };
        let account = client.register(message).await.unwrap().account.unwrap();
        let code = client.code_for("andre@example.com").await;
        client.activate(&account.id, &code).await.unwrap();
        for (number, spelling) in ["Bob", "BOB", "ｂｏｂ", "andre\u{301}", "ANDR\u{c9}"].iter().enumerate() {
            let message = proto::RegisterRequest {
                username: (*spelling).to_owned(),
                ..client.registration(&format!("other{number}"))
            };
            assert_refused(client.register(message).await, Code::AlreadyExists, "USERNAME_TAKEN");
            let logged_in = client.login(spelling, PASSWORD).await.unwrap();
            assert!(logged_in.tokens.is_some(), "{spelling} names its account");
        }
    }

    async fn bi_10_a_mailbox_has_one_account_in_all_its_spellings(engines) {
        let ground = Ground::with(engines, |settings| {
            Ground::realm(settings, "default").disclose_accounts = true;
        });
        let node = ground.await.node().await;
        let client = node.client();
        let message = proto::RegisterRequest {
            email: String::from("a@exämple.com"),
            ..client.registration("ada")
        };
        let account = client.register(message).await.unwrap().account.unwrap();
        let code = client.code_for("a@xn--exmple-cua.com").await;
        client.activate(&account.id, &code).await.unwrap();
        for spelling in ["A@EXÄMPLE.com", "a@xn--exmple-cua.com", "a@exämple.com.", "a@exa\u{308}mple.com"] {
            let message = proto::RegisterRequest {
                email: spelling.to_owned(),
                ..client.registration("other")
            };
            assert_refused(client.register(message).await, Code::AlreadyExists, "EMAIL_TAKEN");
            let identifier = Identifier::Email(spelling.to_owned());
            let logged_in = client.login_as(identifier, PASSWORD).await.unwrap();
            assert_eq!(logged_in.account.unwrap().id, account.id, "{spelling}");
        }
    }

    async fn bi_06_a_new_name_is_taken_in_every_spelling_too(engines) {
        let node = roomy(engines).await;
        let client = node.client();
        client.join("bob").await;
        let ada = client.joined("ada").await;
        for spelling in ["Bob", "ｂｏｂ"] {
            let message = proto::UpdateRequest {
                username: spelling.to_owned(),
                ..proto::UpdateRequest::default()
            };
            assert_refused(ada.update(message).await, Code::AlreadyExists, "USERNAME_TAKEN");
        }
        assert_eq!(ada.current().await.unwrap().username, "ada");
    }
}
