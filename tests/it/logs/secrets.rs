//! LC-01, LC-02: marked passwords, codes and tokens are in no log, at no level, in no metric, in no span and in no store.

use std::{collections::BTreeSet, fs, time::Duration};

use accountd::proto::{
    self, OtpPurpose, Tokens, account_service_client::AccountServiceClient,
    login_request::Identifier, verify_otp_request::Subject,
};
use tonic::{Request, transport::Channel};

use crate::support::{
    binary::root, collector::Collector, postgres, redis, request_id::request_id, served::Served,
    wire,
};

const FIRST: &str = "marked-Kq7vZx-the first password";
const SECOND: &str = "marked-Wm3pTy-the second password";
const THIRD: &str = "marked-Hd9sLb-the third password";
const WRONG: &str = "marked-Rf2nQc-a wrong password";
const FORGED: &str = "marked-Jx5gVk-a.forged.token";
const EMAIL: &str = "ada@example.com";
const NEXT_EMAIL: &str = "ada@example.org";

/// A life, and the secrets that it was lived with.
struct Life<'a> {
    binary: &'a Served,
    rpc: AccountServiceClient<Channel>,
    codes: Vec<String>,
    tokens: Vec<String>,
}

fn with<T>(message: T, token: &str) -> Request<T> {
    let mut request = Request::new(message);
    *request.metadata_mut() = wire::bearer(Some(token));
    request
}

impl Life<'_> {
    /// The newest code out of so many to the address.
    async fn code(&mut self, address: &str, count: usize) -> String {
        let code = self.binary.code_for(address, count).await;
        self.codes.push(code.clone());
        code
    }

    fn keep(&mut self, tokens: Option<Tokens>) -> Tokens {
        let tokens = tokens.unwrap();
        self.tokens.push(tokens.access_token.clone());
        if !tokens.refresh_token.is_empty() {
            self.tokens.push(tokens.refresh_token.clone());
        }
        tokens
    }

    async fn login(&mut self, password: &str) -> Result<Tokens, tonic::Status> {
        let message = proto::LoginRequest {
            identifier: Some(Identifier::Username(String::from("ada"))),
            password: password.to_owned(),
            request_id: request_id(self.tokens.len() as u128 + 1),
            ..proto::LoginRequest::default()
        };
        let answer = self.rpc.login(message).await?.into_inner();
        Ok(self.keep(answer.tokens))
    }

    async fn verify(&mut self, purpose: OtpPurpose, code: &str) -> proto::VerifyOtpResponse {
        let message = proto::VerifyOtpRequest {
            subject: Some(Subject::Username(String::from("ada"))),
            purpose: purpose.into(),
            code: code.to_owned(),
            ..proto::VerifyOtpRequest::default()
        };
        self.rpc.verify_otp(message).await.unwrap().into_inner()
    }

    async fn live(&mut self) {
        let tokens = self.begin().await;
        self.rpc
            .get_current(with(proto::GetCurrentRequest {}, FORGED))
            .await
            .unwrap_err();
        self.login(WRONG).await.unwrap_err();
        let tokens = self.change(tokens).await;
        self.end(tokens).await;
    }

    async fn begin(&mut self) -> Tokens {
        let message = proto::RegisterRequest {
            username: String::from("ada"),
            email: EMAIL.to_owned(),
            password: FIRST.to_owned(),
            request_id: request_id(99),
            ..proto::RegisterRequest::default()
        };
        let answer = self.rpc.register(message).await.unwrap().into_inner();
        let code = self.code(EMAIL, 1).await;
        let message = proto::VerifyOtpRequest {
            subject: Some(Subject::AccountId(answer.account.unwrap().id)),
            code,
            ..proto::VerifyOtpRequest::default()
        };
        let answer = self.rpc.verify_otp(message).await.unwrap().into_inner();
        self.keep(answer.tokens)
    }

    async fn change(&mut self, tokens: Tokens) -> Tokens {
        let message = proto::RefreshRequest {
            refresh_token: tokens.refresh_token.clone(),
            ..proto::RefreshRequest::default()
        };
        let answer = self.rpc.refresh(message).await.unwrap().into_inner();
        let tokens = self.keep(answer.tokens);
        let message = proto::UpdateRequest {
            password: SECOND.to_owned(),
            current_password: FIRST.to_owned(),
            ..proto::UpdateRequest::default()
        };
        let answer = self
            .rpc
            .update(with(message, &tokens.access_token))
            .await
            .unwrap();
        let tokens = self.keep(answer.into_inner().tokens);
        let message = proto::UpdateRequest {
            email: NEXT_EMAIL.to_owned(),
            current_password: SECOND.to_owned(),
            ..proto::UpdateRequest::default()
        };
        self.rpc
            .update(with(message, &tokens.access_token))
            .await
            .unwrap();
        let code = self.code(NEXT_EMAIL, 1).await;
        self.verify(OtpPurpose::ChangeEmail, &code).await;
        tokens
    }

    async fn end(&mut self, tokens: Tokens) {
        self.rpc
            .logout(with(proto::LogoutRequest::default(), &tokens.access_token))
            .await
            .unwrap();
        let message = proto::RequestOtpRequest {
            email: NEXT_EMAIL.to_owned(),
            purpose: OtpPurpose::ResetPassword.into(),
            ..proto::RequestOtpRequest::default()
        };
        self.rpc.request_otp(message).await.unwrap();
        let message = proto::ResetPasswordRequest {
            email: NEXT_EMAIL.to_owned(),
            code: self.code(NEXT_EMAIL, 2).await,
            new_password: THIRD.to_owned(),
            ..proto::ResetPasswordRequest::default()
        };
        self.rpc.reset_password(message).await.unwrap();
        let tokens = self.login(THIRD).await.unwrap();
        let message = proto::DeleteRequest {
            current_password: THIRD.to_owned(),
            ..proto::DeleteRequest::default()
        };
        self.rpc
            .delete(with(message, &tokens.access_token))
            .await
            .unwrap();
    }

    /// Everything that must be nowhere: the passwords, the codes, the tokens, and the parts that make them secret.
    fn secrets(&self) -> Vec<String> {
        let mut secrets: Vec<String> = [FIRST, SECOND, THIRD, WRONG, FORGED]
            .iter()
            .map(|marked| marked[..13].to_owned())
            .collect();
        secrets.extend(self.codes.clone());
        for token in &self.tokens {
            let secret = token.rsplit('.').next().unwrap();
            secrets.push(secret[secret.len() - 24..].to_owned());
        }
        secrets
    }
}

