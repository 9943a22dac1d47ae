//! Scenes in which an account is changed or deleted.

use std::time::Duration;

use accountd::proto::{self, OtpPurpose};

use super::{
    super::ask::{Ask, Message},
    Scene, Stage, ask, mail_of, moved,
    registrations::pupil,
    verification,
};
use crate::support::client::{Client, PASSWORD};

/// What a changed password is.
const NEW_PASSWORD: &str = "another day at the sea";

pub(super) async fn confirm_email(client: Client, name: &str, id: &str) -> Ask {
    let client = client.joined(name).await;
    let account = client.current().await.unwrap().id;
    let address = moved(name);
    client.change_email(&address).await.unwrap();
    let code = client.code_for(&address).await;
    let message = verification(
        &client,
        &account,
        OtpPurpose::ChangeEmail,
        code,
        id.to_owned(),
    );
    ask(&client, message)
}

/// With two sessions, of which the first one asks.
pub(super) async fn change(
    scene: Scene,
    stage: &Stage,
    client: &Client,
    name: &str,
    id: &str,
) -> Ask {
    let request_id = id.to_owned();
    let owner = client.joined(name).await;
    stage.pass(Duration::from_secs(1)).await;
    client.login(name, PASSWORD).await.unwrap();
    stage.pass(Duration::from_secs(1)).await;
    let current_password = PASSWORD.to_owned();
    let update = proto::UpdateRequest {
        current_password: current_password.clone(),
        request_id: request_id.clone(),
        ..proto::UpdateRequest::default()
    };
    let message = match scene {
        Scene::Update => Message::Update(proto::UpdateRequest {
            username: format!("{name}x"),
            full_name: String::from("Ada Lovelace"),
            current_password: String::new(),
            ..update
        }),
        Scene::UpdatePassword => Message::Update(proto::UpdateRequest {
            password: NEW_PASSWORD.to_owned(),
            ..update
        }),
        Scene::UpdateEmail => Message::Update(proto::UpdateRequest {
            email: moved(name),
            ..update
        }),
        Scene::ResetPassword => {
            let address = mail_of(name);
            let client = client.clone();
            client
                .request_otp(&address, OtpPurpose::ResetPassword)
                .await
                .unwrap();
            let code = client.code_number(&address, 2).await;
            return ask(
                &client,
                Message::ResetPassword(proto::ResetPasswordRequest {
                    realm: client.realm.clone(),
                    email: address,
                    code,
                    new_password: NEW_PASSWORD.to_owned(),
                    request_id,
                }),
            );
        }
        _ => Message::Delete(proto::DeleteRequest {
            current_password,
            request_id,
            ..proto::DeleteRequest::default()
        }),
    };
    ask(&owner, message)
}

pub(super) async fn update_email_by_code(stage: &Stage, name: &str, id: &str) -> Ask {
    let client = stage.client("school");
    let message = pupil(&client, name, "").await;
    client.register(message).await.unwrap();
    let tokens = client.login(name, PASSWORD).await.unwrap().tokens.unwrap();
    let owner = client.with(&tokens.access_token);
    let email = moved(name);
    let purpose = OtpPurpose::ProveAddress;
    owner.request_otp(&email, purpose).await.unwrap();
    let code = owner.code_for(&email).await;
    ask(
        &owner,
        Message::Update(proto::UpdateRequest {
            email,
            code,
            request_id: id.to_owned(),
            ..proto::UpdateRequest::default()
        }),
    )
}
