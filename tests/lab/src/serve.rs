//! Serving HTTP/1.1 on connections that can be cut: `axum::serve` lets none of its own go.

use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// The wait after a socket error, lest it spins.
const AFTER_ERROR: Duration = Duration::from_millis(10);

/// Cuts the connection by which a request came. Handlers get it as an extension.
#[derive(Clone, Default)]
pub(crate) struct HangUp(Arc<Notify>);

impl HangUp {
    /// Cuts the connection, and with it the request that waits here.
    pub(crate) async fn now<T>(&self) -> T {
        self.0.notify_one();
        std::future::pending().await
    }
}

/// Serves until dropped; the connections are cut with it.
pub(crate) async fn http(listener: TcpListener, router: Router) {
    let mut tasks = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let _ = stream.set_nodelay(true);
                let hang_up = HangUp::default();
                let service = TowerToHyperService::new(router.clone().layer(Extension(hang_up.clone())));
                tasks.spawn(async move {
                    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                    tokio::select! {
                        // A client that has gone is its own affair.
                        _ = connection => {}
                        () = hang_up.0.notified() => {}
                    }
                });
            }
            Err(_) => tokio::time::sleep(AFTER_ERROR).await,
        }
        while tasks.try_join_next().is_some() {}
    }
}