/// Codes of ten digits, since six stand in many a number by chance.
const ALWAYS: [(&str, &str); 3] = [
    ("ACCOUNTD_LOG__LEVEL", "trace"),
    ("ACCOUNTD_REALMS__DEFAULT__CODE_DIGITS", "10"),
    ("ACCOUNTD_METRICS__LISTEN", "127.0.0.1:0"),
];

async fn lived(binary: &Served) -> Vec<String> {
    let mut life = Life {
        binary,
        rpc: binary.client().await,
        codes: Vec::new(),
        tokens: Vec::new(),
    };
    life.live().await;
    assert_eq!((life.codes.len(), life.tokens.len() > 6), (3, true));
    life.secrets()
}

#[track_caller]
fn assert_absent(place: &str, bytes: &[u8], secrets: &[String]) {
    for secret in secrets {
        let found = bytes
            .windows(secret.len())
            .position(|part| part == secret.as_bytes());
        let around = found.map(|at| {
            let part = &bytes[at.saturating_sub(200)..bytes.len().min(at + 60)];
            String::from_utf8_lossy(part).into_owned()
        });
        assert_eq!(around, None, "{secret} is in {place}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lc_02_no_secret_is_logged_or_stored_at_the_finest_level() {
    let binary = Served::start(&ALWAYS).await;
    let secrets = lived(&binary).await;
    let log = binary.log();
    assert!(log.contains("TRACE"), "the level is as fine as it gets");
    assert_absent("the log", log.as_bytes(), &secrets);
    let page = binary.page().await;
    let names: Vec<String> = page.values.into_keys().collect();
    let names = names.join("\n");
    assert!(names.contains("rpc_server_call_duration_seconds"));
    let mut secrets_and_names = secrets.clone();
    secrets_and_names.extend([EMAIL, NEXT_EMAIL, "\"ada\"", "127.0.0.1"].map(str::to_owned));
    assert_absent("a metric", names.as_bytes(), &secrets_and_names);
    let mut stores = 0;
    for entry in fs::read_dir(binary.data()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            assert_absent(
                &path.display().to_string(),
                &fs::read(&path).unwrap(),
                &secrets,
            );
            stores += 1;
        }
    }
    assert!(stores > 0, "the database is among them");
    let passwords_and_tokens = [&secrets[..5], &secrets[8..]].concat();
    for mail in binary.mails() {
        assert_absent("a mail", mail.as_bytes(), &passwords_and_tokens);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lc_02_no_secret_is_logged_by_the_clients_of_postgres_and_redis() {
    let (sql, kv) = (postgres::database().await, redis::shared_url().await);
    let mut variables = ALWAYS.to_vec();
    variables.extend([
        ("ACCOUNTD_STORE__URL", sql.as_str()),
        ("ACCOUNTD_STORE__MIGRATE", "always"),
        ("ACCOUNTD_KV__KIND", "redis"),
        ("ACCOUNTD_KV__URLS", kv.as_str()),
        ("ACCOUNTD_KV__PREFIX", "secrets"),
        ("ACCOUNTD_LOG__FORMAT", "json"),
    ]);
    let binary = Served::start(&variables).await;
    let secrets = lived(&binary).await;
    assert_absent("the log", binary.log().as_bytes(), &secrets);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lc_01_no_secret_in_an_exported_span() {
    let (collector, redis) = (Collector::start().await, redis::Server::start().await);
    let (endpoint, kv) = (collector.url(), redis.url());
    let mut variables = ALWAYS.to_vec();
    variables.extend([
        ("ACCOUNTD_TRACES__ENDPOINT", endpoint.as_str()),
        ("ACCOUNTD_KV__KIND", "redis"),
        ("ACCOUNTD_KV__URLS", kv.as_str()),
        ("ACCOUNTD_KV__TIMEOUT", "5s"),
    ]);
    let mut binary = Served::start(&variables).await;
    let mut secrets = lived(&binary).await;
    let rest = binary.rest("contact");
    let body = format!(r#"{{"email": "{EMAIL}", "password": "{WRONG}"}}"#);
    let answer = rest.send("POST /api/users/login", &body).await;
    assert_eq!(answer.status, 401);
    // Codes and addresses stand in paths.
    rest.ask(&format!("GET /api/users/otp/{}/{EMAIL}", secrets[5]))
        .await;
    let answer = rest
        .with(&format!("Bearer {FORGED}"))
        .ask("GET /api/users")
        .await;
    assert_eq!(answer.status, 401);
    binary.signal("TERM");
    assert!(binary.ended(Duration::from_mins(2)).await.success());

    let page = fs::read_to_string(root().join("docs/traces.md")).unwrap();
    for span in collector.seen() {
        for name in span.attributes.keys() {
            assert!(page.contains(&format!("`{name}`")), "{name} of {span:?}");
        }
    }
    let names: BTreeSet<String> = collector.seen().into_iter().map(|span| span.name).collect();
    for name in [
        "accountd.v1.AccountService/ResetPassword",
        "POST /api/users/login",
        "GET /api/users",
        "hash run",
        "sql transaction",
        "redis guess_code",
        "mail send",
    ] {
        assert!(names.contains(name), "{name} in {names:?}");
    }
    let people = [EMAIL, NEXT_EMAIL, "example.com", "127.0.0.1"];
    secrets.extend(people.map(str::to_owned));
    let bytes = collector.bytes();
    assert_absent("a span", &bytes, &secrets);
    // Accounts and sessions have ids of one form, and so has the service alone.
    let text = String::from_utf8_lossy(&bytes);
    let words = text.split(|letter: char| !letter.is_ascii_hexdigit() && letter != '-');
    let ids: BTreeSet<&str> = words
        .filter(|word| word.len() == 36 && uuid::Uuid::try_parse(word).is_ok())
        .collect();
    let own = collector.resource()["service.instance.id"].clone();
    assert_eq!(ids, BTreeSet::from([own.as_str()]));
}
