//! One client: its requests in order, and the process it stays with.
//!
//! A task reads and a task writes, so that a client which does not take its output can still
//! signal its process.

use super::authorities;
use super::command::failure;
use super::git_identity;
use super::kept;
use super::mounts;
use super::output::Reader;
use super::process::{Process, Processes};
use super::setup::{Workshop, sources};
use super::stdin::Credit;
use super::supervision;
use super::writer::{self, Outbound};
use crate::guest::frame::{self, Frame, Kind};
use crate::guest::message::set_up::SetUp;
use crate::guest::message::{Failure, FailureCode, Prepare, Reply, Request, Size, Start};
use crate::guest::{OLDEST_PROTOCOL, PROTOCOL};
use bytes::BytesMut;
use std::io;
use std::rc::Rc;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;
use tokio::net::unix::OwnedReadHalf;
use tokio::sync::mpsc;

/// How long a client may take to say hello.
const GREETING: Duration = Duration::from_secs(10);
/// How long a request waits for the host's word that the mounts are right. Whoever starts a sandbox
/// gives it at once.
const PROOF: Duration = Duration::from_secs(10);
/// SIGHUP: the client of a process that cannot be come back to is gone.
const HANG_UP: i32 = 1;

/// What every connection may use.
pub struct Services {
    pub processes: Rc<Processes>,
    pub workshop: Workshop,
}

/// Serves one connection until either side ends it. Errors end the connection, nothing else.
pub async fn serve(stream: UnixStream, services: Rc<Services>) {
    let (read, write) = stream.into_split();
    let (outbound, inbox) = mpsc::channel(16);
    let credit = Rc::<Credit>::default();
    let writer = tokio::task::spawn_local(writer::write_all(write, inbox, Rc::clone(&credit)));
    let mut connection = Connection {
        frames: Frames {
            read,
            buffer: BytesMut::new(),
        },
        outbound,
        services,
        credit,
        process: None,
        is_detached: false,
    };
    let outcome = connection.run().await;
    if let Err(Ended::Wrong(failure)) = outcome {
        connection.reply(Reply::Failed(failure)).await;
    }
    let Connection {
        outbound,
        process,
        is_detached,
        ..
    } = connection;
    let is_busy = process.as_ref().is_some_and(|p| p.info().exit.is_none());
    drop(outbound);
    if !is_busy || is_detached {
        // What is on its way to the client still gets there, or fails because it is gone.
        drop(tokio::time::timeout(GREETING, writer).await);
    } else {
        writer.abort();
    }
    if let Some(process) = process.filter(|p| !is_detached && !p.survives_its_client()) {
        process.stdin.close();
        process.signal(HANG_UP);
    }
}

enum Ended {
    /// The client is gone or has said that it is done.
    Closed,
    /// The client cannot be understood.
    Wrong(Failure),
}

impl From<io::Error> for Ended {
    fn from(_: io::Error) -> Self {
        Self::Closed
    }
}

struct Connection {
    frames: Frames,
    outbound: mpsc::Sender<Outbound>,
    services: Rc<Services>,
    credit: Rc<Credit>,
    process: Option<Rc<Process>>,
    is_detached: bool,
}

impl Connection {
    async fn greet(&mut self) -> Result<(), Ended> {
        let hello = tokio::time::timeout(GREETING, self.frames.next()).await;
        let Request::Hello { protocol, .. } = parse(&hello.map_err(|_| Ended::Closed)??)? else {
            return Err(wrong(FailureCode::Protocol, "the first frame is not hello"));
        };
        self.reply(Reply::Hello {
            protocol: PROTOCOL,
            version: env!("CARGO_PKG_VERSION").into(),
        })
        .await;
        if protocol < OLDEST_PROTOCOL {
            let message = format!("protocol {protocol} is too old for this guest");
            return Err(wrong(FailureCode::Protocol, message));
        }
        Ok(())
    }

