//! PX-11: nodes whose clocks are an hour wrong, or are set while people work (I18). Each node goes by its own clock: what
//! has ended is refused from its end on, and a token from the future but for its minute of leeway.

use std::time::Duration;

use accountd::{
    backend::Timestamp,
    command::serve::housekeeping::sweep,
    config::Settings,
    proto::{self, Tokens, upload_profile_picture_request::Header},
    store::{code, outbox, session, upload_ticket},
};
use sea_orm::{EntityTrait as _, PaginatorTrait as _};
use tonic::Code;

use super::{at_once, enter};
use crate::support::{
    client::{Client, PASSWORD, assert_refused, reason},
    clocks::{moved, set},
    pictures::{header, upload_as},
    samples,
    service::{Engines, Ground, Node, on_both_engines},
};

/// Minutes by which the clocks of three nodes are wrong.
const WRONG: [i64; 3] = [0, 60, -60];
/// Seconds that the clock of who signed a token may run ahead.
const LEEWAY: i64 = 60;
const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

/// Three nodes of one truth: one clock is right, one an hour ahead, one an hour behind.
async fn three(engines: Engines, change: impl FnOnce(&mut Settings)) -> Vec<Node> {
    let ground = Ground::with(engines, change).await;
    let mut nodes = Vec::new();
    for minutes in WRONG {
        let wrong = if minutes == 0 {
            ground.clone()
        } else {
            ground.with_clock(moved(ground.clock.now(), minutes))
        };
        nodes.push(wrong.node().await);
    }
    nodes
}

fn advance(nodes: &[Node], by: Duration) {
    for node in nodes {
        node.advance(by);
    }
}

fn now(node: &Node) -> Timestamp {
    node.app.clock.now()
}

async fn sweep_all(nodes: &[Node]) {
    for node in nodes {
        sweep(&node.app, 365 * DAY).await.unwrap();
    }
}

/// An ended session is refused on every node, whatever its clock says.
async fn assert_ended(nodes: &[Node], ended: &Tokens) {
    for node in nodes {
        let client = node.client().with(&ended.access_token);
        let why = reason(&client.current().await.unwrap_err());
        // A node may not even get to ask whether the session is there.
        let known = ["TOKEN_REVOKED", "TOKEN_EXPIRED", "TOKEN_INVALID"];
        assert!(known.contains(&why.as_str()), "{why}");
        let next = client.refresh(&ended.refresh_token).await;
        assert_refused(next, Code::Unauthenticated, "REFRESH_TOKEN_INVALID");
    }
}

async fn log_in(client: &Client) -> Tokens {
    client.login("ada", PASSWORD).await.unwrap().tokens.unwrap()
}

/// Brings the code of a registration and its ticket to a node, and says which of them it took.
async fn present(node: &Node, id: &str, code: Option<&str>, ticket: &str) -> [bool; 2] {
    let file = samples::png(8, 8);
    let header = Header {
        ticket: ticket.to_owned(),
        ..header(&file)
    };
    // First, since activation withdraws it.
    let uploaded = upload_as(&node.client(), header, &file).await;
    if let Err(refused) = &uploaded {
        assert_eq!(reason(refused), "UPLOAD_TICKET_INVALID");
    }
    let Some(code) = code else {
        return [false, uploaded.is_ok()];
    };
    let activated = node.client().activate(id, code).await;
    if let Err(refused) = &activated {
        assert_eq!(reason(refused), "CODE_EXPIRED");
    }
    [activated.is_ok(), uploaded.is_ok()]
}

/// The code that went to the address. A node may take the letter of another for one whose code has ended already.
async fn code_if_sent(node: &Node, address: &str) -> Option<String> {
    while outbox::Entity::find().count(&node.app.db).await.unwrap() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    if node.client().letters_to(address).is_empty() {
        return None;
    }
    Some(node.client().code_for(address).await)
}

