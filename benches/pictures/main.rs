//! How fast pictures come and go, against the least that a gRPC server would have to do for the same bytes.
//!
//! `cargo bench --bench pictures` starts the release server and a bare reference, each as a process of its own, drives
//! both in turn with the same client over real sockets, and prints a table. `docs/performance.md` explains it.
#![expect(
    clippy::unwrap_used,
    reason = "a measurement that cannot be made has to end"
)]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "colours and rates are nowhere near the bounds of their types"
)]

mod memory;
mod pairs;
mod people;
mod photo;
mod process;
mod reference;
mod transfers;

use std::{path::PathBuf, str::FromStr as _};

use bytes::Bytes;
use tempfile::NamedTempFile;

use pairs::{Driven, Figure, Task};
use people::Person;
use process::Process;
use reference::Work;

/// The two pictures: bytes, about, and pixels of their height.
const SIZES: [(&str, usize, u32); 2] = [("1.5 MiB", 1_572_864, 1920), ("100 kB", 100_000, 480)];
/// Calls at a time.
const DOWNLOADS: usize = 8;
const UPLOADS: usize = 4;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if arguments.next().as_deref() == Some(reference::COMMAND) {
        let work = Work::from_str(&arguments.next().unwrap()).unwrap();
        let file = PathBuf::from(arguments.next().unwrap());
        runtime.block_on(reference::serve(work, &file));
    } else {
        accountd::install_crypto();
        runtime.block_on(measure());
    }
}

async fn measure() {
    let server = Process::accountd();
    let people = people::sign_up(&server, UPLOADS).await;
    let photos = SIZES.map(|(name, bytes, height)| {
        let photo = photo::jpeg_of(bytes, height, photo::QUALITY);
        (name, photo)
    });
    println!("{}", pairs::HEADING);
    for (name, photo) in &photos {
        transfers::upload(&people[0], photo).await;
        let kept = transfers::download(&people[0]).await;
        for work in [Work::Digest, Work::Nothing] {
            download(&server, &people[..1], &kept, (name, work)).await;
        }
    }
    for (name, photo) in &photos {
        for work in [Work::Render, Work::Nothing] {
            upload(&server, &people, photo, (name, work)).await;
        }
    }
    drop(server);
    memory::uploads().await;
    memory::downloads().await;
}

async fn download(server: &Process, people: &[Person], kept: &Bytes, (name, work): (&str, Work)) {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), kept).unwrap();
    let reference = Process::reference(work, file.path());
    let strangers = [people::stranger(&reference).await];
    let figure = Figure {
        name: format!("download of {name}, {DOWNLOADS} at a time, against {work}"),
        bytes: kept.len(),
        at_once: DOWNLOADS,
    };
    let driven = |server, people| Driven {
        server,
        people,
        task: Task::Download,
    };
    let limit = driven(&reference, strangers.as_slice());
    figure.measure(driven(server, people), limit).await;
}

async fn upload(server: &Process, people: &[Person], photo: &Bytes, (name, work): (&str, Work)) {
    let none = NamedTempFile::new().unwrap();
    let reference = Process::reference(work, none.path());
    let strangers = [people::stranger(&reference).await];
    let figure = Figure {
        name: format!("upload of {name}, {UPLOADS} at a time, against {work}"),
        bytes: photo.len(),
        at_once: UPLOADS,
    };
    let driven = |server, people| Driven {
        server,
        people,
        task: Task::Upload(photo.clone()),
    };
    let limit = driven(&reference, strangers.as_slice());
    figure.measure(driven(server, people), limit).await;
}

/// Bytes of one chunk, in uploads and in downloads of the reference.
const CHUNK: usize = 64 * 1024;

/// A file in chunks, which share its memory.
fn chunks(file: &Bytes) -> Vec<Bytes> {
    let starts = (0..file.len()).step_by(CHUNK);
    starts
        .map(|start| file.slice(start..file.len().min(start + CHUNK)))
        .collect()
}
