//! Pictures, against streams of the same bytes.

use std::sync::Arc;

use bytes::Bytes;

use crate::{
    Bench, photo,
    reference::Reference,
    support::{
        pairs::Pairs,
        people::{self, Person},
        process::Process,
        rounds::{Load, Round, call},
        server::Accountd,
        table::{Aim, Row},
    },
    transfers,
};

/// The two pictures: bytes, about, and pixels of their height.
const SIZES: [(&str, usize, u32); 2] = [("1.5 MiB", 1_572_864, 1920), ("100 kB", 100_000, 480)];
/// Calls at a time.
const DOWNLOADS: usize = 8;
const UPLOADS: usize = 4;
const AIM: f64 = 0.85;

/// Against a stream; and against one that computes a digest, which every download of accountd is compared with.
pub(crate) async fn downloads(bench: &Bench) {
    let server = Accountd::start(&bench.binary, &[]);
    let people = people::sign_up(&server, 1).await;
    for (size, photo) in photos() {
        transfers::upload(&people[0], &photo).await;
        let kept = transfers::download(&people[0]).await;
        for (work, limit, aim) in [
            ("stream", "stream", Some(AIM)),
            ("digest", "stream+digest", None),
        ] {
            let reference = Reference::answering(work, &kept, &[]);
            let ours = downloading(&server.process, &people, kept.len()).await;
            let bare = downloading(&reference.process, &people, kept.len()).await;
            let pairs = Pairs::measure(&bench.arguments, &ours, &bare).await;
            let figure = format!("Download of {size}, {DOWNLOADS} at a time, against {limit}");
            print(&pairs, figure, kept.len(), aim);
        }
    }
}

/// Against a stream with decoding and encoding; and against the stream alone.
pub(crate) async fn uploads(bench: &Bench) {
    let server = Accountd::start(&bench.binary, &[]);
    let people = people::sign_up(&server, UPLOADS).await;
    for (size, photo) in photos() {
        for (work, limit, aim) in [
            ("render", "stream+render", Some(AIM)),
            ("stream", "stream", None),
        ] {
            let reference = Reference::answering(work, &[], &[]);
            let ours = uploading(&server.process, &people, &photo).await;
            let bare = uploading(&reference.process, &people, &photo).await;
            let pairs = Pairs::measure(&bench.arguments, &ours, &bare).await;
            let figure = format!("Upload of {size}, {UPLOADS} at a time, against {limit}");
            print(&pairs, figure, photo.len(), aim);
        }
    }
}

fn photos() -> [(&'static str, Bytes); 2] {
    SIZES.map(|(size, bytes, height)| (size, photo::jpeg_of(bytes, height, photo::QUALITY)))
}

fn print(pairs: &Pairs, figure: String, bytes: usize, aim: Option<f64>) {
    let [ours, limit] = pairs.rates_of_bytes(u32::try_from(bytes).unwrap());
    let row = Row {
        figure,
        ours,
        limit,
        ratio: Some(pairs.ratio(Round::rate)),
        cpu: Some(pairs.cpu()),
        aim: aim.map(Aim::AtLeast),
    };
    row.print();
}

/// Each over the one connection, as a page with many pictures fetches them.
async fn downloading<'a>(server: &'a Process, people: &[Person], bytes: usize) -> Load<'a> {
    let people = people::over(people, &server.channels(1).await);
    Load {
        server,
        lanes: DOWNLOADS,
        call: call(move |lane| {
            let person = people[lane % people.len()].clone();
            async move { assert_eq!(transfers::count(&person).await, bytes) }
        }),
    }
}

async fn uploading<'a>(server: &'a Process, people: &[Person], photo: &Bytes) -> Load<'a> {
    let people = people::over(people, &server.channels(1).await);
    let (people, photo) = (Arc::new(people), photo.clone());
    Load {
        server,
        lanes: UPLOADS,
        call: call(move |lane| {
            let (person, photo) = (people[lane].clone(), photo.clone());
            async move { transfers::upload(&person, &photo).await }
        }),
    }
}
