//! What is stored tells no code (I12). That a code depends on a key that is in no database stands in `keys/codes.rs`.

use accountd::proto::OtpPurpose;

use super::two_steps;
use crate::support::{
    client::{PASSWORD, wrong},
    dump,
    service::{Ground, on_both_engines},
};

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

on_both_engines! {
    async fn ot_15_no_code_is_readable_in_what_is_stored(engines) {
        // Ten digits: none of the many numbers in a dump looks like a code by chance.
        let node = Ground::with(engines, two_steps).await.node().await;
        let client = node.client();
        let ada = client.joined("ada").await;
        let (bob, _) = client.pending("bob").await;
        client.login("ada", PASSWORD).await.unwrap();
        client.code_number("ada@example.com", 2).await;
        client.request_otp("ada@example.com", OtpPurpose::ResetPassword).await.unwrap();
        client.request_otp("eve@example.com", OtpPurpose::ProveAddress).await.unwrap();
        ada.change_email("next@example.com").await.unwrap();
        let mut codes = client.codes_for("ada@example.com", 3).await;
        for address in ["bob@example.com", "eve@example.com", "next@example.com"] {
            codes.push(client.code_for(address).await);
        }
        let guess = wrong(codes.last().unwrap());
        client.activate(&bob, &guess).await.unwrap_err();

        let (sql, kv) = (dump::sql(&node).await, dump::kv(&node.ground).await);
        assert!(holds(&sql, "bob@example.com"), "the dump is one of the tables");
        assert_eq!(kv.is_empty(), node.ground.prefix.is_none(), "and one of Redis");
        for code in codes.iter().chain([&guess]) {
            assert!(!holds(&sql, code), "a code in SQL");
            assert!(!holds(&kv, code), "a code in Redis");
        }
    }
}
