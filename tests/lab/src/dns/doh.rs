//! DNS over HTTPS (RFC 8484), and its JSON form. Without TLS and over HTTP/1.1: what a browser takes from loopback.

use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use data_encoding::BASE64URL_NOPAD;
use hickory_server::net::xfer::Protocol;
use hickory_server::proto::op::{Message, MessageType, Query as Question};
use hickory_server::proto::rr::{Name, RData, Record, RecordType};
use hickory_server::server::Request;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::fault::DnsFaultKind;
use super::server::{self, Dns};
use crate::cors;
use crate::serve::HangUp;

const MESSAGE: &str = "application/dns-message";
const JSON: &str = "application/dns-json";

/// How long a silent fault keeps a connection before it is cut.
const SILENCE: Duration = Duration::from_secs(30);

/// The longest question taken, in bytes.
const LONGEST: usize = 65_535;

/// Both views, at `/dc1/` and `/dc2/`.
pub(crate) fn router(dns: Arc<Dns>) -> Router {
    Router::new()
        .route("/{view}/dns-query", get(by_get).post(by_post))
        .route("/{view}/resolve", get(by_name))
        .fallback(nothing_there)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(LONGEST))
        .layer(from_fn(cors::open_to_all))
        .with_state(dns)
}

/// Why a request is no question: the status and a sentence.
struct Refusal(StatusCode, String);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, [(CACHE_CONTROL, "no-store")], axum::Json(json!({"error": self.1}))).into_response()
    }
}

fn malformed(text: impl Into<String>) -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, text.into())
}

type Answer = Result<Response, Refusal>;

/// What a query string may say; the rest is left alone.
#[derive(Deserialize)]
struct Asked {
    dns: Option<String>,
    name: Option<String>,
    #[serde(rename = "type")]
    record_type: Option<String>,
}

fn asked(uri: &Uri) -> Result<Asked, Refusal> {
    let query = Query::try_from_uri(uri).map_err(|error| {
        malformed(format!("query {:?}: {error}; use ?dns=BASE64URL or ?name=NAME&type=SRV", uri.query().unwrap_or("")))
    })?;
    Ok(query.0)
}

async fn by_get(
    State(dns): State<Arc<Dns>>,
    Path(view): Path<String>,
    Extension(hang_up): Extension<HangUp>,
    uri: Uri,
) -> Answer {
    let resolver = Resolver::of(dns, &view, hang_up)?;
    let asked = asked(&uri)?;
    let Some(text) = &asked.dns else {
        return resolver.json(&asked).await;
    };
    let question = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|error| {
        malformed(format!("dns={text}: {error}; write the DNS message in base64url without padding (RFC 8484 4.1)"))
    })?;
    resolver.message(question).await
}

