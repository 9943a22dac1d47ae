//! Streams that are wrong, slow or endless.

use std::time::Duration;

use accountd::{
    accounts::picture::collect_pictures,
    config,
    proto::{
        DownloadProfilePictureRequest, PictureVariant, UploadProfilePictureRequest,
        account_service_client::AccountServiceClient,
        upload_profile_picture_request::{Header, Part},
    },
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use tonic::{
    Code,
    transport::{Channel, Endpoint},
};

use super::{objects, rows};
use crate::support::{
    client::assert_refused,
    pictures::{
        download, download_as, header, messages, noise, part, upload, upload_as, upload_stream,
    },
    samples,
    service::{Engines, Ground, Node, on_both_engines, start},
};

/// A node that has little patience.
async fn hurried(engines: Engines, places: usize) -> Node {
    hurried_with(engines, places, config::Pictures::default().cache).await
}

/// The same with room for so many bytes of pictures in memory.
async fn hurried_with(engines: Engines, places: usize, cache: usize) -> Node {
    let ground = Ground::with(engines, |settings| {
        settings.pictures.cache = cache;
        settings.pictures.idle_timeout = Duration::from_secs(1);
        settings.pictures.min_rate = 64 * 1024;
        settings.pictures.max_uploads = places;
        settings.pictures.max_downloads = places;
    });
    ground.await.node().await
}

/// Asserts that nothing of an upload is left anywhere.
async fn assert_clean(node: &Node) {
    assert_eq!((rows(node).await, objects(node).len()), (0, 0));
    let waiting = std::fs::read_dir(&node.app.spool).unwrap().count();
    assert_eq!(waiting, 0, "left in the spool");
}

/// A connection that takes no more than 64 KiB before somebody reads.
async fn narrow(node: &Node) -> Channel {
    Endpoint::from_shared(format!("http://{}", node.address))
        .unwrap()
        .initial_stream_window_size(65_535)
        .initial_connection_window_size(65_535)
        .connect()
        .await
        .unwrap()
}

on_both_engines! {
    async fn me_07_a_stream_is_held_to_what_its_header_says(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        let file = samples::png(64, 64);
        let length = i64::try_from(file.len()).unwrap();
        let said = |size| Header { size, ..header(&file) };
        for size in [length - 1, length + 1, 1, 5_242_880] {
            let answer = upload_as(&ada, said(size), &file).await;
            assert_refused(answer, Code::InvalidArgument, "UPLOAD_MISMATCH");
        }
        for size in [0, -1, i64::MIN] {
            let answer = upload_as(&ada, said(size), &file).await;
            assert_refused(answer, Code::InvalidArgument, "INVALID_FIELD");
        }
        for size in [5_242_881, i64::MAX] {
            let answer = upload_as(&ada, said(size), &file).await;
            assert_refused(answer, Code::OutOfRange, "PICTURE_TOO_LARGE");
        }
        let mut other = file.clone();
        *other.last_mut().unwrap() ^= 1;
        let answer = upload_as(&ada, header(&file), &other).await;
        assert_refused(answer, Code::InvalidArgument, "UPLOAD_MISMATCH");
        let odd = Header { sha256: vec![1; 31], ..header(&file) };
        let answer = upload_as(&ada, odd, &file).await;
        assert_refused(answer, Code::InvalidArgument, "INVALID_FIELD");
        assert_clean(&node).await;
    }

    async fn me_07_an_endless_stream_is_ended_at_its_limit(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        let file = noise(64, 64);
        let said = Header { sha256: Vec::new(), ..header(&file) };
        let endless = stream::iter(messages(said, &file))
            .chain(stream::repeat(part(Part::Chunk(Bytes::from_static(&[0; 1024])))));
        let answer = upload_stream(&ada, endless).await;
        assert_refused(answer, Code::InvalidArgument, "UPLOAD_MISMATCH");
        assert_clean(&node).await;
    }

    async fn me_07_the_parts_come_in_order(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        let file = samples::png(20, 20);
        let first = || part(Part::Header(header(&file)));
        let chunk = || part(Part::Chunk(Bytes::from(file.clone())));
        let nothing = UploadProfilePictureRequest { part: None };
        for wrong in [
            vec![],
            vec![chunk()],
            vec![chunk(), first()],
            vec![nothing.clone(), first(), chunk()],
            vec![first(), first(), chunk()],
            vec![first(), nothing, chunk()],
            vec![first(), part(Part::Chunk(Bytes::from(vec![0; (1 << 20) + 1])))],
        ] {
            let answer = upload_stream(&ada, stream::iter(wrong)).await;
            assert_refused(answer, Code::InvalidArgument, "INVALID_FIELD");
        }
        assert_clean(&node).await;
        // Chunks of nothing are odd, and harmless.
        let empty = part(Part::Chunk(Bytes::new()));
        let right = vec![first(), empty.clone(), chunk(), empty];
        upload_stream(&ada, stream::iter(right)).await.unwrap();
    }

    async fn me_07_a_file_of_single_bytes_is_as_good_as_any(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        let file = noise(60, 60);
        let bytes = file.iter().map(|byte| part(Part::Chunk(Bytes::copy_from_slice(&[*byte]))));
        let mut messages = vec![part(Part::Header(header(&file)))];
        messages.extend(bytes);
        let account = upload_stream(&ada, stream::iter(messages)).await.unwrap();
        assert_eq!(account.picture.unwrap().width, 60);
    }

    async fn me_01_what_is_declared_must_be_what_it_is(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        let png = samples::png(20, 20);
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec();
        for (content_type, file) in [
            ("image/jpeg", &png),
            ("image/gif", &png),
            ("image/svg+xml", &svg),
            ("image/png", &svg),
            ("", &svg),
            ("text/html", &png),
        ] {
            let said = Header { content_type: content_type.to_owned(), ..header(file) };
            let answer = upload_as(&ada, said, file).await;
            assert_refused(answer, Code::InvalidArgument, "PICTURE_TYPE_UNSUPPORTED");
        }
        assert_clean(&node).await;
        let said = Header { content_type: String::from("image/png"), ..header(&png) };
        upload_as(&ada, said, &png).await.unwrap();
    }

    async fn me_04_the_limits_of_the_realm_are_those_of_its_uploads(engines) {
        let ground = Ground::with(engines, |settings| {
            let realm = Ground::realm(settings, "default");
            realm.picture_max_side = 100;
            realm.picture_max_pixels = 5_000;
            realm.picture_types = vec![accountd::config::PictureType::Png];
        });
        let node = ground.await.node().await;
        let ada = node.client().joined("ada").await;
        for (file, code, reason) in [
            (samples::png(101, 1), Code::OutOfRange, "PICTURE_TOO_LARGE"),
            (samples::png(100, 100), Code::OutOfRange, "PICTURE_TOO_LARGE"),
            (samples::with_png_size(&samples::png(8, 8), 65_535, 65_535), Code::OutOfRange, "PICTURE_TOO_LARGE"),
            (samples::jpeg(20, 20), Code::InvalidArgument, "PICTURE_TYPE_UNSUPPORTED"),
            (samples::png(40, 40)[..60].to_vec(), Code::InvalidArgument, "PICTURE_MALFORMED"),
        ] {
            assert_refused(upload(&ada, &file).await, code, reason);
        }
        assert_clean(&node).await;
    }

    async fn me_08_a_stream_that_falls_silent_is_ended_and_its_place_given_on(engines) {
        let node = hurried(engines, 1).await;
        let ada = node.client().joined("ada").await;
        let file = noise(100, 100);
        let mut begun = messages(header(&file), &file);
        begun.truncate(1);
        begun.push(part(Part::Chunk(Bytes::copy_from_slice(&file[..1000]))));
        for silent in [begun, messages(header(&file), &file)[..1].to_vec(), Vec::new()] {
            let stream = stream::iter(silent).chain(stream::pending());
            let answer = upload_stream(&ada, stream).await;
            assert_refused(answer, Code::Aborted, "TRANSFER_TOO_SLOW");
        }
        assert_clean(&node).await;
        upload(&ada, &file).await.unwrap();
    }

    async fn me_08_a_stream_under_the_least_rate_is_ended(engines) {
        let node = hurried(engines, 1).await;
        let ada = node.client().joined("ada").await;
        let file = noise(600, 600);
        let first = part(Part::Header(header(&file)));
        let drops = file.clone().into_iter().map(|byte| part(Part::Chunk(Bytes::from(vec![byte]))));
        let slow = stream::iter(drops).then(|message| async move {
            tokio::time::sleep(Duration::from_millis(5)).await;
            message
        });
        let answer = upload_stream(&ada, stream::iter([first]).chain(slow)).await;
        assert_refused(answer, Code::Aborted, "TRANSFER_TOO_SLOW");
        assert_clean(&node).await;
    }

    async fn a_client_that_goes_away_leaves_nothing_and_no_place_is_held(engines) {
        let node = hurried(engines, 1).await;
        let ada = node.client().joined("ada").await;
        let file = noise(100, 100);
        let begun = messages(header(&file), &file)[..1].to_vec();
        let (said, heard) = tokio::sync::oneshot::channel();
        let mut said = Some(said);
        let stream = stream::iter(begun)
            .chain(stream::once(async { part(Part::Chunk(Bytes::from_static(b"\x89PNG"))) }))
            .inspect(move |_| {
                if let Some(said) = said.take() {
                    said.send(()).unwrap();
                }
            })
            .chain(stream::pending());
        let call = tokio::spawn({
            let ada = ada.clone();
            async move { upload_stream(&ada, stream).await }
        });
        heard.await.unwrap();
        call.abort();
        // The place comes back as soon as the server hears of it.
        loop {
            match upload(&ada, &file).await {
                Ok(_) => break,
                Err(status) => assert_eq!(crate::support::client::reason(&status), "OVERLOADED"),
            }
        }
        assert_eq!(rows(&node).await, 1);
    }

    async fn me_10_a_client_that_does_not_read_is_cut_off(engines) {
        for cache in [0, 1 << 24] {
            let node = hurried_with(engines, 1, cache).await;
            let ada = node.client().joined("ada").await;
            upload(&ada, &noise(600, 600)).await.unwrap();
            let request = ada.request(DownloadProfilePictureRequest::default());
            let mut narrow = AccountServiceClient::new(narrow(&node).await);
            let answer = narrow.download_profile_picture(request).await.unwrap();
            let second = download(&ada, PictureVariant::Full).await;
            assert_refused(second, Code::ResourceExhausted, "OVERLOADED");

            // Nobody reads, until the place has been given on.
            let mut tries = 0;
            while let Err(status) = download(&ada, PictureVariant::Full).await {
                assert_eq!(crate::support::client::reason(&status), "OVERLOADED");
                tries += 1;
                assert!(tries < 200, "the place is still held");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }

            let mut stream = answer.into_inner();
            let ended = loop {
                match stream.message().await {
                    Ok(Some(_)) => {}
                    Ok(None) => break Ok(()),
                    Err(status) => break Err(status),
                }
            };
            assert_refused(ended, Code::Aborted, "TRANSFER_TOO_SLOW");
        }
    }

    async fn me_10_clients_that_were_cut_off_and_stay_are_counted(engines) {
        let node = hurried(engines, 1).await;
        let ada = node.client().joined("ada").await;
        upload(&ada, &noise(600, 600)).await.unwrap();
        let mut lingering = Vec::new();
        while lingering.len() < 2 {
            let request = ada.request(DownloadProfilePictureRequest::default());
            let mut narrow = AccountServiceClient::new(narrow(&node).await);
            match narrow.download_profile_picture(request).await {
                Ok(answer) => lingering.push(answer.into_inner()),
                Err(status) => assert_eq!(crate::support::client::reason(&status), "OVERLOADED"),
            }
        }

        // Much longer than a download that is not read keeps its place.
        for _ in 0..60 {
            let answer = download(&ada, PictureVariant::Full).await;
            assert_refused(answer, Code::ResourceExhausted, "OVERLOADED");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }

        drop(lingering.pop());
        while let Err(status) = download(&ada, PictureVariant::Full).await {
            assert_eq!(crate::support::client::reason(&status), "OVERLOADED");
        }
    }

    async fn ov_04_one_account_does_not_take_the_places_of_all(engines) {
        let ground = Ground::with(engines, |settings| {
            settings.pictures.max_per_account = 1;
        });
        let node = ground.await.node().await;
        let ada = node.client().joined("ada").await;
        let bob = node.client().joined("bob").await;
        upload(&bob, &samples::png(20, 20)).await.unwrap();
        upload(&ada, &noise(600, 600)).await.unwrap();
        let request = ada.request(DownloadProfilePictureRequest::default());
        let mut narrow = AccountServiceClient::new(narrow(&node).await);
        let held = narrow.download_profile_picture(request).await.unwrap();
        let second = download(&ada, PictureVariant::Full).await;
        assert_refused(second, Code::ResourceExhausted, "OVERLOADED");
        let upload = upload(&ada, &samples::png(20, 20)).await;
        assert_refused(upload, Code::ResourceExhausted, "OVERLOADED");
        download(&bob, PictureVariant::Full).await.unwrap();
        drop(held);
        // The place comes back as soon as the server hears of it.
        let since = tokio::time::Instant::now();
        while let Err(status) = download(&ada, PictureVariant::Full).await {
            assert_eq!(crate::support::client::reason(&status), "OVERLOADED");
            assert!(since.elapsed() < Duration::from_secs(30), "the place is not given back");
        }
    }

    async fn pr_06_streams_end_with_their_deadline(engines) {
        let ground = Ground::with(engines, |settings| {
            settings.pictures.stream_deadline = Duration::from_secs(1);
        });
        let node = ground.await.node().await;
        let ada = node.client().joined("ada").await;
        let file = noise(600, 600);
        let begun = messages(header(&file), &file)[..2].to_vec();
        let answer = upload_stream(&ada, stream::iter(begun).chain(stream::pending())).await;
        let told = crate::support::client::reason(&answer.unwrap_err());
        assert_eq!(told, "DEADLINE_EXCEEDED");

        let ground = Ground::with(engines, |_| {}).await;
        let node = ground.node().await;
        let ada = node.client().joined("ada").await;
        upload(&ada, &file).await.unwrap();
        let mut request = ada.request(DownloadProfilePictureRequest::default());
        request.metadata_mut().insert("grpc-timeout", "1S".parse().unwrap());
        let mut narrow = AccountServiceClient::new(narrow(&node).await);
        let mut stream = narrow.download_profile_picture(request).await.unwrap().into_inner();
        tokio::time::sleep(Duration::from_secs(2)).await;
        let ended = loop {
            match stream.message().await {
                Ok(Some(_)) => {}
                Ok(None) => break Ok(()),
                Err(status) => break Err(status),
            }
        };
        assert!(ended.is_err(), "cut at its deadline");
    }

    async fn me_12_names_in_the_store_are_ours_alone(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("zorro").await;
        upload(&ada, &samples::png(20, 20)).await.unwrap();
        let directory = node.ground.settings.pictures_directory();
        for path in objects(&node) {
            let name = path.strip_prefix(&directory).unwrap().to_str().unwrap();
            let is_ours = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_".contains(&byte);
            assert!(name.bytes().all(is_ours), "{name}");
            assert!(!name.contains("zorro"), "{name}");
        }
        collect_pictures(&node.app).await.unwrap();
        let same = DownloadProfilePictureRequest::default();
        download_as(&ada, same).await.unwrap();
    }
}
