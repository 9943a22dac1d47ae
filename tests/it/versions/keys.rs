//! The keys of a service that was ended long ago, of phrases that anybody may read.
//!
//! Keys in files would look like secrets that somebody has lost.

use std::{
    fs::{DirBuilder, OpenOptions},
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::STANDARD};

const SECRET: &[u8] = b"accountd fixture: the root secret of nobody";
const SEED: &[u8] = b"accountd fixture: the seed of a key that signs for nobody";

/// Both were made long before anything that was signed with them.
const ID: &str = "20260101T000000Z-0000";

/// What stands before the 32 bytes of an Ed25519 key in PKCS#8, version 1 (RFC 8410, section 7).
const PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// Writes the two keys as `accountd keys` would.
pub(super) fn write(directory: &Path) {
    let secret = STANDARD.encode(digest(&SHA256, SECRET));
    put(directory, "secret", "key", &format!("{secret}\n"));
    let der = [&PKCS8, digest(&SHA256, SEED).as_ref()].concat();
    let lines = STANDARD.encode(der);
    let (begin, end) = ("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----");
    let pem = format!("{begin}\n{lines}\n{end}\n");
    put(directory, "signing", "pem", &pem);
}

fn put(directory: &Path, kind: &str, extension: &str, text: &str) {
    let place = directory.join(kind);
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700).create(&place).unwrap();
    let path = place.join(format!("{ID}.{extension}"));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let mut file = options.open(&path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}
