//! Control over HTTP with JSON: a thin coat over [`Control`].

use std::path::PathBuf;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post, put};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::control::{Control, ControlError};
use crate::cors;
use crate::dns::{DnsFault, RecordSet};
use crate::fault::SipFault;
use crate::page;
use crate::settings::SettingsChange;
use crate::tls::CertificateKind;

type Answer = Result<Response, ControlError>;

/// Every endpoint; the README lists them.
pub(crate) fn router(control: Control, page: Option<PathBuf>) -> Router {
    let registrar = put(fault_registrar).delete(mend_registrar);
    let registrar_user = put(fault_registrar_user).delete(mend_registrar_user);
    let datacentre = put(fault_datacentre).delete(mend_datacentre);
    let datacentre_user = put(fault_datacentre_user).delete(mend_datacentre_user);
    let start = if page.is_some() { get(page_or_summary) } else { get(summary) };
    let router = page.map_or_else(Router::new, page::router);
    router
        .route("/", start)
        .route("/health", get(async || axum::Json(json!({"ok": true}))))
        .route("/registrars/{name}/fault", registrar)
        .route("/registrars/{name}/fault/{user}", registrar_user)
        .route("/datacentres/{datacentre}/fault", datacentre)
        .route("/datacentres/{datacentre}/fault/{user}", datacentre_user)
        .route("/ca.pem", get(ca_pem))
        .route("/certificate", put(certify_all).delete(certify_all_usual))
        .route("/registrars/{name}/certificate", put(certify_registrar).delete(certify_registrar_usual))
        .route("/datacentres/{datacentre}/certificate", put(certify_datacentre).delete(certify_datacentre_usual))
        .route("/dns/fault", put(fault_dns).delete(mend_dns))
        .route("/dns/{view}", get(records))
        .route("/dns/{view}/{name}", put(set_records))
        .route("/settings", get(settings).put(change_settings))
        .route("/bindings", get(async |State(control): State<Control>| axum::Json(control.bindings(None))))
        .route("/bindings/{user}", get(bindings_of))
        .route("/log", get(async |State(control): State<Control>| axum::Json(control.log(None))))
        .route("/log/{user}", get(log_of))
        .route("/reset", post(reset))
        .fallback(nothing_there)
        .method_not_allowed_fallback(nothing_there)
        .layer(from_fn(cors::open_to_all))
        .with_state(control)
}

async fn summary(State(control): State<Control>) -> Response {
    axum::Json(control.summary()).into_response()
}

/// Who types the address of a lab with a page means the page.
async fn page_or_summary(control: State<Control>, headers: HeaderMap) -> Response {
    if page::is_to_be_shown(&headers) {
        return Redirect::temporary("/page/").into_response();
    }
    summary(control).await
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Unknown(_) => StatusCode::NOT_FOUND,
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Failed(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        (status, axum::Json(json!({"error": self.to_string()}))).into_response()
    }
}

fn done(outcome: Result<(), ControlError>) -> Answer {
    outcome.map(|()| axum::Json(json!({"ok": true})).into_response())
}

/// The body as `T`, or a sentence with what is wrong and an example that is right.
fn body<T: DeserializeOwned>(bytes: &Bytes, what: &str, example: &str) -> Result<T, ControlError> {
    serde_json::from_slice(bytes)
        .map_err(|error| ControlError::Invalid(format!("{what}: {error}; send JSON like {example}")))
}

fn sip_fault(bytes: &Bytes) -> Result<Option<SipFault>, ControlError> {
    let example = r#"{"kind":"refuse"}, {"kind":"status","code":503,"retryAfter":7} or {"kind":"slow","ms":300}"#;
    body(bytes, "fault", example).map(Some)
}

fn number(text: &str, what: &str) -> Result<u8, ControlError> {
    let unknown = |_| ControlError::Unknown(format!("{what} {text:?} does not exist; choose 1 or 2"));
    text.parse().map_err(unknown)
}

async fn fault_registrar(State(control): State<Control>, Path(name): Path<String>, bytes: Bytes) -> Answer {
    done(control.fault_registrar(&name, None, sip_fault(&bytes)?).await)
}

async fn mend_registrar(State(control): State<Control>, Path(name): Path<String>) -> Answer {
    done(control.fault_registrar(&name, None, None).await)
}

async fn fault_registrar_user(
    State(control): State<Control>,
    Path((name, user)): Path<(String, String)>,
    bytes: Bytes,
) -> Answer {
    done(control.fault_registrar(&name, Some(&user), sip_fault(&bytes)?).await)
}

async fn mend_registrar_user(State(control): State<Control>, Path((name, user)): Path<(String, String)>) -> Answer {
    done(control.fault_registrar(&name, Some(&user), None).await)
}

async fn fault_datacentre(State(control): State<Control>, Path(text): Path<String>, bytes: Bytes) -> Answer {
    let datacentre = number(&text, "data centre")?;
    done(control.fault_datacentre(datacentre, None, sip_fault(&bytes)?).await)
}

