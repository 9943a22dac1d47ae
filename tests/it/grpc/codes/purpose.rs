//! A code works for its own purpose (I3): each is shown at every place that takes another, is refused there and counts
//! as a guess there, and works at its own place all the same.
//!
//! A realm takes codes at Register or sends them to activate, and takes them at Update or sends them to confirm an
//! address, never both: hence two realms, which together have all.

use accountd::{
    config::{Activation, EmailChange, Settings},
    proto::{self, OtpPurpose},
};
use tonic::{Code, Status};

use super::{COOLDOWN, two_steps};
use crate::support::{
    client::{Client, PASSWORD, assert_refused, reason},
    codes::{Who, attempts_left},
    service::{Ground, on_both_engines},
};

const ADA: &str = "ada@example.com";
const NEXT: &str = "next@example.com";

/// Codes at Register; a new address is confirmed.
fn before(settings: &mut Settings) {
    two_steps(settings);
    Ground::realm(settings, "default").activation = Activation::Before;
}

/// Codes that activate; codes at Update.
fn after(settings: &mut Settings) {
    two_steps(settings);
    Ground::realm(settings, "default").email_change = EmailChange::CodeBefore;
}

/// A place that takes codes.
#[derive(Clone, Copy, Debug)]
enum Place<'a> {
    Verify(OtpPurpose, &'a str),
    Reset(&'a str),
    Register(&'a str),
    Update(&'a str),
}

async fn show(client: &Client, place: Place<'_>, code: &str) -> Result<(), Status> {
    match place {
        Place::Verify(purpose, id) => client.bring(purpose, Who::Id(id), code).await.map(drop),
        Place::Reset(email) => client.reset_password(email, code, "another good one").await,
        Place::Register(email) => {
            let message = proto::RegisterRequest {
                email: email.to_owned(),
                code: code.to_owned(),
                ..client.registration("eve")
            };
            client.register(message).await.map(drop)
        }
        Place::Update(email) => {
            let message = proto::UpdateRequest {
                email: email.to_owned(),
                code: code.to_owned(),
                current_password: PASSWORD.to_owned(),
                ..proto::UpdateRequest::default()
            };
            client.update(message).await.map(drop)
        }
    }
}

/// Shows codes where another one waits: each is refused, and counted.
async fn assert_all_refused(client: &Client, place: Place<'_>, codes: &[&String]) {
    for (left, code) in (0..5).rev().zip(codes) {
        let status = show(client, place, code).await.unwrap_err();
        assert_eq!(reason(&status), "CODE_INCORRECT", "{place:?}");
        assert_eq!(attempts_left(&status), Some(left), "{place:?}");
    }
}

/// Shows codes where none waits.
async fn assert_none_waits(client: &Client, place: Place<'_>, codes: &[&String]) {
    for code in codes {
        let answer = show(client, place, code).await;
        assert_refused(answer, Code::FailedPrecondition, "CODE_NOT_FOUND");
    }
}

/// The code of a login whose password step is done; the account's codes are `count` then.
async fn login_code(client: &Client, count: usize) -> String {
    client.login("ada", PASSWORD).await.unwrap();
    client.code_number(ADA, count).await
}

async fn requested(client: &Client, email: &str, purpose: OtpPurpose, count: usize) -> String {
    client.request_otp(email, purpose).await.unwrap();
    client.code_number(email, count).await
}

on_both_engines! {
    async fn ot_05_where_registrations_bring_a_code(engines) {
        let node = Ground::with(engines, before).await.node().await;
        let client = node.client();
        let code = requested(&client, ADA, OtpPurpose::ProveAddress, 1).await;
        let message = proto::RegisterRequest { code, ..client.registration("ada") };
        let id = client.register(message).await.unwrap().account.unwrap().id;
        let code = login_code(&client, 2).await;
        let verified = client.bring(OtpPurpose::Login, Who::Id(&id), &code).await.unwrap();
        let ada = client.with(&verified.tokens.unwrap().access_token);

        node.advance(COOLDOWN);
        let login = login_code(&client, 3).await;
        let reset = requested(&client, ADA, OtpPurpose::ResetPassword, 4).await;
        let prove = requested(&client, ADA, OtpPurpose::ProveAddress, 5).await;
        ada.change_email(NEXT).await.unwrap();
        let change = client.code_for(NEXT).await;

        let (at_login, at_change) =
            (Place::Verify(OtpPurpose::Login, &id), Place::Verify(OtpPurpose::ChangeEmail, &id));
        let at_activate = Place::Verify(OtpPurpose::Activate, &id);
        assert_all_refused(&client, Place::Register(ADA), &[&login, &reset, &change]).await;
        assert_all_refused(&client, Place::Reset(ADA), &[&login, &prove, &change]).await;
        assert_all_refused(&client, at_login, &[&reset, &prove, &change]).await;
        assert_all_refused(&client, at_change, &[&login, &reset, &prove]).await;
        assert_none_waits(&client, at_activate, &[&login, &reset, &prove, &change]).await;

        let registered = show(&client, Place::Register(ADA), &prove).await;
        assert_refused(registered, Code::AlreadyExists, "EMAIL_TAKEN");
        show(&client, at_login, &login).await.unwrap();
        show(&client, at_change, &change).await.unwrap();
    }

    async fn ot_05_where_changes_of_address_bring_a_code(engines) {
        let node = Ground::with(engines, after).await.node().await;
        let client = node.client();
        let ada = client.joined("ada").await;
        let id = ada.current().await.unwrap().id;
        let (bob, activate) = client.pending("bob").await;
        let bobs = "bob@example.com";
        let login = login_code(&client, 2).await;
        let reset = requested(&client, ADA, OtpPurpose::ResetPassword, 3).await;
        let prove = requested(&client, bobs, OtpPurpose::ProveAddress, 2).await;

        let (at_login, at_activate) =
            (Place::Verify(OtpPurpose::Login, &id), Place::Verify(OtpPurpose::Activate, &bob));
        let at_change = Place::Verify(OtpPurpose::ChangeEmail, &id);
        assert_all_refused(&ada, Place::Update(bobs), &[&activate, &login, &reset]).await;
        assert_all_refused(&client, at_activate, &[&login, &reset, &prove]).await;
        assert_all_refused(&client, Place::Reset(ADA), &[&activate, &login, &prove]).await;
        assert_all_refused(&client, at_login, &[&activate, &reset, &prove]).await;
        assert_none_waits(&client, at_change, &[&activate, &login, &reset, &prove]).await;

        show(&client, at_login, &login).await.unwrap();
        show(&client, Place::Reset(ADA), &reset).await.unwrap();
        show(&client, at_activate, &activate).await.unwrap();
    }

    async fn ot_05_a_code_of_one_realm_is_nothing_in_another(engines) {
        let node = Ground::with(engines, |settings| {
            two_steps(settings);
            Ground::realm(settings, "profile").code_digits = 10;
        })
        .await
        .node()
        .await;
        let (here, there) = (node.client(), node.client_of("profile"));
        let (id, ours) = here.pending("ada").await;
        let full_name = String::from("Ada");
        let message = proto::RegisterRequest { full_name, ..there.registration("ada") };
        there.register(message).await.unwrap();
        let theirs = there.code_number(ADA, 2).await;
        for who in [Who::Id(&id), Who::Username("ada"), Who::Email(ADA)] {
            let crossed = here.bring(OtpPurpose::Activate, who, &theirs).await;
            assert_refused(crossed, Code::InvalidArgument, "CODE_INCORRECT");
        }
        here.activate(&id, &ours).await.unwrap();
        there.bring(OtpPurpose::Activate, Who::Username("ada"), &theirs).await.unwrap();
    }
}