async fn by_post(
    State(dns): State<Arc<Dns>>,
    Path(view): Path<String>,
    Extension(hang_up): Extension<HangUp>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let resolver = Resolver::of(dns, &view, hang_up)?;
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !given.split(';').next().is_some_and(|given| given.trim().eq_ignore_ascii_case(MESSAGE)) {
        let text = format!("content-type {given:?} is not understood; send {MESSAGE}");
        return Err(Refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
    }
    resolver.message(body.to_vec()).await
}

async fn by_name(
    State(dns): State<Arc<Dns>>,
    Path(view): Path<String>,
    Extension(hang_up): Extension<HangUp>,
    uri: Uri,
) -> Answer {
    Resolver::of(dns, &view, hang_up)?.json(&asked(&uri)?).await
}

async fn nothing_there(uri: Uri) -> Refusal {
    let text =
        format!("{} does not exist; ask /dc1/dns-query, /dc2/dns-query, /dc1/resolve or /dc2/resolve", uri.path());
    Refusal(StatusCode::NOT_FOUND, text)
}

async fn wrong_method(method: Method, uri: Uri) -> Refusal {
    let text = format!("{method} {}: use GET, or POST with {MESSAGE} at dns-query", uri.path());
    Refusal(StatusCode::METHOD_NOT_ALLOWED, text)
}

/// One view, for one request.
struct Resolver {
    dns: Arc<Dns>,
    view: u8,
    hang_up: HangUp,
}

/// An answer, and how long it may be kept.
struct Answered {
    bytes: Vec<u8>,
    message: Message,
    caching: String,
}

impl Resolver {
    fn of(dns: Arc<Dns>, view: &str, hang_up: HangUp) -> Result<Self, Refusal> {
        let view = match view {
            "dc1" => 1,
            "dc2" => 2,
            other => {
                let text = format!("view {other:?} does not exist; choose dc1 or dc2");
                return Err(Refusal(StatusCode::NOT_FOUND, text));
            }
        };
        Ok(Self { dns, view, hang_up })
    }

    async fn message(&self, question: Vec<u8>) -> Answer {
        let Answered { bytes, caching, .. } = self.answer(question).await?;
        Ok(([(CONTENT_TYPE, MESSAGE), (CACHE_CONTROL, caching.as_str())], bytes).into_response())
    }

    async fn json(&self, asked: &Asked) -> Answer {
        let Some(name) = &asked.name else {
            return Err(malformed(
                "the question is missing; add ?dns=BASE64URL or ?name=_sip._ws.example.test&type=SRV",
            ));
        };
        let name = super::name(name).map_err(malformed)?;
        let mut question = Message::query();
        question.metadata.id = 0;
        question.metadata.recursion_desired = true;
        question.add_query(Question::query(name, record_type(asked.record_type.as_deref())?));
        let question = question.to_vec().map_err(|error| malformed(error.to_string()))?;
        let Answered { message, caching, .. } = self.answer(question).await?;
        let headers = [(CONTENT_TYPE, JSON), (CACHE_CONTROL, caching.as_str())];
        Ok((headers, as_json(&message).to_string()).into_response())
    }

    /// Asks as UDP and TCP do, without their limits of size.
    async fn answer(&self, question: Vec<u8>) -> Result<Answered, Refusal> {
        let source = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let request = Request::from_bytes(question, source, Protocol::Tcp)
            .map_err(|error| malformed(format!("the DNS message is malformed: {error}")))?;
        if request.metadata.message_type == MessageType::Response {
            return Err(malformed("the DNS message is a response; send a query"));
        }
        let asked = request.request_info().map(|info| Name::from(info.query.name())).unwrap_or_default();
        let faulty = self.dns.fault_of(self.view, &asked).is_some();
        let Some(bytes) = server::answer(&self.dns, self.view, &request).await else {
            return self.silence(&asked).await;
        };
        let message = Message::from_vec(&bytes)
            .map_err(|error| Refusal(StatusCode::INTERNAL_SERVER_ERROR, format!("the answer is malformed: {error}")))?;
        let caching = match lowest_ttl(&message) {
            Some(seconds) if !faulty => format!("max-age={seconds}"),
            _ => "no-store".to_owned(),
        };
        Ok(Answered { bytes, message, caching })
    }

    /// Waits until the fault is mended, half a minute at most, and hangs up.
    async fn silence<T>(&self, asked: &Name) -> T {
        let mut changes = self.dns.fault_changes();
        let mended = async {
            while self.dns.fault_of(self.view, asked) == Some(DnsFaultKind::Silent) {
                if changes.changed().await.is_err() {
                    sleep(SILENCE).await;
                }
            }
        };
        let _ = timeout(SILENCE, mended).await;
        self.hang_up.now().await
    }
}

/// By name or by number; A where none is given.
fn record_type(text: Option<&str>) -> Result<RecordType, Refusal> {
    let text = text.unwrap_or("A");
    if let Ok(number) = text.parse::<u16>() {
        return Ok(RecordType::from(number));
    }
    RecordType::from_str(&text.to_ascii_uppercase())
        .map_err(|_| malformed(format!("type {text:?} is unknown; write one like SRV, A or 33")))
}

/// The seconds after which the first part of an answer is out of date (RFC 8484 5.1).
fn lowest_ttl(message: &Message) -> Option<u32> {
    let negative = |record: &Record| match &record.data {
        RData::SOA(soa) => Some(record.ttl.min(soa.minimum)),
        _ => None,
    };
    let answers = message.answers.iter().map(|record| record.ttl);
    answers.chain(message.authorities.iter().filter_map(negative)).min()
}

/// The shape that public resolvers use.
fn as_json(message: &Message) -> Value {
    let records = |records: &[Record]| -> Vec<Value> {
        let value = |record: &Record| {
            json!({
                "name": record.name.to_string(),
                "type": u16::from(record.record_type()),
                "TTL": record.ttl,
                "data": record.data.to_string(),
            })
        };
        records.iter().map(value).collect()
    };
    let questions = message.queries.iter();
    let questions: Vec<Value> = questions
        .map(|question| json!({"name": question.name().to_string(), "type": u16::from(question.query_type())}))
        .collect();
    let mut value = json!({
        "Status": u16::from(message.metadata.response_code),
        "TC": message.metadata.truncation,
        "RD": message.metadata.recursion_desired,
        "RA": message.metadata.recursion_available,
        "AD": message.metadata.authentic_data,
        "CD": message.metadata.checking_disabled,
        "Question": questions,
    });
    for (key, section) in [("Answer", &message.answers), ("Authority", &message.authorities)] {
        if !section.is_empty() {
            value[key] = Value::from(records(section));
        }
    }
    value
}
