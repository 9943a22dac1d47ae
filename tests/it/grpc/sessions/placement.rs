//! TK-17: the one place and the one form in which a token is taken.

use accountd::proto::{GetCurrentRequest, GetCurrentResponse, RefreshRequest, RefreshResponse};
use tonic::{
    Code, Request, Status,
    metadata::{AsciiMetadataValue, BinaryMetadataValue},
};

use super::newcomer;
use crate::support::{
    client::assert_refused,
    raw::send,
    service::{Node, on_both_engines, start},
};

const CURRENT: &str = "/accountd.v1.AccountService/GetCurrent";

/// What `GetCurrent` answers to these lines of metadata.
async fn with(node: &Node, lines: &[(&'static str, String)]) -> Result<GetCurrentResponse, Status> {
    let mut request = Request::new(GetCurrentRequest {});
    for (name, value) in lines {
        let value = AsciiMetadataValue::try_from(value).unwrap();
        request.metadata_mut().append(*name, value);
    }
    send(node, CURRENT, request).await
}

/// A token in a field that the contract does not have.
#[derive(Clone, PartialEq, prost::Message)]
struct Smuggled {
    #[prost(string, tag = "1")]
    first: String,
    #[prost(string, tag = "100")]
    access_token: String,
}

on_both_engines! {
    async fn tk_17_a_token_is_taken_from_the_authorization_line_alone(engines) {
        let node = start(engines).await;
        let (_, tokens) = newcomer(&node.client(), "ada").await;
        let token = &tokens.access_token;
        let bearer = format!("Bearer {token}");
        with(&node, &[("authorization", bearer.clone())]).await.unwrap();
        // The scheme's case does not matter (RFC 9110, 11.1).
        with(&node, &[("authorization", format!("bEARER {token}"))]).await.unwrap();

        for (name, value) in [
            ("cookie", format!("access_token={token}; authorization={bearer}")),
            ("x-authorization", bearer.clone()),
            ("proxy-authorization", bearer.clone()),
            ("grpc-metadata-authorization", bearer.clone()),
            ("access_token", token.clone()),
            ("authorization", token.clone()),
            ("authorization", format!("Token {token}")),
            ("authorization", format!("Bearer\t{token}")),
            ("authorization", format!("Bearer:{token}")),
            ("authorization", String::from("Bearer")),
        ] {
            let answer = with(&node, &[(name, value)]).await;
            assert_refused(answer, Code::Unauthenticated, "TOKEN_MISSING");
        }
        for value in [format!("Bearer  {token}"), format!("{bearer}, {bearer}"), format!("Bearer \"{token}\"")] {
            let answer = with(&node, &[("authorization", value)]).await;
            assert_refused(answer, Code::Unauthenticated, "TOKEN_INVALID");
        }
        let twice = [("authorization", bearer.clone()), ("authorization", bearer)];
        assert_refused(with(&node, &twice).await, Code::Unauthenticated, "TOKEN_MISSING");
    }

    async fn tk_17_a_token_elsewhere_in_the_call_is_not_seen(engines) {
        let node = start(engines).await;
        let (_, tokens) = newcomer(&node.client(), "ada").await;
        let token = &tokens.access_token;

        let path = format!("{CURRENT}?access_token={token}&authorization=Bearer%20{token}");
        let answer = send::<_, GetCurrentResponse>(&node, &path, Request::new(GetCurrentRequest {}));
        assert_refused(answer.await, Code::Unauthenticated, "TOKEN_MISSING");

        let body = Smuggled { first: token.clone(), access_token: token.clone() };
        let answer = send::<_, GetCurrentResponse>(&node, CURRENT, Request::new(body));
        assert_refused(answer.await, Code::Unauthenticated, "TOKEN_MISSING");

        let mut request = Request::new(GetCurrentRequest {});
        let value = BinaryMetadataValue::from_bytes(format!("Bearer {token}").as_bytes());
        request.metadata_mut().insert_bin("authorization-bin", value);
        let answer = send::<_, GetCurrentResponse>(&node, CURRENT, request);
        assert_refused(answer.await, Code::Unauthenticated, "TOKEN_MISSING");

        // A refresh token has its place in the message, and nowhere else.
        let mut request = Request::new(RefreshRequest::default());
        let value = AsciiMetadataValue::try_from(format!("Bearer {}", tokens.refresh_token)).unwrap();
        request.metadata_mut().insert("authorization", value);
        let path = "/accountd.v1.AccountService/Refresh";
        let answer = send::<_, RefreshResponse>(&node, path, request);
        assert_refused(answer.await, Code::InvalidArgument, "INVALID_FIELD");
    }
}
