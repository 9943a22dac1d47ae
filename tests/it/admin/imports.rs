//! Accounts that are brought in and taken out.

use accountd::proto::{
    AccountRow, AccountState, ExportAccountsRequest, GetAccountRequest, ImportAccountsRequest,
    ImportAccountsResponse, ListAccountsRequest,
    get_account_request::Name,
    import_accounts_request::{Header, Part},
};
use prost_types::Timestamp;
use tonic::Code;

use crate::support::{
    client::{PASSWORD, assert_refused},
    office::Office,
    service::{START, on_both_engines, start},
};

fn row(name: &str) -> AccountRow {
    AccountRow {
        username: name.to_owned(),
        email: format!("{name}@example.com"),
        email_verified: true,
        ..AccountRow::default()
    }
}

fn reasons(results: &[ImportAccountsResponse]) -> Vec<&str> {
    let reason = |result: &ImportAccountsResponse| match &result.error {
        None => "OK",
        Some(_) => "",
    };
    results
        .iter()
        .map(|result| {
            result
                .error
                .as_ref()
                .map_or(reason(result), |error| &error.reason)
        })
        .collect()
}

on_both_engines! {
    async fn a_row_that_cannot_be_taken_stops_no_other(engines) {
        let node = start(engines).await;
        let office = Office::open(&node).await;
        let chief = office.chief();
        let stranger = node.client();
        stranger.join("ada").await;
        // A registration gives way to who has proved the address.
        stranger.register(stranger.registration("late")).await.unwrap();
        let mut rows: Vec<AccountRow> = (0..300).map(|number| row(&format!("user{number}"))).collect();
        rows.push(row("ada"));
        rows.push(AccountRow { email: String::from("ADA@example.com"), ..row("other") });
        rows.push(row("user7"));
        rows.push(AccountRow { username: String::from("no good"), email: String::from("x"), ..row("x") });
        rows.push(AccountRow { password: String::from("short"), ..row("weak") });
        rows.push(AccountRow { password_hash: String::from("$1$old"), ..row("old") });
        rows.push(AccountRow { state: AccountState::Pending.into(), ..row("waiting") });
        let future = Some(Timestamp { seconds: START.seconds() + 1, nanos: 0 });
        rows.push(AccountRow { create_time: future, ..row("unborn") });
        rows.push(AccountRow { email: String::from("late@example.com"), ..row("early") });
        rows.push(row("last"));
        let results = chief.import(Header::default(), rows).await.unwrap();
        let indices: Vec<i64> = results.iter().map(|result| result.index).collect();
        assert_eq!(indices, (0..310).collect::<Vec<i64>>());
        assert!(reasons(&results[..300]).iter().all(|reason| *reason == "OK"));
        assert_eq!(reasons(&results[300..]), [
            "USERNAME_TAKEN", "EMAIL_TAKEN", "USERNAME_TAKEN", "INVALID_FIELD", "INVALID_FIELD", "INVALID_FIELD",
            "INVALID_FIELD", "INVALID_FIELD", "OK", "OK",
        ]);
        let broken = results[303].error.as_ref().unwrap();
        let fields: Vec<&str> = broken.violations.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, ["username", "email"]);
        let told = format!("{results:?}");
        assert!(!told.contains("short") && !told.contains("$1$old"), "a secret is told");
        let all = ListAccountsRequest { page_size: 1000, filter: String::from("state = ACTIVE"), ..Default::default() };
        assert_eq!(chief.list_accounts(all).await.unwrap().accounts.len(), 303);
        // What is there already is told so, and nothing doubles.
        let again = chief.import(Header::default(), vec![row("user1"), row("last")]).await.unwrap();
        assert_eq!(reasons(&again), ["USERNAME_TAKEN", "USERNAME_TAKEN"]);
    }

    async fn two_rows_of_one_id_are_one_account(engines) {
        let node = start(engines).await;
        let office = Office::open(&node).await;
        let chief = office.chief();
        let twin = |name: &str| AccountRow {
            account_id: String::from("5b0cb4c5-3f4e-4a53-8d6c-0b8a3f2d9a11"),
            ..row(name)
        };
        let results = chief.import(Header::default(), vec![twin("ada"), twin("eve"), row("bob")]).await.unwrap();
        assert_eq!(reasons(&results), ["OK", "INVALID_FIELD", "OK"]);
        let all = chief.list_accounts(ListAccountsRequest::default()).await.unwrap().accounts;
        let mut names: Vec<&str> = all.iter().map(|account| account.username.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["ada", "bob"]);
    }

    async fn what_could_not_come_back_or_is_no_time_is_refused(engines) {
        let node = start(engines).await;
        let office = Office::open(&node).await;
        let chief = office.chief();
        let at = |seconds: i64, nanos: i32| Some(Timestamp { seconds, nanos });
        let rows = vec![
            AccountRow { create_time: at(-1_000_000_000_000, 0), ..row("ada") },
            AccountRow { create_time: at(0, -1), ..row("eve") },
            AccountRow { create_time: at(-1, 999_000_000), ..row("old") },
        ];
        let results = chief.import(Header::default(), rows).await.unwrap();
        assert_eq!(reasons(&results), ["INVALID_FIELD", "INVALID_FIELD", "OK"]);
        let stale = AccountRow { email: String::new(), password_change_required: true, ..row("bob") };
        let results = chief.import(Header::default(), vec![stale]).await.unwrap();
        let error = results[0].error.as_ref().unwrap();
        assert!(error.violations.iter().any(|one| one.field == "password_change_required"), "{error:?}");
    }

    async fn a_rehearsal_keeps_nothing(engines) {
        let node = start(engines).await;
        let office = Office::open(&node).await;
        let chief = office.chief();
        node.client().join("ada").await;
        let header = Header { validate_only: true, ..Header::default() };
        let rows = vec![row("eve"), row("ada"), AccountRow { email: String::from("x"), ..row("x") }];
        let results = chief.import(header, rows).await.unwrap();
        assert_eq!(reasons(&results), ["OK", "USERNAME_TAKEN", "INVALID_FIELD"]);
        let all = chief.list_accounts(ListAccountsRequest::default()).await.unwrap().accounts;
        assert_eq!(all.len(), 1);
    }

    async fn who_was_brought_in_logs_in(engines) {
        let node = start(engines).await;
        let office = Office::open(&node).await;
        let chief = office.chief();
        let stranger = node.client();
        let rows = vec![
            AccountRow { password: PASSWORD.to_owned(), ..row("plain") },
            row("bare"),
            AccountRow { password: PASSWORD.to_owned(), password_change_required: true, ..row("stale") },
            AccountRow { password: PASSWORD.to_owned(), state: AccountState::Suspended.into(), ..row("stopped") },
            AccountRow {
                account_id: String::from("5b0cb4c5-3f4e-4a53-8d6c-0b8a3f2d9a11"),
                create_time: Some(Timestamp { seconds: 1_000_000_000, nanos: 0 }),
                role: String::from("teacher"),
                ..row("named")
            },
        ];
        let results = chief.import(Header::default(), rows.clone()).await.unwrap();
        assert_eq!(reasons(&results), ["OK"; 5]);
        stranger.login("plain", PASSWORD).await.unwrap();
        // Without a password none is right, and nobody sees that there is none.
        let bare = stranger.login("bare", PASSWORD).await;
        assert_refused(bare, Code::Unauthenticated, "INVALID_CREDENTIALS");
        let stale = stranger.login("stale", PASSWORD).await;
        assert_refused(stale, Code::FailedPrecondition, "PASSWORD_CHANGE_REQUIRED");
        let stopped = stranger.login("stopped", PASSWORD).await;
        assert_refused(stopped, Code::PermissionDenied, "ACCOUNT_SUSPENDED");
        stranger.request_otp("bare@example.com", accountd::proto::OtpPurpose::ResetPassword).await.unwrap();
        let code = stranger.code_for("bare@example.com").await;
        stranger.reset_password("bare@example.com", &code, PASSWORD).await.unwrap();
        stranger.login("bare", PASSWORD).await.unwrap();
        let named = GetAccountRequest { name: Some(Name::AccountId(rows[4].account_id.clone())), ..Default::default() };
        let named = chief.get_account(named).await.unwrap().record.unwrap();
        assert_eq!(named.password_scheme, "");
        let named = named.account.unwrap();
        assert_eq!((named.role.as_str(), named.create_time.unwrap().seconds), ("teacher", 1_000_000_000));
        let same = AccountRow { account_id: rows[4].account_id.clone(), ..row("twin") };
        let twin = chief.import(Header::default(), vec![same]).await.unwrap();
        assert_eq!(twin[0].error.as_ref().unwrap().violations[0].field, "account_id");
    }

    async fn what_is_taken_out_can_be_brought_in(engines) {
        let from = start(engines).await;
        let office = Office::open(&from).await;
        let chief = office.chief();
        let stranger = from.client();
        for name in ["ada", "eve", "bob"] {
            stranger.join(name).await;
        }
        stranger.register(stranger.registration("waiting")).await.unwrap();
        let wanted = ExportAccountsRequest { with_password_hashes: true, ..Default::default() };
        let rows = chief.export(wanted.clone()).await.unwrap();
        assert_eq!(rows.len(), 3);
        let bare = chief.export(ExportAccountsRequest { filter: String::from("username = eve"), ..Default::default() });
        let bare = bare.await.unwrap();
        assert_eq!((bare.len(), bare[0].username.as_str(), bare[0].password_hash.as_str()), (1, "eve", ""));
        let to = start(engines).await;
        let office = Office::open(&to).await;
        let chief = office.chief();
        let results = chief.import(Header::default(), rows.clone()).await.unwrap();
        assert_eq!(reasons(&results), ["OK"; 3]);
        to.client().login("ada", PASSWORD).await.unwrap();
        assert_eq!(chief.export(wanted).await.unwrap(), rows);
    }

    async fn an_import_begins_with_its_header(engines) {
        let node = start(engines).await;
        let office = Office::open(&node).await;
        let chief = office.chief();
        let header = || Some(Part::Header(Header::default()));
        for parts in [
            vec![],
            vec![Some(Part::Row(row("ada")))],
            vec![None],
            vec![header(), Some(Part::Row(row("eve"))), header()],
            vec![header(), None],
        ] {
            let parts: Vec<_> = parts.into_iter().map(|part| ImportAccountsRequest { part }).collect();
            let request = chief.request(tokio_stream::iter(parts));
            let answer = chief.rpc.clone().import_accounts(request).await;
            let fault = match answer {
                Err(fault) => fault,
                Ok(answer) => {
                    let mut answers = answer.into_inner();
                    loop {
                        match answers.message().await {
                            Ok(Some(_)) => {}
                            Ok(None) => panic!("the stream was taken"),
                            Err(fault) => break fault,
                        }
                    }
                }
            };
            assert_refused::<()>(Err(fault), Code::InvalidArgument, "INVALID_FIELD");
        }
    }
}
