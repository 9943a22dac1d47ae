//! What is said of the times of a code, and that they are kept to the second.

use std::time::Duration;

use accountd::{config::Settings, proto::OtpPurpose, store::code};
use sea_orm::{EntityTrait as _, sea_query::Expr};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::disclosing;
use crate::support::{
    client::{Client, assert_refused, reason, wrong},
    codes::Who,
    service::{Ground, START, on_both_engines},
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

/// Two codes a day.
fn two_a_day(settings: &mut Settings) {
    disclosing(settings);
    Ground::realm(settings, "default").code_daily = 2;
}

/// Two codes that nobody uses.
fn two_in_a_row(settings: &mut Settings) {
    disclosing(settings);
    Ground::realm(settings, "default").code_in_a_row = 2;
}

async fn again(client: &Client, id: &str) -> Result<(), Status> {
    let asked = client.ask_again(OtpPurpose::Activate, Who::Id(id)).await;
    asked.map(drop)
}

/// How long a refusal says that one should wait.
fn wait(answer: Result<(), Status>, expected: &str) -> Duration {
    let status = answer.unwrap_err();
    assert_eq!(reason(&status), expected);
    let told = status.get_details_retry_info().unwrap();
    told.retry_delay.unwrap()
}

on_both_engines! {
    async fn a_challenge_says_until_when_and_after_when(engines) {
        let node = Ground::with(engines, disclosing).await.node().await;
        let client = node.client();
        let answer = client.register(client.registration("ada")).await.unwrap();
        let challenge = answer.challenge.unwrap();
        let start = START.seconds();
        assert_eq!(challenge.resend_time.unwrap().seconds, start + 60);
        assert_eq!(challenge.expire_time.unwrap().seconds, start + 600);
        let id = answer.account.unwrap().id;
        node.advance(MINUTE.saturating_sub(SECOND));
        assert_eq!(wait(again(&client, &id).await, "CODE_RESEND_TOO_SOON"), SECOND);
        node.advance(SECOND);
        again(&client, &id).await.unwrap();
    }

    async fn a_burnt_code_says_when_another_may_follow(engines) {
        let node = Ground::with(engines, disclosing).await.node().await;
        let client = node.client();
        let (id, code) = client.pending("ada").await;
        for _ in 0..5 {
            client.activate(&id, &wrong(&code)).await.unwrap_err();
        }
        node.advance(Duration::from_secs(20));
        let refused = client.activate(&id, &code).await.map(drop);
        assert_eq!(wait(refused, "CODE_ATTEMPTS_EXHAUSTED"), Duration::from_secs(40));
    }

    async fn the_end_that_sql_has_counts_whatever_else_is_kept(engines) {
        let node = Ground::with(engines, disclosing).await.node().await;
        let client = node.client();
        let (id, right) = client.pending("ada").await;
        let end = node.app.clock.now().millis();
        let ended = code::Entity::update_many().col_expr(code::Column::ExpiresAt, Expr::value(end));
        assert_eq!(ended.exec(&node.app.db).await.unwrap().rows_affected, 1);
        for digits in [&right, &wrong(&right)] {
            let answer = client.activate(&id, digits).await;
            assert_refused(answer, Code::FailedPrecondition, "CODE_EXPIRED");
        }
    }

    async fn the_codes_of_a_day_come_back_a_day_after_the_first(engines) {
        let node = Ground::with(engines, two_a_day).await.node().await;
        let client = node.client();
        let (id, _) = client.pending("ada").await;
        node.advance(MINUTE);
        again(&client, &id).await.unwrap();
        node.advance(MINUTE);
        let rest = DAY.saturating_sub(2 * MINUTE);
        assert_eq!(wait(again(&client, &id).await, "CODE_QUOTA_EXCEEDED"), rest);
        node.advance(rest.saturating_sub(SECOND));
        assert_eq!(wait(again(&client, &id).await, "CODE_QUOTA_EXCEEDED"), SECOND);
        node.advance(SECOND);
        // A new day begins, with as many again.
        again(&client, &id).await.unwrap();
        node.advance(MINUTE);
        again(&client, &id).await.unwrap();
        node.advance(MINUTE);
        assert_eq!(wait(again(&client, &id).await, "CODE_QUOTA_EXCEEDED"), rest);
    }

    async fn codes_in_a_row_come_back_a_day_after_the_last(engines) {
        let node = Ground::with(engines, two_in_a_row).await.node().await;
        let client = node.client();
        let (id, _) = client.pending("ada").await;
        node.advance(MINUTE);
        again(&client, &id).await.unwrap();
        node.advance(DAY.saturating_sub(SECOND));
        assert_eq!(wait(again(&client, &id).await, "CODE_QUOTA_EXCEEDED"), SECOND);
        node.advance(SECOND);
        again(&client, &id).await.unwrap();
        node.advance(MINUTE);
        again(&client, &id).await.unwrap();
        node.advance(MINUTE);
        let rest = DAY.saturating_sub(MINUTE);
        assert_eq!(wait(again(&client, &id).await, "CODE_QUOTA_EXCEEDED"), rest);
    }

    async fn another_code_for_a_new_address_goes_there_while_it_is_free(engines) {
        let node = Ground::with(engines, disclosing).await.node().await;
        let ada = node.client().joined("ada").await;
        let id = ada.current().await.unwrap().id;
        let next = "next@example.com";
        ada.change_email(next).await.unwrap();
        ada.code_number(next, 1).await;
        node.advance(MINUTE);
        ada.ask_again(OtpPurpose::ChangeEmail, Who::Id(&id)).await.unwrap();
        ada.code_number(next, 2).await;
        // Whoever only registers the address does not have it yet.
        ada.register(ada.registration("next")).await.unwrap();
        ada.code_number(next, 3).await;
        node.advance(MINUTE);
        ada.ask_again(OtpPurpose::ChangeEmail, Who::Id(&id)).await.unwrap();
        let code = ada.code_number(next, 4).await;
        let wrong = ada.bring(OtpPurpose::ChangeEmail, Who::Id(&id), &wrong(&code)).await;
        assert_refused(wrong, Code::InvalidArgument, "CODE_INCORRECT");
        ada.bring(OtpPurpose::ChangeEmail, Who::Id(&id), &code).await.unwrap();
        assert_eq!(ada.current().await.unwrap().email, next);
    }
}