    async fn run(&mut self) -> Result<(), Ended> {
        self.greet().await?;
        loop {
            let frame = self.frames.next().await?;
            match frame.kind {
                Kind::Stdin => {
                    if let Some(process) = &self.process
                        && !process.stdin.push(frame.payload, &self.credit)
                    {
                        return Err(wrong(
                            FailureCode::Protocol,
                            "more standard input than the window allows",
                        ));
                    }
                }
                Kind::Request => match parse(&frame) {
                    Ok(request) => self.carry_out(request).await?,
                    Err(Ended::Wrong(failure)) => self.reply(Reply::Failed(failure)).await,
                    Err(closed) => return Err(closed),
                },
                _ => {
                    return Err(wrong(
                        FailureCode::Protocol,
                        "a client sends requests and standard input, nothing else",
                    ));
                }
            }
        }
    }

    async fn carry_out(&mut self, request: Request) -> Result<(), Ended> {
        match request {
            Request::Hello { .. } => {}
            Request::Mounts { targets } => {
                let is_confirmed = self.services.processes.gate.is_open();
                let seen = mounts::look(&targets, is_confirmed);
                self.reply(Reply::Mounts(seen)).await;
            }
            Request::Confirm => {
                self.services.processes.gate.open();
                self.reply(Reply::Done).await;
            }
            Request::Prepare(prepare) => self.reply(prepared(&prepare)).await,
            Request::Keep { env } => {
                let kept = kept::add(env).map_err(|error| {
                    failure(
                        FailureCode::Other,
                        format!("cannot keep the environment: {error}"),
                    )
                });
                self.answer(kept.map(|()| Reply::Done)).await;
            }
            Request::Start(start) => self.start_and_follow(start).await,
            Request::Attach { id, size } => self.attach(id, size).await,
            Request::Resize(size) => self.of_process(|process| process.resize(size)),
            Request::Signal { signal } => self.of_process(|process| process.signal(signal)),
            Request::CloseStdin => self.of_process(|process| process.stdin.close()),
            Request::CloseStdout => self.of_process(Process::close_stdout),
            Request::Detach => {
                self.is_detached = true;
                return Err(Ended::Closed);
            }
            Request::List => {
                let processes = self.services.processes.list();
                self.reply(Reply::Processes { processes }).await;
            }
            Request::Kill { id, signal } => {
                let found = self.services.processes.find(id);
                self.answer(found.map(|process| {
                    process.signal(signal);
                    Reply::Done
                }))
                .await;
            }
            Request::Sources => {
                let fingerprints = sources::all();
                self.reply(Reply::Sources { fingerprints }).await;
            }
            Request::SetUp(set_up) => self.set_up(&set_up).await?,
            Request::Stop { key } => self.stop(&key).await,
            Request::Restart { key } => self.restart(&key).await,
            Request::Logs { key, tail, follow } => {
                self.send(Outbound::Log { key, tail, follow }).await;
            }
        }
        Ok(())
    }

    async fn start_and_follow(&mut self, start: Start) {
        let is_detached = start.detached;
        let proven = self.services.processes.gate.pass(PROOF).await;
        match proven.and_then(|()| self.start(start)) {
            Ok((process, reader)) => {
                self.reply(Reply::Started { id: process.id }).await;
                if !is_detached {
                    self.follow(process, reader).await;
                }
            }
            Err(failure) => self.reply(Reply::Failed(failure)).await,
        }
    }

    async fn attach(&mut self, id: u64, size: Option<Size>) {
        match self.services.processes.find(id) {
            Ok(process) => {
                self.reply(Reply::Started { id }).await;
                if let Some(size) = size {
                    redraw(&process, size);
                }
                let reader = process.output.reader();
                self.follow(process, reader).await;
            }
            Err(failure) => self.reply(Reply::Failed(failure)).await,
        }
    }

    async fn stop(&self, key: &str) {
        let stopped = supervision::stop(&self.services.processes, key).await;
        self.answer(stopped.map(|()| Reply::Done)).await;
    }

    async fn restart(&self, key: &str) {
        if let Err(failure) = self.services.processes.gate.pass(PROOF).await {
            return self.reply(Reply::Failed(failure)).await;
        }
        let started = supervision::restart(&self.services.processes, key).await;
        self.answer(started.map(|id| Reply::Started { id })).await;
    }

