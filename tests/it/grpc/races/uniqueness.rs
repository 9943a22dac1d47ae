//! A name has one owner, whoever asks for it at the same moment (I5).

use accountd::{proto, store::account};
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};
use tonic::Status;

use super::{at_once, enter, pairs::noisy_nodes};
use crate::support::{
    client::{PASSWORD, reason},
    service::{Node, on_both_engines},
};

const ROUNDS: usize = 60;

/// What both want in one round, and the refusal of who does not get it.
enum Prize {
    Email(String),
    Username(String),
    Phone(String),
}

impl Prize {
    fn of(round: usize) -> Self {
        match round % 3 {
            0 => Self::Email(format!("prize{round}@example.com")),
            1 => Self::Username(format!("prize{round}")),
            _ => Self::Phone(format!("+6281234{round:06}")),
        }
    }

    const fn refusal(&self) -> &'static str {
        match self {
            Self::Email(_) => "EMAIL_TAKEN",
            Self::Username(_) => "USERNAME_TAKEN",
            Self::Phone(_) => "PHONE_TAKEN",
        }
    }

    fn registration(&self, mut message: proto::RegisterRequest) -> proto::RegisterRequest {
        match self {
            Self::Email(email) => message.email.clone_from(email),
            Self::Username(username) => message.username.clone_from(username),
            Self::Phone(phone) => message.phone.clone_from(phone),
        }
        message
    }

    fn update(&self) -> proto::UpdateRequest {
        let mut message = proto::UpdateRequest {
            current_password: PASSWORD.to_owned(),
            ..proto::UpdateRequest::default()
        };
        match self {
            Self::Email(email) => message.email.clone_from(email),
            Self::Username(username) => message.username.clone_from(username),
            Self::Phone(phone) => message.phone.clone_from(phone),
        }
        message
    }

    async fn owners(&self, node: &Node) -> u64 {
        let filter = match self {
            Self::Email(email) => account::Column::Email.eq(email),
            Self::Username(username) => account::Column::Username.eq(username),
            Self::Phone(phone) => account::Column::Phone.eq(phone),
        };
        account::Entity::find()
            .filter(filter)
            .count(&node.app.db)
            .await
            .unwrap()
    }

    /// One of two got it, and the other was told that it is taken.
    async fn assert_one_winner<A, B>(
        &self,
        node: &Node,
        one: Result<A, Status>,
        other: Result<B, Status>,
    ) {
        let refused = match (one.map(drop), other.map(drop)) {
            (Ok(()), Err(refused)) | (Err(refused), Ok(())) => refused,
            (one, other) => panic!("no winner of two: {one:?} and {other:?}"),
        };
        assert_eq!(reason(&refused), self.refusal());
        assert_eq!(self.owners(node).await, 1);
    }
}

on_both_engines! {
    async fn px_07_two_registrations_at_once_make_one_account(engines) {
        let nodes = noisy_nodes(engines, at_once).await;
        let [here, there] = [nodes[0].client(), nodes[1].client()];
        for round in 0..ROUNDS {
            let prize = Prize::of(round);
            let one = prize.registration(here.registration(&format!("one{round}")));
            let other = prize.registration(there.registration(&format!("other{round}")));
            let (one, other) = tokio::join!(here.register(one), there.register(other));
            prize.assert_one_winner(&nodes[0], one, other).await;
        }
        let all = account::Entity::find().count(&nodes[1].app.db).await.unwrap();
        assert_eq!(all, ROUNDS as u64);
    }

    async fn px_07_two_registrations_that_wait_for_their_code_make_one_account(engines) {
        let nodes = noisy_nodes(engines, |_| {}).await;
        let [here, there] = [nodes[0].client(), nodes[1].client()];
        for round in 0..30 {
            let prize = Prize::Email(format!("prize{round}@example.com"));
            let one = prize.registration(here.registration(&format!("one{round}")));
            let other = prize.registration(there.registration(&format!("other{round}")));
            // Neither is told of the other; the later one has taken the place of the earlier.
            let (one, other) = tokio::join!(here.register(one), there.register(other));
            one.unwrap();
            other.unwrap();
            assert_eq!(prize.owners(&nodes[0]).await, 1);
        }
    }

    async fn px_08_an_update_and_a_registration_do_not_both_get_the_name(engines) {
        let nodes = noisy_nodes(engines, at_once).await;
        let (ada, _) = enter(&nodes[0].client(), "ada", PASSWORD).await;
        let there = nodes[1].client();
        for round in 0..ROUNDS {
            let prize = Prize::of(round);
            let message = prize.registration(there.registration(&format!("other{round}")));
            let (update, registration) = tokio::join!(ada.update(prize.update()), there.register(message));
            prize.assert_one_winner(&nodes[0], update, registration).await;
        }
    }

    async fn px_08_two_updates_do_not_both_get_the_name(engines) {
        let nodes = noisy_nodes(engines, at_once).await;
        let (ada, _) = enter(&nodes[0].client(), "ada", PASSWORD).await;
        let (eve, _) = enter(&nodes[1].client(), "eve", PASSWORD).await;
        for round in 0..ROUNDS / 2 {
            let prize = Prize::of(round);
            let (one, other) = tokio::join!(ada.update(prize.update()), eve.update(prize.update()));
            prize.assert_one_winner(&nodes[0], one, other).await;
        }
    }
}
