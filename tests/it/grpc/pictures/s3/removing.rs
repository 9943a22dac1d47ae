//! What is to be removed from a bucket, and that it is.

use std::time::Duration;

use accountd::{accounts::picture::collect_pictures, proto::PictureVariant};
use tonic::Code;

use super::{Bucket, SLOW_DOWN};
use crate::{
    grpc::pictures::{damage::refuse_changes_of_accounts, rows},
    support::{
        client::{PASSWORD, assert_refused},
        fault_proxy::Fault,
        pictures::{delete, download, upload},
        samples,
        service::on_both_engines,
    },
};

on_both_engines! {
    async fn os_02_what_was_put_into_the_bucket_and_never_named_is_removed(engines) {
        let bucket = Bucket::new(engines).await;
        let node = &bucket.node;
        let ada = node.client().joined("ada").await;
        let old = upload(&ada, &samples::png(40, 40)).await.unwrap();
        refuse_changes_of_accounts(node, true).await;

        upload(&ada, &samples::png(20, 20)).await.unwrap_err();

        assert_eq!(bucket.keys().await.len(), 6, "the objects were put");
        refuse_changes_of_accounts(node, false).await;
        assert_eq!(ada.current().await.unwrap(), old);
        assert_eq!(download(&ada, PictureVariant::Full).await.unwrap().header.width, 40);
        node.advance(Duration::from_hours(24));
        assert_eq!(collect_pictures(&node.app).await.unwrap(), 1);
        assert_eq!((rows(node).await, bucket.keys().await.len()), (1, 3));
    }

    async fn os_05_an_account_is_deleted_while_the_bucket_is_down(engines) {
        let bucket = Bucket::new(engines).await;
        let node = &bucket.node;
        let ada = node.client().joined("ada").await;
        upload(&ada, &samples::png(40, 40)).await.unwrap();
        bucket.proxy.fail_all(Fault::HangUp);

        ada.delete(PASSWORD).await.unwrap();

        let answer = download(&ada, PictureVariant::Full).await;
        assert_refused(answer, Code::Unauthenticated, "ACCOUNT_DELETED");
        assert_eq!(collect_pictures(&node.app).await.unwrap(), 0);
        assert_eq!((rows(node).await, bucket.keys().await.len()), (1, 3), "still to be done");
        bucket.proxy.heal();
        node.advance(Duration::from_hours(2));
        assert_eq!(collect_pictures(&node.app).await.unwrap(), 1);
        assert_eq!((rows(node).await, bucket.keys().await.len()), (0, 0));
    }

    async fn os_05_a_removal_that_breaks_off_half_way_is_finished_later(engines) {
        let bucket = Bucket::new(engines).await;
        let node = &bucket.node;
        let ada = node.client().joined("ada").await;
        upload(&ada, &samples::png(40, 40)).await.unwrap();
        delete(&ada).await.unwrap();
        bucket.proxy.fail_all_after(1, SLOW_DOWN);

        assert_eq!(collect_pictures(&node.app).await.unwrap(), 0);

        assert_eq!((rows(node).await, bucket.keys().await.len()), (1, 2));
        bucket.proxy.heal();
        node.advance(Duration::from_hours(2));
        assert_eq!(collect_pictures(&node.app).await.unwrap(), 1);
        assert_eq!((rows(node).await, bucket.keys().await.len()), (0, 0));
    }
}
