//! Scenes in which a session begins, goes on or ends.

use std::time::Duration;

use accountd::proto::{self, OtpPurpose, login_request};

use super::{
    super::ask::{Ask, Message},
    Scene, Stage, ask, mail_of, verification,
};
use crate::support::client::{Client, PASSWORD};

/// The password, or the code after it.
pub(super) async fn two_step(scene: Scene, client: Client, name: &str, id: &str) -> Ask {
    let message = proto::RegisterRequest {
        full_name: String::from("Uzumaki Naruto"),
        ..client.registration(name)
    };
    let account = client.register(message).await.unwrap().account.unwrap().id;
    let address = mail_of(name);
    let code = client.code_for(&address).await;
    client.activate(&account, &code).await.unwrap();
    let login = proto::LoginRequest {
        realm: client.realm.clone(),
        identifier: Some(login_request::Identifier::Email(address.clone())),
        password: PASSWORD.to_owned(),
        ..proto::LoginRequest::default()
    };
    let message = if scene == Scene::FirstStep {
        Message::Login(proto::LoginRequest {
            request_id: id.to_owned(),
            ..login
        })
    } else {
        client.rpc.clone().login(login).await.unwrap();
        let code = client.code_number(&address, 2).await;
        verification(&client, &account, OtpPurpose::Login, code, id.to_owned())
    };
    ask(&client, message)
}

/// With two sessions, of which the first one asks.
pub(super) async fn session(
    scene: Scene,
    stage: &Stage,
    client: &Client,
    name: &str,
    id: &str,
) -> Ask {
    let request_id = id.to_owned();
    let first = client.join(name).await.tokens.unwrap();
    stage.pass(Duration::from_secs(1)).await;
    let second = client.login(name, PASSWORD).await.unwrap().tokens.unwrap();
    stage.pass(Duration::from_secs(1)).await;
    let owner = client.with(&first.access_token);
    match scene {
        Scene::Login => ask(
            client,
            Message::Login(proto::LoginRequest {
                realm: client.realm.clone(),
                identifier: Some(login_request::Identifier::Username(name.to_owned())),
                password: PASSWORD.to_owned(),
                request_id,
            }),
        ),
        Scene::Refresh => ask(
            client,
            Message::Refresh(proto::RefreshRequest {
                refresh_token: first.refresh_token,
                request_id,
            }),
        ),
        Scene::LogoutByRefreshToken => ask(
            client,
            Message::Logout(proto::LogoutRequest {
                refresh_token: first.refresh_token,
                all_sessions: false,
                request_id,
            }),
        ),
        Scene::RevokeSession => ask(
            &owner,
            Message::RevokeSession(proto::RevokeSessionRequest {
                session_id: second.session_id,
                request_id,
            }),
        ),
        _ => ask(
            &owner,
            Message::Logout(proto::LogoutRequest {
                refresh_token: String::new(),
                all_sessions: scene == Scene::LogoutEverywhere,
                request_id,
            }),
        ),
    }
}
