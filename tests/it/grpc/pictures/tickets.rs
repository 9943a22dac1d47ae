//! Upload tickets: the picture of an account whose owner cannot log in yet.

use std::time::Duration;

use accountd::{
    accounts::picture::collect_pictures,
    command::serve::housekeeping::sweep,
    proto::{PictureVariant, RegisterRequest, upload_profile_picture_request::Header},
};
use tonic::Code;

use super::{objects, rows};
use crate::support::{
    client::{Client, assert_refused},
    pictures::{download, header, upload_as},
    samples,
    service::{Ground, Node, on_both_engines, start},
};

/// A registration, the ticket that came with it, and the id of the account.
async fn registered(node: &Node, name: &str) -> (Client, String, String) {
    let client = node.client();
    let message = RegisterRequest {
        picture_ticket: true,
        ..client.registration(name)
    };
    let answer = client.register(message).await.unwrap();
    let id = answer.account.unwrap().id;
    (client, answer.picture_ticket, id)
}

fn with_ticket(ticket: &str, file: &[u8]) -> Header {
    Header {
        ticket: ticket.to_owned(),
        ..header(file)
    }
}

on_both_engines! {
    async fn a_ticket_sets_the_picture_of_a_pending_account_once(engines) {
        let node = start(engines).await;
        let (client, ticket, id) = registered(&node, "ada").await;
        let file = samples::png(40, 40);

        let account = upload_as(&client, with_ticket(&ticket, &file), &file).await.unwrap();

        assert_eq!(account.id, id);
        let picture = account.picture.unwrap();
        let answer = upload_as(&client, with_ticket(&ticket, &file), &file).await;
        assert_refused(answer, Code::Unauthenticated, "UPLOAD_TICKET_INVALID");
        let code = client.code_for("ada@example.com").await;
        let joined = client.activate(&id, &code).await.unwrap();
        assert_eq!(joined.account.unwrap().picture.unwrap(), picture);
        let ada = client.with(&joined.tokens.unwrap().access_token);
        assert_eq!(download(&ada, PictureVariant::Full).await.unwrap().header.width, 40);
    }

    async fn a_ticket_is_given_only_when_it_is_asked_for(engines) {
        let node = start(engines).await;
        let client = node.client();
        let answer = client.register(client.registration("ada")).await.unwrap();
        assert_eq!(answer.picture_ticket, "");
    }

    async fn a_ticket_survives_a_file_that_is_refused(engines) {
        let node = start(engines).await;
        let (client, ticket, _) = registered(&node, "ada").await;
        let bad = b"<svg xmlns='http://www.w3.org/2000/svg'/>";
        let answer = upload_as(&client, with_ticket(&ticket, bad), bad).await;
        assert_refused(answer, Code::InvalidArgument, "PICTURE_TYPE_UNSUPPORTED");
        let good = samples::png(20, 20);
        upload_as(&client, with_ticket(&ticket, &good), &good).await.unwrap();
    }

    async fn a_ticket_sent_again_with_its_request_id_is_answered_again(engines) {
        let node = start(engines).await;
        let (client, ticket, _) = registered(&node, "ada").await;
        let file = samples::png(20, 20);
        let named = Header {
            request_id: String::from("d0c4a5de-6a43-4b43-9a5f-0c6f4b9f7f0e"),
            ..with_ticket(&ticket, &file)
        };
        let first = upload_as(&client, named.clone(), &file).await.unwrap();
        let again = upload_as(&client, named, &file).await.unwrap();
        assert_eq!(again, first);
        let other = Header {
            request_id: String::from("5d4f2c6c-1a55-4d1f-9f0c-8d2a1b7e6c3d"),
            ..with_ticket(&ticket, &file)
        };
        let answer = upload_as(&client, other, &file).await;
        assert_refused(answer, Code::Unauthenticated, "UPLOAD_TICKET_INVALID");
        assert_eq!(rows(&node).await, 2, "the second was staged");
        assert_eq!(collect_pictures(&node.app).await.unwrap(), 1);
        assert_eq!(objects(&node).len(), 3);
    }

    async fn px_14_an_upload_is_answered_again_when_its_ticket_is_gone(engines) {
        let node = start(engines).await;
        let (client, ticket, id) = registered(&node, "ada").await;
        let file = samples::png(20, 20);
        let named = Header {
            request_id: String::from("d0c4a5de-6a43-4b43-9a5f-0c6f4b9f7f0e"),
            ..with_ticket(&ticket, &file)
        };
        let first = upload_as(&client, named.clone(), &file).await.unwrap();
        let code = client.code_for("ada@example.com").await;
        let active = client.activate(&id, &code).await.unwrap().account.unwrap();
        assert_eq!(upload_as(&client, named.clone(), &file).await.unwrap(), first);
        assert_eq!(rows(&node).await, 1, "nothing was staged again");
        assert_eq!(active.picture, first.picture);

        let untold = Header {
            sha256: Vec::new(),
            ..named.clone()
        };
        let answer = upload_as(&client, untold, &file).await;
        assert_refused(answer, Code::Unauthenticated, "UPLOAD_TICKET_INVALID");
        let other = samples::png(30, 30);
        let another = Header {
            request_id: named.request_id,
            ..with_ticket(&ticket, &other)
        };
        let answer = upload_as(&client, another, &other).await;
        assert_refused(answer, Code::InvalidArgument, "REQUEST_ID_REUSED");
    }

    async fn tickets_end_with_their_time_and_with_the_activation(engines) {
        let node = start(engines).await;
        let file = samples::png(20, 20);
        let (client, ticket, _) = registered(&node, "ada").await;
        node.advance(Duration::from_mins(10));
        let answer = upload_as(&client, with_ticket(&ticket, &file), &file).await;
        assert_refused(answer, Code::Unauthenticated, "UPLOAD_TICKET_INVALID");

        let (client, ticket, id) = registered(&node, "bob").await;
        let code = client.code_for("bob@example.com").await;
        client.activate(&id, &code).await.unwrap();
        let answer = upload_as(&client, with_ticket(&ticket, &file), &file).await;
        assert_refused(answer, Code::Unauthenticated, "UPLOAD_TICKET_INVALID");
    }

    async fn tickets_that_are_none_are_refused_alike(engines) {
        let node = start(engines).await;
        let file = samples::png(20, 20);
        let (client, ticket, _) = registered(&node, "ada").await;
        let (_, others, _) = registered(&node, "bob").await;
        let (realm, text) = ticket.split_once('.').unwrap();
        let (_, others) = others.split_once('.').unwrap();
        for forged in [
            String::from("x"),
            String::from("default."),
            String::from("nowhere.") + text,
            String::from("customer.") + text,
            format!("{realm}.{}", &text[..text.len() - 2]),
            // The account of one with the secret of the other.
            format!("{realm}.{}{}", &text[..20], &others[20..]),
        ] {
            let answer = upload_as(&client, with_ticket(&forged, &file), &file).await;
            assert_refused(answer, Code::Unauthenticated, "UPLOAD_TICKET_INVALID");
        }
        assert_eq!(rows(&node).await, 0);
        upload_as(&client, with_ticket(&ticket, &file), &file).await.unwrap();
    }

    async fn the_picture_of_a_registration_that_is_swept_goes_with_it(engines) {
        let node = start(engines).await;
        let (client, ticket, _) = registered(&node, "ada").await;
        let file = samples::png(20, 20);
        upload_as(&client, with_ticket(&ticket, &file), &file).await.unwrap();
        node.advance(Duration::from_hours(25));
        sweep(&node.app, Duration::from_hours(24 * 365)).await.unwrap();
        assert_eq!(collect_pictures(&node.app).await.unwrap(), 1);
        assert_eq!((rows(&node).await, objects(&node).len()), (0, 0));
    }

    async fn the_picture_of_a_registration_that_is_replaced_goes_with_it(engines) {
        let node = start(engines).await;
        let (client, ticket, _) = registered(&node, "ada").await;
        let file = samples::png(20, 20);
        upload_as(&client, with_ticket(&ticket, &file), &file).await.unwrap();
        let newer = RegisterRequest {
            username: String::from("eve"),
            ..client.registration("ada")
        };
        client.register(newer).await.unwrap();
        assert_eq!(collect_pictures(&node.app).await.unwrap(), 1);
        assert_eq!((rows(&node).await, objects(&node).len()), (0, 0));
    }

    async fn en_02_a_ticket_for_a_taken_email_works_like_any_other(engines) {
        let node = start(engines).await;
        let owner = node.client().joined("ada").await;
        let client = node.client();
        let message = RegisterRequest {
            username: String::from("eve"),
            picture_ticket: true,
            ..client.registration("ada")
        };
        let answer = client.register(message).await.unwrap();
        let file = samples::png(20, 20);
        let header = with_ticket(&answer.picture_ticket, &file);
        let account = upload_as(&client, header, &file).await.unwrap();
        assert_eq!(account.id, answer.account.unwrap().id);
        assert_eq!(account.email, "ada@example.com");
        assert_eq!(owner.current().await.unwrap().picture, None);
    }

    async fn a_realm_without_pictures_gives_no_ticket(engines) {
        let ground = Ground::with(engines, |settings| {
            Ground::realm(settings, "default").pictures = false;
        });
        let node = ground.await.node().await;
        let client = node.client();
        let message = RegisterRequest {
            picture_ticket: true,
            ..client.registration("ada")
        };
        let answer = client.register(message).await;
        assert_refused(answer, Code::FailedPrecondition, "FEATURE_DISABLED");
    }
}
