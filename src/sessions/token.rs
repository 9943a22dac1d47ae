//! Access tokens: JWTs in the profile of RFC 9068, signed with a key of ours and checked to the letter.

mod verified;

use std::{sync::Arc, time::Duration};

use aws_lc_rs::error::Unspecified;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::crypto::aws_lc;
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned, de::Error as _};
use uuid::Uuid;

use crate::{
    backend::Timestamp,
    keys::{Id, Keys, SigningKey},
};

pub use verified::Verified;

/// `client_id` of tokens that were not opened for a registered client: of all, since logins are first-party.
pub const CLIENT_ID: &str = "accountd";

/// `typ` of an access token, so that no other JWT of ours can be taken for one.
const TYPE: &str = "at+jwt";

/// Bytes of the longest token that is looked at. Ours are under 700.
const LONGEST: usize = 4096;

/// Seconds that the clock of the node that signed may run ahead of this one's.
///
/// It only spares a fresh token from refusal; the end of a token has no leeway, since a revocation mark outlives a token
/// by that end.
pub const CLOCK_SKEW: i64 = 60;

/// What an access token says. Times are whole seconds since 1970-01-01 UTC.
///
/// A member that is not listed here may narrow what the token allows (`nbf`, `cnf`, `scope`), so that a reader who does
/// not know it refuses the token. A new claim is therefore read one release before it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// Who issued it.
    pub iss: String,
    /// Whom it is for.
    pub aud: String,
    /// The account.
    #[serde(deserialize_with = "canonical")]
    pub sub: Uuid,
    /// The session.
    #[serde(deserialize_with = "canonical")]
    pub sid: Uuid,
    /// The realm of the account.
    pub realm: String,
    /// This token.
    #[serde(deserialize_with = "canonical")]
    pub jti: Uuid,
    /// When it was issued.
    pub iat: i64,
    /// When it ends: from this second on it is refused.
    pub exp: i64,
    /// The client it was issued to, [`CLIENT_ID`].
    pub client_id: String,
    /// The generation of the session's refresh token that it was issued beside.
    #[serde(rename = "gen")]
    pub generation: u32,
}

/// What a token must say to be ours.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The one `iss`.
    pub issuer: String,
    /// The one `aud`.
    pub audience: String,
    /// The longest time from `iat` to `exp` that policy ever grants, in whole seconds.
    pub max_lifetime: Duration,
}

/// Why a token is refused, and no more than its bearer may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// It is not a token of ours.
    #[error("the access token is not valid")]
    Invalid,
    /// It was one, until now.
    #[error("the access token has expired")]
    Expired,
}

/// Members that name a key or an address (`jwk`, `jku`, `x5u`, `x5c`) or demand more of us (`crit`) are unknown ones.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: String,
    typ: String,
}

/// Makes aws-lc the cryptography under `jsonwebtoken`. `main` calls it first, before any token is signed or verified.
///
/// Without it the first use panics as soon as some dependency enables a second backend of that crate.
pub fn init() {
    // Whoever called before has installed the same.
    let _ = aws_lc::DEFAULT_PROVIDER.install_default();
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// Claims that cannot be written.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The cryptographic library.
    #[error("the key does not sign")]
    Key(#[from] Unspecified),
}

/// The token that says `claims`, signed with the current key. Fails only when the cryptographic library does.
pub fn sign(keys: &Keys, claims: &Claims) -> Result<String, SignError> {
    let key = keys.signing();
    let header = Header {
        alg: key.algorithm().name().to_owned(),
        kid: key.id().to_string(),
        typ: TYPE.to_owned(),
    };
    let message = format!("{}.{}", encode(&header)?, encode(claims)?);
    let signature = key.sign(message.as_bytes())?;
    Ok(format!("{message}.{signature}"))
}

/// The session that a token of ours was issued for, whether it is over or revoked by now: no permission, only a name.
pub fn session(keys: &Keys, token: &str) -> Option<Uuid> {
    authentic(keys, token).map(|(claims, _)| claims.sid)
}

/// Looks for new keys if that is why a token may look strange: it names one that is not known here, as those of another node
/// do that was the first to see it. Whether that was worth another try at the token.
pub async fn meet(keys: &Keys, token: &str) -> bool {
    let Some(kid) = unknown_key(keys, token) else {
        return false;
    };
    keys.learn(&kid).await;
    keys.verifying(&kid).is_some()
}

/// The key that a token names, if it can be one of ours and is not known. A look into the directory is not for everything.
fn unknown_key(keys: &Keys, token: &str) -> Option<String> {
    if token.len() > LONGEST {
        return None;
    }
    let (header, _) = token.split_once('.')?;
    let header: Header = decode(header)?;
    let kid = Id::parse(&header.kid)?;
    let is_ours = header.typ == TYPE && keys.verifying(kid.as_str()).is_none();
    is_ours.then_some(header.kid)
}

impl Expected {
    fn judge(&self, claims: &Claims, now: Timestamp) -> Result<(), TokenFault> {
        if !self.is_met_by(claims, now) {
            return Err(TokenFault::Invalid);
        }
        if claims.exp <= now.seconds() {
            return Err(TokenFault::Expired);
        }
        Ok(())
    }

    /// Whether it is ours and for us, over or not.
    fn is_met_by(&self, claims: &Claims, now: Timestamp) -> bool {
        let longest = i64::try_from(self.max_lifetime.as_secs()).unwrap_or(i64::MAX);
        let lifetime = claims.exp.checked_sub(claims.iat);
        claims.iss == self.issuer
            && claims.aud == self.audience
            && claims.iat >= 0
            && claims.iat <= now.seconds().saturating_add(CLOCK_SKEW)
            && lifetime.is_some_and(|lifetime| (1..=longest).contains(&lifetime))
    }
}

/// The claims of a token, and the one of our keys that signed it.
fn authentic(keys: &Keys, token: &str) -> Option<(Claims, Arc<SigningKey>)> {
    if token.len() > LONGEST {
        return None;
    }
    let (message, signature) = token.rsplit_once('.')?;
    let (header, claims) = message.split_once('.')?;
    let header: Header = decode(header)?;
    let key = keys.verifying(&header.kid)?;
    // The key decides how it is used; the header only has to agree.
    let agreed = header.typ == TYPE && header.alg == key.algorithm().name();
    if agreed && key.is_signed(message.as_bytes(), signature) {
        Some((decode(claims)?, key))
    } else {
        None
    }
}

fn encode(part: &impl Serialize) -> serde_json::Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(part)?))
}

/// Reads a part that is canonical base64url of a JSON object; serde refuses duplicate members and other types itself.
fn decode<T: DeserializeOwned>(part: &str) -> Option<T> {
    let json = URL_SAFE_NO_PAD.decode(part).ok()?;
    // An array of the right values would do for serde.
    if json.first() != Some(&b'{') {
        return None;
    }
    serde_json::from_slice(&json).ok()
}

/// A UUID in lower case with hyphens: equal ids are equal texts, wherever a token is read.
fn canonical<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Uuid, D::Error> {
    let text = String::deserialize(deserializer)?;
    let id = Uuid::try_parse(&text).map_err(D::Error::custom)?;
    if *id.as_hyphenated().encode_lower(&mut Uuid::encode_buffer()) == *text {
        Ok(id)
    } else {
        Err(D::Error::custom("not in canonical form"))
    }
}
