//! Pictures: their store, and what realms accept.

use std::{fs, os::unix::fs::PermissionsExt as _};

use accountd::config::{PictureKind, PictureType, Settings};

use super::{faults, load, refuses};

const SECRET: &str = "kittens-and-mittens";

/// The faults of S3 in a bucket, with these keys and a secret out of the environment.
fn s3(keys: &str, variables: &[(&str, &str)]) -> Vec<String> {
    faults(
        &format!("[pictures]\nkind = 's3'\nbucket = 'b'\n{keys}"),
        variables,
    )
}

#[test]
fn pictures_are_files_in_the_data_directory_unless_told_otherwise() {
    let settings = Settings::embedded();
    assert_eq!(settings.pictures.kind, PictureKind::File);
    assert_eq!(
        settings.pictures_directory().to_str(),
        Some("data/pictures")
    );
    assert_eq!(settings.spool_directory().to_str(), Some("data/spool"));
    let file = "[pictures]\ndirectory = '/srv/pictures'\nspool_directory = '/srv/spool'";
    let settings = load(file, &[]).unwrap();
    assert_eq!(
        settings.pictures_directory().to_str(),
        Some("/srv/pictures")
    );
    assert_eq!(settings.spool_directory().to_str(), Some("/srv/spool"));
}

#[test]
fn memory_is_for_code_alone() {
    refuses(
        "[pictures]\nkind = 'memory'",
        &["pictures.kind: must be one of \"file\", \"s3\", \"gcs\", \"azure\", not \"memory\""],
    );
}

#[test]
fn stores_must_be_named() {
    refuses(
        "[pictures]\nkind = 's3'",
        &["pictures.bucket: must name the bucket with kind s3"],
    );
    refuses(
        "[pictures]\nkind = 'gcs'",
        &["pictures.bucket: must name the bucket with kind gcs"],
    );
    refuses(
        "[pictures]\nkind = 'azure'",
        &[
            "pictures.bucket: must name the container with kind azure",
            "pictures.account: must name the storage account with kind azure",
        ],
    );
    refuses(
        "[pictures]\nprefix = 'a/../b'",
        &[
            "pictures.prefix: must be of a-z, 0-9, _ and - between single slashes, 200 characters at most",
        ],
    );
}

#[test]
fn credentials_go_together() {
    assert_eq!(
        s3("access_key_id = 'id'", &[]),
        ["pictures.secret_access_key: is missing beside access_key_id"]
    );
    let secret = [("ACCOUNTD_PICTURES__SECRET_ACCESS_KEY", SECRET)];
    assert_eq!(
        s3("", &secret),
        ["pictures.access_key_id: is missing beside secret_access_key"]
    );
    let file = "[pictures]\nkind = 's3'\nbucket = 'b'\naccess_key_id = 'id'";
    let settings = load(file, &secret).unwrap();
    assert!(!format!("{settings:?}").contains(SECRET));
    assert!(load("[pictures]\nkind = 's3'\nbucket = 'b'", &[]).is_ok());
}

#[test]
fn lc_04_weak_and_open_secrets_of_the_picture_store_are_refused() {
    let keys = "access_key_id = 'id'";
    assert_eq!(
        s3(
            keys,
            &[("ACCOUNTD_PICTURES__SECRET_ACCESS_KEY", "ChangeMe")]
        ),
        ["pictures.secret_access_key: is one that everybody knows; set another"]
    );
    let near = format!("{keys}\nendpoint = 'http://localhost:9000'");
    let file = format!("[pictures]\nkind = 's3'\nbucket = 'b'\n{near}");
    let short = [("ACCOUNTD_PICTURES__SECRET_ACCESS_KEY", "short")];
    assert!(load(&file, &short).is_ok());
    assert_eq!(
        faults(&format!("[pictures]\naccess_key = '{SECRET}'"), &[]),
        [
            "pictures.access_key: is a secret, and this file is not the place for it: use access_key_file or ACCOUNTD_PICTURES__ACCESS_KEY"
        ]
    );
}

#[test]
fn lc_04_a_service_account_that_others_can_read_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("key.json");
    fs::write(&path, "{}").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let path = path.display();
    let file = format!("[pictures]\nkind = 'gcs'\nbucket = 'b'\nservice_account_file = '{path}'");
    refuses(
        &file,
        &[&format!(
            "pictures.service_account_file: {path} can be read by others than its owner; run `chmod 600 {path}`"
        )],
    );
    let told = faults(
        "[pictures]\nservice_account_file = '/nowhere/key.json'",
        &[],
    );
    assert!(
        told[0].starts_with("pictures.service_account_file: /nowhere/key.json cannot be read: "),
        "{told:?}"
    );
}

