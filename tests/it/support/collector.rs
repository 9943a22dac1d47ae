//! A collector of spans, which keeps what it is sent: OTLP by gRPC on a free port.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    common::v1::{KeyValue, any_value::Value},
    trace::v1::{Span, span::SpanKind, status::StatusCode},
};
use prost::Message as _;
use tokio::{
    net::TcpListener,
    sync::watch,
    time::{Instant, timeout_at},
};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{
    Request, Response, Status, async_trait,
    transport::{Identity, Server, ServerTlsConfig},
};

use super::authority::Authority;

/// How long a span may take to arrive, on a machine with other things to do.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running collector; it ends with the test's runtime.
pub struct Collector {
    port: u16,
    kept: watch::Sender<Vec<Message>>,
}

/// One message as it came.
#[derive(Clone)]
struct Message {
    token: Option<String>,
    content: ExportTraceServiceRequest,
}

/// A span, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub name: String,
    pub trace: String,
    pub id: String,
    /// Empty for the first of its trace.
    pub parent: String,
    pub state: String,
    pub kind: SpanKind,
    pub is_error: bool,
    pub attributes: BTreeMap<String, String>,
}

struct Keeper(watch::Sender<Vec<Message>>);

#[async_trait]
impl TraceService for Keeper {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let token = request.metadata().get("x-token");
        let token = token.map(|token| token.to_str().unwrap().to_owned());
        let content = request.into_inner();
        self.0
            .send_modify(|kept| kept.push(Message { token, content }));
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Collector {
    pub async fn start() -> Self {
        Self::start_by(Server::builder()).await
    }

    /// One that is called `localhost` and has a certificate of that authority.
    pub async fn start_with(authority: &Authority) -> Self {
        let read = |name| std::fs::read(authority.file(name)).unwrap();
        let identity = Identity::from_pem(read("server.crt"), read("server.key"));
        let tls = ServerTlsConfig::new().identity(identity);
        Self::start_by(Server::builder().tls_config(tls).unwrap()).await
    }

    async fn start_by(server: Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::serve(server, listener)
    }

    /// One at that address, for tests in which it comes late.
    pub async fn start_on(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        Self::serve(Server::builder(), listener)
    }

    fn serve(mut server: Server, listener: TcpListener) -> Self {
        let port = listener.local_addr().unwrap().port();
        let (kept, _) = watch::channel(Vec::new());
        let service = TraceServiceServer::new(Keeper(kept.clone()));
        let incoming = TcpListenerStream::new(listener);
        tokio::spawn(server.add_service(service).serve_with_incoming(incoming));
        Self { port, kept }
    }

    /// Where it listens, without TLS.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Where it listens, with TLS.
    pub fn tls_url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    /// All that has come so far.
    pub fn seen(&self) -> Vec<Seen> {
        let kept = self.kept.borrow();
        let resources = kept
            .iter()
            .flat_map(|message| &message.content.resource_spans);
        let scopes = resources.flat_map(|resource| &resource.scope_spans);
        scopes
            .flat_map(|scope| &scope.spans)
            .map(Seen::of)
            .collect()
    }

    /// The spans of that name that have come so far.
    pub fn named(&self, name: &str) -> Vec<Seen> {
        let mut seen = self.seen();
        seen.retain(|span| span.name == name);
        seen
    }

    /// The one span of that name in that trace, among those that have come so far.
    #[track_caller]
    pub fn one(&self, name: &str, trace: &str) -> Seen {
        let mut found = self.named(name);
        found.retain(|span| span.trace == trace);
        assert_eq!(found.len(), 1, "{name} in {trace} of {:#?}", self.seen());
        found.remove(0)
    }

    /// Waits for a span of that name.
    pub async fn wait_for(&self, name: &str) {
        let mut changes = self.kept.subscribe();
        let end = Instant::now() + PATIENCE;
        while self.named(name).is_empty() {
            let change = timeout_at(end, changes.changed()).await;
            change
                .unwrap_or_else(|_| panic!("no {name} in {:#?}", self.seen()))
                .unwrap();
        }
    }

    /// What is said of the service, by every message alike.
    pub fn resource(&self) -> BTreeMap<String, String> {
        let kept = self.kept.borrow();
        let resources = kept
            .iter()
            .flat_map(|message| &message.content.resource_spans);
        let mut told =
            resources.map(|resource| words(&resource.resource.as_ref().unwrap().attributes));
        let first = told.next().unwrap();
        assert!(told.all(|other| other == first));
        first
    }

    /// The header `x-token` of every message.
    pub fn tokens(&self) -> Vec<Option<String>> {
        let kept = self.kept.borrow();
        kept.iter().map(|message| message.token.clone()).collect()
    }

    /// All that has come, as the bytes that it was.
    pub fn bytes(&self) -> Vec<u8> {
        let kept = self.kept.borrow();
        let messages = kept.iter().map(|message| message.content.encode_to_vec());
        messages.collect::<Vec<_>>().concat()
    }
}

impl Seen {
    fn of(span: &Span) -> Self {
        Self {
            name: span.name.clone(),
            trace: hex(&span.trace_id),
            id: hex(&span.span_id),
            parent: hex(&span.parent_span_id),
            state: span.trace_state.clone(),
            kind: span.kind(),
            is_error: span
                .status
                .as_ref()
                .is_some_and(|status| status.code() == StatusCode::Error),
            attributes: words(&span.attributes),
        }
    }

    /// An attribute, empty where there is none.
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }
}

fn words(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let word = |attribute: &KeyValue| {
        let value = attribute.value.as_ref()?.value.as_ref()?;
        let value = match value {
            Value::StringValue(text) => text.clone(),
            Value::IntValue(number) => number.to_string(),
            other => format!("{other:?}"),
        };
        Some((attribute.key.clone(), value))
    };
    attributes.iter().filter_map(word).collect()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
