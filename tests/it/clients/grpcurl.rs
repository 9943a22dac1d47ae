//! grpcurl, by which people at a terminal speak to the service.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::support::{binary::tool, pictures::CHUNK, samples, served::Served};

/// Calls a method with what comes on standard input; the messages of the answer.
fn call(address: &str, token: &str, method: &str, messages: &[Value]) -> Vec<Value> {
    let mut grpcurl = Command::new(tool("bin/grpcurl"))
        .args(["-plaintext", "-d", "@", "-H"])
        .arg(format!("authorization: Bearer {token}"))
        .arg(address)
        .arg(format!("accountd.v1.AccountService/{method}"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = grpcurl.stdin.take().unwrap();
    for message in messages {
        writeln!(input, "{message}").unwrap();
    }
    drop(input);
    let output = grpcurl.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{method}: {errors}");
    let answers = serde_json::Deserializer::from_slice(&output.stdout).into_iter();
    answers.map(Result::unwrap).collect()
}

#[tokio::test]
async fn grpcurl_sets_and_fetches_a_picture() {
    let accountd = Served::start(&[("ACCOUNTD_PICTURES__DECODE_TIME", "1m")]).await;
    let token = accountd.joined("ada").await;
    let call = |method: &str, messages: &[Value]| call(&accountd.address, &token, method, messages);
    let png = samples::png(640, 480);

    let header = json!({"header": {"content_type": "image/png", "size": png.len()}});
    let chunk = json!({"chunk": STANDARD.encode(&png)});
    let answers = call("UploadProfilePicture", &[header, chunk]);
    let picture = &answers[0]["account"]["picture"];
    assert_eq!(
        (answers.len(), &picture["width"], &picture["height"]),
        (1, &json!(640), &json!(480))
    );
    assert_eq!(
        &call("GetCurrent", &[])[0]["account"]["picture"],
        picture,
        "as anybody sees it"
    );

    let answers = call("DownloadProfilePicture", &[]);
    let (header, chunks) = answers.split_first().unwrap();
    assert_eq!(header["header"]["etag"], picture["etag"]);
    let chunks = chunks.iter().map(|answer| {
        let chunk = STANDARD.decode(answer["chunk"].as_str().unwrap()).unwrap();
        assert!(chunk.len() <= CHUNK, "{}", chunk.len());
        chunk
    });
    let bytes: Vec<u8> = chunks.flatten().collect();
    assert_eq!(header["header"]["size"], json!(bytes.len().to_string()));
    let fetched = image::load_from_memory(&bytes).unwrap().to_rgb8();
    assert_eq!(fetched, samples::picture(640, 480));
}
