//! Scenes in which an account is made, and its code asked for.

use std::{collections::BTreeMap, time::Duration};

use accountd::proto::{self, OtpPurpose, resend_otp_request};
use prost_types::{Struct, Value, value::Kind};

use super::{
    super::ask::{Ask, Message},
    Scene, Stage, ask, mail_of, verification,
};
use crate::support::client::Client;

/// Longer than every wait between codes, shorter than the life of a code.
const WAIT: Duration = Duration::from_secs(61);

pub(super) async fn join(
    scene: Scene,
    stage: &Stage,
    client: &Client,
    name: &str,
    id: &str,
) -> Ask {
    let request_id = id.to_owned();
    let message = match scene {
        Scene::Register => Message::Register(proto::RegisterRequest {
            request_id,
            ..client.registration(name)
        }),
        Scene::RequestOtp => {
            client.join(name).await;
            Message::RequestOtp(proto::RequestOtpRequest {
                realm: client.realm.clone(),
                email: mail_of(name),
                purpose: OtpPurpose::ResetPassword.into(),
                request_id,
                ..proto::RequestOtpRequest::default()
            })
        }
        _ => {
            let (account, code) = client.pending(name).await;
            if scene == Scene::Activate {
                verification(client, &account, OtpPurpose::Activate, code, request_id)
            } else {
                stage.pass(WAIT).await;
                Message::ResendOtp(proto::ResendOtpRequest {
                    realm: client.realm.clone(),
                    subject: Some(resend_otp_request::Subject::AccountId(account)),
                    purpose: OtpPurpose::Activate.into(),
                    request_id,
                    ..proto::ResendOtpRequest::default()
                })
            }
        }
    };
    ask(client, message)
}

/// A registration in a realm that wants the code of the address beforehand.
pub(super) async fn pupil(client: &Client, name: &str, id: &str) -> proto::RegisterRequest {
    let address = mail_of(name);
    client
        .request_otp(&address, OtpPurpose::ProveAddress)
        .await
        .unwrap();
    let number = |value| Value {
        kind: Some(Kind::NumberValue(value)),
    };
    let department = Value {
        kind: Some(Kind::StringValue(String::from("KUL"))),
    };
    let attributes = BTreeMap::from([
        (String::from("absentnum"), number(36.0)),
        (String::from("angkatan"), number(12.0)),
        (String::from("jurusan"), department),
    ]);
    proto::RegisterRequest {
        full_name: String::from("Wongso Wijaya"),
        external_id: String::from("202272036"),
        attributes: Some(Struct { fields: attributes }),
        code: client.code_for(&address).await,
        request_id: id.to_owned(),
        ..client.registration(name)
    }
}
