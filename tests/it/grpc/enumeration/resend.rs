//! Another code, for nobody, for a registration that waits and for an account (I15).

use std::time::Duration;

use accountd::proto::{OtpPurpose, ResendOtpRequest, resend_otp_request::Subject};

use crate::support::{
    client::Client,
    likeness::likeness,
    service::{on_both_engines, start},
};

/// After it, an address has its whole budget again.
const DAY: Duration = Duration::from_hours(24);
const COOLDOWN: Duration = Duration::from_mins(1);

/// What a stranger is answered, but for the ids.
async fn ask(client: &Client, subject: Subject) -> String {
    let message = ResendOtpRequest {
        subject: Some(subject),
        purpose: OtpPurpose::Activate.into(),
        ..ResendOtpRequest::default()
    };
    let mut answer = client.rpc.clone().resend_otp(client.request(message)).await;
    if let Ok(response) = &mut answer {
        let challenge = response.get_mut().challenge.as_mut().unwrap();
        challenge.id.clear();
        challenge.account_id.clear();
    }
    likeness(&answer)
}

on_both_engines! {
    async fn en_03_all_are_sent_a_code_or_nobody_is(engines) {
        let node = start(engines).await;
        let client = node.client();
        let active = client.join("ada").await.account.unwrap().id;
        let (pending, _) = client.pending("abe").await;
        let nobody = node.app.random.id(node.ground.clock.now()).to_string();
        node.advance(DAY);
        let id = |id: &str| Subject::AccountId(id.to_owned());
        let name = |name: &str| Subject::Username(name.to_owned());
        // The mask of an address shows its first letter.
        let email = |name: &str| Subject::Email(format!("{name}@example.com"));
        for trio in [
            [id(&active), id(&pending), id(&nobody)],
            [name("ada"), name("abe"), name("any")],
            [email("ada"), email("abe"), email("any")],
        ] {
            // The first is answered, the second comes too soon, and both are the same for all three.
            for _ in 0..2 {
                let mut seen = Vec::new();
                for subject in trio.clone() {
                    seen.push(ask(&client, subject).await);
                }
                assert_eq!(seen[0], seen[2], "an account is nobody");
                assert_eq!(seen[1], seen[2], "a registration is nobody");
            }
            node.advance(COOLDOWN);
        }
        assert_eq!(client.codes_for("abe@example.com", 4).await.len(), 4);
        assert_eq!(client.letters_to("ada@example.com").len(), 1);
    }
}
