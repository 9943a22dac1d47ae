//! Uploads that meet each other, and what else may happen to an account meanwhile.

use std::time::Duration;

use accountd::{
    accounts::picture::collect_pictures,
    proto::{PictureVariant, upload_profile_picture_request::Part},
    store::picture,
};
use bytes::Bytes;
use futures_util::{StreamExt as _, future::join_all, stream};
use tokio::sync::oneshot;
use tonic::{Code, Status};
use uuid::Uuid;

use super::{objects, rows};
use crate::support::{
    client::{Client, PASSWORD, assert_refused, reason},
    pictures::{delete, download, header, part, upload, upload_stream},
    samples,
    service::{Ground, Node, on_both_engines, start},
    waiting::until,
};

/// An upload whose last bytes come when the sender says so, or never when it is dropped.
fn held(
    client: &Client,
    file: &[u8],
) -> (
    oneshot::Sender<()>,
    impl Future<Output = Result<accountd::proto::Account, Status>> + use<>,
) {
    let (go, gone) = oneshot::channel();
    let first = vec![
        part(Part::Header(header(file))),
        part(Part::Chunk(Bytes::copy_from_slice(&file[..40]))),
    ];
    let rest = part(Part::Chunk(Bytes::copy_from_slice(&file[40..])));
    let last = stream::once(async move {
        gone.await.ok();
        rest
    });
    let client = client.clone();
    let call = async move { upload_stream(&client, stream::iter(first).chain(last)).await };
    (go, call)
}

/// A row as an upload writes it before its first object, of a process that then dies.
async fn staged(node: &Node, client: &Client, remove_after: Duration) -> Uuid {
    let account = client.current().await.unwrap();
    let now = node.app.clock.now();
    let row = picture::Model {
        id: node.app.random.id(now),
        realm: account.realm,
        account_id: Some(account.id.parse().unwrap()),
        content_type: String::from("image/png"),
        width: 1,
        height: 1,
        full_size: 1,
        full_digest: vec![1; 32],
        square_512_size: 1,
        square_512_digest: vec![2; 32],
        square_128_size: 1,
        square_128_digest: vec![3; 32],
        created_at: now.millis(),
        remove_at: Some((now + remove_after).millis()),
    };
    let id = row.id;
    picture::Entity::stage(&node.app.db, row).await.unwrap();
    id
}

