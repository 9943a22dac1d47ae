//! Pictures that are kept in memory to be sent again.

use std::{fs, time::Duration};

use accountd::{
    accounts::picture::collect_pictures,
    faults::Fault,
    proto::{DownloadProfilePictureRequest, PictureVariant},
};
use futures_util::future::join_all;
use tonic::Code;

use super::objects;
use crate::support::{
    client::{PASSWORD, assert_refused},
    pictures::{delete, download, download_as, noise, upload},
    samples,
    service::{Engines, Ground, Node, on_both_engines, start},
    waiting::until,
};

/// The point that each reading of an object passes.
const GET: &str = "objects get";

async fn with_cache(engines: Engines, bytes: usize) -> Node {
    let ground = Ground::with(engines, |settings| settings.pictures.cache = bytes);
    ground.await.node().await
}

/// How often the store was asked for an object since `record`.
fn gets(node: &Node) -> usize {
    let points = node.app.faults.recorded();
    points.iter().filter(|point| *point == GET).count()
}

on_both_engines! {
    async fn a_picture_is_read_from_the_store_once(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        upload(&ada, &noise(200, 200)).await.unwrap();
        assert_eq!(node.app.cache.bytes(), 0, "nothing is kept that nobody fetched");
        node.app.faults.record();

        let whole = download(&ada, PictureVariant::Full).await.unwrap();
        let again = download(&ada, PictureVariant::Full).await.unwrap();
        let offset = whole.header.size - 10;
        let end = DownloadProfilePictureRequest { offset, ..Default::default() };
        let end = download_as(&ada, end).await.unwrap();
        let at_end = DownloadProfilePictureRequest { offset: whole.header.size, ..Default::default() };
        let nothing = download_as(&ada, at_end).await.unwrap();

        assert_eq!(gets(&node), 1);
        assert_eq!(again, whole);
        assert_eq!(end.bytes, whole.bytes[whole.bytes.len() - 10..]);
        assert!(nothing.bytes.is_empty());
        assert_eq!(node.app.cache.bytes(), whole.bytes.len());
    }

    async fn many_who_ask_at_once_have_it_read_once(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        upload(&ada, &noise(200, 200)).await.unwrap();
        node.app.faults.record();
        node.app.faults.arm(GET, 0, Fault::Delay(Duration::from_millis(300)));

        let all = join_all((0..8).map(|_| download(&ada, PictureVariant::Full))).await;

        assert_eq!(gets(&node), 1);
        let first = all[0].as_ref().unwrap();
        assert!(all.iter().all(|fetched| fetched.as_ref().unwrap() == first));
        assert_eq!(node.app.cache.bytes(), first.bytes.len());
    }

    async fn who_waits_reads_on_when_the_first_reader_leaves(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        upload(&ada, &noise(200, 200)).await.unwrap();
        node.app.faults.arm(GET, 0, Fault::Silence);
        let first = tokio::spawn({
            let ada = ada.clone();
            async move { download(&ada, PictureVariant::Full).await }
        });
        until("a reader that has begun", || node.app.faults.fired() == 1).await;
        let second = tokio::spawn({
            let ada = ada.clone();
            async move { download(&ada, PictureVariant::Full).await }
        });
        first.abort();

        let fetched = second.await.unwrap().unwrap();

        assert_eq!(node.app.cache.bytes(), fetched.bytes.len());
    }

    async fn os_03_what_was_altered_is_refused_and_not_kept(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        upload(&ada, &noise(200, 200)).await.unwrap();
        let files = objects(&node).into_iter();
        let path = files.max_by_key(|path| fs::metadata(path).unwrap().len()).unwrap();
        let right = fs::read(&path).unwrap();
        let mut wrong = right.clone();
        wrong[100] ^= 1;
        fs::write(&path, wrong).unwrap();

        let answers = join_all((0..4).map(|_| download(&ada, PictureVariant::Full))).await;

        for answer in answers {
            assert_refused(answer, Code::DataLoss, "PICTURE_DAMAGED");
        }
        assert_eq!(node.app.cache.bytes(), 0);
        fs::write(&path, &right).unwrap();
        assert_eq!(download(&ada, PictureVariant::Full).await.unwrap().bytes, right);
        // What was altered later never reaches anybody who has it from memory.
        fs::write(&path, "altered").unwrap();
        assert_eq!(download(&ada, PictureVariant::Full).await.unwrap().bytes, right);
    }

    async fn me_10_what_is_kept_has_its_bound(engines) {
        let size = {
            let node = start(engines).await;
            let ada = node.client().joined("ada").await;
            upload(&ada, &noise(100, 100)).await.unwrap();
            download(&ada, PictureVariant::Full).await.unwrap().bytes.len()
        };
        // Room for eight of them.
        let most = size * 8 + size / 2;
        let node = with_cache(engines, most).await;
        let mut people = Vec::new();
        for number in 0..10 {
            let person = node.client().joined(&format!("person{number}")).await;
            upload(&person, &noise(100, 100)).await.unwrap();
            download(&person, PictureVariant::Full).await.unwrap();
            assert!(node.app.cache.bytes() <= most);
            people.push(person);
        }
        assert_eq!(node.app.cache.bytes(), size * 8);
        node.app.faults.record();
        for person in &people[2..] {
            download(person, PictureVariant::Full).await.unwrap();
        }
        assert_eq!(gets(&node), 0, "the last eight are kept");
        node.app.faults.record();
        download(&people[0], PictureVariant::Full).await.unwrap();
        assert_eq!(gets(&node), 1, "the first went when room was needed");
        node.app.faults.record();
        download(&people[2], PictureVariant::Full).await.unwrap();
        assert_eq!(gets(&node), 1, "it took the place of the one that was not used for the longest time");
    }

    async fn me_10_what_is_too_large_to_be_kept_is_sent_from_the_store(engines) {
        for bytes in [0, 100_000] {
            let node = with_cache(engines, bytes).await;
            let ada = node.client().joined("ada").await;
            upload(&ada, &noise(200, 200)).await.unwrap();
            node.app.faults.record();
            let first = download(&ada, PictureVariant::Full).await.unwrap();
            let second = download(&ada, PictureVariant::Full).await.unwrap();
            assert!(first.bytes.len() > bytes / 8);
            assert_eq!(first, second);
            assert_eq!(gets(&node), 2);
            assert_eq!(node.app.cache.bytes(), 0);
        }
    }

    async fn me_11_a_picture_in_memory_is_not_served_once_it_was_replaced_or_deleted(engines) {
        let ground = Ground::new(engines).await;
        let (here, there) = (ground.node().await, ground.node().await);
        let ada = here.client().joined("ada").await;
        let far = there.client().with(ada.token.as_ref().unwrap());
        upload(&ada, &samples::png(64, 64)).await.unwrap();
        for client in [&ada, &far] {
            let fetched = download(client, PictureVariant::Full).await.unwrap();
            assert_eq!(fetched.header.width, 64);
        }

        let new = upload(&ada, &samples::png(32, 32)).await.unwrap().picture.unwrap();
        for client in [&far, &ada] {
            let fetched = download(client, PictureVariant::Full).await.unwrap();
            assert_eq!((fetched.header.width, &fetched.header.etag), (32, &new.etag));
        }

        delete(&far).await.unwrap();
        for client in [&ada, &far] {
            let answer = download(client, PictureVariant::Full).await;
            assert_refused(answer, Code::NotFound, "PICTURE_NOT_FOUND");
        }
        upload(&ada, &samples::png(48, 48)).await.unwrap();
        download(&far, PictureVariant::Full).await.unwrap();
        ada.delete(PASSWORD).await.unwrap();
        let answer = download(&far, PictureVariant::Full).await;
        assert_refused(answer, Code::Unauthenticated, "ACCOUNT_DELETED");
        collect_pictures(&here.app).await.unwrap();
        for node in [&here, &there] {
            assert!(node.app.cache.bytes() > 0);
            until("a cache without pictures that nobody may fetch", || {
                node.app.cache.forget_unused();
                node.app.cache.bytes() == 0
            })
            .await;
        }
    }

    async fn what_is_used_stays_and_what_is_not_goes(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        upload(&ada, &noise(200, 200)).await.unwrap();
        let full = download(&ada, PictureVariant::Full).await.unwrap();
        download(&ada, PictureVariant::Square128).await.unwrap();
        node.app.cache.forget_unused();
        download(&ada, PictureVariant::Full).await.unwrap();
        node.app.cache.forget_unused();
        assert_eq!(node.app.cache.bytes(), full.bytes.len());
    }
}
