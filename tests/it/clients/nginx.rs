//! `deploy/nginx.conf`, as it stands but for addresses and paths, in a real NGINX in front of two replicas.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use accountd::proto::{
    PictureVariant, RegisterRequest, account_service_client::AccountServiceClient,
};
use tempfile::TempDir;
use tokio::{
    net::TcpStream,
    time::{Instant, sleep},
};
use tonic::{
    Code,
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint},
};

use crate::support::{
    authority::{Authority, authority},
    binary::root,
    client::{Client, assert_refused},
    cluster::Cluster,
    pictures::{download, noise, upload},
    redis::free_port,
    service::Engines,
};

/// NGINX, which ends with this.
struct Nginx {
    process: Child,
    port: u16,
    authority: Authority,
    directory: TempDir,
}

impl Nginx {
    async fn start(cluster: &Cluster) -> Self {
        let (directory, port) = (tempfile::tempdir().unwrap(), free_port());
        let authority = authority();
        let tls = directory.path().join("tls");
        fs::create_dir(&tls).unwrap();
        fs::copy(authority.file("server.crt"), tls.join("tls.crt")).unwrap();
        fs::copy(authority.file("server.key"), tls.join("tls.key")).unwrap();
        let file = directory.path().join("nginx.conf");
        fs::write(&file, configuration(cluster, port, directory.path())).unwrap();
        let log = File::create(directory.path().join("log")).unwrap();
        let process = Command::new(program())
            .arg("-p")
            .arg(directory.path())
            .arg("-c")
            .arg(&file)
            // The directory is its user's alone; who is not root is told so, and is who it is.
            .args(["-g", "daemon off; user root;"])
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .stdin(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("cannot run nginx ({error}): run `scripts/prepare`, which installs it")
            });
        let nginx = Self {
            process,
            port,
            authority,
            directory,
        };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            let log = fs::read_to_string(nginx.directory.path().join("log")).unwrap();
            assert!(began.elapsed() < Duration::from_secs(20), "{log}");
            sleep(Duration::from_millis(20)).await;
        }
        nginx
    }

    async fn channel(&self) -> Channel {
        let tls = ClientTlsConfig::new()
            .ca_certificate(Certificate::from_pem(&self.authority.root))
            .domain_name("localhost");
        let address = format!("https://127.0.0.1:{}", self.port);
        let endpoint = Endpoint::from_shared(address).unwrap();
        endpoint.tls_config(tls).unwrap().connect().await.unwrap()
    }

    /// The same person, by way of NGINX.
    async fn client(&self, direct: Client) -> Client {
        let mut client = direct;
        client.rpc = AccountServiceClient::new(self.channel().await);
        client
    }

    /// What curl prints for a path: the body, and the status on a line of its own.
    fn curl(&self, path: &str) -> String {
        let port = self.port;
        let output = Command::new("curl")
            .args(["--silent", "--show-error", "--noproxy", "*"])
            .args(["--cacert", &self.authority.file("ca.crt")])
            .args(["--resolve", &format!("localhost:{port}:127.0.0.1")])
            .args(["--write-out", "\n%{http_code}"])
            .arg(format!("https://localhost:{port}{path}"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its workers end with it when it is asked, and not when it is killed.
        let asked = Command::new("kill")
            .arg(self.process.id().to_string())
            .status();
        if asked.is_ok() {
            let _ = self.process.wait();
        }
    }
}

/// Debian keeps servers out of the PATH of plain users.
fn program() -> PathBuf {
    let system = Path::new("/usr/sbin/nginx");
    if system.exists() {
        system.to_owned()
    } else {
        PathBuf::from("nginx")
    }
}

/// The file, with the replicas of the cluster and with paths of its own.
fn configuration(cluster: &Cluster, port: u16, directory: &Path) -> String {
    let mut text = fs::read_to_string(root().join("deploy/nginx.conf")).unwrap();
    let mut replace = |from: &str, to: &str| {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text = text.replace(from, to);
    };
    for (number, host) in ["10.0.0.11", "10.0.0.12"].into_iter().enumerate() {
        let served = cluster.node(number).served();
        replace(&format!("{host}:50051"), &served.address);
        let school = served.dialect("school").to_string();
        replace(&format!("{host}:8080"), &school);
    }
    replace("listen 8443", &format!("listen 127.0.0.1:{port}"));
    let own = directory.display();
    replace("pid /run/nginx.pid;", &format!("pid {own}/nginx.pid;"));
    let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {own}/{name};"))
        .join("\n    ");
    replace(
        "server_tokens off;",
        &format!("server_tokens off;\n    {paths}"),
    );
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nginx_carries_an_account_life_and_outlives_a_replica() {
    let variables = [("ACCOUNTD_GRPC__TRUSTED_PROXIES", "127.0.0.0/8")];
    let mut cluster = Cluster::start(Engines::Production, 2, &variables).await;
    let nginx = Nginx::start(&cluster).await;

    // A life by gRPC, streams included.
    let stranger = nginx.client(cluster.node(0).client()).await;
    let ada = stranger.joined("ada").await;
    let picture = noise(600, 600);
    let account = upload(&ada, &picture).await.unwrap();
    assert!(account.picture.is_some());
    download(&ada, PictureVariant::Full).await.unwrap();

    // REST beside it, on the same port.
    let document = nginx.curl("/openapi.json");
    assert!(document.starts_with("{\"openapi\":\"3.1"), "{document}");
    assert!(document.ends_with("\n200"), "{document}");
    assert!(nginx.curl("/auth/details").ends_with("\n401"));

    // Of a message that is too long for both, accountd's own refusal comes first.
    let long = RegisterRequest {
        username: String::from("bob"),
        email: String::from("bob@example.com"),
        password: "x".repeat(6 << 20),
        ..RegisterRequest::default()
    };
    let refused = stranger.register(long).await;
    assert_refused(refused, Code::InvalidArgument, "MALFORMED_REQUEST");

    // One replica is gone, and who tries again notices nothing: NGINX may have sent the first call to it. Then both are.
    cluster.kill(0);
    let mut lost = 0;
    for _ in 0..20 {
        while let Err(refused) = ada.current().await {
            lost += 1;
            assert!(
                refused.code() == Code::Unavailable && lost < 3,
                "{refused:?}"
            );
        }
    }
    cluster.kill(1);
    let refused = ada.current().await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.message()),
        (Code::Unavailable, "no accountd answers")
    );

    // And they come back.
    cluster.restart(1).await;
    let began = Instant::now();
    while ada.current().await.is_err() {
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "it is not found again"
        );
        sleep(Duration::from_millis(200)).await;
    }
    ada.logout().await.unwrap();
    assert_refused(ada.current().await, Code::Unauthenticated, "TOKEN_REVOKED");
}
