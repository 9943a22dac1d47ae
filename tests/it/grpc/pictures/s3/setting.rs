//! Uploads, and a bucket that does not take them.

use std::time::Duration;

use accountd::{accounts::picture::collect_pictures, proto::PictureVariant};
use tokio::time::Instant;
use tonic::Code;

use super::{BOUND, Bucket, FORBIDDEN, SHORT, SLOW_DOWN};
use crate::{
    grpc::pictures::rows,
    support::{
        client::assert_refused,
        fault_proxy::Fault,
        pictures::{download, upload},
        s3, samples,
        service::on_both_engines,
    },
};

on_both_engines! {
    async fn os_01_while_the_bucket_is_down_the_old_picture_stays(engines) {
        let bucket = Bucket::new(engines).await;
        let node = &bucket.node;
        let ada = node.client().joined("ada").await;
        let old = upload(&ada, &samples::png(40, 40)).await.unwrap();
        bucket.proxy.fail_all(Fault::HangUp);

        let answer = upload(&ada, &samples::png(20, 20)).await;
        assert_refused(answer, Code::Unavailable, "DEPENDENCY_UNAVAILABLE");
        let answer = download(&ada, PictureVariant::Full).await;
        assert_refused(answer, Code::Unavailable, "DEPENDENCY_UNAVAILABLE");
        assert_eq!(ada.current().await.unwrap(), old, "all else goes on");
        assert_eq!(collect_pictures(&node.app).await.unwrap(), 0, "put off");

        bucket.proxy.heal();
        let fetched = download(&ada, PictureVariant::Full).await.unwrap();
        assert_eq!((fetched.header.width, fetched.header.etag), (40, old.picture.unwrap().etag));
        node.advance(Duration::from_hours(2));
        assert_eq!(collect_pictures(&node.app).await.unwrap(), 1, "what was staged");
        assert_eq!((rows(node).await, bucket.keys().await.len()), (1, 3));
    }

    async fn os_04_a_bucket_that_asks_to_slow_down_is_asked_again(engines) {
        let bucket = Bucket::new(engines).await;
        let ada = bucket.node.client().joined("ada").await;
        bucket.proxy.fail(2, SLOW_DOWN);
        upload(&ada, &samples::png(40, 40)).await.unwrap();
        assert_eq!(bucket.proxy.requests(), 5, "three objects, the first at the third try");
        bucket.proxy.fail(2, SLOW_DOWN);
        download(&ada, PictureVariant::Full).await.unwrap();
        assert_eq!(bucket.proxy.requests(), 8);
    }

    async fn os_04_a_bucket_that_stays_busy_or_silent_is_given_up_in_time(engines) {
        let bucket = Bucket::with_timeout(engines, SHORT).await;
        let ada = bucket.node.client().joined("ada").await;
        for (fault, most) in [(SLOW_DOWN, 3), (Fault::Silence, 1)] {
            let before = bucket.proxy.requests();
            bucket.proxy.fail_all(fault);
            let began = Instant::now();
            let answer = upload(&ada, &samples::png(40, 40)).await;
            assert_refused(answer, Code::Unavailable, "DEPENDENCY_UNAVAILABLE");
            assert!(began.elapsed() < BOUND, "{:?}", began.elapsed());
            assert!(bucket.proxy.requests() - before <= most);
        }
        assert_eq!(ada.current().await.unwrap().picture, None);
        assert_eq!(bucket.keys().await.len(), 0);
    }

    async fn os_04_a_bucket_that_refuses_us_is_unavailable_and_nothing_of_it_is_told(engines) {
        let bucket = Bucket::new(engines).await;
        let ada = bucket.node.client().joined("ada").await;
        let old = upload(&ada, &samples::png(40, 40)).await.unwrap();
        for fault in [FORBIDDEN, Fault::Answer("404 Not Found", "NoSuchBucket")] {
            let before = bucket.proxy.requests();
            bucket.proxy.fail_all(fault);
            for status in [
                upload(&ada, &samples::png(20, 20)).await.unwrap_err(),
                download(&ada, PictureVariant::Full).await.unwrap_err(),
            ] {
                let text = format!("{status:?}");
                for secret in ["hidden", "AccessDenied", &bucket.name, s3::SECRET, "tester"] {
                    assert!(!text.contains(secret), "{text}");
                }
                assert_refused::<()>(Err(status), Code::Unavailable, "DEPENDENCY_UNAVAILABLE");
            }
            assert_eq!(bucket.proxy.requests() - before, 2, "asked once each");
        }
        assert_eq!(ada.current().await.unwrap(), old);
    }

    async fn me_14_a_bucket_that_fails_half_way_keeps_nothing(engines) {
        let bucket = Bucket::new(engines).await;
        for (put, name) in [(1, "ada"), (2, "bob")] {
            let ada = bucket.node.client().joined(name).await;
            bucket.proxy.fail_all_after(put, FORBIDDEN);
            let answer = upload(&ada, &samples::png(40, 40)).await;
            assert_refused(answer, Code::Unavailable, "DEPENDENCY_UNAVAILABLE");
            assert_eq!(bucket.keys().await.len(), put, "left by the way");
            assert_eq!(ada.current().await.unwrap().picture, None);
            let answer = download(&ada, PictureVariant::Full).await;
            assert_refused(answer, Code::NotFound, "PICTURE_NOT_FOUND");

            bucket.proxy.heal();
            // What was put without an answer is waited for.
            assert_eq!(collect_pictures(&bucket.node.app).await.unwrap(), 0);
            bucket.node.advance(Duration::from_hours(1));
            assert_eq!(collect_pictures(&bucket.node.app).await.unwrap(), 1);
            assert_eq!((rows(&bucket.node).await, bucket.keys().await.len()), (0, 0));
        }
    }
}
