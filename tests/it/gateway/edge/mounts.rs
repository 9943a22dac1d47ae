//! Several dialects on one listener.

use std::net::{SocketAddr, TcpListener};

use accountd::config::Settings;

use super::{ask_with, node_with};
use crate::gateway::two_step::REGISTRATION;

/// A free address, of a host that no other test listens on.
fn free() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.77:0").unwrap();
    listener.local_addr().unwrap()
}

fn shared(settings: &mut Settings) {
    let address = free();
    for dialect in settings.dialects.all_mut() {
        dialect.listen = address;
    }
    let dialects = &mut settings.dialects;
    dialects.profile.prefix = String::from("/shop");
    dialects.two_step.prefix = String::from("/shop/gadgets");
    dialects.school.host = Some(String::from("library.example.com"));
    dialects.contact.prefix = String::from("/courses");
    dialects.contact.enabled = false;
    dialects.customer.prefix = String::from("/cats");
    settings.realms.get_mut("customer").unwrap().enabled = false;
}

#[tokio::test]
async fn dialects_on_one_listener_are_told_apart_by_prefix_and_host() {
    let node = node_with(shared).await;
    let rest = node.rest("profile");
    for (path, told) in [
        ("/shop/nowhere", r#"404 {"errors":"Are you lost?"}"#),
        ("/shop", r#"404 {"errors":"Are you lost?"}"#),
        ("/shop?a=/", r#"404 {"errors":"Are you lost?"}"#),
        ("/shop/gadgets/nowhere", r#"404 {"errors":"no such path"}"#),
        ("/shop/gadgets2", r#"404 {"errors":"Are you lost?"}"#),
        ("/shopping", "404 "),
        ("/nowhere", "404 "),
        ("/courses/openapi.json", "404 "),
        ("/cats/openapi.json", "404 "),
        ("/openapi.json", "404 "),
    ] {
        let answer = rest.ask(&format!("GET {path}")).await;
        assert_eq!(answer.told(), told, "{path}");
    }
    for host in ["library.example.com", "Library.Example.Com:43210"] {
        let answer = ask_with(&rest, ("GET", "/openapi.json"), &[("host", host)]).await;
        assert_eq!(answer.status, 200, "{host}");
    }
    for host in ["example.com", "library.example.com.evil.example", ""] {
        let answer = ask_with(&rest, ("GET", "/openapi.json"), &[("host", host)]).await;
        assert_eq!(answer.status, 404, "{host}");
    }
    let answer = rest
        .send("POST /shop/gadgets/api/users", REGISTRATION)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = rest.ask("GET /shop/docs").await;
    assert_eq!(answer.header("location"), "/shop/docs/");
    assert_eq!(rest.ask("GET /shop/docs/").await.status, 200);
}
