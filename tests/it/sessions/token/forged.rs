use accountd::keys::Algorithm;
use aws_lc_rs::{
    encoding::{AsDer as _, PublicKeyX509Der},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use jsonwebtoken::{Algorithm as JwtAlgorithm, EncodingKey, crypto};
use rustls::pki_types::{PrivatePkcs8KeyDer, pem::PemObject as _};
use serde_json::json;

use super::mint::{ALGORITHMS, Mint, message};

#[test]
fn tk_01_unsigned_tokens_are_refused() {
    for algorithm in ALGORITHMS {
        let mint = Mint::new(algorithm);
        let genuine = mint.token();
        let (_, signature) = genuine.rsplit_once('.').unwrap();
        for alg in ["none", "None", "NONE", "nOnE", "", "none "] {
            let mut header = mint.header();
            header["alg"] = json!(alg);
            let unsigned = message(header.to_string(), mint.claims_text());
            mint.refuses(&unsigned);
            mint.refuses(&format!("{unsigned}."));
            mint.refuses(&format!("{unsigned}.{signature}"));
            mint.refuses(&mint.forge(header.to_string(), mint.claims_text()));
        }
    }
}

#[test]
fn tk_01_a_genuine_header_does_not_stand_in_for_a_signature() {
    for algorithm in ALGORITHMS {
        let mint = Mint::new(algorithm);
        let token = mint.token();
        let (message, signature) = token.rsplit_once('.').unwrap();
        mint.refuses(message);
        mint.refuses(&format!("{message}."));
        mint.refuses(&format!("{message}.{}", "A".repeat(signature.len())));
        mint.refuses(&format!("{message}.{signature}{signature}"));
        let other = mint.token();
        let (_, foreign) = other.rsplit_once('.').unwrap();
        mint.refuses(&format!("{message}.{foreign}"));
    }
}

#[test]
fn tk_02_the_public_key_is_no_hmac_secret() {
    for algorithm in ALGORITHMS {
        let mint = Mint::new(algorithm);
        let hmacs = [
            ("HS256", JwtAlgorithm::HS256),
            ("HS384", JwtAlgorithm::HS384),
            ("HS512", JwtAlgorithm::HS512),
            (algorithm.name(), JwtAlgorithm::HS256),
        ];
        for public in public_forms(&mint, algorithm) {
            for (alg, hmac) in hmacs {
                let mut header = mint.header();
                header["alg"] = json!(alg);
                let message = message(header.to_string(), mint.claims_text());
                let secret = EncodingKey::from_secret(&public);
                let signature = crypto::sign(message.as_bytes(), &secret, hmac).unwrap();
                mint.refuses(&format!("{message}.{signature}"));
            }
        }
    }
}

fn public_forms(mint: &Mint, algorithm: Algorithm) -> [Vec<u8>; 2] {
    let private = PrivatePkcs8KeyDer::from_pem_slice(&mint.pem).unwrap();
    let private = private.secret_pkcs8_der();
    match algorithm {
        Algorithm::EdDsa => {
            let pair = Ed25519KeyPair::from_pkcs8(private).unwrap();
            let public = pair.public_key();
            let der: PublicKeyX509Der<'_> = public.as_der().unwrap();
            [public.as_ref().to_vec(), der.as_ref().to_vec()]
        }
        Algorithm::Es256 => {
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, private).unwrap();
            let public = pair.public_key();
            let der: PublicKeyX509Der<'_> = public.as_der().unwrap();
            [public.as_ref().to_vec(), der.as_ref().to_vec()]
        }
    }
}
