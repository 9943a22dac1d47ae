//! SIGTERM: balancers are told, calls under way end, and the process ends well.

use std::time::Duration;

use accountd::proto::{self, GetCurrentResponse};
use prost::Message as _;
use tokio::{
    net::TcpStream,
    sync::mpsc,
    time::{Instant, sleep},
};
use tokio_stream::{StreamExt as _, wrappers::ReceiverStream};
use tonic::Code;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use crate::support::{client::PASSWORD, redis, served::Served, wire};

/// An account's access token.
async fn token(binary: &Served) -> String {
    let mut client = binary.client().await;
    let message = proto::RegisterRequest {
        username: String::from("ada"),
        email: String::from("ada@example.com"),
        password: PASSWORD.to_owned(),
        ..proto::RegisterRequest::default()
    };
    let account = client
        .register(message)
        .await
        .unwrap()
        .into_inner()
        .account
        .unwrap();
    let message = proto::VerifyOtpRequest {
        subject: Some(proto::verify_otp_request::Subject::AccountId(account.id)),
        code: binary.code_for("ada@example.com", 1).await,
        ..proto::VerifyOtpRequest::default()
    };
    client
        .verify_otp(message)
        .await
        .unwrap()
        .into_inner()
        .tokens
        .unwrap()
        .access_token
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn px_03_a_call_under_way_ends_well_and_health_is_told_first() {
    let mut binary = Served::start(&[]).await;
    let token = token(&binary).await;
    let mut health = HealthClient::new(binary.channel().await);
    let mut watch = health
        .watch(HealthCheckRequest::default())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        watch.next().await.unwrap().unwrap().status(),
        ServingStatus::Serving
    );

    // A call whose message has not come yet.
    let (send, messages) = mpsc::channel(1);
    let channel = binary.channel().await;
    let call = tokio::spawn(async move {
        let metadata = wire::bearer(Some(&token));
        let messages = ReceiverStream::new(messages);
        wire::streaming(&channel, &wire::own("GetCurrent"), metadata, messages).await
    });
    sleep(Duration::from_millis(300)).await;

    binary.signal("TERM");
    assert_eq!(
        watch.next().await.unwrap().unwrap().status(),
        ServingStatus::NotServing
    );
    let mut late = binary.client().await;
    let answer = late
        .get_current(proto::GetCurrentRequest {})
        .await
        .unwrap_err();
    assert_eq!(
        crate::support::client::reason(&answer),
        "TOKEN_MISSING",
        "balancers are told before anyone is turned away"
    );
    let began = Instant::now();
    while TcpStream::connect(&binary.address).await.is_ok() {
        assert!(began.elapsed() < Duration::from_secs(5), "it still listens");
        sleep(Duration::from_millis(20)).await;
    }
    // The watcher does not hold up the end.
    assert!(watch.next().await.is_none_or(|last| last.is_err()));
    send.send(Vec::new()).await.unwrap();
    drop(send);
    let answer = call.await.unwrap().unwrap().into_inner();
    let answer = GetCurrentResponse::decode(answer.as_slice()).unwrap();
    assert_eq!(answer.account.unwrap().username, "ada");
    assert!(binary.ended(Duration::from_secs(5)).await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn px_03_a_call_that_does_not_end_is_cut_at_the_end_of_the_drain() {
    let mut binary = Served::start(&[("ACCOUNTD_GRPC__DRAIN", "1s")]).await;
    let channel = binary.channel().await;
    let call = tokio::spawn(async move {
        let never = futures_util::stream::pending();
        wire::streaming(
            &channel,
            &wire::own("GetCurrent"),
            wire::bearer(None),
            never,
        )
        .await
    });
    sleep(Duration::from_millis(300)).await;
    binary.signal("TERM");
    assert!(binary.ended(Duration::from_secs(10)).await.success());
    call.await.unwrap().unwrap_err();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn px_03_a_second_signal_ends_it_at_once() {
    let mut binary = Served::start(&[]).await;
    let channel = binary.channel().await;
    let call = tokio::spawn(async move {
        let never = futures_util::stream::pending();
        wire::streaming(
            &channel,
            &wire::own("GetCurrent"),
            wire::bearer(None),
            never,
        )
        .await
    });
    sleep(Duration::from_millis(300)).await;
    binary.signal("TERM");
    sleep(Duration::from_millis(200)).await;
    binary.signal("INT");
    assert_eq!(binary.ended(Duration::from_secs(5)).await.code(), Some(1));
    call.await.unwrap().unwrap_err();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn px_03_an_import_under_way_is_cut_at_the_end_of_the_drain() {
    use proto::{
        AccountRow, ImportAccountsRequest,
        admin_service_client::AdminServiceClient,
        import_accounts_request::{Header, Part},
    };
    let address = format!("127.0.0.1:{}", redis::free_port());
    let settings = [
        ("ACCOUNTD_GRPC__DRAIN", "1s"),
        ("ACCOUNTD_ADMIN__LISTEN", address.as_str()),
    ];
    let mut binary = Served::start(&settings).await;
    let token = std::fs::read_to_string(binary.data().join("admin.token")).unwrap();
    let (send, parts) = mpsc::channel(4);
    let row = AccountRow {
        username: String::from("ada"),
        email: String::from("ada@example.com"),
        ..AccountRow::default()
    };
    for part in [Part::Header(Header::default()), Part::Row(row)] {
        send.send(ImportAccountsRequest { part: Some(part) })
            .await
            .unwrap();
    }
    let mut request = tonic::Request::new(ReceiverStream::new(parts));
    let line = format!("Bearer {}", token.trim()).parse().unwrap();
    request.metadata_mut().insert("authorization", line);
    let mut operator = AdminServiceClient::connect(format!("http://{address}"))
        .await
        .unwrap();
    let mut answers = operator
        .import_accounts(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(answers.message().await.unwrap().unwrap().error, None);
    binary.signal("TERM");
    assert!(binary.ended(Duration::from_secs(10)).await.success());
    // What was acknowledged is there, and the client is not told that all is well.
    answers.message().await.unwrap_err();
    drop(send);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pr_04_a_connection_is_asked_to_go_and_then_cut() {
    let second = |name| (name, "2s");
    let settings = [
        second("ACCOUNTD_GRPC__CONNECTION_AGE"),
        second("ACCOUNTD_GRPC__CONNECTION_AGE_GRACE"),
        second("ACCOUNTD_GRPC__REQUEST_DEADLINE"),
        second("ACCOUNTD_PICTURES__STREAM_DEADLINE"),
        second("ACCOUNTD_PICTURES__IDLE_TIMEOUT"),
    ];
    let binary = Served::start(&settings).await;
    let began = Instant::now();
    let mut health = HealthClient::new(binary.channel().await);
    let request = HealthCheckRequest::default();
    let mut watch = health.watch(request).await.unwrap().into_inner();
    // Changes of the health itself may be told while the connection lives.
    let told = async { while let Some(Ok(_)) = watch.next().await {} };
    tokio::time::timeout(Duration::from_secs(20), told)
        .await
        .unwrap();
    let lived = began.elapsed();
    assert!(
        lived > Duration::from_millis(3500),
        "it was cut after {lived:?}"
    );
    // The client goes on by another connection. What it sends before it has seen the end of the old one is not done.
    let mut refused = 0;
    while let Err(status) = health.check(HealthCheckRequest::default()).await {
        assert!(
            matches!(status.code(), Code::Cancelled | Code::Unavailable) && refused < 5,
            "{status:?}"
        );
        refused += 1;
    }
}
