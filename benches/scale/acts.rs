//! What is asked of a town, by people who are drawn from all of it alike.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use accountd::{
    backend::{Clock, Random},
    config::Settings,
    keys::Keys,
    proto::{GetCurrentRequest, RefreshRequest, account_service_client::AccountServiceClient},
    sessions::token::{self, CLIENT_ID, Claims},
};
use uuid::Uuid;

use crate::{
    support::{
        crowd,
        people::{self, with_token},
        rounds::{Call, Load, call},
    },
    town::Town,
};

/// What stands for the digits of a number in a user name.
const LETTERS: &[u8; 10] = b"abcdefghjk";

/// An RPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    GetCurrent,
    Refresh,
    Login,
    Register,
}

impl Act {
    pub(crate) const ALL: [Self; 4] =
        [Self::GetCurrent, Self::Refresh, Self::Login, Self::Register];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::GetCurrent => "GetCurrent",
            Self::Refresh => "Refresh",
            Self::Login => "Login",
            Self::Register => "Register",
        }
    }

    /// Whether a hash of a password drowns what the rest costs.
    pub(crate) const fn hashes(self) -> bool {
        matches!(self, Self::Login | Self::Register)
    }

    /// One client that does it again and again.
    pub(crate) async fn load(self, town: &Town) -> Load<'_> {
        let server = &town.server.process;
        let rpc = AccountServiceClient::new(server.endpoint().connect().await.unwrap());
        let call = match self {
            Self::GetCurrent => get_current(town, rpc),
            Self::Refresh => refresh(town, rpc),
            Self::Login => login(town, rpc),
            Self::Register => register(rpc),
        };
        Load {
            server,
            call,
            lanes: 1,
        }
    }
}

type Rpc = AccountServiceClient<tonic::transport::Channel>;

fn get_current(town: &Town, rpc: Rpc) -> Call {
    let (crowd, size) = (Arc::clone(&town.crowd), town.size);
    let settings = Settings::embedded();
    call(move |_| {
        let token = access_token(&crowd.keys, &settings, anyone(size));
        let mut rpc = rpc.clone();
        async move {
            let request = with_token(GetCurrentRequest::default(), &token);
            rpc.get_current(request).await.unwrap();
        }
    })
}

fn refresh(town: &Town, rpc: Rpc) -> Call {
    let (crowd, size) = (Arc::clone(&town.crowd), town.size);
    // Generations of those that were drawn before.
    let generations = Mutex::new(HashMap::<u64, u32>::new());
    call(move |_| {
        let number = anyone(size);
        let mut generations = generations.lock().unwrap();
        let generation = generations.entry(number).or_default();
        let request = RefreshRequest {
            refresh_token: crowd.refresh_token(number, *generation),
            ..RefreshRequest::default()
        };
        *generation += 1;
        let mut rpc = rpc.clone();
        async move {
            rpc.refresh(request).await.unwrap();
        }
    })
}

fn login(town: &Town, rpc: Rpc) -> Call {
    let size = town.size;
    call(move |_| {
        let request = people::login(&username(anyone(size)));
        let mut rpc = rpc.clone();
        async move {
            rpc.login(request).await.unwrap();
        }
    })
}

fn register(rpc: Rpc) -> Call {
    let newcomers = AtomicU64::new(0);
    call(move |_| {
        let number = newcomers.fetch_add(1, Ordering::Relaxed);
        let request = people::registration(&format!("newcomer{number}"));
        let mut rpc = rpc.clone();
        async move {
            rpc.register(request).await.unwrap();
        }
    })
}

/// The number of anyone, each as likely as the others.
fn anyone(size: u64) -> u64 {
    1 + u64::from_be_bytes(Random::System.bytes()) % size
}

/// The user name of a person of the crowd, with letters for digits.
fn username(number: u64) -> String {
    let digits = number.to_string().into_bytes();
    let letters = digits
        .iter()
        .map(|digit| char::from(LETTERS[usize::from(digit - b'0')]));
    format!("crew{}", letters.collect::<String>())
}

/// A fresh access token of a person's session.
fn access_token(keys: &Keys, settings: &Settings, number: u64) -> String {
    let now = Clock::System.now();
    let end = now + settings.realms["default"].access_lifetime;
    let claims = Claims {
        iss: settings.tokens.issuer.clone(),
        aud: settings.tokens.audience.clone(),
        sub: crowd::id(number, 1),
        sid: crowd::id(number, 2),
        realm: String::from("default"),
        jti: Uuid::nil(),
        iat: now.seconds(),
        exp: end.seconds(),
        client_id: CLIENT_ID.to_owned(),
        generation: 0,
    };
    token::sign(keys, &claims).unwrap()
}
