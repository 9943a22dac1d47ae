//! An id tells when its account was made, and no other id (I15).

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::support::service::{on_both_engines, start};

/// The 74 bits of a UUIDv7 that are not time, version or variant.
const RANDOM: u128 = 0x0fff_3fff_ffff_ffff_ffff;
const ACCOUNTS: usize = 200;

on_both_engines! {
    async fn en_06_ids_of_one_instant_have_no_order(engines) {
        let node = start(engines).await;
        let client = node.client();
        let mut parts = Vec::new();
        for number in 0..ACCOUNTS {
            let registered = client.register(client.registration(&format!("user{number}"))).await.unwrap();
            let id: Uuid = registered.account.unwrap().id.parse().unwrap();
            assert_eq!(id.get_version_num(), 7);
            parts.push(id.as_u128() & RANDOM);
        }
        let rising = parts.windows(2).filter(|pair| pair[0] < pair[1]).count();
        // A counter would rise each time; of 199 random pairs, a quarter rises by chance less than once in 10^12 runs.
        assert!((50..150).contains(&rising), "{rising} of {ACCOUNTS} ids rise");
        for bit in 0..128_u32 {
            let set = parts.iter().filter(|part| *part >> bit & 1 == 1).count();
            let is_random = RANDOM >> bit & 1 == 1;
            assert!(!is_random || (50..150).contains(&set), "bit {bit} is set in {set} of {ACCOUNTS}");
        }
        assert_eq!(parts.into_iter().collect::<BTreeSet<_>>().len(), ACCOUNTS);
    }
}
