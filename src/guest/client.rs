//! The client's side of a connection to a guest: blocking, with a deadline on every answer as a
//! whole. Whoever answers is not trusted: root inside can take the guest's place.

use super::frame::{self, Frame, FrameError, Kind, MAX_PAYLOAD};
use super::message::{Exit, Failure, FailureCode, Reply, Request, STDIN_WINDOW};
use super::{OLDEST_PROTOCOL, PROTOCOL};
use bytes::BytesMut;
use std::io::{self, IoSlice, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long the guest may take to answer a request, and to take one.
pub const ANSWER: Duration = Duration::from_secs(20);
const READ: usize = 128 * 1024;

/// Why a guest could not be talked to.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The connection failed or ended in the middle.
    #[error("the connection to the sandbox's guest broke: {0}")]
    Connection(#[from] io::Error),
    /// What the process wrote cannot be passed on.
    #[error("cannot write what the process writes")]
    Output(io::Error),
    /// No answer in time.
    #[error("the sandbox's guest did not answer within {} s", ANSWER.as_secs())]
    Deadline,
    /// What came is not the protocol.
    #[error("the sandbox's guest sent something else than its protocol: {0}")]
    Garbage(String),
    /// Both sides are too far apart.
    #[error("the sandbox's guest is of another generation (protocol {guest}, this is {PROTOCOL})")]
    Generation {
        /// The guest's protocol.
        guest: u16,
    },
    /// The guest refused, with its reason.
    #[error(transparent)]
    Refused(#[from] Failure),
}

impl From<FrameError> for ClientError {
    fn from(error: FrameError) -> Self {
        Self::Garbage(error.to_string())
    }
}

/// A connection on which requests are answered one by one.
pub struct Client {
    stream: UnixStream,
    buffer: BytesMut,
    greeted: bool,
}

impl Client {
    /// Says hello; the guest's own is read with the first answer.
    ///
    /// # Errors
    /// [`ClientError::Connection`].
    pub fn new(stream: UnixStream) -> Result<Self, ClientError> {
        let mut client = Self {
            stream,
            buffer: BytesMut::new(),
            greeted: false,
        };
        client.send(&Request::Hello {
            protocol: PROTOCOL,
            version: env!("CARGO_PKG_VERSION").into(),
        })?;
        Ok(client)
    }

    /// Waits for the guest's hello, before a request that is answered by something else.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub fn greet(&mut self) -> Result<(), ClientError> {
        let mut patience = Patience::of(ANSWER);
        while !self.greeted {
            self.hear(&mut patience)?;
        }
        Ok(())
    }

    /// Sends a request without waiting for its answer.
    ///
    /// # Errors
    /// [`ClientError::Connection`].
    pub fn send(&mut self, request: &Request) -> Result<(), ClientError> {
        write_both(&mut self.stream, &encoded(request), &[])
    }

    /// Sends a request and waits for its answer.
    ///
    /// # Errors
    /// [`ClientError`]; `Refused` for an answer that is a failure.
    pub fn call(&mut self, request: &Request) -> Result<Reply, ClientError> {
        self.send(request)?;
        self.answer()
    }

    /// The next answer; all that comes before it counts to its deadline.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub fn answer(&mut self) -> Result<Reply, ClientError> {
        let mut patience = Patience::of(ANSWER);
        loop {
            if let Some(reply) = self.hear(&mut patience)? {
                return Ok(reply);
            }
        }
    }

    /// One frame: the hello, which is no answer, or a reply.
    fn hear(&mut self, patience: &mut Patience) -> Result<Option<Reply>, ClientError> {
        let frame = next_frame(&mut self.stream, &mut self.buffer, patience)?;
        if frame.kind != Kind::Reply {
            return Err(ClientError::Garbage("output before an answer".into()));
        }
        match parse(&frame)? {
            Reply::Hello { protocol, .. } if !self.greeted => {
                if protocol < OLDEST_PROTOCOL {
                    return Err(ClientError::Generation { guest: protocol });
                }
                self.greeted = true;
                Ok(None)
            }
            Reply::Failed(failure) if failure.code == FailureCode::Protocol => {
                Err(ClientError::Generation { guest: 0 })
            }
            Reply::Failed(failure) => Err(failure.into()),
            reply => Ok(Some(reply)),
        }
    }

    /// The two directions of a connection whose process has been started or attached to; no
    /// deadline for what it writes from here on, as an agent may think for hours.
    ///
    /// # Errors
    /// [`ClientError::Connection`].
    pub fn split(self) -> Result<(Input, Events), ClientError> {
        self.parted(Patience::endless())
    }

    /// The same for what has an end: all waits for its events together may last `limit`.
    ///
    /// # Errors
    /// [`ClientError::Connection`].
    pub fn split_within(self, limit: Duration) -> Result<(Input, Events), ClientError> {
        self.parted(Patience::of(limit))
    }

    /// The same for what goes on as long as something comes: each wait may last `limit`.
    ///
    /// # Errors
    /// [`ClientError::Connection`].
    pub fn split_while_busy(self, limit: Duration) -> Result<(Input, Events), ClientError> {
        self.parted(Patience::each(limit))
    }

    fn parted(self, patience: Patience) -> Result<(Input, Events), ClientError> {
        let input = Input {
            stream: Arc::new(Mutex::new(self.stream.try_clone()?)),
            window: Arc::new((Mutex::new(Some(STDIN_WINDOW)), Condvar::new())),
        };
        let events = Events {
            stream: self.stream,
            buffer: self.buffer,
            window: Arc::clone(&input.window),
            patience,
        };
        Ok((input, events))
    }
}

