//! The store of pictures: an object there and back.

use std::{path::PathBuf, time::Duration};

use bytes::Bytes;
use futures_util::TryStreamExt as _;

use super::{
    Patient,
    directory::{self, Directory},
    report::Report,
};
use crate::{
    backend::{
        Objects,
        objects::{ObjectError, Options},
    },
    command::serve::open,
    config::PictureKind,
};

pub(super) const NAME: &str = "pictures";

/// What is put into the store for a moment.
const CONTENT: &[u8] = b"accountd doctor: this object may be deleted";

/// Steps with the store, which share the time of the check.
const STEPS: u32 = 4;

/// Puts an object, reads it back and deletes it; and looks at the directory for uploads.
pub(super) async fn check(patient: &Patient) -> Report {
    let report = Report::new(NAME);
    let report = match open::picture_options(&patient.settings) {
        Options::File { directory } => match look(directory.clone()).await {
            Directory::Writable => try_out(report, patient).await,
            Directory::Missing => report.ok(format!(
                "{} is made by the first start",
                directory.display()
            )),
            Directory::Unusable(why) => report.fail(
                why,
                "let this user write there, or set pictures.directory to another",
            ),
        },
        _ => try_out(report, patient).await,
    };
    match look(patient.settings.spool_directory()).await {
        Directory::Writable | Directory::Missing => report,
        Directory::Unusable(why) => report.fail(
            why,
            "let this user write there, or set pictures.spool_directory to another",
        ),
    }
}

async fn look(path: PathBuf) -> Directory {
    let looked = tokio::task::spawn_blocking(move || directory::look(&path)).await;
    looked.unwrap_or_else(|error| Directory::Unusable(error.to_string()))
}

async fn try_out(report: Report, patient: &Patient) -> Report {
    let settings = &patient.settings.pictures;
    let objects = match Objects::open(open::picture_options(&patient.settings)) {
        Ok(objects) => objects.with_patience(patience(patient)),
        Err(error) => {
            return report.fail(error.to_string(), "correct the section [pictures] as said");
        }
    };
    // A name of its own, which no picture can have: theirs begin with a realm and an account.
    let id = u64::from_be_bytes(patient.random.bytes());
    let key = format!("doctor-{id:016x}");
    let place = match settings.kind {
        PictureKind::File | PictureKind::Memory => {
            patient.settings.pictures_directory().display().to_string()
        }
        kind => format!(
            "the {} {}",
            name(kind),
            settings.bucket.as_deref().unwrap_or_default()
        ),
    };
    match there_and_back(&objects, &key).await {
        Ok(()) => report.ok(format!("an object went into {place} and back")),
        Err((step, error)) => report.fail(
            format!("cannot {step} an object in {place}: {error}"),
            advice(settings.kind, step),
        ),
    }
}

fn patience(patient: &Patient) -> Duration {
    let share = patient.limit / (STEPS + 1);
    patient.settings.pictures.timeout.min(share)
}

/// The step that failed, and why.
async fn there_and_back(objects: &Objects, key: &str) -> Result<(), (&'static str, ObjectError)> {
    let put = objects.put(key, Bytes::from_static(CONTENT)).await;
    let read = match &put {
        Ok(()) => read(objects, key).await,
        Err(_) => Ok(()),
    };
    // Even an object whose storing failed may be there.
    let deleted = objects.delete(key).await;
    put.map_err(|error| ("write", error))?;
    read.map_err(|error| ("read", error))?;
    deleted.map_err(|error| ("delete", error))
}

async fn read(objects: &Objects, key: &str) -> Result<(), ObjectError> {
    let object = objects.get(key).await?;
    let chunks: Vec<Bytes> = object.chunks.try_collect().await?;
    if chunks.concat() == CONTENT {
        Ok(())
    } else {
        let other = "gave back other bytes than it was given";
        Err(ObjectError::Unavailable(other.to_owned()))
    }
}

const fn name(kind: PictureKind) -> &'static str {
    match kind {
        PictureKind::File | PictureKind::Memory => "directory",
        PictureKind::S3 => "S3 bucket",
        PictureKind::Gcs => "Google bucket",
        PictureKind::Azure => "Azure container",
    }
}

fn advice(kind: PictureKind, step: &str) -> String {
    match (kind, step) {
        (PictureKind::File | PictureKind::Memory, _) => {
            "let this user write there and make room on the disk, or set pictures.directory to another".to_owned()
        }
        (PictureKind::S3, _) => format!(
            "see that pictures.endpoint and pictures.bucket are right, and that the credentials permit to {step} \
             (s3:PutObject, s3:GetObject, s3:DeleteObject and s3:ListBucket)"
        ),
        (PictureKind::Gcs | PictureKind::Azure, _) => format!(
            "see that pictures.endpoint and pictures.bucket are right, and that the credentials permit to {step} objects"
        ),
    }
}
