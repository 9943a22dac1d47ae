//! How soon a process serves.

use std::{
    net::TcpListener,
    path::Path,
    time::{Duration, Instant},
};

use tonic::transport::Endpoint;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use crate::{
    Bench,
    support::{
        process::Process,
        server,
        statistics::Spread,
        table::{Aim, Row, time},
    },
};

const STARTS: usize = 7;
const SOON: Duration = Duration::from_millis(100);
/// How often it is asked.
const PAUSE: Duration = Duration::from_millis(1);

/// From the start of the program to the first word that it serves: with nothing there yet, and as at any later start.
pub(crate) async fn measure(bench: &Bench) {
    let mut first = Vec::new();
    for _ in 0..STARTS {
        let directory = tempfile::tempdir().unwrap();
        first.push(start(&bench.binary, directory.path()).await);
    }
    print("Exec to SERVING, empty data directory", first);
    let directory = tempfile::tempdir().unwrap();
    start(&bench.binary, directory.path()).await;
    let mut later = Vec::new();
    for _ in 0..STARTS {
        later.push(start(&bench.binary, directory.path()).await);
    }
    print("Exec to SERVING, data of an earlier start", later);
}

/// Seconds that it takes. The process is ended then.
async fn start(binary: &Path, directory: &Path) -> f64 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let mut command = server::command(binary, directory);
    command.env("ACCOUNTD_GRPC__LISTEN", &address);
    let since = Instant::now();
    let process = Process::launch(command, directory, address);
    while !serves(process.endpoint()).await {
        tokio::time::sleep(PAUSE).await;
    }
    since.elapsed().as_secs_f64()
}

async fn serves(endpoint: Endpoint) -> bool {
    let Ok(channel) = endpoint.connect().await else {
        return false;
    };
    let answer = HealthClient::new(channel)
        .check(HealthCheckRequest::default())
        .await;
    answer.is_ok_and(|answer| answer.into_inner().status() == ServingStatus::Serving)
}

fn print(figure: &str, times: Vec<f64>) {
    let times = Spread::of(times);
    let row = Row {
        figure: figure.to_owned(),
        ours: format!(
            "{} ({} to {})",
            time(times.median()),
            time(times.least()),
            time(times.most())
        ),
        limit: String::new(),
        ratio: None,
        cpu: None,
        aim: Some(Aim::Stated(
            format!("≤ {SOON:?}"),
            times.median() <= SOON.as_secs_f64(),
        )),
    };
    row.print();
}
