//! Many that fetch a picture and hardly read it, against the binary in a process of its own.

use std::{cell::Cell, fs, time::Duration};

use accountd::{
    backend::{Clock, Mailer, mail},
    proto::{
        DownloadProfilePictureRequest, DownloadProfilePictureResponse, PictureVariant,
        account_service_client::AccountServiceClient,
    },
};
use futures_util::future::join_all;
use tokio::{
    io::{AsyncWriteExt as _, copy, sink},
    task::JoinSet,
    time::{Instant, sleep},
};
use tonic::{Code, Streaming, transport::Endpoint};

use crate::support::{
    client::{Client, assert_refused},
    http2::{Connection, flag, frame, kind, message},
    pictures::{download, noise, upload},
    served::Served,
    service::START,
    wire,
};

/// Downloads at a time: half by clients that read nothing, half by clients that take a byte a second.
const CROWD: usize = 500;
/// Those of one connection.
const STREAMS: u32 = 125;
/// Most memory of one download in KiB: the encoder's buffer, which has grown to twice a chunk; a chunk in the channel, one
/// in hand, and one in the buffer of the file; and what the allocator adds.
const SHARE: u64 = 384;
/// How long all may take to be cut, on a machine with other things to do. The limit itself is a second.
const PATIENCE: Duration = Duration::from_mins(1);

const SETTINGS: &[(&str, &str)] = &[
    ("ACCOUNTD_LIMITS__ADDRESS_BURST", "0"),
    ("ACCOUNTD_LIMITS__ACCOUNT_BURST", "0"),
    ("ACCOUNTD_LIMITS__REALM_BURST", "0"),
    ("ACCOUNTD_PICTURES__DECODE_TIME", "1m"),
    // Out of the store, piece by piece: what is in memory is shared by all.
    ("ACCOUNTD_PICTURES__CACHE", "0"),
    ("ACCOUNTD_PICTURES__IDLE_TIMEOUT", "1s"),
    ("ACCOUNTD_PICTURES__MAX_DOWNLOADS", "500"),
    ("ACCOUNTD_PICTURES__MAX_PER_ACCOUNT", "5000"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn me_10_five_hundred_that_hardly_read_take_little_memory_and_are_cut() {
    let accountd = Served::start(SETTINGS).await;
    let ada = joined(&accountd).await;
    upload(&ada, &noise(600, 600)).await.unwrap();
    let whole = download(&ada, PictureVariant::Full).await.unwrap();
    assert!(whole.bytes.len() as u64 > 3 * SHARE * 1024, "too small");
    let before = memory(&accountd, "VmRSS");

    let mut tricklers = JoinSet::new();
    let mut idlers = Vec::new();
    for _ in 0..CROWD / 2 / STREAMS as usize {
        begin_trickling(&accountd, &ada, &mut tricklers).await;
        idlers.extend(begin_idling(&accountd, &ada).await);
    }
    assert_eq!(tricklers.len() * STREAMS as usize + idlers.len(), CROWD);
    let end = Instant::now() + PATIENCE;
    while being_read(&accountd) > 0 {
        assert!(Instant::now() < end, "{} go on", being_read(&accountd));
        sleep(Duration::from_millis(50)).await;
    }

    let most = memory(&accountd, "VmHWM");
    let bound = before + CROWD as u64 * SHARE;
    assert!(most <= bound, "{most} KiB, and {before} before the crowd");
    assert_eq!(download(&ada, PictureVariant::Full).await.unwrap(), whole);
    for verdict in join_all(idlers.into_iter().map(read_on)).await {
        assert_refused(verdict, Code::Aborted, "TRANSFER_TOO_SLOW");
    }
}

async fn joined(accountd: &Served) -> Client {
    let token = accountd.joined("ada").await;
    let mailer = Mailer::open(mail::Options::Memory, Clock::fixed(START)).unwrap();
    Client::new(accountd.client().await, "default", mailer).with(&token)
}

/// Downloads of which the client reads nothing, each with a usual window of its own.
async fn begin_idling(
    accountd: &Served,
    ada: &Client,
) -> Vec<Streaming<DownloadProfilePictureResponse>> {
    const WINDOW: u32 = 65_535;
    let channel = Endpoint::from_shared(format!("http://{}", accountd.address))
        .unwrap()
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOW * STREAMS)
        .connect()
        .await
        .unwrap();
    let rpc = AccountServiceClient::new(channel);
    let mut streams = Vec::new();
    for _ in 0..STREAMS {
        let request = ada.request(DownloadProfilePictureRequest::default());
        let answer = rpc.clone().download_profile_picture(request).await;
        streams.push(answer.unwrap().into_inner());
    }
    streams
}

/// Reads a stream to its end, and gives its status.
async fn read_on(
    mut stream: Streaming<DownloadProfilePictureResponse>,
) -> Result<(), tonic::Status> {
    while stream.message().await?.is_some() {}
    Ok(())
}

/// Downloads whose windows have room for one byte, and for one more every second.
async fn begin_trickling(accountd: &Served, ada: &Client, tasks: &mut JoinSet<()>) {
    /// `SETTINGS_INITIAL_WINDOW_SIZE` is 1 (RFC 9113, 6.5.2).
    const ONE_BYTE: &[u8] = &[0, 4, 0, 0, 0, 1];
    let mut connection = Connection::open(accountd.address.parse().unwrap()).await;
    connection
        .send(kind::SETTINGS, 0, 0, ONE_BYTE)
        .await
        .unwrap();
    let bearer = format!("Bearer {}", ada.token.as_ref().unwrap());
    let path = wire::own("DownloadProfilePicture");
    let streams = || (0..STREAMS).map(|number| number * 2 + 1);
    for stream in streams() {
        let more = [("authorization", bearer.as_str())];
        connection.begin(stream, &path, &more).await.unwrap();
        connection
            .send(kind::DATA, flag::END_STREAM, stream, &message(0, 0, &[]))
            .await
            .unwrap();
    }
    let begun = Cell::new(0);
    connection
        .until(|frame| {
            if frame.kind == kind::HEADERS {
                assert_eq!(frame.flags & flag::END_STREAM, 0, "refused");
                begun.set(begun.get() + 1);
            }
            begun.get() == STREAMS
        })
        .await;
    let (mut reading, mut writing) = connection.socket.into_split();
    let updates: Vec<u8> = streams()
        .flat_map(|stream| frame(kind::WINDOW_UPDATE, 0, stream, &[0, 0, 0, 1]))
        .collect();
    tasks.spawn(async move {
        let mut nowhere = sink();
        let take = async {
            while writing.write_all(&updates).await.is_ok() {
                sleep(Duration::from_secs(1)).await;
            }
        };
        let _ = tokio::join!(take, copy(&mut reading, &mut nowhere));
    });
}

/// Objects that the process has open, one for each download that goes on.
fn being_read(accountd: &Served) -> usize {
    let directory = accountd.data().join("pictures");
    let descriptors = fs::read_dir(format!("/proc/{}/fd", accountd.id())).unwrap();
    // One that has been closed meanwhile leads nowhere.
    let open = descriptors.filter_map(|descriptor| fs::read_link(descriptor.unwrap().path()).ok());
    open.filter(|path| path.starts_with(&directory)).count()
}

/// A line of the process's status, in KiB.
fn memory(accountd: &Served, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", accountd.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
