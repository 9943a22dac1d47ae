//! The fewest statements that a refresh needs: one that reads what the token is judged by, and one that moves the session
//! on where nobody else has, and leaves the event. Tokens are neither judged nor made.

use accountd::{
    backend::{Clock, Random},
    proto::RefreshRequest,
    sessions::refresh_token::RefreshToken,
};
use bytes::Bytes;
use prost::Message as _;
use sea_orm::sqlx::{self, PgPool, Row as _};
use tonic::Status;

const FIND: &str = "SELECT s.account_id, s.generation, s.seen_generation, s.refreshed_at, s.idle_expires_at, s.expires_at, \
     s.nonce, s.secret_id, a.realm, a.state \
     FROM sessions s JOIN accounts a ON a.id = s.account_id WHERE s.id = $1";
const MOVE: &str = "WITH moved AS (UPDATE sessions SET generation = $2 + 1, seen_generation = $2, refreshed_at = $3, \
     idle_expires_at = $4 WHERE id = $1 AND generation = $2 RETURNING id, account_id) \
     INSERT INTO audit_events (id, at, realm, account_id, session_id, action, outcome, peer_address, request_id) \
     SELECT $5, $3, $6, account_id, id, 'refresh', 'OK', '127.0.0.1', $7 FROM moved";
/// Two weeks, as a session lives without a refresh by default.
const IDLE: i64 = 14 * 24 * 3_600_000;

/// Moves the session of the request's token on, if its generation is live.
pub(super) async fn rotate(pool: &PgPool, request: Bytes) -> Result<(), Status> {
    let request = RefreshRequest::decode(request)
        .map_err(|error| Status::invalid_argument(error.to_string()))?;
    let token = RefreshToken::parse(&request.refresh_token)
        .ok_or_else(|| Status::invalid_argument("no refresh token"))?;
    let moved = attempt(pool, &token)
        .await
        .map_err(|error| Status::internal(error.to_string()))?;
    if moved {
        Ok(())
    } else {
        Err(Status::aborted("somebody else has moved it on"))
    }
}

async fn attempt(pool: &PgPool, token: &RefreshToken) -> Result<bool, sqlx::Error> {
    let now = Clock::System.now();
    let event = Random::System.id(now);
    let mut connection = pool.acquire().await?;
    let session = sqlx::query(FIND)
        .bind(token.session)
        .fetch_one(&mut *connection)
        .await?;
    let generation: i64 = session.try_get("generation")?;
    if generation != i64::from(token.generation) {
        return Ok(false);
    }
    let done = sqlx::query(MOVE)
        .bind(token.session)
        .bind(generation)
        .bind(now.millis())
        .bind(now.millis() + IDLE)
        .bind(event)
        .bind(session.try_get::<String, _>("realm")?)
        .bind(event.to_string())
        .execute(&mut *connection)
        .await?;
    Ok(done.rows_affected() == 1)
}
