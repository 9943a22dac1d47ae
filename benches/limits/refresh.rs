//! Refresh, against the fewest statements that it needs.

use std::sync::{Arc, Mutex};

use accountd::proto::{RefreshRequest, account_service_client::AccountServiceClient};
use prost::Message as _;

use crate::{
    Bench,
    reference::Reference,
    support::{
        crowd::Crowd,
        engines,
        pairs::Pairs,
        people,
        process::Process,
        rounds::{Load, call},
        server::Production,
    },
};

const CONNECTIONS: usize = 4;
const LANES: usize = 16;
/// Sessions, half of them for each side.
const SESSIONS: u64 = 20_000;

/// On PostgreSQL; Redis has no part in it.
pub(crate) async fn production(bench: &Bench) {
    let Production {
        server,
        engines: _engines,
        database,
    } = Production::start(&bench.binary).await;
    let people = people::sign_up(&server, 1).await;
    let db = engines::connect(&database).await;
    let crowd = Crowd::gather(&server, &db, &people[0].username, SESSIONS).await;
    let crowd = Arc::new(crowd);

    let answer = answer(&server.process, &crowd).await;
    let reference = Reference::answering("refresh", &answer, &[&database]);
    let half = SESSIONS / 2;
    let ours = load(&server.process, &crowd, 1..half).await;
    let limit = load(&reference.process, &crowd, half..SESSIONS).await;
    let pairs = Pairs::measure(&bench.arguments, &ours, &limit).await;
    pairs.row("Refresh, PostgreSQL + Redis", 0.80).print();
}

/// Each lane refreshes sessions of its own, one after the other.
async fn load<'a>(
    server: &'a Process,
    crowd: &Arc<Crowd>,
    numbers: std::ops::Range<u64>,
) -> Load<'a> {
    let channels = server.channels(CONNECTIONS).await;
    let lanes: Vec<Lane> = (0..LANES)
        .map(|lane| Lane {
            rpc: AccountServiceClient::new(channels[lane % CONNECTIONS].clone()),
            sessions: Mutex::new(Turns::of(numbers.clone().skip(lane).step_by(LANES))),
        })
        .collect();
    let (lanes, crowd) = (Arc::new(lanes), Arc::clone(crowd));
    Load {
        server,
        lanes: LANES,
        call: call(move |lane| {
            let (number, generation) = lanes[lane].sessions.lock().unwrap().next();
            let refresh_token = crowd.refresh_token(number, generation);
            let mut rpc = lanes[lane].rpc.clone();
            async move {
                let request = RefreshRequest {
                    refresh_token,
                    ..RefreshRequest::default()
                };
                let answer = rpc.refresh(request).await.unwrap().into_inner();
                assert!(answer.tokens.is_some(), "an answer without tokens");
            }
        }),
    }
}

struct Lane {
    rpc: AccountServiceClient<tonic::transport::Channel>,
    sessions: Mutex<Turns>,
}

/// Sessions that take turns.
struct Turns {
    /// Each with the generation that its token has now.
    sessions: Vec<(u64, u32)>,
    next: usize,
}

impl Turns {
    fn of(numbers: impl Iterator<Item = u64>) -> Self {
        Self {
            sessions: numbers.map(|number| (number, 0)).collect(),
            next: 0,
        }
    }

    /// The session whose turn it is, and the generation of its live token.
    fn next(&mut self) -> (u64, u32) {
        let turn = &mut self.sessions[self.next];
        let live = *turn;
        turn.1 += 1;
        self.next = (self.next + 1) % self.sessions.len();
        live
    }
}

/// What accountd answers, byte by byte, to the last of them.
async fn answer(server: &Process, crowd: &Crowd) -> Vec<u8> {
    let channel = server.endpoint().connect().await.unwrap();
    let request = RefreshRequest {
        refresh_token: crowd.refresh_token(SESSIONS, 0),
        ..RefreshRequest::default()
    };
    let answer = AccountServiceClient::new(channel).refresh(request).await;
    answer.unwrap().into_inner().encode_to_vec()
}
