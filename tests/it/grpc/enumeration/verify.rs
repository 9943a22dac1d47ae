//! A code that does not work tells nothing of the cause (I15).

use std::time::Duration;

use accountd::proto::{OtpPurpose, VerifyOtpRequest, verify_otp_request::Subject};

use crate::support::{
    client::{Client, wrong},
    likeness::likeness,
    service::{on_both_engines, start},
};

async fn bring(client: &Client, id: &str, code: &str) -> String {
    let message = VerifyOtpRequest {
        subject: Some(Subject::AccountId(id.to_owned())),
        purpose: OtpPurpose::Activate.into(),
        code: code.to_owned(),
        ..VerifyOtpRequest::default()
    };
    likeness(&client.rpc.clone().verify_otp(client.request(message)).await)
}

on_both_engines! {
    async fn en_04_unknown_wrong_expired_burnt_and_used_are_one(engines) {
        let node = start(engines).await;
        let client = node.client();
        let (expired, code_of_expired) = client.pending("ann").await;
        node.advance(Duration::from_mins(11));
        let (used, code_of_used) = client.pending("ada").await;
        client.activate(&used, &code_of_used).await.unwrap();
        let (burnt, code_of_burnt) = client.pending("bob").await;
        for _ in 0..5 {
            client.activate(&burnt, &wrong(&code_of_burnt)).await.unwrap_err();
        }
        let (waits, code) = client.pending("eve").await;
        let unknown = node.app.random.id(node.ground.clock.now()).to_string();
        let first = bring(&client, &waits, &wrong(&code)).await;
        assert!(first.contains("CODE_INCORRECT"), "{first}");
        for (id, code) in [
            (&unknown, &code),
            (&expired, &code_of_expired),
            (&expired, &wrong(&code_of_expired)),
            (&burnt, &code_of_burnt),
            (&burnt, &wrong(&code_of_burnt)),
            (&used, &code_of_used),
            (&used, &wrong(&code_of_used)),
        ] {
            assert_eq!(bring(&client, id, code).await, first);
        }
    }
}
