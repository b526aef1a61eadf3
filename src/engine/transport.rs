//! The connections to an engine, one for each call, and what is read of each: an answer as a whole
//! has a bound, and a stream whose silence means nothing good has a deadline for the next byte.
//!
//! The library reads whatever comes into memory. So the bounds are where the bytes come from.

use super::Endpoint;
use super::endpoint::Address;
use super::tls;
use bollard::errors::Error;
use bollard::{API_DEFAULT_VERSION, BollardRequest, Docker};
use futures_util::future::BoxFuture;
use hyper::body::Incoming;
use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};
use hyper::{Method, Response, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::time::{Sleep, sleep};
use tower_service::Service;

/// The largest answer, in bytes. An engine tells some kilobytes of a container.
const ANSWER: u64 = 64 * 1024 * 1024;
/// What a build or a pull may tell, in bytes: one line of it is in memory as a whole.
const PROGRESS: u64 = 1024 * 1024 * 1024;
/// How long nothing may come of an archive.
const SILENCE: Duration = Duration::from_secs(300);
/// What is read at once.
const PIECE: usize = 16 * 1024;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why no more is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Bound {
    /// More than [`ANSWER`] or [`PROGRESS`].
    #[error("its answer is larger than {} MiB", .0 >> 20)]
    Size(u64),
    /// Nothing came for so long.
    #[error("nothing came for {} s", .0.as_secs())]
    Silence(Duration),
}

/// What is read of one connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Bounds {
    bytes: Option<u64>,
    silence: Option<Duration>,
}

impl Bounds {
    /// Those of a call. The end of an answer has a deadline elsewhere.
    fn of(method: &Method, path: &str) -> Self {
        let mut parts = path.trim_start_matches('/').split('/').peekable();
        parts.next_if(|first| {
            first
                .strip_prefix('v')
                .is_some_and(|it| it.starts_with(char::is_numeric))
        });
        let (kind, deed) = (parts.next(), parts.last());
        match (method.as_str(), kind, deed) {
            // How long they may be silent is up to whoever follows them.
            ("POST", Some("build"), None) | ("POST", Some("images"), Some("create")) => Self {
                bytes: Some(PROGRESS),
                silence: None,
            },
            ("GET", Some("containers"), Some("archive")) => Self {
                bytes: None,
                silence: Some(SILENCE),
            },
            // The guest at the other end has deadlines of its own, and whoever reads a log as well.
            ("POST", Some("exec"), Some("start")) | ("GET", Some("containers"), Some("logs")) => {
                Self::default()
            }
            _ => Self {
                bytes: Some(ANSWER),
                silence: None,
            },
        }
    }
}

/// A client of the library that reads within bounds.
///
/// # Errors
/// The library's.
pub(super) fn docker(endpoint: &Endpoint, seconds: u64) -> Result<Docker, Error> {
    match &endpoint.address {
        Address::Unix(path) => over(Socket(path.clone()), "http://localhost", seconds),
        Address::Tcp {
            authority,
            certificates: None,
        } => over(
            HttpConnector::new(),
            &format!("http://{authority}"),
            seconds,
        ),
        Address::Tcp {
            authority,
            certificates: Some(directory),
        } => over(
            tls::connector(directory)?,
            &format!("https://{authority}"),
            seconds,
        ),
    }
}

fn over<C>(connector: C, address: &str, seconds: u64) -> Result<Docker, Error>
where
    C: Service<Uri> + Clone + Send + Sync + 'static,
    C::Response: Read + Write + Connection + Unpin + Send + 'static,
    C::Future: Send + Unpin + 'static,
    C::Error: Into<BoxError>,
{
    let transport = move |request: BollardRequest| {
        let bounds = Bounds::of(request.method(), request.uri().path());
        let connector = Bounded {
            inner: connector.clone(),
            bounds,
        };
        // One connection, one call: no other one counts for it.
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .build(connector);
        let answer: BoxFuture<'static, Result<Response<Incoming>, Error>> =
            Box::pin(async move { Ok(client.request(request).await?) });
        answer
    };
    Docker::connect_with_custom_transport(transport, Some(address), seconds, API_DEFAULT_VERSION)
}

/// Connects to a unix socket.
#[derive(Clone)]
struct Socket(PathBuf);

impl Service<Uri> for Socket {
    type Response = Local;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Local>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let path = self.0.clone();
        Box::pin(async move { connected(&path).await.map(Local) })
    }
}

async fn connected(path: &Path) -> io::Result<TokioIo<UnixStream>> {
    Ok(TokioIo::new(UnixStream::connect(path).await?))
}

/// A connection on this machine.
struct Local(TokioIo<UnixStream>);

impl Connection for Local {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Local {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

/// Writes go through as they are.
macro_rules! write_through {
    ($field:tt) => {
        fn poll_write(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            Pin::new(&mut self.$field).poll_write(context, bytes)
        }

        fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.$field).poll_flush(context)
        }

