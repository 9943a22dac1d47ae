//! Two deliveries that know nothing of each other meet in the tables: one of them does the work, and both are told it.

use accountd::store::{code, picture};
use sea_orm::{ColumnTrait as _, QueryFilter as _};

use super::*;
use crate::grpc::races::enter;

/// Nodes of one truth whose key-value stores have nothing in common, where what an account waits for needs no code.
async fn nodes(engines: Engines) -> [Node; 2] {
    let start = async {
        let ground = Ground::with(engines, at_once).await;
        [
            ground.clone().on_empty_memory().await.node().await,
            ground.on_empty_memory().await.node().await,
        ]
    };
    Box::pin(start).await
}

/// Delivers `message` to both nodes at once.
async fn both<Q, A>(nodes: &[Node; 2], client: &Client, method: &str, message: Q) -> A
where
    Q: Message + Clone + 'static,
    A: Message + Default + Debug + PartialEq + 'static,
{
    let send = |node: usize| {
        let request = client.request(message.clone());
        async move { call::<Q, A>(&nodes[node], method, request).await }
    };
    let (one, two) = tokio::join!(send(0), send(1));
    let one = one.unwrap_or_else(|refused| panic!("{method}: {refused:?}"));
    let two = two.unwrap_or_else(|refused| panic!("{method}: {refused:?}"));
    assert_eq!(one, two, "{method}");
    one
}

