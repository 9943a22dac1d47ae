//! The store of objects: one list of behaviours, which files, memory and S3 must share.

mod behaviour;
mod bench;
mod faults;
mod files;
mod options;
mod s3;

use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt as _;

use accountd::backend::{Objects, objects::ObjectError};

/// Each behaviour once on files, once in memory and once on S3.
macro_rules! on_all {
    ($($behaviour:ident,)*) => {
        mod on_files {
            $(#[tokio::test]
            async fn $behaviour() {
                super::behaviour::$behaviour(&super::bench::Bench::files()).await;
            })*
        }
        mod in_memory {
            $(#[tokio::test]
            async fn $behaviour() {
                super::behaviour::$behaviour(&super::bench::Bench::memory()).await;
            })*
        }
        mod on_s3 {
            $(#[tokio::test]
            async fn $behaviour() {
                super::behaviour::$behaviour(&super::bench::Bench::s3().await).await;
            })*
        }
    };
}

on_all! {
    what_is_put_is_got,
    a_put_replaces_what_was_there,
    a_deleted_object_is_missing,
    a_large_object_comes_in_small_pieces,
    what_is_no_key_is_missing,
    a_probe_succeeds_and_leaves_nothing,
    puts_and_deletes_side_by_side_do_not_disturb_each_other,
    a_reading_that_is_given_up_harms_nothing,
}

/// So many bytes, none of which repeats its neighbours.
fn pattern(length: usize) -> Bytes {
    (0..length)
        .map(|place| u8::try_from(place * 31 % 251).unwrap())
        .collect()
}

/// The whole object.
async fn read(objects: &Objects, key: &str) -> Result<Bytes, ObjectError> {
    let object = objects.get(key).await?;
    let whole: BytesMut = object.chunks.try_collect().await?;
    assert_eq!(object.size, whole.len() as u64);
    Ok(whole.freeze())
}
