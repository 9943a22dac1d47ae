//! PX-14: a mutation that is delivered twice under one `request_id` happens once.

use std::fmt::Debug;

use accountd::{
    proto::{
        self, OtpPurpose, login_request::Identifier, resend_otp_request,
        upload_profile_picture_request::Header, verify_otp_request,
    },
    store::{account, audit_event, session},
};
use prost::Message;
use sea_orm::{EntityTrait as _, PaginatorTrait as _};
use tonic::Code;
use uuid::Uuid;

use super::at_once;
use crate::support::{
    client::{Client, PASSWORD, assert_refused, wrong},
    pictures::{header, upload_as},
    raw::call,
    request_id::request_id,
    samples,
    service::{Engines, Ground, Node, on_both_engines},
};

mod apart;
mod codes;
mod kept;

const EMAIL: &str = "ada@example.com";

/// Two nodes of one truth and one key-value store, one whose store has forgotten everything, and one whose store is away.
async fn cluster(engines: Engines) -> [Node; 4] {
    let start = async {
        let ground = Ground::new(engines).await;
        [
            ground.node().await,
            ground.node().await,
            ground.clone().on_empty_memory().await.node().await,
            ground.on_no_redis().await.node().await,
        ]
    };
    Box::pin(start).await
}

/// Delivers `message` to two nodes at once and to every node later, and another message under the same name.
async fn deliver<Q, A>(nodes: &[Node], client: &Client, method: &str, message: Q, other: Q) -> A
where
    Q: Message + Clone + 'static,
    A: Message + Default + Debug + PartialEq + 'static,
{
    let send = |node: usize, message: &Q| {
        let request = client.request(message.clone());
        async move { call::<Q, A>(&nodes[node], method, request).await }
    };
    let (one, two) = tokio::join!(send(0, &message), send(1, &message));
    let one = one.unwrap_or_else(|refused| panic!("{method}: {refused:?}"));
    assert_eq!(one, two.unwrap(), "{method} at once");
    for node in 0..nodes.len() {
        let again = send(node, &message).await;
        assert_eq!(
            again.as_ref().ok(),
            Some(&one),
            "{method} on {node}: {again:?}"
        );
        let reused = send(node, &other).await;
        assert_refused(reused, Code::InvalidArgument, "REQUEST_ID_REUSED");
    }
    one
}

/// Decisions in favour of somebody, of that kind.
async fn decisions(node: &Node, action: &str) -> usize {
    let events = audit_event::Entity::find().all(&node.app.db).await.unwrap();
    events
        .iter()
        .filter(|event| event.action == action && event.outcome == "OK")
        .count()
}

/// Decisions against somebody, of that kind.
async fn refusals(node: &Node, action: &str) -> usize {
    let events = audit_event::Entity::find().all(&node.app.db).await.unwrap();
    let of_kind = events.iter().filter(|event| event.action == action);
    of_kind.count() - decisions(node, action).await
}

/// Registers and activates `ada`, every call delivered twice.
async fn arrive(nodes: &[Node], client: &Client) -> proto::VerifyOtpResponse {
    let message = proto::RegisterRequest {
        request_id: request_id(1),
        ..client.registration("ada")
    };
    let other = proto::RegisterRequest {
        full_name: String::from("Eve"),
        ..message.clone()
    };
    let registered: proto::RegisterResponse =
        deliver(nodes, client, "Register", message, other).await;
    assert_eq!(
        account::Entity::find()
            .count(&nodes[0].app.db)
            .await
            .unwrap(),
        1
    );
    let id = registered.account.unwrap().id;

    nodes[0].advance(std::time::Duration::from_mins(1));
    let message = proto::ResendOtpRequest {
        subject: Some(resend_otp_request::Subject::AccountId(id.clone())),
        request_id: request_id(2),
        ..proto::ResendOtpRequest::default()
    };
    let other = proto::ResendOtpRequest {
        purpose: OtpPurpose::Login.into(),
        ..message.clone()
    };
    let _: proto::ResendOtpResponse = deliver(nodes, client, "ResendOtp", message, other).await;
    let code = client.codes_for(EMAIL, 2).await.pop().unwrap();

    let message = proto::VerifyOtpRequest {
        subject: Some(verify_otp_request::Subject::AccountId(id)),
        code: code.clone(),
        request_id: request_id(3),
        ..proto::VerifyOtpRequest::default()
    };
    let other = proto::VerifyOtpRequest {
        code: wrong(&code),
        ..message.clone()
    };
    let verified = deliver(nodes, client, "VerifyOtp", message, other).await;
    assert_eq!(
        session::Entity::find()
            .count(&nodes[0].app.db)
            .await
            .unwrap(),
        1
    );
    verified
}

