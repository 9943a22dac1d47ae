//! Making the stores out of their options.

use std::{fs::DirBuilder, path::PathBuf, sync::Arc, time::Duration};

use object_store::{
    BackoffConfig, ClientOptions, ObjectStore, RetryConfig,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    azure::{AzureConfigKey, MicrosoftAzureBuilder},
    gcp::GoogleCloudStorageBuilder,
    local::LocalFileSystem,
    memory::InMemory,
};
use secrecy::ExposeSecret as _;

use super::{
    AzureOptions, GcsOptions, Kind, Objects, OpenError, Options, Remote, S3Options, fault, key,
};
use crate::faults::Faults;

/// What of AWS's environment counts: who we are, never where we go.
const AWS_IDENTITY: [AmazonS3ConfigKey; 13] = [
    AmazonS3ConfigKey::AccessKeyId,
    AmazonS3ConfigKey::SecretAccessKey,
    AmazonS3ConfigKey::Token,
    AmazonS3ConfigKey::Region,
    AmazonS3ConfigKey::WebIdentityTokenFile,
    AmazonS3ConfigKey::RoleArn,
    AmazonS3ConfigKey::RoleSessionName,
    AmazonS3ConfigKey::StsEndpoint,
    AmazonS3ConfigKey::ContainerCredentialsRelativeUri,
    AmazonS3ConfigKey::ContainerCredentialsFullUri,
    AmazonS3ConfigKey::ContainerAuthorizationTokenFile,
    AmazonS3ConfigKey::MetadataEndpoint,
    AmazonS3ConfigKey::ImdsV1Fallback,
];

/// What of Azure's environment counts.
const AZURE_IDENTITY: [AzureConfigKey; 8] = [
    AzureConfigKey::ClientId,
    AzureConfigKey::ClientSecret,
    AzureConfigKey::AuthorityId,
    AzureConfigKey::AuthorityHost,
    AzureConfigKey::MsiEndpoint,
    AzureConfigKey::ObjectId,
    AzureConfigKey::MsiResourceId,
    AzureConfigKey::FederatedTokenFile,
];

/// The longest pause before a retry.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

pub(super) fn open(options: Options) -> Result<Objects, OpenError> {
    let here = Remote::default();
    let mut root = None;
    let (kind, store, remote): (_, Arc<dyn ObjectStore>, _) = match options {
        Options::File { directory } => {
            root = Some(directory.as_path().into());
            (Kind::File, Arc::new(files(directory)?), here)
        }
        Options::Memory => (Kind::Memory, Arc::new(InMemory::new()), here),
        Options::S3(options) => (Kind::S3, s3(&options)?, options.remote),
        Options::Gcs(options) => (Kind::Gcs, gcs(&options)?, options.remote),
        Options::Azure(options) => (Kind::Azure, azure(&options)?, options.remote),
    };
    if !remote.prefix.is_empty() && !key::is_key(&remote.prefix) {
        return Err(OpenError::Prefix);
    }
    Ok(Objects {
        store,
        kind,
        root,
        prefix: remote.prefix.into(),
        timeout: remote.timeout,
        faults: Faults::none(),
    })
}

/// The files themselves get the process's usual mode; it is the directory that keeps others out.
fn files(directory: PathBuf) -> Result<LocalFileSystem, OpenError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    if let Err(source) = builder.create(&directory) {
        return Err(OpenError::Directory {
            path: directory,
            source,
        });
    }
    match LocalFileSystem::new_with_prefix(&directory) {
        Ok(files) => Ok(files.with_fsync(true).with_automatic_cleanup(true)),
        Err(error) => Err(OpenError::Unusable {
            path: directory,
            reason: fault::words(&error),
        }),
    }
}

fn s3(options: &S3Options) -> Result<Arc<dyn ObjectStore>, OpenError> {
    let plain = is_plain(options.endpoint.as_deref())?;
    let mut builder = AmazonS3Builder::new();
    match (&options.access_key_id, &options.secret_access_key) {
        (Some(id), Some(secret)) => {
            builder = builder
                .with_access_key_id(id)
                .with_secret_access_key(secret.expose_secret());
        }
        (None, None) => {
            let environment = AmazonS3Builder::from_env();
            for key in AWS_IDENTITY {
                if let Some(text) = environment.get_config_value(&key) {
                    builder = builder.with_config(key, text);
                }
            }
        }
        _ => return Err(OpenError::Credentials),
    }
    if let Some(region) = &options.region {
        builder = builder.with_region(region);
    }
    if let Some(endpoint) = s3_endpoint(options) {
        builder = builder.with_endpoint(endpoint);
    }
    let store = builder
        .with_bucket_name(&options.bucket)
        .with_virtual_hosted_style_request(!options.path_style)
        // Not all servers know the deletion of many at once.
        .with_disable_bulk_delete(true)
        .with_client_options(client(&options.remote, plain))
        .with_retry(retry(&options.remote))
        .build();
    Ok(Arc::new(store.map_err(|error| refused(&error))?))
}

