//! BI-01: hostile texts in every field of every request of an operator.

use std::collections::BTreeSet;

use accountd::operators::Scope;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::support::{
    contract,
    office::{Office, Rights},
    service::{Engines, start},
    wire,
};

/// Methods whose requests are streams have tests of their own.
const STREAMED: [&str; 2] = ["ImportAccounts", "ExportAccounts"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bi_01_no_text_of_an_operator_breaks_anything() {
    let node = start(Engines::Embedded).await;
    let office = Office::open(&node).await;
    let chief = office.chief();
    let token = chief.token.as_deref();
    let long = "x".repeat(100_000);
    let mut refused = BTreeSet::new();
    let methods = contract::methods_of("AdminService");
    assert_eq!(methods.len(), 12);
    for method in methods
        .iter()
        .filter(|method| !STREAMED.contains(&method.name.as_str()))
    {
        for field in method.texts() {
            for text in [
                "\0",
                "\r\nset-cookie: x",
                "\u{202e}",
                "' OR 1=1 --",
                "%_\\",
                "\u{1b}[2J",
                &long,
            ] {
                let path = format!("/accountd.v1.AdminService/{}", method.name);
                let answer = wire::unary(
                    office.channel(),
                    &path,
                    wire::bearer(token),
                    field.encode(text),
                )
                .await;
                let Err(status) = answer else { continue };
                let what = format!("{}.{} {:?}", method.name, field.path, text.get(..16));
                assert!(
                    status.get_details_error_info().is_some(),
                    "{what}: {status:?}"
                );
                assert_ne!(status.code(), Code::Internal, "{what}: {status:?}");
                assert!(
                    status.details().len() < 2048,
                    "{what}: proxies cut headers at 8 KiB"
                );
                refused.insert((method.name.clone(), field.path.clone()));
            }
        }
    }
    // What is not looked at cannot be refused.
    assert!(refused.len() > 30, "{refused:?}");
    let rights = Rights {
        scopes: &[Scope::AccountsRead],
        ..Rights::default()
    };
    office
        .hire("after", rights)
        .list_accounts(accountd::proto::ListAccountsRequest::default())
        .await
        .unwrap();
}
