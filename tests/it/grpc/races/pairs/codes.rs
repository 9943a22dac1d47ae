//! A code works once, and not at all once another has taken its place (I2).

use std::time::Duration;

use accountd::{
    config::Settings,
    faults::Fault,
    proto::{self, OtpPurpose},
    store::{code, session},
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};
use tonic::Status;

use super::{noisy_nodes, one_of, refused_as, telling};
use crate::{
    grpc::codes::{COOLDOWN, two_steps},
    support::{
        client::{Client, PASSWORD},
        codes::Who,
        service::{Node, on_both_engines},
    },
};

const PURPOSES: [OtpPurpose; 3] = [
    OtpPurpose::Activate,
    OtpPurpose::Login,
    OtpPurpose::ChangeEmail,
];
const ROUNDS: usize = 27;

/// Somebody with a code in hand.
struct Waiting {
    client: Client,
    id: String,
    purpose: OtpPurpose,
    address: String,
    code: String,
    /// Codes that went to the address so far.
    count: usize,
}

fn rules(settings: &mut Settings) {
    telling(settings);
    two_steps(settings);
}

impl Waiting {
    async fn new(node: &Node, round: usize) -> Self {
        let name = format!("person{round}");
        let purpose = PURPOSES[round % PURPOSES.len()];
        let mut address = format!("{name}@example.com");
        let mut client = node.client();
        let (id, code) = client.pending(&name).await;
        let mut count = 1;
        let mut newest = code;
        if purpose != OtpPurpose::Activate {
            let active = client.activate(&id, &newest).await.unwrap();
            client = client.with(&active.tokens.unwrap().access_token);
            if purpose == OtpPurpose::Login {
                client.login(&name, PASSWORD).await.unwrap();
                count = 2;
            } else {
                address = format!("new-{address}");
                client.change_email(&address).await.unwrap();
            }
            newest = client.code_number(&address, count).await;
        }
        Self {
            client,
            id,
            purpose,
            address,
            code: newest,
            count,
        }
    }

    async fn bring(&self, node: &Node, code: &str) -> Result<proto::VerifyOtpResponse, Status> {
        let client = node.client();
        client.bring(self.purpose, Who::Id(&self.id), code).await
    }

    async fn ask_again(&self, node: &Node) -> Result<proto::Challenge, Status> {
        let client = node.client();
        client.ask_again(self.purpose, Who::Id(&self.id)).await
    }

    /// Codes of its account that could still be used.
    async fn live_codes(&self, node: &Node) -> u64 {
        code::Entity::find()
            .filter(code::Column::AccountId.eq(self.id.parse::<uuid::Uuid>().unwrap()))
            .filter(code::Column::ConsumedAt.is_null())
            .count(&node.app.db)
            .await
            .unwrap()
    }

    async fn sessions(&self, node: &Node) -> u64 {
        session::Entity::find()
            .filter(session::Column::AccountId.eq(self.id.parse::<uuid::Uuid>().unwrap()))
            .count(&node.app.db)
            .await
            .unwrap()
    }

    /// What the code allows has happened, once.
    async fn assert_done_once(&self, node: &Node, done: &proto::VerifyOtpResponse) {
        let account = done.account.as_ref().unwrap();
        let (etag, sessions) = match self.purpose {
            OtpPurpose::Login => ("2", 2),
            OtpPurpose::ChangeEmail => ("4", 1),
            _ => ("2", 1),
        };
        assert_eq!(account.etag, etag, "{:?}", self.purpose);
        assert_eq!(account.email, self.address);
        assert_eq!(self.sessions(node).await, sessions, "{:?}", self.purpose);
    }
}

