//! The drill of `docs/keys.md`: every key is rotated by the command while people use two processes.

mod people;

use std::time::Duration;

use accountd::{
    accounts::password::pepper_mark,
    store::{account, session},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use people::People;
use tokio::time::{Instant, sleep};
use tonic::Code;

use crate::support::{
    client::{PASSWORD, reason},
    cluster::Cluster,
    installation::Installation,
    service::Engines,
};

/// How long a step may take, on a machine with other things to do.
const PATIENCE: Duration = Duration::from_mins(2);

const VARIABLES: [(&str, &str); 11] = [
    ("ACCOUNTD_KEYS__RELOAD", "1s"),
    ("ACCOUNTD_KEYS__ACTIVATION_DELAY", "2s"),
    ("ACCOUNTD_KEYS__KEEP", "30s"),
    ("ACCOUNTD_PASSWORDS__PEPPER", "true"),
    ("ACCOUNTD_REALMS__DEFAULT__ACCESS_LIFETIME", "30s"),
    ("ACCOUNTD_REALMS__CUSTOMER__ENABLED", "false"),
    ("ACCOUNTD_REALMS__SCHOOL__ENABLED", "false"),
    ("ACCOUNTD_REALMS__CONTACT__ENABLED", "false"),
    ("ACCOUNTD_REALMS__PROFILE__ENABLED", "false"),
    ("ACCOUNTD_REALMS__TWO_STEP__ENABLED", "false"),
    ("ACCOUNTD_LOG__LEVEL", "info"),
];

/// An operator beside the cluster, on its key directory and database.
fn operator(cluster: &Cluster) -> Installation {
    VARIABLES
        .iter()
        .fold(Installation::new(), |accountd, (name, value)| {
            accountd.with(name, *value)
        })
        .with("ACCOUNTD_KEYS__DIRECTORY", cluster.outside().keys())
        .with("ACCOUNTD_STORE__URL", cluster.outside().database.clone())
}

/// Runs `accountd keys …`, and gives its output or its refusal.
fn keys(accountd: &Installation, arguments: &[&str]) -> Result<String, String> {
    let done = accountd.run(&[&["keys"], arguments].concat());
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    if done.status.success() {
        Ok(text(&done.stdout))
    } else {
        Err(text(&done.stderr))
    }
}

/// Rotates the keys of one kind; the id of the new one.
fn rotate(accountd: &Installation, kind: &str) -> String {
    let told = keys(accountd, &["rotate", kind]).unwrap();
    let added = told.lines().next().unwrap();
    assert!(added.starts_with(&format!("added {kind} key ")), "{told}");
    added.rsplit(' ').next().unwrap().to_owned()
}

fn key_of(token: &str) -> String {
    let (header, _) = token.split_once('.').unwrap();
    let header = URL_SAFE_NO_PAD.decode(header).unwrap();
    let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

/// Waits until something is so.
async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < end, "never: {what}");
        sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tk_16_every_key_is_rotated_under_load_without_one_wrong_refusal() {
    let cluster = Cluster::start(Engines::Production, 2, &VARIABLES).await;
    let accountd = operator(&cluster);
    let eve = cluster.node(0).client();
    eve.join("eve").await;
    let token = async |node: usize| {
        let login = cluster.node(node).client().login("eve", PASSWORD).await;
        login.ok().map(|answer| answer.tokens.unwrap().access_token)
    };
    let first = token(0).await.unwrap();
    let old = key_of(&first);
    let mut people = People::start(&cluster).await;
    people.go_on().await;

    let signing = rotate(&accountd, "signing");
    for node in 0..2 {
        until("the new key signs", async || {
            token(node)
                .await
                .is_some_and(|token| key_of(&token) == signing)
        })
        .await;
    }
    people.go_on().await;

    // Codes, refresh tokens and the pepper are derived from it.
    let secret = rotate(&accountd, "secret");
    let db = cluster.outside().sql().await;
    let mark = pepper_mark(&secret);
    until(
        "sessions and passwords live by the new secret",
        async || {
            let sessions = session::Entity::count_by_secret(&db).await.unwrap();
            let passwords = account::Entity::count_hashed_with(&db, &mark)
                .await
                .unwrap();
            sessions.iter().any(|(id, _)| *id == secret) && passwords > 1
        },
    )
    .await;
    people.go_on().await;

    until(
        "nothing is signed with the old key any more",
        async || match keys(&accountd, &["retire", &old]) {
            Ok(_) => true,
            Err(told) => {
                assert!(told.contains("may be accepted for another"), "{told}");
                false
            }
        },
    )
    .await;
    for node in cluster.nodes() {
        let client = node.client().with(&first);
        until("a token of the retired key is none", async || {
            let status = client.current().await.unwrap_err();
            status.code() == Code::Unauthenticated && reason(&status) == "TOKEN_INVALID"
        })
        .await;
    }
    people.go_on().await;
    people.finish().await;
    let listed = keys(&accountd, &["list", "--uses"]).unwrap();
    assert!(
        !listed.contains(&old) && listed.contains("sessions: "),
        "{listed}"
    );
}