        fn poll_shutdown(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<io::Result<()>> {
            Pin::new(&mut self.$field).poll_shutdown(context)
        }
    };
}

impl Write for Local {
    write_through!(0);
}

/// Connects, and reads within bounds.
#[derive(Clone)]
struct Bounded<C> {
    inner: C,
    bounds: Bounds,
}

impl<C> Service<Uri> for Bounded<C>
where
    C: Service<Uri>,
    C::Future: Send + Unpin + 'static,
    C::Response: Send + 'static,
    C::Error: Into<BoxError>,
{
    type Response = Within<C::Response>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let (connecting, bounds) = (self.inner.call(uri), self.bounds);
        Box::pin(async move {
            let stream = connecting.await.map_err(Into::into)?;
            Ok(Within::new(stream, bounds))
        })
    }
}

/// A connection of which no more is read than its bounds allow.
struct Within<T> {
    stream: T,
    bounds: Bounds,
    read: u64,
    /// Until when something has to come; only while it is waited for.
    until: Option<Pin<Box<Sleep>>>,
    piece: Box<[u8]>,
}

impl<T> Within<T> {
    fn new(stream: T, bounds: Bounds) -> Self {
        Self {
            stream,
            bounds,
            read: 0,
            until: None,
            piece: vec![0; PIECE].into(),
        }
    }
}

impl<T: Connection> Connection for Within<T> {
    fn connected(&self) -> Connected {
        self.stream.connected()
    }
}

impl<T: Read + Unpin> Read for Within<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let most = buffer.remaining().min(PIECE);
        let mut piece = ReadBuf::new(&mut this.piece[..most]);
        let polled = Pin::new(&mut this.stream).poll_read(context, piece.unfilled());
        if polled.is_pending() {
            let Some(silence) = this.bounds.silence else {
                return Poll::Pending;
            };
            let until = { this.until.as_mut() };
            let until = match until {
                Some(until) => until,
                None => this.until.insert(Box::pin(sleep(silence))),
            };
            ready!(until.as_mut().poll(context));
            return Poll::Ready(Err(io::Error::other(Bound::Silence(silence))));
        }
        this.until = None;
        let piece = piece.filled();
        this.read += piece.len() as u64;
        if let Some(most) = this.bounds.bytes.filter(|most| this.read > *most) {
            return Poll::Ready(Err(io::Error::other(Bound::Size(most))));
        }
        buffer.put_slice(piece);
        polled
    }
}

impl<T: Write + Unpin> Write for Within<T> {
    write_through!(stream);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_has_the_bounds_of_its_kind() {
        let answer = (Some(ANSWER), None);
        let table = [
            ("GET", "/v1.41/containers/json", answer),
            ("GET", "/containers/build/json", answer),
            ("GET", "/v1.41/images/archive/json", answer),
            ("HEAD", "/v1.41/containers/x/archive", answer),
            ("PUT", "/v1.41/containers/x/archive", answer),
            ("POST", "/v1.41/containers/create", answer),
            ("POST", "/v1.41/images/x/tag", answer),
            ("GET", "/v1.41/containers/x/archive", (None, Some(SILENCE))),
            ("GET", "/containers/x/archive", (None, Some(SILENCE))),
            ("GET", "/v1.41/containers/x/logs", (None, None)),
            ("POST", "/v1.41/exec/x/start", (None, None)),
            ("POST", "/v1.41/build", (Some(PROGRESS), None)),
            ("POST", "/build", (Some(PROGRESS), None)),
            ("POST", "/v1.41/images/create", (Some(PROGRESS), None)),
        ];
        for (method, path, (bytes, silence)) in table {
            let method = Method::from_bytes(method.as_bytes()).expect("a method");
            let found = Bounds::of(&method, path);
            assert_eq!(found, Bounds { bytes, silence }, "{method} {path}");
        }
    }

    async fn read(mut stream: Within<TokioIo<tokio::io::DuplexStream>>) -> io::Result<usize> {
        let mut bytes = [0; 64];
        let mut buffer = ReadBuf::new(&mut bytes);
        std::future::poll_fn(|context| Pin::new(&mut stream).poll_read(context, buffer.unfilled()))
            .await?;
        Ok(buffer.filled().len())
    }

    #[tokio::test]
    async fn no_more_is_read_than_the_bounds_allow() {
        let bound = |error: &io::Error| {
            let inner = error.get_ref().expect("of ours");
            *inner.downcast_ref::<Bound>().expect("of ours")
        };
        let silence = Some(Duration::from_millis(50));
        for (bytes, sent, expected) in [
            (Some(4), &b"1234"[..], Ok(4)),
            (Some(4), b"12345", Err(Bound::Size(4))),
            (None, b"12345", Ok(5)),
            (None, b"", Err(Bound::Silence(Duration::from_millis(50)))),
        ] {
            let (mut there, here) = tokio::io::duplex(64);
            tokio::io::AsyncWriteExt::write_all(&mut there, sent)
                .await
                .expect("there is room");
            let outcome = read(Within::new(TokioIo::new(here), Bounds { bytes, silence })).await;
            assert_eq!(outcome.map_err(|error| bound(&error)), expected, "{sent:?}");
        }
    }
}
