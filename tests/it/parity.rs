//! One life through every face: the contract and the dialects say the same of the same account.
//!
//! A step that a face has no endpoint for goes through the contract, with the token that the face gave.

mod account;
mod joining;
mod session;

use std::{
    cell::{Cell, OnceCell},
    time::Duration,
};

use crate::support::{
    client::{Client, PASSWORD},
    rest::{Answer, Rest},
    service::{Node, on_both_engines, start},
};

const EMAIL: &str = "broo@example.com";
const NAME: &str = "broo ader";
const NEW_NAME: &str = "broo the second";
const PHONE: &str = "51234567";
const NEW_PHONE: &str = "61234567";

/// What a life is lived through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Face {
    Grpc,
    School,
    Customer,
    Contact,
    Profile,
    TwoStep,
}

impl Face {
    /// The realm, which has the name of the dialect.
    const fn realm(self) -> &'static str {
        match self {
            Self::Grpc => "default",
            Self::School => "school",
            Self::Customer => "customer",
            Self::Contact => "contact",
            Self::Profile => "profile",
            Self::TwoStep => "two_step",
        }
    }

    /// What the account tells at first, and after its change: its name, or its number where it has no name.
    const fn told(self) -> [&'static str; 2] {
        match self {
            Self::Customer => [PHONE, NEW_PHONE],
            Self::Grpc | Self::School | Self::Contact | Self::Profile | Self::TwoStep => {
                [NAME, NEW_NAME]
            }
        }
    }

    /// Statuses that refuse who asks.
    const fn refusals(self) -> &'static [u16] {
        match self {
            Self::School => &[401, 404],
            Self::Contact => &[401, 410],
            Self::Grpc | Self::Customer | Self::Profile | Self::TwoStep => &[401],
        }
    }
}

/// An account's life through one face.
struct Life<'a> {
    face: Face,
    node: &'a Node,
    client: Client,
    rest: Option<Rest>,
    /// The account's id, where the face tells it.
    id: OnceCell<String>,
    /// Codes that were taken out of the mails.
    codes: Cell<usize>,
}

impl<'a> Life<'a> {
    fn new(node: &'a Node, face: Face) -> Self {
        let realm = face.realm();
        Self {
            face,
            node,
            client: node.client_of(realm),
            rest: (face != Face::Grpc).then(|| node.rest(realm)),
            id: OnceCell::new(),
            codes: Cell::new(0),
        }
    }

    /// The dialect's front end.
    fn rest(&self) -> &Rest {
        self.rest.as_ref().expect("a dialect")
    }

    /// The dialect's front end with a token.
    fn rest_with(&self, token: &str) -> Rest {
        self.rest().with(&format!("Bearer {token}"))
    }

    /// The id that registering told.
    fn id(&self) -> &str {
        self.id.get().expect("a face that tells the id")
    }

    /// The code of the next mail.
    async fn next_code(&self) -> String {
        let count = self.codes.get() + 1;
        self.codes.set(count);
        self.client.code_number(EMAIL, count).await
    }

    /// Whether a dialect answered as hoped; if not, it must have refused who asks, and not have failed.
    #[track_caller]
    fn unless_refused(&self, answer: &Answer) -> bool {
        let is_refusal = self.face.refusals().contains(&answer.status.as_u16());
        assert!(
            answer.status == 200 || is_refusal,
            "{} {}",
            answer.status,
            answer.text()
        );
        !is_refusal
    }

    /// All of it, each step seen through the face and by the contract.
    async fn live(&self) {
        let face = self.face;
        let [first, changed] = face.told();
        self.register().await;
        assert_eq!(self.log_in(PASSWORD).await, None, "{face:?}: not active");
        let code = self.next_code().await;
        assert!(self.activate(&code).await, "{face:?}");
        assert!(!self.activate(&code).await, "{face:?}: used");
        assert_eq!(self.log_in("another secret").await, None, "{face:?}");
        let token = self.log_in(PASSWORD).await.expect("a token");
        self.assert_reads(&token, Some(first)).await;
        self.change(&token).await;
        self.assert_reads(&token, Some(changed)).await;
        self.log_out(&token).await;
        self.assert_reads(&token, None).await;
        // Codes of logins keep their distance.
        self.node.advance(Duration::from_secs(30));
        let token = self.log_in(PASSWORD).await.expect("another token");
        self.assert_reads(&token, Some(changed)).await;
        self.delete(&token).await;
        self.assert_reads(&token, None).await;
        assert_eq!(self.log_in(PASSWORD).await, None, "{face:?}: deleted");
    }

    async fn assert_reads(&self, token: &str, expected: Option<&str>) {
        let face = self.face;
        assert_eq!(self.read(token).await.as_deref(), expected, "{face:?}");
        let told = self.read_by_contract(token).await;
        assert_eq!(told.as_deref(), expected, "{face:?}, by the contract");
        if face == Face::School {
            let refreshed = self.read_by_cookie().await;
            assert_eq!(refreshed.as_deref(), expected, "{face:?}, by the cookie");
        }
    }
}

on_both_engines! {
    async fn a_life_is_the_same_through_the_contract(engines) {
        Life::new(&start(engines).await, Face::Grpc).live().await;
    }

    async fn a_life_is_the_same_through_school(engines) {
        Life::new(&start(engines).await, Face::School).live().await;
    }

    async fn a_life_is_the_same_through_customer(engines) {
        Life::new(&start(engines).await, Face::Customer).live().await;
    }

    async fn a_life_is_the_same_through_contact(engines) {
        Life::new(&start(engines).await, Face::Contact).live().await;
    }

    async fn a_life_is_the_same_through_profile(engines) {
        Life::new(&start(engines).await, Face::Profile).live().await;
    }

    async fn a_life_is_the_same_through_two_step(engines) {
        Life::new(&start(engines).await, Face::TwoStep).live().await;
    }
}
