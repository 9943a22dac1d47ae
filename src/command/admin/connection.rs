//! Where operators are served, and how this one proves itself.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use clap::Args;
use http::Uri;
use secrecy::{ExposeSecret as _, SecretString};
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, Endpoint},
};

use super::refusal::root_cause;
use crate::{
    command::{
        connect::{self, Trust},
        time_limit,
    },
    config::{self, Settings},
    operators::TOKEN_FILE,
    proto::admin_service_client::AdminServiceClient,
};

/// The generated client, which shows the operator's token.
pub(super) type Client = AdminServiceClient<InterceptedService<Channel, Bearer>>;

/// Longest message that is taken: a page of accounts with all their attributes.
const LONGEST_MESSAGE: usize = 64 * 1024 * 1024;

/// How long the other side may say nothing at all before it is asked whether it is still there, and may take to say so.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// Where to call, by which proof, and how long to wait.
#[derive(Debug, Args)]
pub(super) struct Connection {
    /// The address of its listener for operators, such as `https://accounts.example.com:50061`; by default `admin.listen` of
    /// the configuration.
    #[arg(long, value_name = "URL")]
    address: Option<String>,
    #[command(flatten)]
    trust: Trust,
    /// File with the operator's token, readable by its owner alone; by default `admin.token` in the data directory, or none
    /// where that is missing and `--cert` is given.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The longest that one answer may take. An import or an export has the time that the server gives it.
    #[arg(long, default_value = "10s", value_name = "TIME", value_parser = time_limit)]
    pub(super) timeout: Duration,
}

/// Shows the operator's token with every call.
#[derive(Clone)]
pub(super) struct Bearer(Option<MetadataValue<Ascii>>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.0 {
            request
                .metadata_mut()
                .insert("authorization", token.clone());
        }
        Ok(request)
    }
}

impl Connection {
    /// Connects within the time limit.
    ///
    /// Refused: an address that would send the token through the network without TLS, and a token that others may read.
    pub(super) async fn open(&self, path: Option<&Path>) -> anyhow::Result<Client> {
        let mut configuration = Configuration { path, read: None };
        let address = match &self.address {
            Some(address) => address.clone(),
            None => configuration.address()?,
        };
        refuse_open_network(&address)?;
        let endpoint = self.trust.endpoint(address.clone())?;
        let bearer = self.bearer(&mut configuration)?;
        let channel = self.connect(&endpoint, &address).await?;
        Ok(AdminServiceClient::with_interceptor(channel, bearer)
            .max_decoding_message_size(LONGEST_MESSAGE))
    }

    async fn connect(&self, endpoint: &Endpoint, address: &str) -> anyhow::Result<Channel> {
        let endpoint = endpoint
            .clone()
            .http2_keep_alive_interval(KEEP_ALIVE)
            .keep_alive_timeout(KEEP_ALIVE);
        let connected = tokio::time::timeout(self.timeout, endpoint.connect())
            .await
            .with_context(|| {
                let limit = humantime::format_duration(self.timeout);
                format!("no answer from {address} within {limit}")
            })?;
        connected.map_err(|error| {
            anyhow::anyhow!(
                "cannot reach {address}: {}; see whether accountd runs there and serves operators (admin.listen)",
                root_cause(&error)
            )
        })
    }

    fn bearer(&self, configuration: &mut Configuration<'_>) -> anyhow::Result<Bearer> {
        let Some(file) = self.token_file(configuration)? else {
            return Ok(Bearer(None));
        };
        let token = config::secret_file(&file).map_err(anyhow::Error::msg)?;
        let value = header(&token)
            .with_context(|| format!("{} holds more than a token", file.display()))?;
        Ok(Bearer(Some(value)))
    }

    /// The file that was named, or the one in the data directory; none when a certificate is the proof.
    fn token_file(&self, configuration: &mut Configuration<'_>) -> anyhow::Result<Option<PathBuf>> {
        if self.token_file.is_some() {
            return Ok(self.token_file.clone());
        }
        let file = configuration.settings()?.data_directory.join(TOKEN_FILE);
        if file.try_exists()? {
            return Ok(Some(file));
        }
        anyhow::ensure!(
            self.trust.has_certificate(),
            "there is no token in {}; name its file by --token-file, or make one by `accountd admin operator add`",
            file.display()
        );
        Ok(None)
    }
}

/// The configuration, read when something of it is needed.
struct Configuration<'a> {
    path: Option<&'a Path>,
    read: Option<Settings>,
}

impl Configuration<'_> {
    fn settings(&mut self) -> anyhow::Result<&Settings> {
        if self.read.is_none() {
            let settings = Settings::load(self.path, config::environment());
            let settings = settings.map_err(|faults| anyhow::anyhow!("{faults}"));
            let settings = settings
                .context("correct the configuration, or give --address and --token-file")?;
            self.read = Some(settings);
        }
        self.read.as_ref().context("no configuration")
    }

    fn address(&mut self) -> anyhow::Result<String> {
        let admin = &self.settings()?.admin;
        let listen = admin.listen.context(
            "admin.listen is not set, so that operators are not served: set it, or give --address",
        )?;
        connect::local(listen, admin.tls_certificate.is_some(), "admin.listen")
    }
}

/// The value of the metadata `authorization`; none when the text could not stand in it.
fn header(token: &SecretString) -> Option<MetadataValue<Ascii>> {
    let text = zeroize::Zeroizing::new(format!("Bearer {}", token.expose_secret()));
    let mut value = MetadataValue::try_from(text.as_str()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Refuses an address by which a token would be open to the network.
fn refuse_open_network(address: &str) -> anyhow::Result<()> {
    let uri: Option<Uri> = address.parse().ok();
    let host = uri.as_ref().and_then(Uri::host);
    let scheme = uri.as_ref().and_then(Uri::scheme_str);
    let (Some(host), Some(scheme @ ("http" | "https"))) = (host, scheme) else {
        anyhow::bail!("the address is no URL such as https://accounts.example.com:50061");
    };
    let ip: Result<IpAddr, _> = host.trim_matches(['[', ']']).parse();
    let is_loopback = host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback());
    anyhow::ensure!(
        scheme == "https" || is_loopback,
        "{address} has no TLS, so that the operator's token would be open to the network: use https://"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_tls_only_loopback_is_called() {
        let may = |address: &str| refuse_open_network(address).is_ok();
        assert!(may("http://127.0.0.1:50061"));
        assert!(may("http://[::1]:50061"));
        assert!(may("http://localhost:50061"));
        assert!(may("https://accounts.example.com"));
        assert!(!may("http://accounts.example.com"));
        assert!(!may("http://10.1.2.3:50061"));
        assert!(!may("http://localhost.example.com"));
        assert!(!may("http://user@10.1.2.3"));
        for address in ["localhost:50061", "ftp://127.0.0.1", "", "no url"] {
            assert!(!may(address), "{address}");
        }
    }
}