#[test]
fn endpoints_are_urls_and_tokens_stay_private() {
    for endpoint in ["minio:9000", "ftp://minio"] {
        assert_eq!(
            s3(&format!("endpoint = '{endpoint}'"), &[]),
            ["pictures.endpoint: must begin with `https://`, or with `http://`"]
        );
    }
    assert_eq!(
        s3("endpoint = 'https://id:word@minio'", &[]),
        ["pictures.endpoint: has a password; credentials have keys of their own"]
    );
    for kind in ["gcs", "azure"] {
        let file = format!(
            "[pictures]\nkind = '{kind}'\nbucket = 'b'\naccount = 'a'\nendpoint = 'http://storage'"
        );
        refuses(
            &file,
            &["pictures.endpoint: would send tokens in the open; take `https://`"],
        );
    }
    let file = "[pictures]\nkind = 's3'\nbucket = 'b'\nendpoint = 'http://minio:9000'";
    let warnings = load(file, &[]).unwrap().warnings();
    assert!(
        warnings.iter().any(|warning| warning.to_string()
            == "pictures.endpoint: sends pictures to another machine without TLS; take `https://`"),
        "{warnings:?}"
    );
}

#[test]
fn numbers_and_times_must_leave_room() {
    refuses(
        "[pictures]\nthreads = 0\nmax_uploads = 0\nmax_downloads = 0\nmax_per_account = 0\nretries = 11\nmin_rate = 0",
        &[
            "pictures.threads: must be 1 or more",
            "pictures.max_uploads: must be 1 or more",
            "pictures.max_downloads: must be 1 or more",
            "pictures.max_per_account: must be 1 or more",
            "pictures.retries: must be 10 at most",
            "pictures.min_rate: must be 1 or more, or a client could hold its place for ever",
        ],
    );
    refuses(
        "[pictures]\nthreads = 1025",
        &["pictures.threads: must be 1024 at most"],
    );
    refuses(
        "[pictures]\ntimeout = '0s'\ndecode_time = '0s'\nidle_timeout = '0s'",
        &[
            "pictures.timeout: must be longer than 0",
            "pictures.decode_time: must be longer than 0",
            "pictures.idle_timeout: must be longer than 0",
        ],
    );
    refuses(
        "[pictures]\nstream_deadline = '29s'",
        &["pictures.stream_deadline: ends before idle_timeout does; raise it, or lower that"],
    );
    refuses(
        "[limits]\npicture_period = '0s'",
        &["limits.picture_period: must be 1ms or more; picture_burst = 0 turns the limit off"],
    );
}

#[test]
fn realms_accept_pictures_within_bounds() {
    refuses(
        "[realms.staff]\npicture_types = []",
        &[
            "realms.staff.picture_types: names nothing; name jpeg, png or webp, or set pictures to false",
        ],
    );
    assert!(load("[realms.staff]\npicture_types = []\npictures = false", &[]).is_ok());
    refuses(
        "[realms.staff]\npicture_max_bytes = 67108865\npicture_max_side = 16385\npicture_max_pixels = 268435457\npicture_max_memory = 1073741825",
        &[
            "realms.staff.picture_max_bytes: must be from 1 to 67108864",
            "realms.staff.picture_max_side: must be from 1 to 16384",
            "realms.staff.picture_max_pixels: must be from 1 to 268435456",
            "realms.staff.picture_max_memory: must be from 1 to 1073741824",
        ],
    );
    refuses(
        "[realms.staff]\npicture_max_bytes = 0",
        &["realms.staff.picture_max_bytes: must be from 1 to 67108864"],
    );
}

#[test]
fn of_the_documents_only_customer_has_pictures() {
    for (name, realm) in Settings::embedded().realms {
        let has_pictures = ["default", "customer"].contains(&name.as_str());
        assert_eq!(realm.pictures, has_pictures, "{name}");
    }
    let customer = &Settings::embedded().realms["customer"];
    assert_eq!(
        customer.picture_types,
        [PictureType::Jpeg, PictureType::Png]
    );
    assert_eq!(customer.picture_max_bytes, 3 * 1024 * 1024);
}
