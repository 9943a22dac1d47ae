//! `setProfilePic` and `getProfilePic`.

use std::{fs, path::PathBuf};

use reqwest::multipart::{Form, Part};

use super::{joined, told};
use crate::support::{
    pictures::{CHUNK, noise},
    rest::{Answer, Rest},
    samples,
    service::{Engines, Ground, Node, on_both_engines, start},
};

fn part(file: Vec<u8>, name: &str, media_type: &str) -> Part {
    let part = Part::bytes(file).file_name(name.to_owned());
    part.mime_str(media_type).unwrap()
}

async fn set(rest: &Rest, form: Form) -> Answer {
    let request = rest.begin("POST", "/customer/setProfilePic");
    rest.finish(request.multipart(form)).await
}

async fn set_png(rest: &Rest, file: Vec<u8>) -> Answer {
    let form = Form::new().part("profile", part(file, "me.png", "image/png"));
    set(rest, form).await
}

async fn get(rest: &Rest) -> Answer {
    rest.ask("POST /customer/getProfilePic").await
}

/// A body written by hand, for what no library would send.
async fn set_raw(rest: &Rest, disposition: &[u8], file: &[u8]) -> Answer {
    let body = [
        b"--x\r\nContent-Disposition: form-data; ".as_slice(),
        disposition,
        b"\r\nContent-Type: image/png\r\n\r\n",
        file,
        b"\r\n--x--\r\n",
    ]
    .concat();
    let request = rest.begin("POST", "/customer/setProfilePic");
    let request = request.header("content-type", "multipart/form-data; boundary=x");
    rest.finish(request.body(body)).await
}

/// The files in the store.
fn objects(node: &Node) -> Vec<PathBuf> {
    let mut directories = vec![node.ground.settings.pictures_directory()];
    let mut found = Vec::new();
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found
}

on_both_engines! {
    async fn a_picture_is_set_and_fetched(engines) {
        let node = start(engines).await;
        let peter = joined(&node).await;
        let answer = get(&peter).await;
        assert_eq!(answer.told(), "200 ");
        assert_eq!(answer.header("content-type"), "");

        let file = samples::png(40, 30);
        let answer = set_png(&peter, file.clone()).await;
        let expected = format!(
            r#"200 {{"fieldname":"profile","originalname":"me.png","encoding":"7bit","mimetype":"image/png","size":{}}}"#,
            file.len()
        );
        assert_eq!(answer.told(), expected);

        let answer = get(&peter).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "image/png");
        let image = image::load_from_memory(&answer.bytes).unwrap();
        assert_eq!((image.width(), image.height()), (40, 30));
        assert_eq!(image.to_rgb8(), samples::picture(40, 30));

        let form = Form::new().part("profile", part(samples::jpeg(64, 64), "me", "image/jpeg"));
        let answer = set(&peter, form).await;
        assert_eq!(answer.at("/mimetype"), "image/jpeg");
        let answer = get(&peter).await;
        assert_eq!(answer.header("content-type"), "image/jpeg");
        assert_eq!(image::guess_format(&answer.bytes).unwrap(), image::ImageFormat::Jpeg);
    }

    async fn a_picture_that_the_client_has_is_not_sent_again(engines) {
        let node = start(engines).await;
        let peter = joined(&node).await;
        set_png(&peter, samples::png(20, 20)).await;
        let etag = get(&peter).await.header("etag").to_owned();
        assert!(etag.starts_with('"') && etag.ends_with('"') && etag.len() > 2, "{etag}");
        for tags in [etag.clone(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".to_owned()] {
            let request = peter.begin("POST", "/customer/getProfilePic");
            let answer = peter.finish(request.header("if-none-match", &tags)).await;
            assert_eq!(answer.told(), "304 ", "{tags}");
            assert_eq!(answer.header("etag"), etag);
        }
        set_png(&peter, samples::png(30, 30)).await;
        let request = peter.begin("POST", "/customer/getProfilePic");
        let answer = peter.finish(request.header("if-none-match", &etag)).await;
        assert_eq!(answer.status, 200);
        assert_ne!(answer.header("etag"), etag);
    }

    async fn a_large_picture_comes_whole_and_a_damaged_one_never_looks_so(engines) {
        // Each fetch is to reach the file.
        let ground = Ground::with(engines, |settings| settings.pictures.cache = 0);
        let node = ground.await.node().await;
        let peter = joined(&node).await;
        let file = noise(320, 280);
        assert!(file.len() > 5 * CHUNK);
        assert_eq!(set_png(&peter, file).await.status, 200);
        let whole = get(&peter).await;
        assert_eq!(image::load_from_memory(&whole.bytes).unwrap().width(), 320);

        // Not square, so that no other form of it has the same bytes.
        let is_full = |path: &PathBuf| fs::read(path).unwrap() == whole.bytes;
        let path = objects(&node).into_iter().find(is_full).unwrap();
        let mut altered = whole.bytes;
        *altered.last_mut().unwrap() ^= 1;
        fs::write(&path, altered).unwrap();
        let sent = peter.begin("POST", "/customer/getProfilePic").send().await;
        let broken = match sent {
            Ok(response) => response.bytes().await.is_err(),
            Err(_) => true,
        };
        assert!(broken);
        fs::remove_file(&path).unwrap();
        let answer = get(&peter).await;
        assert_eq!((answer.status.as_u16(), answer.at("/name").as_str()), (500, "InternalServerError"));
    }
}

