//! Whether the key directory can be used.

use std::fs;

use super::ON;
use crate::support::served::Served;

const READ: &str = "accountd_keys_last_reload_successful";

#[tokio::test]
async fn tk_16_a_key_directory_that_cannot_be_read_again_is_told() {
    let often = [ON, ("ACCOUNTD_KEYS__RELOAD", "1s")];
    let served = Served::start(&often).await;
    served.page_with(READ, 1.0).await;
    let stray = served.data().join("keys/signing/backup.pem");
    fs::write(&stray, "a copy").unwrap();
    served.page_with(READ, 0.0).await;
    fs::remove_file(stray).unwrap();
    served.page_with(READ, 1.0).await;
}