on_both_engines! {
    async fn px_11_an_access_token_works_by_the_clock_of_who_takes_it(engines) {
        let nodes = three(engines, at_once).await;
        let (ada, ended) = enter(&nodes[0].client(), "ada", PASSWORD).await;
        ada.logout().await.unwrap();
        let mut issued = Vec::new();
        for node in &nodes {
            issued.push((now(node).seconds(), log_in(&node.client()).await));
        }
        let mut taken = 0;
        for _ in 0..28 {
            for (iat, tokens) in &issued {
                let exp = tokens.access_expire_time.unwrap().seconds;
                for node in &nodes {
                    let seconds = now(node).seconds();
                    let expected = *iat <= seconds + LEEWAY && seconds < exp;
                    let answer = node.client().with(&tokens.access_token).current().await;
                    if let Err(refused) = &answer {
                        let why = if seconds >= exp { "TOKEN_EXPIRED" } else { "TOKEN_INVALID" };
                        assert_eq!(reason(refused), why);
                    }
                    assert_eq!(answer.is_ok(), expected, "from {iat} to {exp} at {seconds}");
                    taken += usize::from(expected);
                }
            }
            assert_ended(&nodes, &ended).await;
            advance(&nodes, 5 * MINUTE);
        }
        assert!(taken > 3, "nothing was taken at all");
    }

    async fn px_11_codes_and_tickets_end_by_the_clock_of_who_takes_them(engines) {
        let nodes = three(engines, |settings| {
            Ground::realm(settings, "default").disclose_accounts = true;
        })
        .await;
        let just_under = (10 * MINUTE).saturating_sub(Duration::from_millis(1));
        let mut number = 0;
        let mut last = [0, 0];
        for issuer in &nodes {
            for taker in &nodes {
                for wait in [just_under, 10 * MINUTE, 70 * MINUTE] {
                    number += 1;
                    let client = issuer.client();
                    let message = proto::RegisterRequest {
                        picture_ticket: true,
                        ..client.registration(&format!("person{number}"))
                    };
                    let registered = client.register(message).await.unwrap();
                    let id = registered.account.unwrap().id;
                    let code = code_if_sent(issuer, &format!("person{number}@example.com")).await;
                    let db = &issuer.app.db;
                    let row = code::Entity::find_by_account(db, "default", "activate", id.parse().unwrap());
                    let code_ends = row.await.unwrap().unwrap().expires_at;
                    let tickets = upload_ticket::Entity::find_by_id(id.parse::<uuid::Uuid>().unwrap());
                    let ticket_ends = tickets.one(db).await.unwrap().unwrap().expires_at;
                    advance(&nodes, wait);
                    let ticket = &registered.picture_ticket;
                    let [activated, uploaded] = present(taker, &id, code.as_deref(), ticket).await;
                    let at = now(taker).millis();
                    assert!(!activated || at < code_ends, "a code over by {}", at - code_ends);
                    assert_eq!(uploaded, at < ticket_ends, "a ticket, {} after its end", at - ticket_ends);
                    if std::ptr::eq(issuer, taker) && code.is_some() {
                        assert_eq!(activated, wait < 10 * MINUTE);
                    }
                    last[0] += usize::from(activated);
                    last[1] += usize::from(uploaded);
                }
            }
        }
        assert!(last.iter().all(|count| *count >= 3), "{last:?}");
    }

    async fn px_11_no_refresh_on_a_wrong_clock_outlives_a_session(engines) {
        let nodes = three(engines, at_once).await;
        enter(&nodes[0].client(), "ada", PASSWORD).await;
        let idle = log_in(&nodes[0].client()).await;
        let mut used = log_in(&nodes[0].client()).await;
        let end = used.refresh_expire_time.unwrap().seconds;
        for day in 1..30_usize {
            advance(&nodes, DAY);
            let node = &nodes[day % nodes.len()];
            used = node.client().refresh(&used.refresh_token).await.unwrap();
            assert_eq!(used.refresh_expire_time.unwrap().seconds, end, "no refresh puts it off");
            if day == 14 {
                // The node behind would still go on with it.
                for node in &nodes[..2] {
                    let late = node.client().refresh(&idle.refresh_token).await;
                    assert_refused(late, Code::Unauthenticated, "REFRESH_TOKEN_EXPIRED");
                }
            }
            sweep_all(&nodes).await;
            if day > 14 {
                for node in &nodes {
                    let late = node.client().refresh(&idle.refresh_token).await;
                    refused_for_good(&late.unwrap_err());
                }
            }
        }
        advance(&nodes, DAY);
        let [right, ahead, behind] = &nodes[..] else {
            panic!("three nodes");
        };
        for node in [right, ahead] {
            let late = node.client().refresh(&used.refresh_token).await;
            assert_refused(late, Code::Unauthenticated, "REFRESH_TOKEN_EXPIRED");
        }
        used = behind.client().refresh(&used.refresh_token).await.unwrap();
        assert!(used.access_expire_time.unwrap().seconds <= end, "a token outlives its session");
        advance(&nodes, 60 * MINUTE);
        for node in &nodes {
            let late = node.client().refresh(&used.refresh_token).await;
            assert_refused(late, Code::Unauthenticated, "REFRESH_TOKEN_EXPIRED");
            let late = node.client().with(&used.access_token).current().await;
            assert!(late.is_err(), "{late:?}");
        }
    }

    async fn px_11_no_step_of_a_clock_logs_people_out_or_lets_them_in_again(engines) {
        const STEPS: [i64; 12] = [60, -60, 0, 30, 59, 61, -1, 1, -59, 60, 60, -60];
        let ground = Ground::with(engines, at_once).await;
        let wrong = ground.with_clock(ground.clock.now());
        let nodes = [ground.node().await, wrong.node().await];
        let mut people = Vec::new();
        for number in 0..4 {
            let name = format!("person{number}");
            people.push(enter(&nodes[number % 2].client(), &name, PASSWORD).await.1);
        }
        let (eve, ended) = enter(&nodes[1].client(), "eve", PASSWORD).await;
        eve.logout().await.unwrap();
        for (round, minutes) in STEPS.into_iter().enumerate() {
            ground.clock.advance(7 * MINUTE);
            set(&wrong.clock, moved(ground.clock.now(), minutes));
            for (number, tokens) in people.iter_mut().enumerate() {
                let node = &nodes[(round + number) % 2];
                *tokens = node.client().refresh(&tokens.refresh_token).await.unwrap();
                node.client().with(&tokens.access_token).current().await.unwrap();
                // What the other node does not take, it exchanges.
                let other = &nodes[(round + number + 1) % 2];
                if other.client().with(&tokens.access_token).current().await.is_err() {
                    *tokens = other.client().refresh(&tokens.refresh_token).await.unwrap();
                    other.client().with(&tokens.access_token).current().await.unwrap();
                }
            }
            assert_ended(&nodes, &ended).await;
            sweep_all(&nodes).await;
        }
        assert_eq!(session::Entity::find().count(&nodes[0].app.db).await.unwrap(), 4);
    }
}

/// A session that was swept away, or has ended on this clock, too.
fn refused_for_good(refused: &tonic::Status) {
    let why = reason(refused);
    let known = ["REFRESH_TOKEN_EXPIRED", "REFRESH_TOKEN_INVALID"];
    assert!(known.contains(&why.as_str()), "{refused:?}");
}
