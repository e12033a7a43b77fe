//! A server on a free port of this machine that counts what reaches it and ends with the test.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use fetch::Url;
use tokio::net::TcpListener;

pub struct Server {
    address: SocketAddr,
    hits: Arc<AtomicUsize>,
}

impl Server {
    pub async fn start(routes: Router) -> Self {
        let hits = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&hits);
        let count = middleware::from_fn(move |request, next: Next| {
            counter.fetch_add(1, Ordering::SeqCst);
            next.run(request)
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, routes.layer(count)).await });
        Self { address, hits }
    }

    /// Answers every path by the number of the request, counted from 1.
    pub async fn start_counting<F>(answer: F) -> Self
    where
        F: Fn(usize) -> (StatusCode, HeaderMap, Body) + Clone + Send + Sync + 'static,
    {
        let number = Arc::new(AtomicUsize::new(0));
        Self::start(Router::new().fallback(async move || answer(number.fetch_add(1, Ordering::SeqCst) + 1)))
            .await
    }

    pub fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }

    /// By address.
    pub fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address)).unwrap()
    }

    /// By a name that has to be resolved.
    pub fn named_url(&self, path: &str) -> Url {
        Url::parse(&format!("http://localhost:{}{path}", self.address.port())).unwrap()
    }
}
