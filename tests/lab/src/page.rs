//! A folder served over HTTP, for pages that steer the lab.

use std::path::{Component, Path as FilePath, PathBuf};

use axum::Router;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use crate::control::ControlError;

/// `/page/` with the folder's files.
pub(crate) fn router<S: Clone + Send + Sync + 'static>(folder: PathBuf) -> Router<S> {
    let start = folder.clone();
    Router::new()
        .route("/page", get(async || Redirect::temporary("/page/")))
        .route("/page/", get(async move || file(&start, "").await))
        .route("/page/{*path}", get(async move |Path(path): Path<String>| file(&folder, &path).await))
}

/// Whether a browser asks for something to show: scripts and programs ask for anything, or for JSON.
pub(crate) fn is_to_be_shown(headers: &HeaderMap) -> bool {
    let accepts = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepts.flat_map(|value| value.split(',')).any(|kind| kind.trim_start().starts_with("text/html"))
}

/// A file of the folder; `index.html` where the path ends in a slash.
async fn file(folder: &FilePath, path: &str) -> Result<Response, ControlError> {
    let unknown = || ControlError::Unknown(format!("/page/{path} does not exist; --page names the folder it is from"));
    let mut place = PathBuf::from(path);
    if path.is_empty() || path.ends_with('/') {
        place.push("index.html");
    }
    if !place.components().all(|component| matches!(component, Component::Normal(_))) {
        return Err(unknown());
    }
    let bytes = tokio::fs::read(folder.join(&place)).await.map_err(|_| unknown())?;
    Ok(([(CONTENT_TYPE, content_type(&place)), (CACHE_CONTROL, "no-store")], bytes).into_response())
}

fn content_type(place: &FilePath) -> &'static str {
    match place.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
