//! A key directory whose private key the test holds, so that a token can be wrong in one point and signed all the same.

use std::{fs, time::Duration};

use accountd::{
    keys::{Algorithm, Keys},
    sessions::token::{CLIENT_ID, Claims, Expected, TokenFault, Verified, sign},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{EncodingKey, crypto};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::key_directory::{KeyDirectory, START};

pub(super) const ALGORITHMS: [Algorithm; 2] = [Algorithm::EdDsa, Algorithm::Es256];
pub(super) const LIFETIME: i64 = 900;

pub(super) struct Mint {
    pub(super) directory: KeyDirectory,
    pub(super) keys: Keys,
    pub(super) expected: Expected,
    pub(super) pem: Vec<u8>,
    verified: Verified,
    algorithm: Algorithm,
}

impl Mint {
    pub(super) fn new(algorithm: Algorithm) -> Self {
        Self::of(KeyDirectory::new(algorithm))
    }

    pub(super) fn of(directory: KeyDirectory) -> Self {
        accountd::sessions::token::init();
        Self {
            keys: directory.load(),
            expected: Expected {
                issuer: "https://accounts.example".into(),
                audience: "https://api.example".into(),
                max_lifetime: Duration::from_mins(15),
            },
            pem: fs::read(directory.signing_file()).unwrap(),
            verified: Verified::default(),
            algorithm: directory.rotation.algorithm,
            directory,
        }
    }

    pub(super) fn now(&self) -> i64 {
        self.directory.clock.now().seconds()
    }

    pub(super) fn claims(&self) -> Claims {
        let id = || self.directory.random.id(START);
        Claims {
            iss: self.expected.issuer.clone(),
            aud: self.expected.audience.clone(),
            sub: id(),
            sid: id(),
            realm: "default".into(),
            jti: id(),
            iat: self.now(),
            exp: self.now() + LIFETIME,
            client_id: CLIENT_ID.into(),
            generation: 3,
        }
    }

    pub(super) fn token(&self) -> String {
        sign(&self.keys, &self.claims()).unwrap()
    }

    pub(super) fn verify(&self, token: &str) -> Result<Claims, TokenFault> {
        let verify = |verified: &Verified| {
            let now = self.directory.clock.now();
            let claims = verified.claims(&self.keys, token, &self.expected, now);
            claims.map(|claims| Claims::clone(&claims))
        };
        let said = verify(&Verified::default());
        // What is remembered of it changes nothing.
        for _ in 0..2 {
            assert_eq!(verify(&self.verified), said);
        }
        said
    }

    #[track_caller]
    pub(super) fn refuses(&self, token: &str) {
        assert_eq!(self.verify(token), Err(TokenFault::Invalid), "{token}");
    }

    pub(super) fn header(&self) -> Value {
        json!({
            "alg": self.algorithm.name(),
            "kid": self.keys.signing().id().as_str(),
            "typ": "at+jwt",
        })
    }

    /// A token of these parts with a genuine signature.
    pub(super) fn forge(&self, header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
        let message = message(header, claims);
        let key = match self.algorithm {
            Algorithm::EdDsa => EncodingKey::from_ed_pem(&self.pem),
            Algorithm::Es256 => EncodingKey::from_ec_pem(&self.pem),
        };
        let signature = crypto::sign(message.as_bytes(), &key.unwrap(), self.algorithm.into());
        format!("{message}.{}", signature.unwrap())
    }

    /// A genuine token but for one member of its header.
    pub(super) fn with_header(&self, member: &str, value: Value) -> String {
        let mut header = self.header();
        header[member] = value;
        self.forge(header.to_string(), self.claims_text())
    }

    /// A genuine token but for one claim.
    pub(super) fn with_claim(&self, member: &str, value: Value) -> String {
        let mut claims = serde_json::to_value(self.claims()).unwrap();
        claims[member] = value;
        self.forge(self.header().to_string(), claims.to_string())
    }

    pub(super) fn claims_text(&self) -> String {
        serde_json::to_string(&self.claims()).unwrap()
    }
}

pub(super) fn message(header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
    let encode = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
    format!("{}.{}", encode(header.as_ref()), encode(claims.as_ref()))
}

#[test]
fn a_token_says_what_was_signed() {
    for algorithm in ALGORITHMS {
        let mint = Mint::new(algorithm);
        let claims = mint.claims();
        let token = sign(&mint.keys, &claims).unwrap();
        assert!(token.len() < 700, "{}", token.len());
        assert_eq!(mint.verify(&token), Ok(claims));

        let header = token.split('.').next().unwrap();
        let header: Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
        assert_eq!(header, mint.header());
    }
}

#[test]
fn the_forger_of_these_tests_can_make_a_genuine_token() {
    for algorithm in ALGORITHMS {
        let mint = Mint::new(algorithm);
        let token = mint.forge(mint.header().to_string(), mint.claims_text());
        mint.verify(&token).unwrap();
        mint.verify(&mint.with_claim("sub", json!(Uuid::from_u128(1))))
            .unwrap();
    }
}

#[test]
fn a_token_for_someone_else_is_refused() {
    let mint = Mint::new(Algorithm::EdDsa);
    for claim in ["iss", "aud"] {
        for value in ["", "https://accounts.example/", "https://API.example"] {
            mint.refuses(&mint.with_claim(claim, json!(value)));
        }
    }
    mint.refuses(&mint.with_claim("aud", json!(["https://api.example"])));
}
