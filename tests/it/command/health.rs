//! What `accountd health` asks, and whom.

use std::fs;

use crate::support::{
    authority::{Authority, authority},
    installation::Installation,
    redis::free_port,
};

fn asked(accountd: &Installation, arguments: &[&str]) -> (Option<i32>, String) {
    let run = accountd.run(&[&["health"], arguments].concat());
    let text = [run.stdout, run.stderr].concat();
    (run.status.code(), String::from_utf8(text).unwrap())
}

#[tokio::test]
async fn the_listener_of_the_configuration_is_asked() {
    let port = free_port();
    let accountd = Installation::new();
    let file = accountd.path().join("accountd.toml");
    fs::write(&file, format!("[grpc]\nlisten = \"0.0.0.0:{port}\"\n")).unwrap();
    let accountd = accountd.with("ACCOUNTD_CONFIG", file.to_str().unwrap());
    let (code, told) = asked(&accountd, &[]);
    assert_eq!(code, Some(1), "nobody serves yet: {told}");
    let _running = accountd.serve().await;
    for service in [
        "",
        "accountd.v1.AccountService",
        "accountd.sql",
        "accountd.kv",
    ] {
        let (code, told) = asked(&accountd, &["--service", service]);
        assert_eq!((code, told.as_str()), (Some(0), "SERVING\n"), "{service}");
    }
    let (code, told) = asked(&accountd, &["--service", "accountd.nothing"]);
    assert_eq!(code, Some(1));
    assert!(told.contains("knows no service"), "{told}");
    let (code, told) = asked(&accountd, &["--address", "http://127.0.0.1:1"]);
    assert_eq!(code, Some(1), "the address given wins: {told}");
    let (code, told) = asked(&accountd, &["--ca", "ca.crt"]);
    assert_eq!(code, Some(1));
    assert!(told.contains("https://"), "{told}");
}

#[tokio::test]
async fn a_service_is_not_ill_because_its_file_has_become_faulty() {
    let port = free_port();
    let accountd = Installation::new();
    let file = accountd.path().join("accountd.toml");
    let listen = format!("[grpc]\nlisten = \"127.0.0.1:{port}\"\n");
    fs::write(&file, &listen).unwrap();
    let accountd = accountd.with("ACCOUNTD_CONFIG", file.to_str().unwrap());
    let _running = accountd.serve().await;
    fs::write(
        &file,
        format!("{listen}[limits]\naddress_brst = \"many\"\n"),
    )
    .unwrap();
    let (code, told) = asked(&accountd, &[]);
    assert_eq!((code, told.as_str()), (Some(0), "SERVING\n"));
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let accountd = Installation::new();
    for arguments in [
        &["--cert", "client.crt"][..],
        &["--key", "client.key"],
        &["--timeout", "0s"],
    ] {
        assert_eq!(asked(&accountd, arguments).0, Some(2), "{arguments:?}");
    }
    let accountd = accountd.with("ACCOUNTD_GRPC__LISTEN", "127.0.0.1:0");
    let (code, told) = asked(&accountd, &[]);
    assert_eq!(code, Some(1));
    assert!(told.contains("--address"), "{told}");
}

#[test]
fn a_server_that_stays_silent_is_given_up() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    let (code, told) = asked(
        &Installation::new(),
        &["--address", &address, "--timeout", "300ms"],
    );
    assert_eq!(code, Some(1));
    assert!(told.contains("no answer within 300ms"), "{told}");
}

fn demanding(ours: &Authority, port: u16) -> Installation {
    Installation::new()
        .with("ACCOUNTD_GRPC__LISTEN", format!("127.0.0.1:{port}"))
        .with("ACCOUNTD_GRPC__TLS_CERTIFICATE", ours.file("server.crt"))
        .with("ACCOUNTD_GRPC__TLS_KEY", ours.file("server.key"))
        .with("ACCOUNTD_GRPC__CLIENT_CA", ours.file("ca.crt"))
}

#[tokio::test]
async fn a_server_that_demands_a_certificate_gets_one() {
    let ours = authority();
    let accountd = demanding(&ours, free_port());
    let _running = accountd.serve().await;
    let (ca, certificate, key) = (
        ours.file("ca.crt"),
        ours.file("client.crt"),
        ours.file("client.key"),
    );
    let trust = ["--ca", &ca, "--domain", "localhost"];
    let identity = ["--cert", &certificate, "--key", &key];
    let (code, told) = asked(&accountd, &[&trust[..], &identity].concat());
    assert_eq!((code, told.as_str()), (Some(0), "SERVING\n"));
    assert_eq!(asked(&accountd, &trust).0, Some(1), "no certificate");
    let unnamed = [&["--ca", &ca][..], &identity].concat();
    assert_eq!(asked(&accountd, &unnamed).0, Some(1), "another name");
    assert_eq!(asked(&accountd, &identity).0, Some(1), "no authority");
}