on_both_engines! {
    async fn px_14_accounts_and_sessions_of_two_deliveries_apart_are_one(engines) {
        let nodes = nodes(engines).await;
        let stranger = nodes[0].client();
        for round in 0..5 {
            let name = format!("ada{round}");
            let number = |step: u128| request_id(100 + 10 * round + step);
            let registration = proto::RegisterRequest {
                request_id: number(0),
                ..stranger.registration(&name)
            };
            let registered: proto::RegisterResponse =
                both(&nodes, &stranger, "Register", registration).await;

            let login = proto::LoginRequest {
                identifier: Some(Identifier::Username(name.clone())),
                ..login(100 + 10 * round + 1, PASSWORD)
            };
            let opened: proto::LoginResponse = both(&nodes, &stranger, "Login", login).await;
            let opened = opened.tokens.unwrap();
            let ada = stranger.with(&opened.access_token);
            assert_eq!(ada.current().await.unwrap(), registered.account.unwrap());

            let refresh = proto::RefreshRequest {
                refresh_token: opened.refresh_token,
                request_id: number(2),
            };
            let next: proto::RefreshResponse = both(&nodes, &stranger, "Refresh", refresh).await;
            let ada = stranger.with(&next.tokens.unwrap().access_token);

            let extra = ada.login(&name, PASSWORD).await.unwrap().tokens.unwrap();
            assert_eq!(ada.sessions().await.unwrap().len(), 2);
            let revoke = proto::RevokeSessionRequest {
                session_id: extra.session_id,
                request_id: number(3),
            };
            let _: proto::RevokeSessionResponse = both(&nodes, &ada, "RevokeSession", revoke).await;
            assert_eq!(ada.sessions().await.unwrap().len(), 1);

            let logout = proto::LogoutRequest {
                all_sessions: round % 2 == 0,
                request_id: number(4),
                ..proto::LogoutRequest::default()
            };
            let _: proto::LogoutResponse = both(&nodes, &ada, "Logout", logout).await;
            assert_refused(ada.current().await, Code::Unauthenticated, "TOKEN_REVOKED");
        }
        for (action, times) in [("register", 5), ("login", 10), ("refresh", 5), ("logout", 10)] {
            assert_eq!(decisions(&nodes[0], action).await, times, "{action}");
            assert_eq!(refusals(&nodes[0], action).await, 0, "{action}");
        }
    }

    async fn px_14_changes_of_two_deliveries_apart_are_one(engines) {
        let nodes = nodes(engines).await;
        for round in 0..5 {
            let name = format!("ada{round}");
            let number = |step: u128| request_id(200 + 10 * round + step);
            let (ada, tokens) = enter(&nodes[0].client(), &name, PASSWORD).await;
            let before: i64 = ada.current().await.unwrap().etag.parse().unwrap();
            let rename = proto::UpdateRequest {
                full_name: String::from("Ada"),
                request_id: number(0),
                ..proto::UpdateRequest::default()
            };
            let renamed: proto::UpdateResponse = both(&nodes, &ada, "Update", rename).await;
            assert_eq!(renamed.account.unwrap().etag, (before + 1).to_string());

            let password = proto::UpdateRequest {
                password: String::from("a short night ashore"),
                current_password: PASSWORD.to_owned(),
                request_id: number(1),
                ..proto::UpdateRequest::default()
            };
            let changed: proto::UpdateResponse = both(&nodes, &ada, "Update", password).await;
            let ada = ada.with(&changed.tokens.unwrap().access_token);
            assert_eq!(ada.current().await.unwrap().etag, (before + 2).to_string());

            let reset = proto::RequestOtpRequest {
                email: format!("{name}@example.com"),
                purpose: OtpPurpose::ResetPassword.into(),
                request_id: number(2),
                ..proto::RequestOtpRequest::default()
            };
            let _: proto::RequestOtpResponse = both(&nodes, &ada, "RequestOtp", reset).await;
            let codes = code::Entity::find()
                .filter(code::Column::Address.eq(format!("{name}@example.com")))
                .all(&nodes[0].app.db)
                .await
                .unwrap();
            assert_eq!(codes.iter().map(|row| row.window_issues).collect::<Vec<_>>(), [1]);

            let delete = proto::DeleteRequest {
                current_password: String::from("a short night ashore"),
                request_id: number(3),
                ..proto::DeleteRequest::default()
            };
            let _: proto::DeleteResponse = both(&nodes, &ada, "Delete", delete).await;
            let gone = ada.refresh(&tokens.refresh_token).await;
            assert_refused(gone, Code::Unauthenticated, "REFRESH_TOKEN_INVALID");
        }
        for (action, times) in [("update", 10), ("delete", 5)] {
            assert_eq!(decisions(&nodes[0], action).await, times, "{action}");
            assert_eq!(refusals(&nodes[0], action).await, 0, "{action}");
        }
    }

    async fn px_14_pictures_of_two_deliveries_apart_are_one(engines) {
        let nodes = nodes(engines).await;
        let (ada, _) = enter(&nodes[0].client(), "ada", PASSWORD).await;
        for round in 0..5 {
            let file = samples::png(20, 20);
            let named = Header {
                request_id: request_id(300 + 2 * round),
                ..header(&file)
            };
            let [one, two] = [0, 1].map(|node: usize| {
                let ada = nodes[node].client().with(ada.token.as_ref().unwrap());
                let (named, file) = (named.clone(), file.clone());
                async move { upload_as(&ada, named, &file).await.unwrap() }
            });
            let (one, two) = tokio::join!(one, two);
            assert_eq!(one, two);
            assert_eq!(ada.current().await.unwrap(), one);
            let current = picture::Entity::find()
                .filter(picture::Column::AccountId.is_not_null())
                .count(&nodes[0].app.db)
                .await
                .unwrap();
            assert_eq!(current, 1);

            let delete = proto::DeleteProfilePictureRequest {
                request_id: request_id(301 + 2 * round),
                ..proto::DeleteProfilePictureRequest::default()
            };
            let deleted: proto::DeleteProfilePictureResponse =
                both(&nodes, &ada, "DeleteProfilePicture", delete).await;
            assert_eq!(deleted.account.unwrap().picture, None);
        }
        for action in ["upload_picture", "delete_picture"] {
            assert_eq!(decisions(&nodes[0], action).await, 5, "{action}");
        }
    }

    async fn px_14_of_two_requests_under_one_name_apart_one_is_done(engines) {
        let nodes = nodes(engines).await;
        let (ada, _) = enter(&nodes[0].client(), "ada", PASSWORD).await;
        for round in 0..10 {
            let before: i64 = ada.current().await.unwrap().etag.parse().unwrap();
            let rename = |name: &str| proto::UpdateRequest {
                full_name: name.to_owned(),
                request_id: request_id(400 + round),
                ..proto::UpdateRequest::default()
            };
            let send = |node: usize, name: &str| {
                let request = ada.request(rename(name));
                let node = &nodes[node];
                async move { call::<_, proto::UpdateResponse>(node, "Update", request).await }
            };
            let (one, two) = tokio::join!(send(0, "Ada"), send(1, "Eve"));
            let (done, refused) = if one.is_ok() { (one, two) } else { (two, one) };
            assert_refused(refused, Code::InvalidArgument, "REQUEST_ID_REUSED");
            let now = ada.current().await.unwrap();
            assert_eq!(done.unwrap().account.unwrap(), now);
            assert_eq!(now.etag, (before + 1).to_string());
        }
    }
}
