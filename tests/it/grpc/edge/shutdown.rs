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
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use crate::support::{client::PASSWORD, served::Served, wire};

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
