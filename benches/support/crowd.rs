//! A crowd: people with a session each, made in bulk from one who has really signed up.

use accountd::{keys::Keys, sessions::refresh_token};
use aws_lc_rs::digest::{SHA256, digest};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, Statement};
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use super::server::Accountd;

/// The copies get the ids of people who came one by one, a second after each other: by number, and so that an account, a
/// session and an event do not share theirs. The nonce of a session is the digest of its number.
const COPY: [&str; 3] = [
    "INSERT INTO accounts (id, realm, username, username_canonical, email, email_canonical, email_verified, locale, \
     role, state, password_hash, credentials_version, version, created_at, updated_at) \
     SELECT crowd_id(n, 1), realm, crowd_name(n), crowd_name(n), crowd_name(n) || '@example.com', \
     crowd_name(n) || '@example.com', email_verified, locale, role, state, password_hash, credentials_version, version, \
     created_at, updated_at \
     FROM accounts, generate_series(1, $1) AS n WHERE username = $2",
    "INSERT INTO sessions (id, account_id, created_at, refreshed_at, idle_expires_at, expires_at, generation, \
     seen_generation, nonce, secret_id, peer_address, user_agent) \
     SELECT crowd_id(n, 2), crowd_id(n, 1), created_at, refreshed_at, idle_expires_at, expires_at, generation, \
     seen_generation, sha256(int8send(n)), secret_id, peer_address, user_agent \
     FROM (SELECT s.* FROM sessions s JOIN accounts a ON a.id = account_id WHERE username = $2 \
     ORDER BY s.id DESC LIMIT 1) s, generate_series(1, $1) AS n",
    "INSERT INTO audit_events (id, at, realm, account_id, session_id, action, outcome, peer_address, request_id) \
     SELECT crowd_id(n, 2 + e.number), at, e.realm, crowd_id(n, 1), \
     CASE WHEN session_id IS NULL THEN NULL ELSE crowd_id(n, 2) END, action, outcome, peer_address, request_id \
     FROM (SELECT *, row_number() OVER (ORDER BY id) AS number FROM audit_events) e \
     JOIN accounts a ON a.id = account_id, generate_series(1, $1) AS n WHERE username = $2",
];
/// UUIDs of version 7; and names of letters alone, since digits look like letters to whoever compares names.
const HELP: &str = "CREATE FUNCTION crowd_id(n bigint, kind bigint) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN \
     (lpad(to_hex(1700000000000 + 1000 * n), 12, '0') || '7000800' || kind || lpad(to_hex(n), 12, '0'))::uuid; \
     CREATE FUNCTION crowd_name(n bigint) RETURNS text LANGUAGE sql IMMUTABLE RETURN \
     'crew' || translate(n::text, '0123456789', 'abcdefghjk')";
const BEGAN: u128 = 1_700_000_000_000;
const SESSION: u128 = 2;

/// The people numbered from 1 on.
pub(crate) struct Crowd {
    pub(crate) keys: Keys,
    secret_id: String,
}

impl Crowd {
    /// Makes it of copies of the person with that user name, of all that a sign-up leaves.
    pub(crate) async fn gather(
        server: &Accountd,
        db: &DatabaseConnection,
        username: &str,
        size: u64,
    ) -> Self {
        db.execute_unprepared(HELP).await.unwrap();
        for text in COPY {
            let values = [i64::try_from(size).unwrap().into(), username.into()];
            let copy = Statement::from_sql_and_values(DbBackend::Postgres, text, values);
            db.execute_raw(copy).await.unwrap();
        }
        db.execute_unprepared("VACUUM ANALYZE").await.unwrap();
        let keys = server.keys();
        let secret_id = keys.secret_id();
        Self { keys, secret_id }
    }

    /// The refresh token of a session after so many refreshes.
    pub(crate) fn refresh_token(&self, number: u64, generation: u32) -> String {
        let nonce = digest(&SHA256, &number.to_be_bytes());
        let nonce = refresh_token::nonce(nonce.as_ref()).unwrap();
        let session = id(number, SESSION);
        let token = refresh_token::issue(&self.keys, &self.secret_id, session, generation, nonce);
        token.unwrap().expose_secret().to_owned()
    }
}

/// The id of what belongs to the person with that number: 1 stands for the account and 2 for the session.
pub(crate) fn id(number: u64, kind: u128) -> Uuid {
    let number = u128::from(number);
    let time = BEGAN + 1000 * number;
    Uuid::from_u128(time << 80 | 0x7000_8000 << 48 | kind << 48 | number)
}