#[tokio::test]
async fn files_that_are_none_are_refused_with_the_documents_word() {
    let node = start(Engines::Embedded).await;
    let peter = joined(&node).await;
    let png = samples::png(20, 20);
    let forms = [
        Form::new(),
        Form::new().text("profile", "me.png"),
        Form::new().part("profile", part(Vec::new(), "me.png", "image/png")),
        Form::new().part("picture", part(png.clone(), "me.png", "image/png")),
        Form::new()
            .part("profile", part(png.clone(), "me.png", "image/png"))
            .part("profile", part(png.clone(), "me.png", "image/png")),
        Form::new().part("profile", part(png.clone(), "me.png", "image/jpeg")),
        Form::new().part("profile", part(png.clone(), "me.png", "image/svg+xml")),
        Form::new().part(
            "profile",
            part(samples::webp(20, 20), "me.png", "image/png"),
        ),
        Form::new().part("profile", part(b"<svg/>".to_vec(), "me.png", "image/png")),
        Form::new().part(
            "profile",
            part(png[..png.len() / 2].to_vec(), "me.png", "image/png"),
        ),
        Form::new().part(
            "profile",
            part(
                samples::with_png_size(&png, 65_000, 65_000),
                "me.png",
                "image/png",
            ),
        ),
        // Over the limit of the file, and over that of the form.
        Form::new().part(
            "profile",
            part(
                [png.clone(), vec![0; 3 * 1024 * 1024]].concat(),
                "me.png",
                "image/png",
            ),
        ),
        Form::new().part(
            "profile",
            part(vec![0; 5 * 1024 * 1024], "me.png", "image/png"),
        ),
        Form::new().text("more", "x".repeat(70_000)),
    ];
    for (number, form) in forms.into_iter().enumerate() {
        let answer = set(&peter, form).await;
        assert_eq!(answer.status, 400, "{number}: {}", answer.text());
        assert_eq!(answer.at("/name"), "FileExtensionError", "{number}");
    }
    for request in [
        peter.begin("POST", "/customer/setProfilePic"),
        peter.begin("POST", "/customer/setProfilePic").header("content-type", "image/png").body(png),
        peter.begin("POST", "/customer/setProfilePic").header("content-type", "multipart/form-data").body("x"),
        peter
            .begin("POST", "/customer/setProfilePic")
            .header("content-type", "multipart/form-data; boundary=x")
            .body("--x\r\nContent-Disposition: form-data; name=\"profile\"; filename=\"a\"\r\n\r\n\x7fPNG"),
    ] {
        let answer = peter.finish(request).await;
        assert_eq!(answer.at("/name"), "FileExtensionError", "{}", answer.text());
    }
    assert_eq!(get(&peter).await.told(), "200 ");
    assert!(objects(&node).is_empty());
}

#[tokio::test]
async fn a_file_of_just_the_limit_is_looked_at() {
    let node = start(Engines::Embedded).await;
    let peter = joined(&node).await;
    let mut file = samples::png(20, 20);
    file.resize(3 * 1024 * 1024, 0);
    let answer = set_png(&peter, file.clone()).await;
    assert_eq!(
        answer.told().split(' ').next(),
        Some("200"),
        "{}",
        answer.text()
    );
    file.push(0);
    let text = "the file is too large";
    assert_eq!(
        set_png(&peter, file).await.told(),
        told(400, "FileExtensionError", text)
    );
}

#[tokio::test]
async fn me_02_a_picture_is_sent_as_what_it_is_and_nothing_else() {
    let node = start(Engines::Embedded).await;
    let peter = joined(&node).await;
    let page = b"<html><script>alert(1)</script></html>";
    let file = [samples::jpeg(20, 20).as_slice(), page].concat();
    let form = Form::new().part("profile", part(file, "me.html", "image/jpeg"));
    assert_eq!(set(&peter, form).await.status, 200);
    let answer = get(&peter).await;
    assert_eq!(answer.header("content-type"), "image/jpeg");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename=\"profile.jpg\""
    );
    assert_eq!(
        answer.header("content-security-policy"),
        "default-src 'none'; frame-ancestors 'none'"
    );
    assert!(!answer.bytes.windows(page.len()).any(|bytes| bytes == page));
}

#[tokio::test]
async fn me_12_the_clients_name_of_a_file_is_never_used() {
    let node = start(Engines::Embedded).await;
    let peter = joined(&node).await;
    let file = samples::png(20, 20);
    let long = "x".repeat(4096);
    for (name, echoed) in [
        ("../../x", "x"),
        ("..\\..\\x.png", "x.png"),
        ("/etc/passwd", "passwd"),
        ("..", ".."),
        (long.as_str(), long.as_str()),
    ] {
        let disposition = format!("name=\"profile\"; filename=\"{name}\"");
        let answer = set_raw(&peter, disposition.as_bytes(), &file).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        assert_eq!(answer.at("/originalname"), echoed);
    }
    let answer = set_raw(&peter, b"name=\"profile\"; filename=\"a\0b\"", &file).await;
    assert_eq!(
        answer.at("/name"),
        "FileExtensionError",
        "{}",
        answer.text()
    );
    for path in objects(&node) {
        let path = path.to_str().unwrap();
        let is_ours = |part: &str| !part.contains("passwd") && part.len() < 256 && part != "x";
        assert!(path.split('/').all(is_ours), "{path}");
    }
    let answer = get(&peter).await;
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename=\"profile.png\""
    );
}

#[tokio::test]
async fn nothing_is_received_of_a_stranger() {
    let node = start(Engines::Embedded).await;
    let rest = node.rest("customer");
    let form = Form::new().part("profile", part(b"no picture".to_vec(), "a", "image/png"));
    assert_eq!(set(&rest, form).await.told(), "401 {}");
    let form = Form::new().part("profile", part(b"no picture".to_vec(), "a", "image/png"));
    let answer = set(&rest.with("Bearer x"), form).await;
    assert_eq!(answer.at("/name"), "JsonWebTokenError");
}
