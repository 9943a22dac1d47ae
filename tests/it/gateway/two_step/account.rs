//! What a token is good for.

use std::time::Duration;

use super::{CURRENT, LOGIN, NOT_VALID, UNAUTHORIZED, another, joined, logged_in};
use crate::support::service::{on_both_engines, start};

on_both_engines! {
    async fn current_takes_the_token_bare_or_behind_bearer(engines) {
        let node = start(engines).await;
        let (rest, id) = joined(&node).await;
        node.advance(Duration::from_secs(30));
        let token = logged_in(&node, &rest, &id, 3).await;
        for line in [token.clone(), format!("Bearer {token}"), format!("bearer {token}")] {
            let answer = rest.with(&line).ask("GET /api/users/current").await;
            assert_eq!(answer.told(), CURRENT);
        }
    }

    async fn a_new_name_leaves_the_token_as_it_is(engines) {
        let node = start(engines).await;
        let (rest, _) = joined(&node).await;
        for (body, name) in [
            (r#"{"nama": "Naruto Hokage"}"#, "Naruto Hokage"),
            (r#"{"name": "Uzumaki Boruto"}"#, "Uzumaki Boruto"),
            ("{}", "Uzumaki Boruto"),
        ] {
            let answer = rest.send("PATCH /api/users/current", body).await;
            assert_eq!(answer.told(), r#"200 {"data":{"token":"TOKEN"}}"#);
            let rest = rest.with(&answer.at("/data/token"));
            let answer = rest.ask("GET /api/users/current").await;
            assert_eq!(answer.at("/name"), name);
        }
    }

    async fn a_new_password_ends_the_other_sessions(engines) {
        let node = start(engines).await;
        let (first, id) = joined(&node).await;
        node.advance(Duration::from_secs(30));
        let token = logged_in(&node, &first, &id, 3).await;
        let second = first.with(&token);
        let body = r#"{ "nama": "Naruto Hokage", "password": "naruto1234" }"#;
        let answer = second.send("PATCH /api/users/current", body).await;
        assert_eq!(answer.told(), r#"200 {"data":{"token":"TOKEN"}}"#);
        assert_eq!(first.ask("GET /api/users/current").await.told(), UNAUTHORIZED);
        let second = second.with(&answer.at("/data/token"));
        let answer = second.ask("GET /api/users/current").await;
        assert_eq!(answer.at("/name"), "Naruto Hokage");
        let answer = second.send("POST /api/users/login", LOGIN).await;
        assert_eq!(answer.told(), NOT_VALID, "the old password");
        let body = LOGIN.replace("naruto123", "naruto1234");
        assert_eq!(second.send("POST /api/users/login", &body).await.status, 200);
    }

    async fn a_new_password_wants_a_login_of_the_last_hour(engines) {
        let node = start(engines).await;
        let (rest, _) = joined(&node).await;
        node.advance(Duration::from_mins(40));
        let body = r#"{"password": "naruto1234"}"#;
        let answer = rest.send("PATCH /api/users/current", body).await;
        let rest = rest.with(&answer.at("/data/token"));
        node.advance(Duration::from_mins(40));
        let body = r#"{"password": "naruto12345"}"#;
        let answer = rest.send("PATCH /api/users/current", body).await;
        assert_eq!(answer.told(), UNAUTHORIZED);
        let answer = rest.send("PATCH /api/users/current", r#"{"nama": "Naruto"}"#).await;
        assert_eq!(answer.status, 200, "a name does not");
    }

    async fn logout_ends_the_token(engines) {
        let node = start(engines).await;
        let (rest, _) = joined(&node).await;
        let answer = rest.ask("POST /api/users/logout").await;
        assert_eq!(
            answer.told(),
            r#"200 {"data":{"status":"success","message":"logout successfully"}}"#
        );
        for line in ["POST /api/users/logout", "GET /api/users/current"] {
            assert_eq!(rest.ask(line).await.told(), UNAUTHORIZED);
        }
    }

    async fn az_01_delete_takes_the_own_id_name_and_password_only(engines) {
        let node = start(engines).await;
        let (rest, id) = joined(&node).await;
        let other = another(&node).await;
        let body = r#"{ "username": "narutokonoha", "pasword": "naruto123" }"#;
        for (id, body) in [
            (other.as_str(), body.replace("narutokonoha", "sasuke")),
            (other.as_str(), body.to_owned()),
            (&id, body.replace("narutokonoha", "sasuke")),
            (&id, body.replace("naruto123", "naruto124")),
            (&id, body.replace("naruto123", "")),
            (&id, String::from(r#"{ "username": "narutokonoha" }"#)),
            (&id, String::from("{}")),
            ("1", body.to_owned()),
            ("%FF", body.to_owned()),
        ] {
            let answer = rest.send(&format!("DELETE /api/users/{id}"), &body).await;
            assert_eq!(answer.told(), UNAUTHORIZED, "{id} {body}");
        }
        assert_eq!(rest.ask("GET /api/users/current").await.told(), CURRENT);
        let sasuke = LOGIN.replace("naruto@", "sasuke@");
        let answer = rest.send("POST /api/users/login", &sasuke).await;
        assert_eq!(answer.status, 200, "the other account is untouched");
    }

    async fn delete_ends_the_account_and_all_its_tokens(engines) {
        let node = start(engines).await;
        let (first, id) = joined(&node).await;
        node.advance(Duration::from_secs(30));
        let second = first.with(&logged_in(&node, &first, &id, 3).await);
        let body = r#"{ "username": "narutokonoha", "pasword": "naruto123" }"#;
        let answer = first.send(&format!("DELETE /api/users/{id}"), body).await;
        assert_eq!(
            answer.told(),
            r#"200 {"data":{"message":"User account deleted successfully"}}"#
        );
        for rest in [&first, &second] {
            assert_eq!(rest.ask("GET /api/users/current").await.told(), UNAUTHORIZED);
        }
        let answer = first.send("POST /api/users/login", LOGIN).await;
        assert_eq!(answer.told(), NOT_VALID);
    }
}
