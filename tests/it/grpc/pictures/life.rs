//! The life of a picture.

use accountd::{
    accounts::picture::collect_pictures,
    proto::{
        DeleteProfilePictureRequest, DownloadProfilePictureRequest, PictureVariant,
        upload_profile_picture_request::Header,
    },
    store::{audit_event, picture},
};
use image::GenericImageView as _;
use sea_orm::EntityTrait as _;
use tonic::Code;

use super::{objects, rows};
use crate::support::{
    client::{PASSWORD, assert_refused},
    pictures::{delete, download, download_as, header, noise, upload, upload_as},
    samples,
    service::{Ground, on_both_engines, start},
};

on_both_engines! {
    async fn a_picture_is_set_named_and_fetched_in_every_form(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        let before = ada.current().await.unwrap();
        assert_eq!(before.picture, None);

        let after = upload(&ada, &samples::jpeg(900, 600)).await.unwrap();

        let picture = after.picture.clone().unwrap();
        assert_eq!(picture.content_type, "image/jpeg");
        assert_eq!((picture.width, picture.height), (900, 600));
        assert_eq!(picture.update_time, before.create_time);
        assert_ne!(after.etag, before.etag);
        assert_eq!(after.update_time, before.update_time, "Update changed nothing");
        assert_eq!(ada.current().await.unwrap(), after);
        for (variant, size) in [
            (PictureVariant::Unspecified, (900, 600)),
            (PictureVariant::Full, (900, 600)),
            (PictureVariant::Square512, (512, 512)),
            (PictureVariant::Square128, (128, 128)),
        ] {
            let fetched = download(&ada, variant).await.unwrap();
            let told = &fetched.header;
            assert_eq!(told.content_type, "image/jpeg");
            assert_eq!(told.etag, picture.etag);
            assert_eq!(told.update_time, picture.update_time);
            assert_eq!(usize::try_from(told.size).unwrap(), fetched.bytes.len());
            let decoded = image::load_from_memory(&fetched.bytes).unwrap();
            assert_eq!(decoded.dimensions(), size);
            let told = (told.width, told.height);
            assert_eq!(told, (i32::try_from(size.0).unwrap(), i32::try_from(size.1).unwrap()));
        }
        assert_eq!(usize::try_from(picture.size).unwrap(), download(&ada, PictureVariant::Full).await.unwrap().bytes.len());
    }

    async fn all_kinds_are_taken_and_kept_as_jpeg_or_png(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        for (file, kept) in [
            (samples::jpeg(40, 30), "image/jpeg"),
            (samples::png(40, 30), "image/png"),
            (samples::webp(40, 30), "image/jpeg"),
            (samples::transparent_webp(40, 30), "image/png"),
        ] {
            let picture = upload(&ada, &file).await.unwrap().picture.unwrap();
            assert_eq!(picture.content_type, kept);
            let square = download(&ada, PictureVariant::Square512).await.unwrap();
            assert_eq!((square.header.width, square.header.height), (30, 30), "never enlarged");
        }
    }

    async fn me_11_a_replaced_picture_is_served_no_more_and_its_objects_are_removed(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        let first = upload(&ada, &samples::png(64, 64)).await.unwrap().picture.unwrap();
        let old = objects(&node);
        assert_eq!(old.len(), 3);

        let second = upload(&ada, &samples::png(32, 32)).await.unwrap().picture.unwrap();

        assert_ne!(first.etag, second.etag);
        let fetched = download(&ada, PictureVariant::Full).await.unwrap();
        assert_eq!((fetched.header.etag, fetched.header.width), (second.etag, 32));
        let by_old_name = DownloadProfilePictureRequest {
            if_match: first.etag,
            ..DownloadProfilePictureRequest::default()
        };
        assert_refused(download_as(&ada, by_old_name).await, Code::Aborted, "ETAG_MISMATCH");
        assert_eq!(collect_pictures(&node.app).await.unwrap(), 1);
        let left = objects(&node);
        assert_eq!(left.len(), 3);
        assert!(old.iter().all(|path| !left.contains(path)));
        assert_eq!(rows(&node).await, 1);
    }

    async fn a_deleted_picture_is_gone_at_once_and_its_objects_soon(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        let with = upload(&ada, &samples::png(20, 20)).await.unwrap();

        let without = delete(&ada).await.unwrap();

        assert_eq!(without.picture, None);
        assert_ne!(without.etag, with.etag);
        let fetched = download(&ada, PictureVariant::Full).await;
        assert_refused(fetched, Code::NotFound, "PICTURE_NOT_FOUND");
        assert_refused(delete(&ada).await, Code::NotFound, "PICTURE_NOT_FOUND");
        assert_eq!(collect_pictures(&node.app).await.unwrap(), 1);
        assert_eq!((rows(&node).await, objects(&node).len()), (0, 0));
    }

    async fn os_05_the_pictures_of_a_deleted_account_are_removed_by_whatever_deletes_it(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        upload(&ada, &samples::png(20, 20)).await.unwrap();

        ada.delete(PASSWORD).await.unwrap();

        let fetched = download(&ada, PictureVariant::Full).await;
        assert_refused(fetched, Code::Unauthenticated, "ACCOUNT_DELETED");
        let row = picture::Entity::find().one(&node.app.db).await.unwrap().unwrap();
        assert_eq!(row.account_id, None, "nobody's by the statement that deleted the account");
        assert_eq!(collect_pictures(&node.app).await.unwrap(), 1);
        assert_eq!((rows(&node).await, objects(&node).len()), (0, 0));
    }

    async fn az_04_nobody_reaches_the_picture_of_another(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        let bob = node.client().joined("bob").await;
        let hers = upload(&ada, &samples::png(20, 20)).await.unwrap().picture.unwrap();
        let keys = objects(&node);
        let directory = node.ground.settings.pictures_directory();
        let mut names = vec![hers.etag.clone(), format!("../{}", hers.etag), String::from("%2e%2e%2f")];
        names.extend(keys.iter().map(|key| key.strip_prefix(&directory).unwrap().to_str().unwrap().to_owned()));
        // No field names a picture to be fetched: what a client has or hopes for only narrows what is its own.
        for name in &names {
            let asked = DownloadProfilePictureRequest {
                if_match: name.clone(),
                if_none_match: name.clone(),
                ..DownloadProfilePictureRequest::default()
            };
            assert_refused(download_as(&bob, asked).await, Code::NotFound, "PICTURE_NOT_FOUND");
        }
        assert_refused(delete(&bob).await, Code::NotFound, "PICTURE_NOT_FOUND");
        upload(&bob, &samples::png(30, 30)).await.unwrap();
        for name in names {
            let asked = DownloadProfilePictureRequest {
                if_none_match: name,
                ..DownloadProfilePictureRequest::default()
            };
            assert_eq!(download_as(&bob, asked).await.unwrap().header.width, 30);
        }
        delete(&bob).await.unwrap();
        assert_eq!(ada.current().await.unwrap().picture.unwrap(), hers);
        assert_eq!(download(&ada, PictureVariant::Full).await.unwrap().header.width, 20);
    }

    async fn a_client_that_has_the_picture_is_told_so(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        let etag = upload(&ada, &samples::png(20, 20)).await.unwrap().picture.unwrap().etag;
        let asked = |etag: &str| DownloadProfilePictureRequest {
            variant: PictureVariant::Square128.into(),
            if_none_match: etag.to_owned(),
            ..DownloadProfilePictureRequest::default()
        };

        let same = download_as(&ada, asked(&etag)).await.unwrap();
        assert!(same.header.not_modified && same.bytes.is_empty());
        assert_eq!(same.header.etag, etag);

        let other = download_as(&ada, asked("another")).await.unwrap();
        assert!(!other.header.not_modified && !other.bytes.is_empty());
    }

    async fn a_download_goes_on_where_the_line_was_cut(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        // Noise, so that the file has several chunks.
        let etag = upload(&ada, &noise(300, 300)).await.unwrap().picture.unwrap().etag;
        let whole = download(&ada, PictureVariant::Full).await.unwrap().bytes;
        assert!(whole.len() > 200_000);
        let asked = |offset: usize| DownloadProfilePictureRequest {
            offset: i64::try_from(offset).unwrap(),
            if_match: etag.clone(),
            ..DownloadProfilePictureRequest::default()
        };
        for offset in [0, 1, 65_535, 65_536, 65_537, whole.len() - 1, whole.len()] {
            let rest = download_as(&ada, asked(offset)).await.unwrap();
            assert_eq!(rest.bytes, whole[offset..], "from {offset}");
            assert_eq!(usize::try_from(rest.header.size).unwrap(), whole.len());
        }
        for offset in [whole.len() + 1, usize::try_from(i64::MAX).unwrap()] {
            let answer = download_as(&ada, asked(offset)).await;
            assert_refused(answer, Code::InvalidArgument, "INVALID_FIELD");
        }
        let negative = DownloadProfilePictureRequest { offset: -1, ..asked(0) };
        assert_refused(download_as(&ada, negative).await, Code::InvalidArgument, "INVALID_FIELD");
    }

    async fn an_etag_that_is_not_of_the_account_changes_nothing(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        let file = samples::png(20, 20);
        let stale = Header { etag: String::from("0"), ..header(&file) };
        let answer = upload_as(&ada, stale, &file).await;
        assert_refused(answer, Code::Aborted, "ETAG_MISMATCH");
        let etag = ada.current().await.unwrap().etag;
        let fresh = Header { etag, ..header(&file) };
        let with = upload_as(&ada, fresh, &file).await.unwrap();
        let message = ada.request(DeleteProfilePictureRequest {
            etag: String::from("0"),
            ..DeleteProfilePictureRequest::default()
        });
        let answer = ada.rpc.clone().delete_profile_picture(message).await;
        assert_refused(answer, Code::Aborted, "ETAG_MISMATCH");
        assert_eq!(ada.current().await.unwrap(), with);
    }

    async fn the_same_upload_sent_again_is_answered_again(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        let file = samples::png(20, 20);
        let named = Header {
            request_id: String::from("a7b0ba2c-9d21-4e5a-8c7f-3f6f0a8f2b11"),
            // The service compares the bytes themselves.
            sha256: Vec::new(),
            ..header(&file)
        };

        let first = upload_as(&ada, named.clone(), &file).await.unwrap();
        let again = upload_as(&ada, named.clone(), &file).await.unwrap();

        assert_eq!(again, first);
        assert_eq!(rows(&node).await, 1);
        let mut other = file.clone();
        *other.last_mut().unwrap() ^= 1;
        let answer = upload_as(&ada, named, &other).await;
        assert_refused(answer, Code::InvalidArgument, "REQUEST_ID_REUSED");
    }

    async fn a_realm_without_pictures_says_so(engines) {
        let ground = Ground::with(engines, |settings| {
            Ground::realm(settings, "default").pictures = false;
        });
        let node = ground.await.node().await;
        let ada = node.client().joined("ada").await;
        let answer = upload(&ada, &samples::png(20, 20)).await;
        assert_refused(answer, Code::FailedPrecondition, "FEATURE_DISABLED");
    }

    async fn uploads_of_one_account_are_limited(engines) {
        let ground = Ground::with(engines, |settings| {
            settings.limits.picture_burst = 2;
            settings.limits.picture_period = std::time::Duration::from_hours(1);
        });
        let node = ground.await.node().await;
        let ada = node.client().joined("ada").await;
        let bob = node.client().joined("bob").await;
        let file = samples::png(20, 20);
        upload(&ada, &file).await.unwrap();
        upload(&ada, &file).await.unwrap();
        let answer = upload(&ada, &file).await;
        assert_refused(answer, Code::ResourceExhausted, "RATE_LIMITED");
        upload(&bob, &file).await.unwrap();
    }

    async fn each_change_of_a_picture_leaves_one_event(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        upload(&ada, &samples::png(20, 20)).await.unwrap();
        upload(&ada, b"no picture at all").await.unwrap_err();
        delete(&ada).await.unwrap();
        let events = audit_event::Entity::find().all(&node.app.db).await.unwrap();
        let about: Vec<(&str, &str)> = events
            .iter()
            .filter(|event| event.action.ends_with("picture"))
            .map(|event| (event.action.as_str(), event.outcome.as_str()))
            .collect();
        assert_eq!(about, [("upload_picture", "OK"), ("delete_picture", "OK")]);
    }
}
