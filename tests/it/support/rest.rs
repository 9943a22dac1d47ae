//! A front end: HTTP with JSON and a cookie jar, and answers as they came.

use std::net::{IpAddr, SocketAddr};

use reqwest::{
    Client, Method, RequestBuilder, Response, StatusCode,
    header::{HeaderMap, HeaderName},
    redirect,
};
use serde_json::Value;

/// A front end of one dialect.
#[derive(Clone)]
pub struct Rest {
    http: Client,
    base: String,
    token: Option<String>,
}

/// An answer as it came.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Rest {
    pub fn new(address: SocketAddr) -> Self {
        Self::from(None, address)
    }

    /// The same, whose connections come from the address.
    pub fn from(source: Option<IpAddr>, address: SocketAddr) -> Self {
        let http = Client::builder()
            .cookie_store(true)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .local_address(source)
            .build()
            .unwrap();
        Self {
            http,
            base: format!("http://{address}"),
            token: None,
        }
    }

    /// The same front end, sending this as `Authorization`.
    pub fn with(&self, authorization: &str) -> Self {
        Self {
            token: Some(authorization.to_owned()),
            ..self.clone()
        }
    }

    /// A request that is still to be completed.
    pub fn begin(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.header("authorization", token),
            None => request,
        }
    }

    /// Sends what has been completed.
    pub async fn finish(&self, request: RequestBuilder) -> Answer {
        Answer::of(request.send().await.unwrap()).await
    }

    /// A request without a body: `"GET /api/users"`.
    pub async fn ask(&self, line: &str) -> Answer {
        let (method, path) = line.split_once(' ').unwrap();
        self.finish(self.begin(method, path)).await
    }

    /// A request with a JSON body, written as the document writes it.
    pub async fn send(&self, line: &str, body: &str) -> Answer {
        let (method, path) = line.split_once(' ').unwrap();
        let request = self.begin(method, path);
        let request = request.header("content-type", "application/json");
        self.finish(request.body(body.to_owned())).await
    }
}

impl Answer {
    async fn of(response: Response) -> Self {
        Self {
            status: response.status(),
            headers: response.headers().clone(),
            bytes: response.bytes().await.unwrap().to_vec(),
        }
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// A text at this pointer of the body, such as `/data/token`.
    #[track_caller]
    pub fn at(&self, pointer: &str) -> String {
        let json = self.json();
        let found = json.pointer(pointer);
        let found = found.and_then(Value::as_str);
        found
            .unwrap_or_else(|| panic!("no text at {pointer}: {}", self.text()))
            .to_owned()
    }

    /// A header, empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        let name: HeaderName = name.parse().unwrap();
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// Status and body, byte for byte, but for what no test can know: ids, tokens and times are masked.
    pub fn told(&self) -> String {
        format!("{} {}", self.status.as_u16(), masked(self.text()))
    }
}

/// The text with UUIDs as `ID`, tokens of three parts as `TOKEN`, and milliseconds of our day as `TIME`.
pub fn masked(text: &str) -> String {
    let mut masked = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest
            .find(|letter: char| !(letter.is_ascii_alphanumeric() || "-_.".contains(letter)))
            .unwrap_or(rest.len());
        let word = &rest[..end];
        if word.is_empty() {
            masked.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let is_id = uuid::Uuid::try_parse(word).is_ok() && word.len() == 36;
        let is_token = word.starts_with("eyJ") && word.split('.').count() == 3;
        let is_time = word.len() == 13 && word.bytes().all(|byte| byte.is_ascii_digit());
        masked.push_str(match (is_id, is_token, is_time) {
            (true, _, _) => "ID",
            (_, true, _) => "TOKEN",
            (_, _, true) => "TIME",
            _ => word,
        });
        rest = &rest[end..];
    }
    masked
}
