//! The account by REST, against the same call by gRPC on the same server.

use std::sync::Arc;

use accountd::proto::{
    LoginRequest, RegisterRequest, account_service_client::AccountServiceClient,
};
use axum::body::{self, Body};
use http::{Request, StatusCode, header};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use prost_types::{Struct, Value, value::Kind};
use tokio::{net::TcpStream, sync::Mutex};

use crate::{
    Bench, get_current,
    support::{
        pairs::Pairs,
        people::{self, PASSWORD, Person},
        rounds::{Load, call},
        server::Accountd,
    },
};

const PEOPLE: usize = 32;
const REALM: &str = "school";
/// Bytes of an answer at the most.
const LONGEST: usize = 65_536;

/// `GET /auth/details` of the dialect `school`, over connections that are kept, one for each lane.
pub(crate) async fn measure(bench: &Bench) {
    let mut server = Accountd::start(&bench.binary, &[]);
    let address = server.dialect(REALM);
    let pupils = enrol(&server).await;
    let rest = Load {
        server: &server.process,
        lanes: pupils.len(),
        call: by_rest(&address, &pupils).await,
    };
    let grpc = get_current::load(&server.process, &pupils).await;
    let pairs = Pairs::measure(&bench.arguments, &rest, &grpc).await;
    let figure = "REST details through the gateway, against GetCurrent by gRPC";
    pairs.row(figure, 0.70).print();
}

async fn by_rest(address: &str, pupils: &[Person]) -> crate::support::rounds::Call {
    let mut lanes = Vec::new();
    for pupil in pupils {
        lanes.push((connect(address).await, pupil.token.clone()));
    }
    let (lanes, address) = (Arc::new(lanes), address.to_owned());
    call(move |lane| {
        let (sender, token) = &lanes[lane];
        let request = Request::get("/auth/details")
            .header(header::HOST, &address)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::empty())
            .unwrap();
        let sender = Arc::clone(sender);
        async move {
            let mut sender = sender.lock().await;
            sender.ready().await.unwrap();
            let answer = sender.send_request(request).await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK);
            let body = Body::new(answer.into_body());
            assert!(!body::to_bytes(body, LONGEST).await.unwrap().is_empty());
        }
    })
}

async fn connect(address: &str) -> Arc<Mutex<SendRequest<Body>>> {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    Arc::new(Mutex::new(sender))
}

/// Pupils without an email, since its code would have to come first.
async fn enrol(server: &Accountd) -> Vec<Person> {
    let channel = server.process.endpoint().connect().await.unwrap();
    let mut rpc = AccountServiceClient::new(channel);
    let mut pupils = Vec::new();
    for number in 0..PEOPLE {
        let username = format!("pupil{number}");
        let registration = RegisterRequest {
            realm: String::from(REALM),
            username: username.clone(),
            password: String::from(PASSWORD),
            full_name: String::from("Siti Rahma"),
            external_id: format!("{:09}", 242_500_000 + number),
            attributes: Some(attributes(number)),
            ..RegisterRequest::default()
        };
        rpc.register(registration).await.unwrap();
        let login = LoginRequest {
            realm: String::from(REALM),
            ..people::login(&username)
        };
        let tokens = rpc.login(login).await.unwrap().into_inner().tokens;
        pupils.push(Person {
            rpc: rpc.clone(),
            username,
            token: tokens.unwrap().access_token,
        });
    }
    pupils
}

fn attributes(number: usize) -> Struct {
    let whole = |number: u32| Kind::NumberValue(f64::from(number));
    let fields = [
        ("absentnum", whole(u32::try_from(number % 40).unwrap() + 1)),
        ("angkatan", whole(11)),
        ("jurusan", Kind::StringValue(String::from("TKJ"))),
    ];
    let fields = fields.map(|(name, kind)| (name.to_owned(), Value { kind: Some(kind) }));
    Struct {
        fields: fields.into_iter().collect(),
    }
}
