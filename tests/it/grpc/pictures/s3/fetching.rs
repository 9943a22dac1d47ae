//! Downloads, and a bucket that gives something else, or breaks off.

use accountd::proto::{DownloadProfilePictureRequest, PictureVariant};
use tokio::time::Instant;
use tonic::Code;

use super::{BOUND, Bucket, SHORT};
use crate::support::{
    client::assert_refused,
    fault_proxy::Fault,
    pictures::{download, download_as, noise, upload},
    service::on_both_engines,
};

/// Bytes after which an answer breaks off: many, and far from all.
const PART: usize = 100_000;

on_both_engines! {
    async fn os_03_an_object_that_was_altered_in_the_bucket_never_ends_with_ok(engines) {
        let bucket = Bucket::new(engines).await;
        let ada = bucket.node.client().joined("ada").await;
        upload(&ada, &noise(300, 300)).await.unwrap();
        let right = download(&ada, PictureVariant::Full).await.unwrap();
        let (key, store) = (bucket.full().await, &bucket.node.app.objects);
        let mut altered = right.bytes.clone();
        let middle = altered.len() / 2;
        altered[middle] ^= 1;
        let cut = right.bytes[..right.bytes.len() - 1].to_vec();
        let longer = [right.bytes.as_slice(), b"<html>"].concat();
        for wrong in [altered, cut, longer, Vec::new()] {
            store.put(&key, wrong.into()).await.unwrap();
            let answer = download(&ada, PictureVariant::Full).await;
            assert_refused(answer, Code::DataLoss, "PICTURE_DAMAGED");
            // The end alone is right, and still the whole is not.
            let offset = i64::try_from(right.bytes.len() - 1).unwrap();
            let end = DownloadProfilePictureRequest { offset, ..Default::default() };
            assert_refused(download_as(&ada, end).await, Code::DataLoss, "PICTURE_DAMAGED");
        }
        store.delete(&key).await.unwrap();
        let answer = download(&ada, PictureVariant::Full).await;
        assert_refused(answer, Code::DataLoss, "PICTURE_DAMAGED");
        download(&ada, PictureVariant::Square128).await.unwrap();
        store.put(&key, right.bytes.clone().into()).await.unwrap();
        assert_eq!(download(&ada, PictureVariant::Full).await.unwrap(), right);
    }

    async fn os_03_an_answer_of_the_bucket_that_breaks_off_is_gone_on_with_or_an_error(engines) {
        let bucket = Bucket::new(engines).await;
        let ada = bucket.node.client().joined("ada").await;
        upload(&ada, &noise(400, 400)).await.unwrap();
        let right = download(&ada, PictureVariant::Full).await.unwrap();
        assert!(right.bytes.len() > 4 * PART);

        bucket.proxy.fail(1, Fault::Cut(PART));
        assert_eq!(download(&ada, PictureVariant::Full).await.unwrap(), right);

        bucket.proxy.fail_all(Fault::Cut(PART));
        let answer = download(&ada, PictureVariant::Full).await;
        assert_refused(answer, Code::Unavailable, "DEPENDENCY_UNAVAILABLE");
    }

    async fn os_04_a_bucket_that_falls_silent_ends_the_download_in_time(engines) {
        let bucket = Bucket::with_timeout(engines, SHORT).await;
        let ada = bucket.node.client().joined("ada").await;
        upload(&ada, &noise(400, 400)).await.unwrap();
        for fault in [Fault::Stall(PART), Fault::Silence] {
            bucket.proxy.fail_all(fault);
            let began = Instant::now();
            let answer = download(&ada, PictureVariant::Full).await;
            assert_refused(answer, Code::Unavailable, "DEPENDENCY_UNAVAILABLE");
            assert!(began.elapsed() < BOUND, "{:?}", began.elapsed());
        }
    }

    async fn os_04_an_object_that_the_bucket_does_not_know_is_damage(engines) {
        let bucket = Bucket::new(engines).await;
        let ada = bucket.node.client().joined("ada").await;
        let account = upload(&ada, &noise(40, 40)).await.unwrap();
        bucket.proxy.fail(1, Fault::Answer("404 Not Found", "NoSuchKey"));
        let answer = download(&ada, PictureVariant::Full).await;
        assert_refused(answer, Code::DataLoss, "PICTURE_DAMAGED");
        assert_eq!(ada.current().await.unwrap(), account);
        let fetched = download(&ada, PictureVariant::Full).await.unwrap();
        assert_eq!(fetched.header.etag, account.picture.unwrap().etag);
    }
}
