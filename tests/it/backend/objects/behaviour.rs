//! What every kind of store does.

use accountd::backend::objects::ObjectError;
use bytes::Bytes;
use futures_util::{TryStreamExt as _, future::join_all};

use super::{bench::Bench, pattern, read};

const PIECE: usize = 64 * 1024;

pub async fn what_is_put_is_got(bench: &Bench) {
    for length in [0, 1, PIECE, PIECE + 1, 3 * PIECE - 1] {
        let key = format!("default/account-1/{length}");
        let bytes = pattern(length);
        bench.objects.put(&key, bytes.clone()).await.unwrap();
        assert_eq!(read(&bench.objects, &key).await.unwrap(), bytes, "{length}");
    }
}

pub async fn a_put_replaces_what_was_there(bench: &Bench) {
    let (long, short) = (pattern(2 * PIECE), Bytes::from_static(b"short"));
    bench.objects.put("a/b", long.clone()).await.unwrap();
    bench.objects.put("a/b", short.clone()).await.unwrap();
    assert_eq!(read(&bench.objects, "a/b").await.unwrap(), short);
    bench.objects.put("a/b", long.clone()).await.unwrap();
    assert_eq!(read(&bench.objects, "a/b").await.unwrap(), long);
}

pub async fn a_deleted_object_is_missing(bench: &Bench) {
    let objects = &bench.objects;
    assert_eq!(objects.get("a/b").await.unwrap_err(), ObjectError::Missing);
    objects.delete("a/b").await.unwrap();
    objects.put("a/b", pattern(10)).await.unwrap();
    objects.put("a/c", pattern(11)).await.unwrap();
    objects.delete("a/b").await.unwrap();
    assert_eq!(objects.get("a/b").await.unwrap_err(), ObjectError::Missing);
    objects.delete("a/b").await.unwrap();
    assert_eq!(read(objects, "a/c").await.unwrap(), pattern(11));
}

pub async fn a_large_object_comes_in_small_pieces(bench: &Bench) {
    let bytes = pattern(5 * 1024 * 1024);
    bench.objects.put("large", bytes.clone()).await.unwrap();
    let object = bench.objects.get("large").await.unwrap();
    assert_eq!(object.size, bytes.len() as u64);
    let pieces: Vec<Bytes> = object.chunks.try_collect().await.unwrap();
    let sizes = pieces.iter().map(Bytes::len);
    assert!(
        sizes.clone().all(|size| size > 0 && size <= PIECE),
        "{:?}",
        sizes.max()
    );
    assert!(pieces.concat() == bytes);
}

pub async fn what_is_no_key_is_missing(bench: &Bench) {
    let long = "a".repeat(513);
    let keys = [
        "", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/..", "a.b", "A", "a b",
        "a\\b", "a#1", "a%2e", "ä", "a\0", "a\n", &long,
    ];
    for key in keys {
        let objects = &bench.objects;
        let put = objects.put(key, pattern(1)).await;
        assert_eq!(put, Err(ObjectError::Missing), "{key:?}");
        assert_eq!(objects.get(key).await.unwrap_err(), ObjectError::Missing);
        assert_eq!(objects.delete(key).await, Err(ObjectError::Missing));
    }
}

pub async fn a_probe_succeeds_and_leaves_nothing(bench: &Bench) {
    bench.objects.probe().await.unwrap();
    let left = bench.objects.get("probe").await.unwrap_err();
    assert_eq!(left, ObjectError::Missing);
}

pub async fn puts_and_deletes_side_by_side_do_not_disturb_each_other(bench: &Bench) {
    let lives = (0..16).map(async |number| {
        let key = format!("realm/account/{number}");
        for _ in 0..4 {
            bench.objects.put(&key, pattern(number)).await.unwrap();
            assert_eq!(read(&bench.objects, &key).await.unwrap(), pattern(number));
            bench.objects.delete(&key).await.unwrap();
        }
        bench.objects.put(&key, pattern(number)).await.unwrap();
    });
    join_all(lives).await;
    for number in 0..16 {
        let key = format!("realm/account/{number}");
        assert_eq!(read(&bench.objects, &key).await.unwrap(), pattern(number));
    }
}

pub async fn a_reading_that_is_given_up_harms_nothing(bench: &Bench) {
    let bytes = pattern(8 * PIECE);
    bench.objects.put("a", bytes.clone()).await.unwrap();
    for _ in 0..4 {
        let mut object = bench.objects.get("a").await.unwrap();
        let first = object.chunks.try_next().await.unwrap().unwrap();
        assert!(bytes.starts_with(&first));
    }
    assert_eq!(read(&bench.objects, "a").await.unwrap(), bytes);
}
