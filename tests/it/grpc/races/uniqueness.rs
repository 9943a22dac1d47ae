//! A name has one owner, whoever asks for it at the same moment (I5).

use accountd::{
    config::Presence,
    proto,
    store::{account, audit_event},
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, Statement,
};
use tonic::Status;

use super::{at_once, enter, pairs::noisy_nodes};
use crate::support::{
    client::{Client, PASSWORD, reason},
    service::{Engines, Ground, Node, on_both_engines},
};

const ROUNDS: usize = 60;

/// What both want in one round, and the refusal of who does not get it.
enum Prize {
    Email(String),
    Username(String),
    Phone(String),
    ExternalId(String),
}

impl Prize {
    /// What their unique indices are named after.
    const COLUMNS: [&str; 4] = ["email", "external_id", "phone", "username"];

    /// One that a registration can win, and an update.
    fn of(round: usize) -> Self {
        match round % 3 {
            0 => Self::Email(format!("prize{round}@example.com")),
            1 => Self::Username(format!("prize{round}")),
            _ => Self::Phone(format!("+6281234{round:06}")),
        }
    }

    /// One behind each unique index in turns.
    fn behind_an_index(round: usize) -> Self {
        match round % 4 {
            0 => Self::ExternalId(format!("prize-{round}")),
            _ => Self::of(round / 4 * 3 + round % 4),
        }
    }

    const fn refusal(&self) -> &'static str {
        match self {
            Self::Email(_) => "EMAIL_TAKEN",
            Self::Username(_) => "USERNAME_TAKEN",
            Self::Phone(_) => "PHONE_TAKEN",
            Self::ExternalId(_) => "EXTERNAL_ID_TAKEN",
        }
    }

    fn registration(&self, mut message: proto::RegisterRequest) -> proto::RegisterRequest {
        match self {
            Self::Email(email) => message.email.clone_from(email),
            Self::Username(username) => message.username.clone_from(username),
            Self::Phone(phone) => message.phone.clone_from(phone),
            Self::ExternalId(id) => message.external_id.clone_from(id),
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
            Self::ExternalId(_) => panic!("an update does not change it"),
        }
        message
    }

    async fn owners(&self, node: &Node) -> u64 {
        let filter = match self {
            Self::Email(email) => account::Column::Email.eq(email),
            Self::Username(username) => account::Column::Username.eq(username),
            Self::Phone(phone) => account::Column::Phone.eq(phone),
            Self::ExternalId(id) => account::Column::ExternalId.eq(id),
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

/// The unique indices of accounts, without what all begin with.
async fn unique_indices(node: &Node) -> Vec<String> {
    let db = &node.app.db;
    let list = match node.ground.engines {
        Engines::Embedded => {
            "SELECT name FROM pragma_index_list('accounts') WHERE \"unique\" AND origin = 'c'"
        }
        Engines::Production => {
            "SELECT indexname AS name FROM pg_indexes \
             WHERE tablename = 'accounts' AND indexdef LIKE 'CREATE UNIQUE%' AND indexname LIKE 'uq%'"
        }
    };
    let statement = Statement::from_string(db.get_database_backend(), list);
    let rows = db.query_all_raw(statement).await.unwrap();
    let mut names: Vec<String> = rows
        .iter()
        .map(|row| row.try_get::<String>("", "name").unwrap())
        .map(|name| name.trim_start_matches("uq_accounts_").to_owned())
        .collect();
    names.sort();
    names
}

/// The decisions that are on record so far.
async fn events(node: &Node) -> u64 {
    let events = audit_event::Entity::find();
    events.count(&node.app.db).await.unwrap()
}

/// Asks for the prize as somebody new, or as the person.
async fn ask(prize: &Prize, person: &Client, newcomer: Option<String>) -> Result<(), Status> {
    match newcomer {
        Some(name) => {
            let message = prize.registration(person.registration(&name));
            person.register(message).await.map(drop)
        }
        None => person.update(prize.update()).await.map(drop),
    }
}

on_both_engines! {
    async fn sq_08_at_each_unique_index_one_of_two_nodes_wins_and_the_other_goes_on(engines) {
        let nodes = noisy_nodes(engines, |settings| {
            at_once(settings);
            Ground::realm(settings, "default").external_id = Presence::Optional;
        })
        .await;
        assert_eq!(unique_indices(&nodes[0]).await, Prize::COLUMNS);
        let people = [
            enter(&nodes[0].client(), "ada", PASSWORD).await.0,
            enter(&nodes[1].client(), "eve", PASSWORD).await.0,
        ];
        for round in 0..2 * ROUNDS {
            let prize = Prize::behind_an_index(round);
            let before = events(&nodes[0]).await;
            let asked = [0, 1].map(|number| {
                let is_new = matches!(prize, Prize::ExternalId(_)) || (round / 4 + number) % 3 == 0;
                let newcomer = is_new.then(|| format!("new{round}x{number}"));
                ask(&prize, &people[number], newcomer)
            });
            let [one, other] = asked;
            let (one, other) = tokio::join!(one, other);
            let loser = usize::from(one.is_ok());
            prize.assert_one_winner(&nodes[0], one, other).await;
            // What the loser wrote behind the statement that failed is there, like what the winner wrote.
            assert_eq!(events(&nodes[0]).await, before + 2);
            // The same node goes on with what is free.
            let free = Prize::behind_an_index(round + 4 * ROUNDS);
            ask(&free, &people[loser], Some(format!("late{round}"))).await.unwrap();
            assert_eq!(free.owners(&nodes[1 - loser]).await, 1);
        }
    }

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
