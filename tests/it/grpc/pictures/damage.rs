//! Stores that fail, and objects that are not what they were.

use std::{fs, time::Duration};

use accountd::{accounts::picture::collect_pictures, proto::PictureVariant};
use sea_orm::ConnectionTrait as _;
use tonic::Code;

use super::{objects, rows};
use crate::support::{
    client::{PASSWORD, assert_refused},
    pictures::{download, noise, upload},
    samples,
    service::{Node, on_both_engines, start},
};

/// Takes the store away: its directory becomes a file.
fn take_store_away(node: &Node) {
    let directory = node.ground.settings.pictures_directory();
    fs::rename(&directory, directory.with_extension("away")).unwrap();
    fs::write(&directory, "in the way").unwrap();
}

/// Gives it back as it was.
fn give_store_back(node: &Node) {
    let directory = node.ground.settings.pictures_directory();
    fs::remove_file(&directory).unwrap();
    fs::rename(directory.with_extension("away"), &directory).unwrap();
}

/// Lets every change of a table fail from here on, or heals it.
pub(super) async fn refuse_changes_of_accounts(node: &Node, refused: bool) {
    let statements: &[&str] = match (node.ground.engines, refused) {
        (crate::support::service::Engines::Embedded, true) => &[
            "CREATE TRIGGER broken BEFORE UPDATE ON accounts BEGIN SELECT RAISE(ABORT, 'broken'); END",
        ],
        (crate::support::service::Engines::Embedded, false) => &["DROP TRIGGER broken"],
        (crate::support::service::Engines::Production, true) => &[
            "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken'; END $$",
            "CREATE TRIGGER broken BEFORE UPDATE ON accounts EXECUTE FUNCTION broken()",
        ],
        (crate::support::service::Engines::Production, false) => {
            &["DROP TRIGGER broken ON accounts"]
        }
    };
    for statement in statements {
        node.app.db.execute_unprepared(statement).await.unwrap();
    }
}

on_both_engines! {
    async fn os_01_while_the_store_is_down_the_old_picture_stays(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        let old = upload(&ada, &samples::png(40, 40)).await.unwrap();
        take_store_away(&node);

        let answer = upload(&ada, &samples::png(20, 20)).await;
        assert_refused(answer, Code::Unavailable, "DEPENDENCY_UNAVAILABLE");
        let answer = download(&ada, PictureVariant::Full).await;
        let status = answer.unwrap_err();
        assert!(matches!(status.code(), Code::Unavailable | Code::DataLoss), "{status:?}");
        assert_eq!(ada.current().await.unwrap(), old, "all else goes on");
        assert_eq!(collect_pictures(&node.app).await.unwrap(), 0, "put off");

        give_store_back(&node);
        assert_eq!(download(&ada, PictureVariant::Full).await.unwrap().header.width, 40);
        node.advance(Duration::from_hours(2));
        assert_eq!(collect_pictures(&node.app).await.unwrap(), 1, "what was staged");
        assert_eq!((rows(&node).await, objects(&node).len()), (1, 3));
    }

    async fn os_02_what_was_put_and_never_named_is_removed(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        let old = upload(&ada, &samples::png(40, 40)).await.unwrap();
        refuse_changes_of_accounts(&node, true).await;

        upload(&ada, &samples::png(20, 20)).await.unwrap_err();

        assert_eq!(objects(&node).len(), 6, "the objects were put");
        refuse_changes_of_accounts(&node, false).await;
        assert_eq!(ada.current().await.unwrap(), old);
        node.advance(Duration::from_hours(24));
        collect_pictures(&node.app).await.unwrap();
        assert_eq!((rows(&node).await, objects(&node).len()), (1, 3));
        let ada = node.client().with(&node.client().login("ada", PASSWORD).await.unwrap().tokens.unwrap().access_token);
        assert_eq!(download(&ada, PictureVariant::Full).await.unwrap().header.width, 40);
    }

    async fn os_02_what_a_killed_process_left_half_written_is_removed_too(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        upload(&ada, &samples::png(40, 40)).await.unwrap();
        for path in objects(&node) {
            let mut half = path.into_os_string();
            half.push("#1");
            fs::write(half, "half").unwrap();
        }
        assert_eq!(objects(&node).len(), 6);
        ada.delete(PASSWORD).await.unwrap();
        assert_eq!(collect_pictures(&node.app).await.unwrap(), 1);
        assert_eq!(objects(&node).len(), 0);
    }

    async fn os_03_an_object_that_was_altered_never_ends_with_ok(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        upload(&ada, &noise(300, 300)).await.unwrap();
        let full = objects(&node).into_iter().max_by_key(|path| fs::metadata(path).unwrap().len());
        let path = full.unwrap();
        let right = fs::read(&path).unwrap();
        let mut altered = right.clone();
        let middle = altered.len() / 2;
        altered[middle] ^= 1;
        let cut = right[..right.len() - 1].to_vec();
        let longer = [right.as_slice(), b"<html>"].concat();
        for wrong in [altered, cut, longer, Vec::new()] {
            fs::write(&path, wrong).unwrap();
            let answer = download(&ada, PictureVariant::Full).await;
            assert_refused(answer, Code::DataLoss, "PICTURE_DAMAGED");
        }
        fs::remove_file(&path).unwrap();
        let answer = download(&ada, PictureVariant::Full).await;
        assert_refused(answer, Code::DataLoss, "PICTURE_DAMAGED");
        download(&ada, PictureVariant::Square128).await.unwrap();
        fs::write(&path, &right).unwrap();
        assert_eq!(download(&ada, PictureVariant::Full).await.unwrap().bytes, right);
    }

    async fn os_05_an_account_is_deleted_while_its_objects_cannot_be(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        upload(&ada, &samples::png(40, 40)).await.unwrap();
        take_store_away(&node);

        ada.delete(PASSWORD).await.unwrap();

        assert_refused(download(&ada, PictureVariant::Full).await, Code::Unauthenticated, "ACCOUNT_DELETED");
        assert_eq!(collect_pictures(&node.app).await.unwrap(), 0);
        assert_eq!(rows(&node).await, 1, "still to be done");
        give_store_back(&node);
        node.advance(Duration::from_hours(2));
        assert_eq!(collect_pictures(&node.app).await.unwrap(), 1);
        assert_eq!((rows(&node).await, objects(&node).len()), (0, 0));
    }

    async fn me_14_a_file_that_breaks_half_way_leaves_nothing(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        let file = noise(200, 200);
        for length in [file.len() / 4, file.len() / 2, file.len() - 20] {
            let answer = upload(&ada, &file[..length]).await;
            assert_refused(answer, Code::InvalidArgument, "PICTURE_MALFORMED");
        }
        assert_eq!((rows(&node).await, objects(&node).len()), (0, 0));
        assert_eq!(ada.current().await.unwrap().picture, None);
    }
}
