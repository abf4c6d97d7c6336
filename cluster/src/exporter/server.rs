//! `GET /metrics` and `GET /healthz`, and nothing else.
//!
//! It has a thread of its own, so that it answers whatever a comparison does.
//! Whoever connects gets a fixed share of it: so many connections at once, so
//! long each, one request each.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use std::{io, net, thread};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time;

use super::metrics::CONTENT_TYPE as OPEN_METRICS;
use crate::fleet::runtime;

/// How many may be connected at once; others wait.
const CONNECTIONS: usize = 32;
/// How long a connection may take from its first byte to its last.
const CONNECTION_TIME: Duration = Duration::from_secs(10);
/// How long to wait when the system has no more file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves the newest page as long as the process runs.
pub(super) fn start(listener: net::TcpListener, page: watch::Receiver<Arc<str>>) -> io::Result<()> {
    let runtime = runtime()?;
    listener.set_nonblocking(true)?;
    let listener = {
        let _entered = runtime.enter();
        TcpListener::from_std(listener)?
    };
    thread::Builder::new()
        .name("metrics".to_owned())
        .spawn(move || runtime.block_on(serve(listener, page)))?;
    Ok(())
}

async fn serve(listener: TcpListener, page: watch::Receiver<Arc<str>>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let place = Arc::clone(&places).acquire_owned().await;
        let place = place.expect("the semaphore is never closed");
        match listener.accept().await {
            Ok((stream, _)) => {
                let page = page.clone();
                tokio::spawn(async move {
                    // Whoever is too slow is cut off, and whoever hangs up
                    // does not care.
                    let _ = time::timeout(CONNECTION_TIME, connection(stream, page)).await;
                    drop(place);
                });
            }
            Err(_) => time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

async fn connection(stream: TcpStream, page: watch::Receiver<Arc<str>>) {
    let answer = service_fn(move |request| {
        let response = respond(&request, &page);
        async { Ok::<_, Infallible>(response) }
    });
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), answer)
        .await;
}

fn respond(request: &Request<Incoming>, page: &watch::Receiver<Arc<str>>) -> Response<Full<Bytes>> {
    let body = match request.uri().path() {
        "/metrics" => page.borrow().to_string(),
        "/healthz" => "ok\n".to_owned(),
        _ => return failure(StatusCode::NOT_FOUND, "see /metrics\n"),
    };
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        return failure(StatusCode::METHOD_NOT_ALLOWED, "only GET\n");
    }
    let mut response = Response::new(Full::from(body));
    if request.uri().path() == "/metrics" {
        let value = OPEN_METRICS.parse().expect("it is a header value");
        response.headers_mut().insert(CONTENT_TYPE, value);
    }
    response
}

fn failure(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    if status == StatusCode::METHOD_NOT_ALLOWED {
        let value = "GET, HEAD".parse().expect("it is a header value");
        response.headers_mut().insert(ALLOW, value);
    }
    response
}