/// How much longer somebody may keep us waiting, over all waits together or in each.
struct Patience {
    /// `None` is without end.
    left: Option<Duration>,
    /// Whoever keeps on talking has as much for the next wait.
    each: Option<Duration>,
}

impl Patience {
    fn of(limit: Duration) -> Self {
        Self {
            left: Some(limit),
            each: None,
        }
    }

    fn each(limit: Duration) -> Self {
        Self {
            left: Some(limit),
            each: Some(limit),
        }
    }

    fn endless() -> Self {
        Self {
            left: None,
            each: None,
        }
    }

    /// What the next wait may take.
    fn next(&self) -> Result<Option<Duration>, ClientError> {
        match self.left {
            Some(left) if left.is_zero() => Err(ClientError::Deadline),
            left => Ok(left),
        }
    }

    /// Something came.
    fn renew(&mut self) {
        self.left = self.each.or(self.left);
    }

    /// A wait that began then is over.
    fn spend(&mut self, begun: Instant) {
        if let Some(left) = &mut self.left {
            *left = left.saturating_sub(begun.elapsed());
        }
    }
}

/// How much may be sent; `None` once the session is over.
type Window = Arc<(Mutex<Option<u32>>, Condvar)>;

/// The direction to the process; clones share it.
#[derive(Clone)]
pub struct Input {
    stream: Arc<Mutex<UnixStream>>,
    window: Window,
}

impl Input {
    /// Sends bytes for standard input, waiting for the process to have taken earlier ones.
    ///
    /// # Errors
    /// [`ClientError::Connection`] when the session is over.
    pub fn stdin(&self, bytes: &[u8]) -> Result<(), ClientError> {
        for chunk in bytes.chunks(MAX_PAYLOAD.min(STDIN_WINDOW as usize)) {
            self.take_window(u32::try_from(chunk.len()).unwrap_or(STDIN_WINDOW))?;
            let header = frame::header(Kind::Stdin, chunk.len());
            let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
            // The window says that the guest takes it at once.
            write_both(&mut stream, &header, chunk)?;
        }
        Ok(())
    }