on_both_engines! {
    async fn os_02_a_picture_that_was_collected_cannot_become_current_any_more(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        let id = staged(&node, &ada, Duration::from_mins(1)).await;
        assert_eq!(collect_pictures(&node.app).await.unwrap(), 0, "its time has not come");
        node.advance(Duration::from_mins(1));
        let now = node.app.clock.now().millis();
        let claimed = picture::Entity::claim(&node.app.db, now, 9, Duration::from_mins(5)).await.unwrap();
        assert_eq!(claimed.len(), 1);
        assert!(!picture::Entity::make_current(&node.app.db, id).await.unwrap());
        let id = staged(&node, &ada, Duration::from_mins(1)).await;
        assert!(picture::Entity::make_current(&node.app.db, id).await.unwrap());
        node.advance(Duration::from_mins(2));
        picture::Entity::abandon(&node.app.db, id, 0).await.unwrap();
        assert_eq!(picture::Entity::claim(&node.app.db, i64::MAX / 2, 9, Duration::ZERO).await.unwrap().len(), 1, "the one before alone");
    }

    async fn me_09_of_uploads_at_once_exactly_one_is_referenced(engines) {
        let ground = Ground::new(engines).await;
        let (one, two) = (ground.node().await, ground.node().await);
        let ada = one.client().joined("ada").await;
        let there = two.client().with(ada.token.as_deref().unwrap());
        let uploads = (0..6_u32).map(|number| {
            let client = if number % 2 == 0 { ada.clone() } else { there.clone() };
            async move { upload(&client, &samples::png(20 + number, 20)).await }
        });

        let answers = join_all(uploads).await;

        let done = answers.iter().filter(|answer| answer.is_ok()).count();
        assert!(done >= 1);
        for status in answers.iter().filter_map(|answer| answer.as_ref().err()) {
            assert_eq!(reason(status), "CONFLICT");
        }
        let picture = ada.current().await.unwrap().picture.unwrap();
        let fetched = download(&there, PictureVariant::Full).await.unwrap();
        assert_eq!((fetched.header.etag, fetched.header.width), (picture.etag, picture.width));
        collect_pictures(&one.app).await.unwrap();
        assert_eq!((rows(&one).await, objects(&one).len()), (1, 3));
    }

    async fn me_09_a_cancelled_upload_leaves_the_other_ones_picture(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        let (_held, cancelled) = held(&ada, &samples::png(50, 50));
        let cancelled = tokio::spawn(cancelled);
        until("an upload begins", || rows_of_uploads(&node) > 0).await;
        let with = upload(&ada, &samples::png(20, 20)).await.unwrap();
        cancelled.abort();
        assert!(cancelled.await.unwrap_err().is_cancelled());
        until("the upload has ended", || rows_of_uploads(&node) == 0).await;
        assert_eq!(ada.current().await.unwrap(), with);
        collect_pictures(&node.app).await.unwrap();
        assert_eq!((rows(&node).await, objects(&node).len()), (1, 3));
    }

    async fn what_ends_while_a_file_arrives_is_not_revived_by_it(engines) {
        let node = start(engines).await;
        let client = node.client();
        for (number, (name, reason)) in [("ada", "TOKEN_REVOKED"), ("bob", "ACCOUNT_DELETED")].into_iter().enumerate() {
            let person = client.joined(name).await;
            let (go, call) = held(&person, &samples::png(50, 50));
            let call = tokio::spawn(call);
            // The header must have been looked at before what it relies on ends.
            until("an upload begins", || rows_of_uploads(&node) > 0).await;
            if number == 0 {
                person.logout().await.unwrap();
            } else {
                person.delete(PASSWORD).await.unwrap();
            }
            go.send(()).unwrap();
            let answer = call.await.unwrap();
            assert_refused(answer, Code::Unauthenticated, reason);
        }
        collect_pictures(&node.app).await.unwrap();
        assert_eq!((rows(&node).await, objects(&node).len()), (0, 0));
    }

    async fn an_upload_and_a_deletion_of_the_picture_exclude_each_other(engines) {
        let ground = Ground::new(engines).await;
        let (one, two) = (ground.node().await, ground.node().await);
        let ada = one.client().joined("ada").await;
        let there = two.client().with(ada.token.as_deref().unwrap());
        for _ in 0..8 {
            upload(&ada, &samples::png(20, 20)).await.unwrap();
            let file = samples::png(30, 30);
            let (set, gone) = tokio::join!(upload(&ada, &file), delete(&there));
            set.unwrap();
            gone.unwrap();
            let account = ada.current().await.unwrap();
            if account.picture.is_some() {
                let fetched = download(&there, PictureVariant::Full).await.unwrap();
                assert_eq!(fetched.header.width, 30);
            } else {
                assert_refused(download(&there, PictureVariant::Full).await, Code::NotFound, "PICTURE_NOT_FOUND");
            }
        }
        collect_pictures(&one.app).await.unwrap();
        let kept = u64::from(ada.current().await.unwrap().picture.is_some());
        assert_eq!((rows(&one).await, objects(&one).len() as u64), (kept, kept * 3));
    }
}

/// Uploads that hold a file: one open descriptor each of a file without a name in the spool.
fn rows_of_uploads(node: &Node) -> usize {
    let spool = node.app.spool.to_str().unwrap().to_owned();
    let descriptors = std::fs::read_dir("/proc/self/fd").unwrap();
    descriptors
        .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
        .filter(|target| {
            target
                .to_str()
                .is_some_and(|target| target.starts_with(&spool))
        })
        .count()
}