/// The endpoint as the library wants it: with the bucket in its host, if that is where the bucket is to be named.
fn s3_endpoint(options: &S3Options) -> Option<String> {
    let endpoint = options.endpoint.as_ref()?;
    if options.path_style {
        return Some(endpoint.clone());
    }
    Some(endpoint.replacen("://", &format!("://{}.", options.bucket), 1))
}

fn gcs(options: &GcsOptions) -> Result<Arc<dyn ObjectStore>, OpenError> {
    let plain = is_plain(options.endpoint.as_deref())?;
    let mut builder = GoogleCloudStorageBuilder::new();
    if let Some(endpoint) = &options.endpoint {
        if plain && !is_loopback(endpoint) {
            return Err(OpenError::Plaintext {
                endpoint: endpoint.clone(),
            });
        }
        builder = builder.with_base_url(endpoint);
    }
    builder = match &options.service_account_file {
        Some(path) => builder.with_service_account_path(path.to_string_lossy()),
        None if plain => builder.with_bearer_token("").with_skip_signature(true),
        None => builder,
    };
    let store = builder
        .with_bucket_name(&options.bucket)
        .with_client_options(client(&options.remote, plain))
        .with_retry(retry(&options.remote))
        .build();
    Ok(Arc::new(store.map_err(|error| refused(&error))?))
}

fn azure(options: &AzureOptions) -> Result<Arc<dyn ObjectStore>, OpenError> {
    let plain = is_plain(options.endpoint.as_deref())?;
    let mut builder = MicrosoftAzureBuilder::new();
    if let Some(key) = &options.access_key {
        builder = builder.with_access_key(key.expose_secret());
    } else {
        if plain && !options.endpoint.as_deref().is_some_and(is_loopback) {
            return Err(OpenError::Plaintext {
                endpoint: options.endpoint.clone().unwrap_or_default(),
            });
        }
        let environment = MicrosoftAzureBuilder::from_env();
        for key in AZURE_IDENTITY {
            if let Some(text) = environment.get_config_value(&key) {
                builder = builder.with_config(key, text);
            }
        }
    }
    if let Some(endpoint) = &options.endpoint {
        builder = builder.with_endpoint(endpoint.clone());
    }
    let store = builder
        .with_account(&options.account)
        .with_container_name(&options.container)
        .with_client_options(client(&options.remote, plain))
        .with_retry(retry(&options.remote))
        .build();
    Ok(Arc::new(store.map_err(|error| refused(&error))?))
}

/// How requests are made. The whole of a call, and each wait for a piece of an object, is bounded by our own clock; the
/// library's would end a download that its reader takes slowly.
fn client(remote: &Remote, plain: bool) -> ClientOptions {
    let tries = u32::try_from(remote.retries)
        .unwrap_or(u32::MAX)
        .saturating_add(1);
    ClientOptions::new()
        .with_allow_http(plain)
        .with_timeout_disabled()
        .with_connect_timeout(remote.timeout / tries)
        // The variables that name a proxy are not ours; a proxy for nobody puts them out of force.
        .with_proxy_url("http://localhost")
        .with_proxy_excludes("*,0.0.0.0/0,::/0")
}

fn retry(remote: &Remote) -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            max_backoff: LONGEST_PAUSE,
            ..BackoffConfig::default()
        },
        max_retries: remote.retries,
        ..RetryConfig::default()
    }
}

/// Whether an endpoint is asked without TLS.
fn is_plain(endpoint: Option<&str>) -> Result<bool, OpenError> {
    let Some(endpoint) = endpoint else {
        return Ok(false);
    };
    let uri: http::Uri = endpoint.parse().map_err(|_| OpenError::Endpoint)?;
    match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(_)) => Ok(false),
        (Some("http"), Some(_)) => Ok(true),
        _ => Err(OpenError::Endpoint),
    }
}

fn is_loopback(endpoint: &str) -> bool {
    let uri: Option<http::Uri> = endpoint.parse().ok();
    uri.as_ref().and_then(http::Uri::host).is_some_and(|host| {
        let host = host.trim_matches(['[', ']']);
        let address = host.parse::<std::net::IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    })
}

fn refused(error: &object_store::Error) -> OpenError {
    OpenError::Client(fault::words(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_named_in_the_path_or_in_the_host() {
        let mut options = S3Options {
            bucket: "pictures".into(),
            region: None,
            endpoint: Some("https://s3.example.com:9000".into()),
            path_style: true,
            access_key_id: None,
            secret_access_key: None,
            remote: Remote::default(),
        };
        let endpoint = s3_endpoint(&options);
        assert_eq!(endpoint.as_deref(), Some("https://s3.example.com:9000"));
        options.path_style = false;
        let endpoint = s3_endpoint(&options);
        assert_eq!(
            endpoint.as_deref(),
            Some("https://pictures.s3.example.com:9000")
        );
    }
}