on_both_engines! {
    async fn ot_03_of_two_who_bring_a_code_at_once_one_is_served(engines) {
        let nodes = noisy_nodes(engines, rules).await;
        for round in 0..ROUNDS {
            let waiting = Waiting::new(&nodes[0], round).await;
            let (one, other) = tokio::join!(
                waiting.bring(&nodes[0], &waiting.code),
                waiting.bring(&nodes[1], &waiting.code)
            );
            let (_, done) = one_of(one, other, &["CODE_NOT_FOUND"]);
            waiting.assert_done_once(&nodes[1], &done).await;
            let late = waiting.bring(&nodes[1], &waiting.code).await;
            refused_as(&late.unwrap_err(), &["CODE_NOT_FOUND"]);
            assert_eq!(waiting.live_codes(&nodes[0]).await, 0);
        }
    }

    async fn ot_03_of_two_new_passwords_for_one_code_one_is_set(engines) {
        let nodes = noisy_nodes(engines, telling).await;
        let address = "ada@example.com";
        let ada = nodes[0].client().joined("ada").await;
        for round in 0..ROUNDS / 2 {
            ada.request_otp(address, OtpPurpose::ResetPassword).await.unwrap();
            let code = ada.code_number(address, round + 2).await;
            let wanted = [0, 1].map(|number| format!("password {number} of round {round}"));
            let [here, there] = [nodes[0].client(), nodes[1].client()];
            let (one, other) = tokio::join!(
                here.reset_password(address, &code, &wanted[0]),
                there.reset_password(address, &code, &wanted[1])
            );
            let (winner, ()) = one_of(one, other, &["CODE_NOT_FOUND"]);
            here.login("ada", &wanted[winner]).await.unwrap();
            let beaten = there.login("ada", &wanted[1 - winner]).await;
            refused_as(&beaten.unwrap_err(), &["WRONG_PASSWORD"]);
        }
    }

    async fn ot_04_a_code_that_is_replaced_while_it_is_brought_works_before_or_never(engines) {
        let nodes = noisy_nodes(engines, rules).await;
        for round in 0..ROUNDS {
            let waiting = Waiting::new(&nodes[0], round).await;
            nodes[0].advance(COOLDOWN);
            let (brought, sent) = tokio::join!(
                waiting.bring(&nodes[0], &waiting.code),
                waiting.ask_again(&nodes[1])
            );
            let done = match (brought, sent) {
                (Ok(done), Err(refused)) => {
                    refused_as(&refused, &["CODE_NOT_FOUND"]);
                    done
                }
                (Err(refused), Ok(_)) => {
                    refused_as(&refused, &["CODE_INCORRECT", "CODE_NOT_FOUND"]);
                    let next = waiting.client.code_number(&waiting.address, waiting.count + 1).await;
                    let old = waiting.bring(&nodes[1], &waiting.code).await;
                    refused_as(&old.unwrap_err(), &["CODE_INCORRECT"]);
                    let done = waiting.bring(&nodes[0], &next).await.unwrap();
                    let again = waiting.bring(&nodes[1], &next).await;
                    refused_as(&again.unwrap_err(), &["CODE_NOT_FOUND"]);
                    done
                }
                (brought, sent) => panic!("{:?}: {brought:?} and {sent:?}", waiting.purpose),
            };
            waiting.assert_done_once(&nodes[1], &done).await;
            let old = waiting.bring(&nodes[1], &waiting.code).await;
            refused_as(&old.unwrap_err(), &["CODE_NOT_FOUND"]);
            assert_eq!(waiting.live_codes(&nodes[0]).await, 0, "{:?}", waiting.purpose);
        }
    }

    async fn px_10_a_login_of_the_old_password_gets_no_other_code(engines) {
        let nodes = noisy_nodes(engines, rules).await;
        for round in 0..ROUNDS / 3 {
            let waiting = Waiting::new(&nodes[0], round * 3 + 1).await;
            nodes[0].advance(COOLDOWN);
            if round % 2 == 0 {
                // It has looked at the code when the password changes, and not begun yet to send another.
                nodes[1].app.faults.arm("BEGIN", 0, Fault::Delay(Duration::from_millis(100)));
            }
            let message = proto::UpdateRequest {
                password: String::from("a short night ashore"),
                current_password: PASSWORD.to_owned(),
                ..proto::UpdateRequest::default()
            };
            let (changed, sent) = tokio::join!(
                waiting.client.update(message),
                waiting.ask_again(&nodes[1])
            );
            changed.unwrap();
            assert_eq!(waiting.live_codes(&nodes[0]).await, 0, "a code outlives the password");
            let mut codes = vec![waiting.code.clone()];
            match sent {
                Ok(_) => {
                    let count = waiting.count + 1;
                    codes.push(waiting.client.code_number(&waiting.address, count).await);
                }
                Err(refused) => {
                    refused_as(&refused, &["CODE_NOT_FOUND"]);
                }
            }
            for code in codes {
                let late = waiting.bring(&nodes[1], &code).await;
                refused_as(&late.unwrap_err(), &["CODE_NOT_FOUND"]);
            }
            assert_eq!(waiting.sessions(&nodes[1]).await, 1);
        }
    }
}
