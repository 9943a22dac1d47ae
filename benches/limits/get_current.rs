//! `GetCurrent`, against the least that a server has to do for the same answer.

use std::sync::Arc;

use accountd::proto::GetCurrentRequest;
use prost::Message as _;

use crate::{
    Bench,
    reference::Reference,
    support::{
        pairs::Pairs,
        people::{self, Person},
        process::Process,
        rounds::{Load, call},
        server::{Accountd, Production},
    },
};

const PEOPLE: usize = 32;
const CONNECTIONS: usize = 4;

/// On SQLite and memory, against an echo.
pub(crate) async fn embedded(bench: &Bench) {
    let server = Accountd::start(&bench.binary, &[]);
    let people = people::sign_up(&server, PEOPLE).await;
    let answer = answer(&people[0]).await;
    let reference = Reference::answering("echo", &answer, &[]);
    let figure = "GetCurrent, embedded default";
    against(bench, figure, (&server, &people), &reference, 0.80).await;
}

/// On PostgreSQL and Redis, against one round trip to Redis.
pub(crate) async fn production(bench: &Bench) {
    let Production {
        server, engines, ..
    } = Production::start(&bench.binary).await;
    let people = people::sign_up(&server, PEOPLE).await;
    let answer = answer(&people[0]).await;
    let reference = Reference::answering("redis", &answer, &[engines.redis()]);
    let figure = "GetCurrent, PostgreSQL + Redis";
    against(bench, figure, (&server, &people), &reference, 0.85).await;
}

async fn against(
    bench: &Bench,
    figure: &str,
    (server, people): (&Accountd, &[Person]),
    reference: &Reference,
    aim: f64,
) {
    let ours = load(&server.process, people).await;
    let limit = load(&reference.process, people).await;
    let pairs = Pairs::measure(&bench.arguments, &ours, &limit).await;
    pairs.row(figure, aim).print();
}

/// All of them ask who they are, each over and over.
pub(crate) async fn load<'a>(server: &'a Process, people: &[Person]) -> Load<'a> {
    let channels = server.channels(CONNECTIONS).await;
    let people = Arc::new(people::over(people, &channels));
    Load {
        server,
        lanes: people.len(),
        call: call(move |lane| {
            let Person { mut rpc, token, .. } = people[lane].clone();
            async move {
                let request = people::with_token(GetCurrentRequest::default(), &token);
                let answer = rpc.get_current(request).await.unwrap().into_inner();
                assert!(answer.account.is_some(), "an answer without an account");
            }
        }),
    }
}

/// What one of them is told, byte by byte.
async fn answer(person: &Person) -> Vec<u8> {
    let request = person.request(GetCurrentRequest::default());
    let answer = person.rpc.clone().get_current(request).await.unwrap();
    answer.into_inner().encode_to_vec()
}
