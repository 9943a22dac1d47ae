//! TLS, and TLS that demands a client's certificate.

use std::{fs, path::Path, time::Duration};

use accountd::proto::{GetCurrentRequest, account_service_client::AccountServiceClient};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};

use crate::support::{
    authority::{Authority, authority, write},
    client::reason,
    served::Served,
};

impl Authority {
    async fn serve(&self, client_ca: bool) -> Served {
        let (certificate, key) = (self.file("server.crt"), self.file("server.key"));
        let authorities = self.file("ca.crt");
        let mut variables = vec![
            ("ACCOUNTD_GRPC__TLS_CERTIFICATE", certificate.as_str()),
            ("ACCOUNTD_GRPC__TLS_KEY", key.as_str()),
        ];
        if client_ca {
            variables.push(("ACCOUNTD_GRPC__CLIENT_CA", authorities.as_str()));
        }
        Served::start(&variables).await
    }

    fn trust(&self) -> ClientTlsConfig {
        let root = Certificate::from_pem(&self.root);
        ClientTlsConfig::new()
            .ca_certificate(root)
            .domain_name("localhost")
    }
}

async fn connect(
    binary: &Served,
    tls: ClientTlsConfig,
) -> Result<Channel, tonic::transport::Error> {
    let endpoint = Endpoint::from_shared(format!("https://{}", binary.address)).unwrap();
    let endpoint = endpoint.timeout(Duration::from_secs(10));
    endpoint.tls_config(tls).unwrap().connect().await
}

/// Whether a call gets as far as the service.
async fn is_answered(binary: &Served, tls: ClientTlsConfig) -> bool {
    let Ok(channel) = connect(binary, tls).await else {
        return false;
    };
    // With TLS 1.3, the client hears of its refusal only with its first call.
    let call = AccountServiceClient::new(channel)
        .get_current(GetCurrentRequest {})
        .await;
    let status = call.unwrap_err();
    let is_ours = !status.details().is_empty();
    assert!(!is_ours || reason(&status) == "TOKEN_MISSING");
    is_ours
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_is_spoken_by_who_trusts_the_authority() {
    let ours = authority();
    let binary = ours.serve(false).await;
    assert!(is_answered(&binary, ours.trust()).await);
    assert!(
        !is_answered(&binary, authority().trust()).await,
        "another authority"
    );
    assert!(
        !is_answered(&binary, ours.trust().domain_name("example.com")).await,
        "another name"
    );
    let plain = Endpoint::from_shared(format!("http://{}", binary.address)).unwrap();
    if let Ok(channel) = plain.connect().await {
        let mut client = AccountServiceClient::new(channel);
        let status = client.get_current(GetCurrentRequest {}).await.unwrap_err();
        assert!(
            status.details().is_empty(),
            "nothing is answered in the clear: {status:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn az_10_only_clients_of_our_authority_are_answered() {
    let ours = authority();
    let binary = ours.serve(true).await;
    assert!(is_answered(&binary, ours.trust().identity(ours.client.clone())).await);
    assert!(!is_answered(&binary, ours.trust()).await, "no certificate");
    let stranger = authority().client;
    assert!(
        !is_answered(&binary, ours.trust().identity(stranger)).await,
        "a stranger's"
    );
}

#[tokio::test]
async fn lc_04_a_tls_key_that_is_missing_is_refused() {
    let ours = authority();
    let certificate = ours.file("server.crt");
    let missing = ours.file("nothing.key");
    let directory = tempfile::tempdir().unwrap();
    let variables = [
        ("ACCOUNTD_GRPC__TLS_CERTIFICATE", certificate.as_str()),
        ("ACCOUNTD_GRPC__TLS_KEY", missing.as_str()),
    ];
    let told = Served::refusal(directory.path(), &variables).await;
    assert!(told.contains("nothing.key"), "{told}");
}

#[tokio::test]
async fn lc_04_a_tls_key_that_others_can_read_is_refused() {
    let ours = authority();
    let (certificate, key) = (ours.file("server.crt"), ours.file("server.key"));
    write(Path::new(&key), &fs::read_to_string(&key).unwrap(), 0o644);
    let directory = tempfile::tempdir().unwrap();
    let variables = [
        ("ACCOUNTD_GRPC__TLS_CERTIFICATE", certificate.as_str()),
        ("ACCOUNTD_GRPC__TLS_KEY", key.as_str()),
    ];
    let told = Served::refusal(directory.path(), &variables).await;
    assert!(told.contains("server.key"), "{told}");
}