fn login(number: u128, password: &str) -> proto::LoginRequest {
    proto::LoginRequest {
        identifier: Some(Identifier::Username(String::from("ada"))),
        password: password.to_owned(),
        request_id: request_id(number),
        ..proto::LoginRequest::default()
    }
}

on_both_engines! {
    async fn px_14_an_arrival_delivered_twice_happens_once(engines) {
        let nodes = cluster(engines).await;
        let stranger = nodes[0].client();
        let verified = arrive(&nodes, &stranger).await;
        let ada = stranger.with(&verified.tokens.unwrap().access_token);
        ada.current().await.unwrap();
        assert_eq!(ada.codes_for(EMAIL, 2).await.len(), 2, "one code of each mutation that sends one");
        for action in ["register", "verify_otp"] {
            assert_eq!(decisions(&nodes[0], action).await, 1, "{action}");
        }
    }

    async fn px_14_a_session_delivered_twice_is_one(engines) {
        let nodes = cluster(engines).await;
        let stranger = nodes[0].client();
        let ada = stranger.joined("ada").await;
        let (message, other) = (login(10, PASSWORD), login(10, "another"));
        let opened: proto::LoginResponse = deliver(&nodes, &stranger, "Login", message, other).await;
        let opened = opened.tokens.unwrap();
        assert_eq!(ada.sessions().await.unwrap().len(), 2);

        let message = proto::RefreshRequest {
            refresh_token: opened.refresh_token.clone(),
            request_id: request_id(11),
        };
        let other = proto::RefreshRequest { refresh_token: String::from("rt_"), ..message.clone() };
        let next: proto::RefreshResponse = deliver(&nodes, &stranger, "Refresh", message, other).await;
        stranger.with(&next.tokens.unwrap().access_token).current().await.unwrap();
        let id = Uuid::parse_str(&opened.session_id).unwrap();
        let row = session::Entity::find_by_id(id).one(&nodes[0].app.db).await.unwrap();
        assert_eq!(row.unwrap().generation, 1);

        let message = proto::RevokeSessionRequest {
            session_id: opened.session_id,
            request_id: request_id(12),
        };
        let other = proto::RevokeSessionRequest { session_id: request_id(13), ..message.clone() };
        let _: proto::RevokeSessionResponse = deliver(&nodes, &ada, "RevokeSession", message, other).await;
        assert_eq!(ada.sessions().await.unwrap().len(), 1);

        let message = proto::LogoutRequest { request_id: request_id(14), ..proto::LogoutRequest::default() };
        let other = proto::LogoutRequest { all_sessions: true, ..message.clone() };
        let _: proto::LogoutResponse = deliver(&nodes, &ada, "Logout", message, other).await;
        assert_refused(ada.current().await, Code::Unauthenticated, "TOKEN_REVOKED");
        for (action, times) in [("login", 1), ("refresh", 1), ("logout", 2)] {
            assert_eq!(decisions(&nodes[0], action).await, times, "{action}");
        }
    }

    async fn px_14_a_change_delivered_twice_is_one(engines) {
        let nodes = cluster(engines).await;
        let ada = nodes[0].client().joined("ada").await;
        let message = proto::UpdateRequest {
            full_name: String::from("Ada"),
            request_id: request_id(20),
            ..proto::UpdateRequest::default()
        };
        let other = proto::UpdateRequest { full_name: String::from("Eve"), ..message.clone() };
        let before: i64 = ada.current().await.unwrap().etag.parse().unwrap();
        let updated: proto::UpdateResponse = deliver(&nodes, &ada, "Update", message, other).await;
        assert_eq!(updated.account.unwrap().etag, (before + 1).to_string());

        let message = proto::RequestOtpRequest {
            email: EMAIL.to_owned(),
            purpose: OtpPurpose::ResetPassword.into(),
            request_id: request_id(21),
            ..proto::RequestOtpRequest::default()
        };
        let other = proto::RequestOtpRequest { purpose: OtpPurpose::ProveAddress.into(), ..message.clone() };
        let _: proto::RequestOtpResponse = deliver(&nodes, &ada, "RequestOtp", message, other).await;
        let codes = ada.codes_for(EMAIL, 2).await;

        let message = proto::ResetPasswordRequest {
            email: EMAIL.to_owned(),
            code: codes[1].clone(),
            new_password: String::from("a short night ashore"),
            request_id: request_id(22),
            ..proto::ResetPasswordRequest::default()
        };
        let other = proto::ResetPasswordRequest { new_password: PASSWORD.to_owned(), ..message.clone() };
        let _: proto::ResetPasswordResponse = deliver(&nodes, &ada, "ResetPassword", message, other).await;
        let tokens = ada.login("ada", "a short night ashore").await.unwrap().tokens.unwrap();

        let ada = ada.with(&tokens.access_token);
        let message = proto::DeleteRequest {
            current_password: String::from("a short night ashore"),
            request_id: request_id(23),
            ..proto::DeleteRequest::default()
        };
        let other = proto::DeleteRequest { etag: String::from("1"), ..message.clone() };
        let _: proto::DeleteResponse = deliver(&nodes, &ada, "Delete", message, other).await;
        assert_eq!(ada.codes_for(EMAIL, 2).await.len(), 2);
        for action in ["update", "reset_password", "delete"] {
            assert_eq!(decisions(&nodes[0], action).await, 1, "{action}");
        }
    }

    async fn px_14_a_new_password_delivered_twice_is_one(engines) {
        let nodes = cluster(engines).await;
        let ada = nodes[0].client().joined("ada").await;
        let message = proto::UpdateRequest {
            password: String::from("a short night ashore"),
            current_password: PASSWORD.to_owned(),
            request_id: request_id(24),
            ..proto::UpdateRequest::default()
        };
        let other = proto::UpdateRequest { password: String::from("another good one"), ..message.clone() };
        let updated: proto::UpdateResponse = deliver(&nodes, &ada, "Update", message, other).await;
        ada.with(&updated.tokens.unwrap().access_token).current().await.unwrap();
        let tokens = ada.login("ada", "a short night ashore").await.unwrap().tokens.unwrap();
        assert_eq!(decisions(&nodes[0], "update").await, 1);

        let message = proto::LogoutRequest {
            refresh_token: tokens.refresh_token,
            request_id: request_id(25),
            ..proto::LogoutRequest::default()
        };
        let other = proto::LogoutRequest { all_sessions: true, ..message.clone() };
        let stranger = nodes[0].client();
        let _: proto::LogoutResponse = deliver(&nodes, &stranger, "Logout", message, other).await;
        assert_eq!(ada.sessions().await.unwrap().len(), 1);
        assert_eq!(decisions(&nodes[0], "logout").await, 1);
    }

    async fn px_14_a_picture_delivered_twice_is_one(engines) {
        let nodes = cluster(engines).await;
        let ada = nodes[0].client().joined("ada").await;
        let file = samples::png(20, 20);
        let named = Header { request_id: request_id(50), ..header(&file) };
        let at = |node: usize| nodes[node].client().with(ada.token.as_ref().unwrap());
        let [one, two] = [at(0), at(1)];
        let (one, two) = tokio::join!(
            upload_as(&one, named.clone(), &file),
            upload_as(&two, named.clone(), &file),
        );
        let one = one.unwrap();
        assert_eq!(one, two.unwrap());
        let other = samples::png(30, 30);
        let another = Header { request_id: request_id(50), ..header(&other) };
        for node in 0..nodes.len() {
            assert_eq!(upload_as(&at(node), named.clone(), &file).await.unwrap(), one);
            let reused = upload_as(&at(node), another.clone(), &other).await;
            assert_refused(reused, Code::InvalidArgument, "REQUEST_ID_REUSED");
        }

        let message = proto::DeleteProfilePictureRequest {
            request_id: request_id(51),
            ..proto::DeleteProfilePictureRequest::default()
        };
        let other = proto::DeleteProfilePictureRequest { etag: String::from("1"), ..message.clone() };
        let deleted: proto::DeleteProfilePictureResponse =
            deliver(&nodes, &ada, "DeleteProfilePicture", message, other).await;
        assert_eq!(ada.current().await.unwrap(), deleted.account.unwrap());
        for action in ["upload_picture", "delete_picture"] {
            assert_eq!(decisions(&nodes[0], action).await, 1, "{action}");
        }

        // Of a session that has ended since, nothing is told.
        ada.logout().await.unwrap();
        let ended = upload_as(&at(1), named, &file).await;
        assert_refused(ended, Code::Unauthenticated, "TOKEN_REVOKED");
    }

    async fn px_14_the_name_of_a_refused_request_may_be_used_again(engines) {
        let nodes = cluster(engines).await;
        let stranger = nodes[0].client();
        stranger.join("ada").await;
        let refused = stranger.rpc.clone().login(login(30, "not the password")).await;
        assert_refused(refused, Code::Unauthenticated, "INVALID_CREDENTIALS");
        stranger.rpc.clone().login(login(30, PASSWORD)).await.unwrap();
    }

    async fn px_14_an_answer_is_for_its_caller_alone(engines) {
        let nodes = cluster(engines).await;
        let ada = nodes[0].client().joined("ada").await;
        let eve = nodes[1].client().joined("eve").await;
        let message = proto::UpdateRequest {
            full_name: String::from("Ada"),
            request_id: request_id(40),
            ..proto::UpdateRequest::default()
        };
        ada.update(message.clone()).await.unwrap();
        assert_refused(eve.update(message).await, Code::InvalidArgument, "REQUEST_ID_REUSED");
        assert_eq!(eve.current().await.unwrap().full_name, "");
    }
}
