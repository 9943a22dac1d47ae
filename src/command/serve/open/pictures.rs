//! What pictures need: their store, and a place for uploads that are not whole yet.

use std::{fs, os::unix::fs::DirBuilderExt as _, path::PathBuf};

use anyhow::Context as _;

use crate::{
    backend::objects::{AzureOptions, GcsOptions, Options, Remote, S3Options},
    config::{self, PictureKind, Settings},
    pictures::{Studio, StudioOptions},
};

/// Where pictures are kept, for the store of objects.
pub fn options(settings: &Settings) -> Options {
    let pictures = &settings.pictures;
    let bucket = pictures.bucket.clone().unwrap_or_default();
    let endpoint = pictures.endpoint.clone();
    let remote = Remote {
        timeout: pictures.timeout,
        retries: pictures.retries,
        prefix: pictures.prefix.clone(),
    };
    match pictures.kind {
        PictureKind::File => Options::File {
            directory: settings.pictures_directory(),
        },
        PictureKind::Memory => Options::Memory,
        PictureKind::S3 => Options::S3(S3Options {
            bucket,
            region: pictures.region.clone(),
            endpoint,
            path_style: pictures.path_style,
            access_key_id: pictures.access_key_id.clone(),
            secret_access_key: pictures.secret_access_key.clone(),
            remote,
        }),
        PictureKind::Gcs => Options::Gcs(GcsOptions {
            bucket,
            endpoint,
            service_account_file: pictures.service_account_file.clone(),
            remote,
        }),
        PictureKind::Azure => Options::Azure(AzureOptions {
            container: bucket,
            account: pictures.account.clone().unwrap_or_default(),
            access_key: pictures.access_key.clone(),
            endpoint,
            remote,
        }),
    }
}

/// Makes the directory for uploads, for our eyes only, and tries whether files can be made in it.
pub fn spool_directory(settings: &Settings) -> anyhow::Result<PathBuf> {
    let path = settings.spool_directory();
    let unusable = || {
        format!(
            "cannot make files for uploads in {}: let this user write there, or set pictures.spool_directory to another",
            path.display()
        )
    };
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&path)
        .with_context(unusable)?;
    tempfile::tempfile_in(&path).with_context(unusable)?;
    Ok(path)
}

/// Starts the threads that draw pictures anew. Its queue is never full: only so many files are let in at a time.
pub fn studio(pictures: &config::Pictures) -> anyhow::Result<Studio> {
    let options = StudioOptions {
        threads: pictures.threads,
        queue: pictures.max_uploads,
    };
    Studio::start(options).context("cannot start the threads that draw pictures")
}
