//! Input that is wrong, hostile or merely unusual.

mod identity;
mod limits;
mod shapes;
mod verbatim;

pub(super) use limits::base;

use accountd::{
    proto::login_request::Identifier,
    store::{audit_event, outbox},
};
use sea_orm::{EntityTrait as _, PaginatorTrait as _};
use tonic::{Code, Response, Status};
use tonic_types::StatusExt as _;

use crate::support::{
    client::{PASSWORD, reason},
    contract,
    service::{Engines, Ground, Node, on_both_engines},
    wire,
};

/// A node whose realm `default` has every field that a request can name.
async fn roomy(engines: Engines) -> Node {
    let ground = Ground::with(engines, |settings| {
        use accountd::config::LoginWith::{Email, Phone, Username};
        let realm = Ground::realm(settings, "default");
        realm.login_with = vec![Username, Email, Phone];
        realm.attributes_schema = Some(serde_json::json!({}));
    });
    ground.await.node().await
}

/// What must stay as it is when a request is refused for its form.
#[derive(Debug, PartialEq, Eq)]
struct Traces {
    hashes: u64,
    events: u64,
    waiting_mails: u64,
    mails: usize,
}

async fn traces(node: &Node) -> Traces {
    let tally = node.app.hashing.tally();
    Traces {
        hashes: tally.executed + tally.refused + tally.skipped,
        events: audit_event::Entity::find()
            .count(&node.app.db)
            .await
            .unwrap(),
        waiting_mails: outbox::Entity::find().count(&node.app.db).await.unwrap(),
        mails: node.ground.mailer.outbox().len(),
    }
}

/// Waits until all mails have left, so that what is counted next does not move by itself.
async fn quiet(node: &Node) -> Traces {
    loop {
        let traces = traces(node).await;
        if traces.waiting_mails == 0 {
            return traces;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

fn names_field(status: &Status, field: &str) -> bool {
    let told = status.get_details_bad_request();
    let mut violations = told.iter().flat_map(|told| &told.field_violations);
    violations.any(|violation| violation.field.split(['/', '.']).next() == Some(field))
}

/// Asserts that the answer is a refusal of that field's form.
#[track_caller]
fn assert_names(answer: Result<Response<Vec<u8>>, Status>, field: &str, what: &str) {
    let status = answer.expect_err(what);
    assert_eq!(status.code(), Code::InvalidArgument, "{what}: {status:?}");
    let reason = reason(&status);
    let is_of_form = reason == "INVALID_FIELD" || reason == "CURRENT_PASSWORD_INCORRECT";
    assert!(
        is_of_form && names_field(&status, field),
        "{what}: {status:?}"
    );
}

/// Asserts that the answer, whatever it is, finds no fault with the field's form and is no fault of the server's.
#[track_caller]
fn assert_takes(answer: &Result<Response<Vec<u8>>, Status>, field: &str, what: &str) {
    let Err(status) = answer else { return };
    let reason = reason(status);
    assert!(reason != "INTERNAL", "{what}: {status:?}");
    assert!(
        reason != "INVALID_FIELD" || !names_field(status, field),
        "{what}: {status:?}"
    );
}

on_both_engines! {
    async fn bi_01_every_text_is_refused_beyond_its_limit_before_any_work(engines) {
        let node = roomy(engines).await;
        let ada = node.client().joined("ada").await;
        let channel = node.channel();
        let huge = "x".repeat(4 << 20);
        for method in contract::methods() {
            let before = quiet(&node).await;
            for field in method.texts() {
                let rule = limits::rule(&method.name, &field.path);
                let mut wrong = vec![
                    ("beyond its limit", format!("{}x", rule.most)),
                    ("with NUL", format!("{}\0", &rule.most[..rule.most.len() - 1])),
                    ("of 4 MiB", huge.clone()),
                ];
                if !rule.may_be_empty {
                    wrong.push(("empty", String::new()));
                }
                for (how, text) in wrong {
                    let what = format!("{}.{} {how}", method.name, field.path);
                    let message = [limits::base(&method.name), field.encode(&text)].concat();
                    let metadata = wire::bearer(ada.token.as_deref());
                    let path = wire::own(&method.name);
                    let answer = wire::unary(&channel, &path, metadata, message).await;
                    assert_names(answer, field.top(), &what);
                }
            }
            assert_eq!(traces(&node).await, before, "{} left traces", method.name);
        }
    }

    async fn bi_01_every_text_is_taken_at_its_limit(engines) {
        let node = roomy(engines).await;
        let ada = node.client();
        ada.join("ada").await;
        let channel = node.channel();
        for method in contract::methods() {
            for field in method.texts() {
                let rule = limits::rule(&method.name, &field.path);
                let mut right = vec![rule.most.clone()];
                if rule.may_be_empty {
                    right.push(String::new());
                }
                for text in right {
                    let what = format!("{}.{} of {} bytes", method.name, field.path, text.len());
                    // A call before may have ended the session, or changed the user name.
                    let email = Identifier::Email(String::from("ada@example.com"));
                    let tokens = ada.login_as(email, PASSWORD).await.unwrap().tokens.unwrap();
                    let message = [limits::base(&method.name), field.encode(&text)].concat();
                    let metadata = wire::bearer(Some(&tokens.access_token));
                    let path = wire::own(&method.name);
                    let answer = wire::unary(&channel, &path, metadata, message).await;
                    assert_takes(&answer, field.top(), &what);
                }
            }
        }
    }
}