async fn mend_datacentre(State(control): State<Control>, Path(text): Path<String>) -> Answer {
    let datacentre = number(&text, "data centre")?;
    done(control.fault_datacentre(datacentre, None, None).await)
}

async fn fault_datacentre_user(
    State(control): State<Control>,
    Path((text, user)): Path<(String, String)>,
    bytes: Bytes,
) -> Answer {
    let datacentre = number(&text, "data centre")?;
    done(control.fault_datacentre(datacentre, Some(&user), sip_fault(&bytes)?).await)
}

async fn mend_datacentre_user(State(control): State<Control>, Path((text, user)): Path<(String, String)>) -> Answer {
    let datacentre = number(&text, "data centre")?;
    done(control.fault_datacentre(datacentre, Some(&user), None).await)
}

async fn ca_pem(State(control): State<Control>) -> Response {
    ([(CONTENT_TYPE, "application/pem-certificate-chain")], control.ca_pem().to_owned()).into_response()
}

/// Which certificate to show.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Certificate {
    kind: CertificateKind,
}

fn certificate(bytes: &Bytes) -> Result<Option<CertificateKind>, ControlError> {
    let certificate: Certificate = body(bytes, "certificate", r#"{"kind":"target"}"#)?;
    Ok(Some(certificate.kind))
}

async fn certify_all(State(control): State<Control>, bytes: Bytes) -> Answer {
    control.certify_all(certificate(&bytes)?);
    done(Ok(()))
}

async fn certify_all_usual(State(control): State<Control>) -> Answer {
    control.certify_all(None);
    done(Ok(()))
}

async fn certify_registrar(State(control): State<Control>, Path(name): Path<String>, bytes: Bytes) -> Answer {
    done(control.certify_registrar(&name, certificate(&bytes)?))
}

async fn certify_registrar_usual(State(control): State<Control>, Path(name): Path<String>) -> Answer {
    done(control.certify_registrar(&name, None))
}

async fn certify_datacentre(State(control): State<Control>, Path(text): Path<String>, bytes: Bytes) -> Answer {
    done(control.certify_datacentre(number(&text, "data centre")?, certificate(&bytes)?))
}

async fn certify_datacentre_usual(State(control): State<Control>, Path(text): Path<String>) -> Answer {
    done(control.certify_datacentre(number(&text, "data centre")?, None))
}

async fn fault_dns(State(control): State<Control>, bytes: Bytes) -> Answer {
    let example = r#"{"name":"_sip._udp.example.test","view":1,"kind":"servfail"} or {"kind":"delay","ms":700}"#;
    let fault: DnsFault = body(&bytes, "DNS fault", example)?;
    done(control.fault_dns(fault))
}

/// Which DNS faults to mend; absent means all.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    name: Option<String>,
    view: Option<u8>,
}

async fn mend_dns(State(control): State<Control>, uri: Uri) -> Answer {
    let which: Query<Which> = Query::try_from_uri(&uri).map_err(|error| {
        let query = uri.query().unwrap_or_default();
        ControlError::Invalid(format!("query {query:?}: {error}; use ?name=_sip._udp.example.test&view=1 or neither"))
    })?;
    done(control.mend_dns(which.name.as_deref(), which.view))
}

async fn records(State(control): State<Control>, Path(text): Path<String>) -> Answer {
    let records = control.records(number(&text, "view")?)?;
    Ok(axum::Json(records).into_response())
}

async fn set_records(
    State(control): State<Control>,
    Path((text, name)): Path<(String, String)>,
    bytes: Bytes,
) -> Answer {
    let view = number(&text, "view")?;
    let example =
        r#"{"ttl":30,"records":["10 50 5060 dc1-spx1.example.test"]} or {"type":"A","records":["127.0.1.1"]}"#;
    let set: RecordSet = body(&bytes, "records", example)?;
    done(control.set_records(view, &name, &set))
}

async fn settings(State(control): State<Control>) -> Response {
    axum::Json(control.settings()).into_response()
}

async fn change_settings(State(control): State<Control>, bytes: Bytes) -> Answer {
    let example = r#"{"sharedLocation":true,"minExpires":5,"maxExpires":3600,"digest":true} or {"dropOnClose":true}"#;
    let change: SettingsChange = body(&bytes, "settings", example)?;
    Ok(axum::Json(control.change_settings(&change)?).into_response())
}

async fn bindings_of(State(control): State<Control>, Path(user): Path<String>) -> Response {
    axum::Json(control.bindings(Some(&user))).into_response()
}

async fn log_of(State(control): State<Control>, Path(user): Path<String>) -> Response {
    axum::Json(control.log(Some(&user))).into_response()
}

async fn reset(State(control): State<Control>) -> Answer {
    done(control.reset().await)
}

async fn nothing_there(method: Method, uri: Uri) -> ControlError {
    ControlError::Unknown(format!(
        "{method} {} does not exist; the README of the lab lists what does, and GET / shows the lab",
        uri.path()
    ))
}