    /// Tells the steps as they go. A client that goes away ends the one that runs.
    async fn set_up(&mut self, set_up: &SetUp) -> Result<(), Ended> {
        if let Err(failure) = self.services.processes.gate.pass(PROOF).await {
            self.reply(Reply::Failed(failure)).await;
            return Ok(());
        }
        let (reports, mut told) = mpsc::unbounded_channel();
        let services = Rc::clone(&self.services);
        let work = services.workshop.set_up(set_up, &reports);
        let mut work = std::pin::pin!(work);
        let outcome = loop {
            tokio::select! {
                biased;
                Some(report) = told.recv() => self.reply(report).await,
                outcome = &mut work => break outcome,
                frame = self.frames.next() => return Err(match frame {
                    Err(ended) => ended,
                    Ok(_) => wrong(FailureCode::Protocol, "a request during a set-up"),
                }),
            }
        };
        while let Ok(report) = told.try_recv() {
            self.reply(report).await;
        }
        self.answer(outcome.map(|()| Reply::Done)).await;
        Ok(())
    }

    fn start(&self, start: Start) -> Result<(Rc<Process>, Reader), Failure> {
        let processes = &self.services.processes;
        let running = start.key.as_deref().filter(|_| start.unless_running);
        let running = running.and_then(|key| processes.of_key(key));
        if let Some(process) = running.filter(|process| process.info().exit.is_none()) {
            let reader = process.output.reader();
            return Ok((process, reader));
        }
        processes.start(start)
    }

    fn of_process(&self, act: impl FnOnce(&Process)) {
        if let Some(process) = &self.process {
            act(process);
        }
    }

    async fn follow(&mut self, process: Rc<Process>, reader: Reader) {
        self.process = Some(Rc::clone(&process));
        self.send(Outbound::Follow(process, reader)).await;
    }

    async fn answer(&self, outcome: Result<Reply, Failure>) {
        self.reply(outcome.unwrap_or_else(Reply::Failed)).await;
    }

    async fn reply(&self, reply: Reply) {
        self.send(Outbound::Reply(reply)).await;
    }

    async fn send(&self, outbound: Outbound) {
        // The writer is gone when the client is: the next read says so.
        let _gone = self.outbound.send(outbound).await;
    }
}

/// A size that differs and then the true one: whoever draws the screen draws all of it again.
fn redraw(process: &Process, size: Size) {
    let rows = size.rows.saturating_sub(1).max(1);
    process.resize(Size { rows, ..size });
    process.resize(size);
}

fn prepared(prepare: &Prepare) -> Reply {
    let mut warnings = Vec::new();
    if let Err(error) = git_identity::write(prepare) {
        warnings.push(format!("git has no identity in the sandbox: {error}"));
    }
    let wants_authorities = match authorities::renew(prepare) {
        Ok(wants) => wants,
        Err(error) => {
            warnings.push(format!("the host's certificate authorities: {error}"));
            false
        }
    };
    Reply::Prepared {
        wants_authorities,
        warnings,
    }
}

fn wrong(code: FailureCode, message: impl Into<String>) -> Ended {
    Ended::Wrong(failure(code, message))
}

fn parse(frame: &Frame) -> Result<Request, Ended> {
    serde_json::from_slice(&frame.payload)
        .map_err(|error| wrong(FailureCode::UnknownRequest, error.to_string()))
}

struct Frames {
    read: OwnedReadHalf,
    buffer: BytesMut,
}

impl Frames {
    async fn next(&mut self) -> Result<Frame, Ended> {
        loop {
            match frame::decode(&mut self.buffer) {
                Ok(Some(frame)) => return Ok(frame),
                Ok(None) => {}
                Err(error) => return Err(wrong(FailureCode::Protocol, error.to_string())),
            }
            self.buffer.reserve(4096);
            if self.read.read_buf(&mut self.buffer).await? == 0 {
                return Err(Ended::Closed);
            }
        }
    }
}
