//! Health tells what the service depends on, by the real binary.

use tokio_stream::StreamExt as _;
use tonic::Code;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

use crate::support::{
    health::{SERVICE, ServingStatus, becomes, check},
    postgres,
    redis::{Server, free_port},
    s3,
    served::Served,
};

#[tokio::test]
async fn health_knows_the_server_and_its_parts_and_nothing_else() {
    let binary = Served::start(&[]).await;
    let channel = binary.channel().await;
    for service in [
        "",
        SERVICE,
        "accountd.sql",
        "accountd.kv",
        "accountd.mail",
        "accountd.pictures",
    ] {
        becomes(&channel, service, ServingStatus::Serving).await;
    }
    let unknown = check(&channel, "nothing.v1.Service").await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rd_01_health_follows_redis_and_only_codes_depend_on_it() {
    let port = free_port();
    let mut redis = Server::start_on(port).await;
    let url = redis.url();
    let binary =
        Served::start(&[("ACCOUNTD_KV__KIND", "redis"), ("ACCOUNTD_KV__URLS", &url)]).await;
    let channel = binary.channel().await;
    becomes(&channel, "accountd.kv", ServingStatus::Serving).await;
    redis.kill();
    becomes(&channel, "accountd.kv", ServingStatus::NotServing).await;
    assert_eq!(
        check(&channel, SERVICE).await.unwrap(),
        ServingStatus::Serving
    );
    assert_eq!(check(&channel, "").await.unwrap(), ServingStatus::Serving);
    let _redis = Server::start_on(port).await;
    becomes(&channel, "accountd.kv", ServingStatus::Serving).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sq_02_health_follows_sql_and_is_watched() {
    use sea_orm::{ConnectionTrait as _, Database};
    let url = postgres::database().await;
    let (server, name) = url.rsplit_once('/').unwrap();
    let variables = [
        ("ACCOUNTD_STORE__URL", url.as_str()),
        ("ACCOUNTD_STORE__MIGRATE", "always"),
    ];
    let binary = Served::start(&variables).await;
    let channel = binary.channel().await;
    becomes(&channel, SERVICE, ServingStatus::Serving).await;
    let request = HealthCheckRequest {
        service: SERVICE.to_owned(),
    };
    let mut watch = HealthClient::new(channel.clone())
        .watch(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        watch.next().await.unwrap().unwrap().status(),
        ServingStatus::Serving
    );

    let admin = Database::connect(format!("{server}/postgres"))
        .await
        .unwrap();
    for statement in [
        format!("alter database {name} allow_connections false"),
        format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"),
    ] {
        admin.execute_unprepared(&statement).await.unwrap();
    }
    assert_eq!(
        watch.next().await.unwrap().unwrap().status(),
        ServingStatus::NotServing
    );
    becomes(&channel, "", ServingStatus::NotServing).await;
    assert_eq!(
        check(&channel, "accountd.kv").await.unwrap(),
        ServingStatus::Serving
    );

    let back = format!("alter database {name} allow_connections true");
    admin.execute_unprepared(&back).await.unwrap();
    assert_eq!(
        watch.next().await.unwrap().unwrap().status(),
        ServingStatus::Serving
    );
}

#[tokio::test]
async fn sm_01_health_tells_of_a_missing_relay_and_of_its_return() {
    let port = free_port().to_string();
    let variables = [
        ("ACCOUNTD_MAIL__KIND", "smtp"),
        ("ACCOUNTD_MAIL__SMTP_HOST", "127.0.0.1"),
        ("ACCOUNTD_MAIL__SMTP_PORT", &port),
        ("ACCOUNTD_MAIL__SMTP_SECURITY", "none"),
        ("ACCOUNTD_MAIL__FROM", "accountd <no-reply@example.com>"),
    ];
    let binary = Served::start(&variables).await;
    let channel = binary.channel().await;
    becomes(&channel, "accountd.mail", ServingStatus::NotServing).await;
    becomes(&channel, SERVICE, ServingStatus::Serving).await;
}

#[tokio::test]
async fn os_04_health_follows_the_store_of_pictures_and_nothing_else_does() {
    let away = format!("http://127.0.0.1:{}", free_port());
    let port = s3::port().await;
    let there = ["127.0.0.1", "localhost"].map(|host| format!("http://{host}:{port}"));
    let bucket = s3::bucket().await;
    for endpoint in there.iter().chain([&away]) {
        let expected = if *endpoint == away {
            ServingStatus::NotServing
        } else {
            ServingStatus::Serving
        };
        let variables = [
            // A proxy that the machine's variables name is not asked.
            ("HTTP_PROXY", away.as_str()),
            ("http_proxy", &away),
            ("ACCOUNTD_PICTURES__KIND", "s3"),
            ("ACCOUNTD_PICTURES__BUCKET", &bucket),
            ("ACCOUNTD_PICTURES__ENDPOINT", endpoint),
            ("ACCOUNTD_PICTURES__ACCESS_KEY_ID", "tester"),
            ("ACCOUNTD_PICTURES__SECRET_ACCESS_KEY", s3::SECRET),
        ];
        let binary = Served::start(&variables).await;
        let channel = binary.channel().await;
        becomes(&channel, "accountd.pictures", expected).await;
        becomes(&channel, SERVICE, ServingStatus::Serving).await;
    }
}