    fn take_window(&self, wanted: u32) -> Result<(), ClientError> {
        let (window, changed) = &*self.window;
        let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match window.as_mut() {
                None => return Err(io::Error::from(io::ErrorKind::BrokenPipe).into()),
                Some(free) if *free >= wanted => {
                    *free -= wanted;
                    return Ok(());
                }
                Some(_) => {
                    window = changed.wait(window).unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }

    /// Sends a request that has no answer of its own.
    ///
    /// # Errors
    /// [`ClientError::Connection`].
    pub fn tell(&self, request: &Request) -> Result<(), ClientError> {
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        write_both(&mut stream, &encoded(request), &[])
    }

    /// Ends the connection; the guest ends a process that nobody can come back to.
    ///
    /// # Errors
    /// [`ClientError::Connection`].
    pub fn close(&self) -> Result<(), ClientError> {
        let stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(stream.shutdown(std::net::Shutdown::Both)?)
    }

    /// Leaves the process running and ends the connection.
    ///
    /// # Errors
    /// [`ClientError::Connection`].
    pub fn detach(&self) -> Result<(), ClientError> {
        self.tell(&Request::Detach)
    }
}

/// What comes from the process.
pub struct Events {
    stream: UnixStream,
    buffer: BytesMut,
    window: Window,
    patience: Patience,
}

/// One thing that happened to a process.
#[derive(Debug)]
pub enum Event {
    /// It wrote.
    Output(Kind, bytes::Bytes),
    /// It ended, and all of its output was delivered.
    Exited(Exit),
}

impl Events {
    /// Waits for what happens next; `None` when the connection was ended (by a detach, or because
    /// the sandbox went away).
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn wait(&mut self) -> Result<Option<Event>, ClientError> {
        loop {
            let frame = match next_frame(&mut self.stream, &mut self.buffer, &mut self.patience) {
                Ok(frame) => frame,
                Err(ClientError::Connection(error)) if is_end(&error) => return Ok(None),
                Err(error) => return Err(error),
            };
            if matches!(frame.kind, Kind::Stdout | Kind::Stderr) {
                return Ok(Some(Event::Output(frame.kind, frame.payload)));
            }
            match parse(&frame)? {
                Reply::Credit { bytes } => {
                    let (window, changed) = &*self.window;
                    let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
                    if let Some(free) = window.as_mut() {
                        // Whatever the guest claims, one window is all there is.
                        *free = free.saturating_add(bytes).min(STDIN_WINDOW);
                    }
                    changed.notify_all();
                }
                Reply::Exited(exit) => return Ok(Some(Event::Exited(exit))),
                Reply::Done => {
                    return Ok(Some(Event::Exited(Exit {
                        code: Some(0),
                        signal: None,
                    })));
                }
                Reply::Failed(failure) => return Err(failure.into()),
                _ => {}
            }
        }
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        let (window, changed) = &*self.window;
        *window.lock().unwrap_or_else(PoisonError::into_inner) = None;
        changed.notify_all();
    }
}

fn is_end(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset
    )
}

fn next_frame(
    stream: &mut UnixStream,
    buffer: &mut BytesMut,
    patience: &mut Patience,
) -> Result<Frame, ClientError> {
    loop {
        if let Some(frame) = frame::decode(buffer)? {
            return Ok(frame);
        }
        stream.set_read_timeout(patience.next()?)?;
        let filled = buffer.len();
        buffer.resize(filled + READ, 0);
        let begun = Instant::now();
        let outcome = stream.read(&mut buffer[filled..]);
        buffer.truncate(filled + *outcome.as_ref().unwrap_or(&0));
        patience.spend(begun);
        match outcome {
            Ok(0) => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
            Ok(_) => patience.renew(),
            // The next turn says whether any patience is left.
            Err(error) if is_no_failure(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// A wait ended early, by a signal or by its timeout.
fn is_no_failure(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock
    )
}

fn parse(frame: &Frame) -> Result<Reply, ClientError> {
    serde_json::from_slice(&frame.payload).map_err(|error| ClientError::Garbage(error.to_string()))
}

fn encoded(request: &Request) -> BytesMut {
    let json = serde_json::to_vec(request).expect("a request is made of strings and numbers");
    let mut out = BytesMut::new();
    frame::encode(Kind::Request, &json, &mut out);
    out
}

/// Sends both parts; a guest that does not take them in time is given up.
fn write_both(stream: &mut UnixStream, header: &[u8], body: &[u8]) -> Result<(), ClientError> {
    let total = header.len() + body.len();
    let mut patience = Patience::of(ANSWER);
    let mut sent = 0;
    while sent < total {
        stream.set_write_timeout(patience.next()?)?;
        let begun = Instant::now();
        let outcome = match sent.checked_sub(header.len()) {
            Some(of_body) => stream.write(&body[of_body..]),
            None => stream.write_vectored(&[IoSlice::new(&header[sent..]), IoSlice::new(body)]),
        };
        patience.spend(begun);
        match outcome {
            Ok(count) => sent += count,
            Err(error) if is_no_failure(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
