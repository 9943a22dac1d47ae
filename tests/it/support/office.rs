//! Where operators are served, and operators with their tokens.

use std::{path::PathBuf, sync::Arc, time::Duration};

use accountd::{
    app::App,
    backend::{Random, Timestamp},
    config, grpc,
    operators::{self, Entry, Operators, Proof, Scope, Token},
    proto::admin_service_client::AdminServiceClient,
};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::{
    Request,
    metadata::MetadataValue,
    transport::{Channel, Endpoint},
};

use super::service::Node;

/// The listener of operators of a node, with a file of its own.
pub struct Office {
    pub file: PathBuf,
    channel: Channel,
    stop: CancellationToken,
    _directory: TempDir,
}

/// An operator with a generated client.
#[derive(Clone)]
pub struct Operator {
    pub rpc: AdminServiceClient<Channel>,
    pub token: Option<String>,
}

/// How an operator is made.
#[derive(Clone, Copy, Default)]
pub struct Rights<'a> {
    pub scopes: &'a [Scope],
    pub realms: Option<&'a [&'a str]>,
    pub expires: Option<Timestamp>,
}

impl Office {
    /// Opens one for a node, without operators.
    pub async fn open(node: &Node) -> Self {
        Self::of(&node.app, &node.ground.settings.grpc).await
    }

    async fn of(app: &Arc<App>, settings: &config::Grpc) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("operators.toml");
        std::fs::write(&file, "").unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (_, health) = tonic_health::server::health_reporter();
        let operators = Operators::of(file.clone());
        let hour = Duration::from_hours(1);
        let edge = grpc::admin_routes(app, settings, operators, hour, health);
        let stop = CancellationToken::new();
        let until = stop.clone().cancelled_owned();
        let settings = settings.clone();
        tokio::spawn(async move {
            let tls = (&settings).into();
            grpc::serve(listener, edge, &settings, tls, hour, &Random::System, until)
                .await
                .unwrap();
        });
        let channel = Endpoint::from_shared(format!("http://{address}")).unwrap();
        Self {
            file,
            channel: channel.connect().await.unwrap(),
            stop,
            _directory: directory,
        }
    }

    /// Makes an operator of that name.
    pub fn hire(&self, name: &str, rights: Rights<'_>) -> Operator {
        let token = Token::new(&Random::System);
        let realms = rights
            .realms
            .map(|realms| realms.iter().map(|&realm| realm.to_owned()).collect());
        let entry = Entry {
            name: name.to_owned(),
            scopes: rights.scopes.iter().copied().collect(),
            realms,
            expires: rights.expires,
            proof: Proof::Token(token.sha256()),
        };
        operators::add(&self.file, &entry).unwrap();
        self.with(Some(token.secret()))
    }

    /// An operator who may do all.
    pub fn chief(&self) -> Operator {
        let scopes = &Scope::ALL;
        self.hire(
            "chief",
            Rights {
                scopes,
                ..Rights::default()
            },
        )
    }

    /// The socket's channel.
    pub const fn channel(&self) -> &Channel {
        &self.channel
    }

    /// Who shows that token, or none.
    pub fn with(&self, token: Option<&str>) -> Operator {
        Operator {
            rpc: AdminServiceClient::new(self.channel.clone()),
            token: token.map(str::to_owned),
        }
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Operator {
    /// The message with the token of the operator.
    pub fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(token) = &self.token {
            let line = MetadataValue::try_from(format!("Bearer {token}")).unwrap();
            request.metadata_mut().insert("authorization", line);
        }
        request
    }
}

/// Calls of an operator by their names: the answer without its envelope.
macro_rules! calls {
    ($($call:ident($request:ident) -> $answer:ident;)+) => {
        impl Operator {
            $(pub async fn $call(
                &self,
                message: accountd::proto::$request,
            ) -> Result<accountd::proto::$answer, tonic::Status> {
                let request = self.request(message);
                Ok(self.rpc.clone().$call(request).await?.into_inner())
            })+
        }
    };
}

calls! {
    get_account(GetAccountRequest) -> GetAccountResponse;
    list_accounts(ListAccountsRequest) -> ListAccountsResponse;
    set_account_state(SetAccountStateRequest) -> SetAccountStateResponse;
    set_role(SetRoleRequest) -> SetRoleResponse;
    set_attributes(SetAttributesRequest) -> SetAttributesResponse;
    revoke_sessions(RevokeSessionsRequest) -> RevokeSessionsResponse;
    require_password_change(RequirePasswordChangeRequest) -> RequirePasswordChangeResponse;
    list_audit_events(ListAuditEventsRequest) -> ListAuditEventsResponse;
    get_limits(GetLimitsRequest) -> GetLimitsResponse;
    reset_limit(ResetLimitRequest) -> ResetLimitResponse;
}

/// Streams of an operator.
impl Operator {
    /// Sends a header and rows, and waits for what comes of each.
    pub async fn import(
        &self,
        header: accountd::proto::import_accounts_request::Header,
        rows: Vec<accountd::proto::AccountRow>,
    ) -> Result<Vec<accountd::proto::ImportAccountsResponse>, tonic::Status> {
        use accountd::proto::{ImportAccountsRequest, import_accounts_request::Part};
        let parts = std::iter::once(Part::Header(header)).chain(rows.into_iter().map(Part::Row));
        let parts: Vec<_> = parts
            .map(|part| ImportAccountsRequest { part: Some(part) })
            .collect();
        let request = self.request(tokio_stream::iter(parts));
        let mut answers = self
            .rpc
            .clone()
            .import_accounts(request)
            .await?
            .into_inner();
        let mut found = Vec::new();
        while let Some(answer) = answers.message().await? {
            found.push(answer);
        }
        Ok(found)
    }

    /// Reads all rows of an export.
    pub async fn export(
        &self,
        message: accountd::proto::ExportAccountsRequest,
    ) -> Result<Vec<accountd::proto::AccountRow>, tonic::Status> {
        let request = self.request(message);
        let mut rows = self
            .rpc
            .clone()
            .export_accounts(request)
            .await?
            .into_inner();
        let mut found = Vec::new();
        while let Some(row) = rows.message().await? {
            assert_eq!(row.index, i64::try_from(found.len()).unwrap());
            found.push(row.row.unwrap());
        }
        Ok(found)
    }
}
