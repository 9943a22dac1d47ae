//! An operator who brings accounts in.

use std::{
    fs,
    ops::Range,
    time::{Duration, Instant},
};

use accountd::proto::{
    AccountRow, GetAccountRequest, ImportAccountsRequest, LoginRequest,
    account_service_client::AccountServiceClient,
    admin_service_client::AdminServiceClient,
    get_account_request::Name,
    import_accounts_request::{Header, Part},
    login_request::Identifier,
};
use tonic::{
    Request,
    metadata::MetadataValue,
    transport::{Channel, Endpoint},
};

use crate::{PASSWORD, support::server::Accountd};

pub(crate) struct Client {
    rpc: AdminServiceClient<Channel>,
    token: String,
}

impl Client {
    /// The first operator of a server, by the token that it has left.
    pub(crate) async fn of(server: &mut Accountd) -> Self {
        let address = loop {
            let line = server.process.line();
            assert!(!line.is_empty(), "operators are not served");
            if let Some(rest) = line.trim_start().strip_prefix("operators on ") {
                break rest.split(',').next().unwrap().to_owned();
            }
        };
        let token = fs::read_to_string(server.data().join("admin.token")).unwrap();
        let channel = Endpoint::from_shared(format!("http://{address}")).unwrap();
        Self {
            rpc: AdminServiceClient::new(channel.connect().await.unwrap()),
            token: format!("Bearer {}", token.trim()),
        }
    }

    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let token = MetadataValue::try_from(self.token.as_str()).unwrap();
        request.metadata_mut().insert("authorization", token);
        request
    }

    /// Brings accounts in, and tells how long that took, each answer included.
    pub(crate) async fn import(&mut self, numbers: Range<usize>, hash: &str) -> Duration {
        let wanted = numbers.len();
        let hash = hash.to_owned();
        let rows = numbers.map(move |number| Part::Row(row(number, &hash)));
        let parts = std::iter::once(Part::Header(Header::default())).chain(rows);
        let parts = parts.map(|part| ImportAccountsRequest { part: Some(part) });
        let request = self.request(tokio_stream::iter(parts));
        let began = Instant::now();
        let mut answers = self
            .rpc
            .import_accounts(request)
            .await
            .unwrap()
            .into_inner();
        let mut taken = 0;
        while let Some(answer) = answers.message().await.unwrap() {
            assert_eq!(answer.error, None, "row {}", answer.index);
            taken += 1;
        }
        assert_eq!(taken, wanted);
        began.elapsed()
    }

    /// Logs one of them in. Tells how the password was hashed before and after.
    pub(crate) async fn log_in(&mut self, server: &Accountd, number: usize) -> (String, String) {
        let before = self.scheme(number).await;
        let login = LoginRequest {
            identifier: Some(Identifier::Username(format!("user{number}"))),
            password: PASSWORD.to_owned(),
            ..LoginRequest::default()
        };
        let channel = server.process.endpoint().connect().await.unwrap();
        AccountServiceClient::new(channel)
            .login(login)
            .await
            .unwrap();
        (before, self.scheme(number).await)
    }

    async fn scheme(&mut self, number: usize) -> String {
        let name = Some(Name::Username(format!("user{number}")));
        let request = self.request(GetAccountRequest {
            name,
            ..GetAccountRequest::default()
        });
        let answer = self.rpc.get_account(request).await.unwrap().into_inner();
        answer.record.unwrap().password_scheme
    }
}

fn row(number: usize, hash: &str) -> AccountRow {
    AccountRow {
        username: format!("user{number}"),
        email: format!("user{number}@example.com"),
        email_verified: true,
        full_name: format!("Person {number}"),
        password_hash: hash.to_owned(),
        ..AccountRow::default()
    }
}
