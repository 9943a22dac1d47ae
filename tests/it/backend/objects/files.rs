//! Objects as files.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use accountd::backend::{
    Objects,
    objects::{ObjectError, OpenError, Options},
};
use bytes::Bytes;
use futures_util::TryStreamExt as _;

use super::{bench::Bench, pattern};

fn directory(bench: &Bench) -> PathBuf {
    bench.directory.as_ref().unwrap().path().join("objects")
}

/// All files and directories below, by their paths from there.
fn below(directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            let inner = below(&path);
            found.extend(inner.iter().map(|inner| format!("{name}/{inner}")));
        }
        found.push(name);
    }
    found.sort();
    found
}

#[tokio::test]
async fn an_object_is_one_file_and_nobody_else_may_look_in() {
    let bench = Bench::files();
    bench.objects.put("a/b/c", pattern(70_000)).await.unwrap();
    let directory = directory(&bench);
    assert_eq!(below(&directory), ["a", "a/b", "a/b/c"]);
    assert_eq!(fs::read(directory.join("a/b/c")).unwrap(), pattern(70_000));
    let mode = fs::metadata(&directory).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[tokio::test]
async fn the_last_object_takes_its_directories_along() {
    let bench = Bench::files();
    bench.objects.put("a/b/c", pattern(1)).await.unwrap();
    bench.objects.put("a/d", pattern(1)).await.unwrap();
    bench.objects.delete("a/b/c").await.unwrap();
    assert_eq!(below(&directory(&bench)), ["a", "a/d"]);
    bench.objects.delete("a/d").await.unwrap();
    assert!(below(&directory(&bench)).is_empty());
    bench.objects.probe().await.unwrap();
    assert!(directory(&bench).is_dir());
}

#[tokio::test]
async fn who_reads_gets_the_object_that_was_there_when_the_reading_began() {
    let bench = Bench::files();
    let old = pattern(1_000_000);
    bench.objects.put("a", old.clone()).await.unwrap();
    let object = bench.objects.get("a").await.unwrap();
    bench
        .objects
        .put("a", Bytes::from_static(b"new"))
        .await
        .unwrap();
    bench.objects.delete("a").await.unwrap();
    let pieces: Vec<Bytes> = object.chunks.try_collect().await.unwrap();
    assert!(pieces.concat() == old);
}

#[tokio::test]
async fn os_03_a_file_that_was_cut_short_is_an_error_and_no_end() {
    let bench = Bench::files();
    bench.objects.put("a", pattern(1_000_000)).await.unwrap();
    let object = bench.objects.get("a").await.unwrap();
    let path = directory(&bench).join("a");
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(500_000).unwrap();
    let read = object.chunks.try_collect::<Vec<Bytes>>().await;
    assert!(matches!(read, Err(ObjectError::Unavailable(_))), "{read:?}");
}

#[tokio::test]
async fn a_directory_that_cannot_be_made_is_told_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let path = file.join("objects");
    let options = Options::File {
        directory: path.clone(),
    };
    let error = Objects::open(options).unwrap_err();
    assert!(matches!(error, OpenError::Directory { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains(&path.display().to_string()), "{text}");
}

#[tokio::test]
async fn a_file_in_the_way_makes_the_store_unavailable() {
    let bench = Bench::files();
    fs::remove_dir(directory(&bench)).unwrap();
    fs::write(directory(&bench), "").unwrap();
    let put = bench.objects.put("a", pattern(1)).await;
    assert!(matches!(put, Err(ObjectError::Unavailable(_))), "{put:?}");
    let probe = bench.objects.probe().await;
    assert!(
        matches!(probe, Err(ObjectError::Unavailable(_))),
        "{probe:?}"
    );
}
