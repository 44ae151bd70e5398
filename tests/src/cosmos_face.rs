//! The emulator of Cosmos DB's library, in memory, behind HTTP on loopback: with a switch for every way to fail.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, StatusCode};
use azure_core::http::headers::{HeaderName, HeaderValue};
use azure_core::http::{Method, Url};
use azure_data_cosmos_driver::in_memory_emulator::{
    ConsistencyLevel, InMemoryEmulatorHttpClient, VirtualAccountConfig, VirtualRegion,
};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// A request, as a fault may look at it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Its number, from 1.
    pub number: u64,
    /// Whether it is a transactional batch.
    pub is_batch: bool,
    /// Whether it is for items, not for the account, a database or a container.
    pub is_for_items: bool,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is answered.
    Answer,
    /// It is answered later.
    Slow(Duration),
    /// It is refused with this status, and a wish how many milliseconds to wait.
    Refuse(u16, Option<u64>),
    /// It is carried out, and the answer is this status instead of what it is.
    Lose(u16),
    /// Nobody ever answers.
    Hush,
}

type Faults = Box<dyn FnMut(&Seen) -> Fate + Send>;

struct Shared {
    base: String,
    emulator: InMemoryEmulatorHttpClient,
    requests: AtomicU64,
    batches: AtomicU64,
    faults: Mutex<Faults>,
}

/// The emulator with its address. What is in it stays over [`CosmosFace::kill`] and [`CosmosFace::start`].
pub struct CosmosFace {
    address: SocketAddr,
    shared: Arc<Shared>,
    runtime: Option<Runtime>,
}

impl std::fmt::Debug for CosmosFace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CosmosFace")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl CosmosFace {
    /// An empty account.
    ///
    /// # Panics
    /// Where loopback has no free port.
    pub fn new() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        drop(listener);
        let base = format!("http://{address}");
        let region = VirtualRegion::new("East US", Url::parse(&base).expect("a URL"));
        let account = VirtualAccountConfig::new(vec![region]).expect("an account");
        let shared = Arc::new(Shared {
            base,
            emulator: InMemoryEmulatorHttpClient::new(account.with_consistency(ConsistencyLevel::Session)),
            requests: AtomicU64::new(0),
            batches: AtomicU64::new(0),
            faults: Mutex::new(Box::new(|_| Fate::Answer)),
        });
        let mut face = Self {
            address,
            shared,
            runtime: None,
        };
        face.start();
        face
    }

    /// The URL of a sink in it.
    pub fn url(&self) -> String {
        format!("cosmos://{}/version-control?tls=off", self.address)
    }

    /// Listens.
    ///
    /// # Panics
    /// Where the port was taken by another one meanwhile.
    pub fn start(&mut self) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let listener = runtime
            .block_on_elsewhere(TcpListener::bind(self.address))
            .expect("the port is free");
        let app = Router::new().fallback(answer).with_state(self.shared.clone());
        runtime.spawn(async move { axum::serve(listener, app).await });
        self.runtime = Some(runtime);
    }

    /// Ends without a word to whoever is connected.
    pub fn kill(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }

    /// Decides about each request from now on.
    pub fn fail(&self, faults: impl FnMut(&Seen) -> Fate + Send + 'static) {
        *self.shared.faults.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(faults);
    }

    /// Answers each request from now on.
    pub fn heal(&self) {
        self.fail(|_| Fate::Answer);
    }

    /// How many requests came, and how many of them were batches.
    pub fn requests(&self) -> (u64, u64) {
        (
            self.shared.requests.load(Ordering::SeqCst),
            self.shared.batches.load(Ordering::SeqCst),
        )
    }
}

impl Default for CosmosFace {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for CosmosFace {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Waits on a thread of its own, because the caller may be inside another runtime.
trait BlockOnElsewhere {
    fn block_on_elsewhere<T: Send>(&self, work: impl Future<Output = T> + Send) -> T;
}

impl BlockOnElsewhere for Runtime {
    fn block_on_elsewhere<T: Send>(&self, work: impl Future<Output = T> + Send) -> T {
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| self.block_on(work));
            thread.join().expect("the thread ends")
        })
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let is_batch = request.headers().contains_key("x-ms-cosmos-is-batch-request");
    let seen = Seen {
        number: shared.requests.fetch_add(1, Ordering::SeqCst) + 1,
        is_batch,
        is_for_items: request.uri().path().contains("/docs"),
    };
    if is_batch {
        shared.batches.fetch_add(1, Ordering::SeqCst);
    }
    let fate = (shared.faults.lock().unwrap_or_else(PoisonError::into_inner))(&seen);
    match fate {
        Fate::Answer => carry_out(&shared, request).await,
        Fate::Slow(time) => {
            tokio::time::sleep(time).await;
            carry_out(&shared, request).await
        }
        Fate::Refuse(status, wait) => refusal(status, wait),
        Fate::Lose(status) => {
            carry_out(&shared, request).await;
            refusal(status, None)
        }
        Fate::Hush => std::future::pending().await,
    }
}

fn refusal(status: u16, wait: Option<u64>) -> Response<Body> {
    let mut response = Response::builder()
        .status(StatusCode::from_u16(status).expect("a status"))
        .header("content-type", "application/json");
    if let Some(wait) = wait {
        response = response.header("x-ms-retry-after-ms", wait.to_string());
    }
    response
        .body(Body::from(
            r#"{"code":"Refused","message":"as the test asked for"}"#,
        ))
        .expect("a response")
}

/// Hands the request to the emulator.
async fn carry_out(shared: &Shared, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    let url = Url::parse(&format!("{}{target}", shared.base)).expect("a URL");
    let method = match head.method.as_str() {
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        "PATCH" => Method::Patch,
        _ => Method::Get,
    };
    let mut inner = azure_core::http::Request::new(url, method);
    copy_headers(&head.headers, &mut inner);
    let body = to_bytes(body, 8 << 20).await.unwrap_or_default();
    inner.set_body(body);
    let answer = match shared.emulator.execute_request(&inner).await {
        Ok(answer) => answer.try_into_raw_response().await.expect("a whole answer"),
        Err(error) => panic!("the emulator failed: {error}"),
    };
    let mut response = Response::builder().status(u16::from(answer.status()));
    for (name, value) in answer.headers().iter() {
        if !["content-length", "transfer-encoding"].contains(&name.as_str()) {
            response = response.header(name.as_str(), value.as_str());
        }
    }
    response
        .body(Body::from(answer.body().as_ref().to_vec()))
        .expect("a response")
}

fn copy_headers(from: &HeaderMap, to: &mut azure_core::http::Request) {
    for (name, value) in from {
        if let Ok(value) = value.to_str() {
            to.insert_header(
                HeaderName::from(name.as_str().to_owned()),
                HeaderValue::from(value.to_owned()),
            );
        }
    }
}
