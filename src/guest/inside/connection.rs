//! One client: its requests in order, and the process it stays with.
//!
//! A task reads and a task writes, so that a client which does not take its output can still
//! signal its process.

use super::authorities;
use super::command::failure;
use super::git_identity;
use super::journal;
use super::output::Reader;
use super::process::{Process, Processes};
use super::stdin::Credit;
use crate::guest::frame::{self, Frame, Kind};
use crate::guest::message::{Failure, FailureCode, Prepare, Reply, Request, STDIN_WINDOW, Size};
use crate::guest::{OLDEST_PROTOCOL, PROTOCOL};
use bytes::{Buf, BytesMut};
use std::io::{self, Read};
use std::rc::Rc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;

/// How long a client may take to say hello.
const GREETING: Duration = Duration::from_secs(10);
/// How often a followed log is looked at.
const FOLLOW: Duration = Duration::from_millis(100);
/// The largest piece of a log in one frame.
const LOG_CHUNK: usize = 64 * 1024;
/// SIGHUP: the client of a process that cannot be come back to is gone.
const HANG_UP: i32 = 1;

enum Outbound {
    Reply(Reply),
    Follow(Rc<Process>, Reader),
    Log {
        key: String,
        tail: Option<usize>,
        follow: bool,
    },
}

/// Serves one connection until either side ends it. Errors end the connection, nothing else.
pub async fn serve(stream: UnixStream, processes: Rc<Processes>) {
    let (read, write) = stream.into_split();
    let (outbound, inbox) = mpsc::channel(16);
    let credit = Rc::<Credit>::default();
    let writer = tokio::task::spawn_local(write_all(write, inbox, Rc::clone(&credit)));
    let mut connection = Connection {
        frames: Frames {
            read,
            buffer: BytesMut::new(),
        },
        outbound,
        processes,
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
    processes: Rc<Processes>,
    credit: Rc<Credit>,
    process: Option<Rc<Process>>,
    is_detached: bool,
}

impl Connection {
    async fn run(&mut self) -> Result<(), Ended> {
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
        loop {
            let frame = self.frames.next().await?;
            match frame.kind {
                Kind::Stdin => {
                    if let Some(process) = &self.process {
                        process.stdin.push(frame.payload, &self.credit);
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
            Request::Prepare(prepare) => self.reply(prepared(&prepare)).await,
            Request::Start(start) => {
                let is_detached = start.detached;
                match self.processes.start(start) {
                    Ok((process, reader)) => {
                        self.reply(Reply::Started { id: process.id }).await;
                        if !is_detached {
                            self.follow(process, reader).await;
                        }
                    }
                    Err(failure) => self.reply(Reply::Failed(failure)).await,
                }
            }
            Request::Attach { id, size } => match self.processes.find(id) {
                Ok(process) => {
                    self.reply(Reply::Started { id }).await;
                    if let Some(size) = size {
                        redraw(&process, size);
                    }
                    let reader = process.output.reader();
                    self.follow(process, reader).await;
                }
                Err(failure) => self.reply(Reply::Failed(failure)).await,
            },
            Request::Resize(size) => self.of_process(|process| process.resize(size)),
            Request::Signal { signal } => self.of_process(|process| process.signal(signal)),
            Request::CloseStdin => self.of_process(|process| process.stdin.close()),
            Request::CloseStdout => self.of_process(Process::close_stdout),
            Request::Detach => {
                self.is_detached = true;
                return Err(Ended::Closed);
            }
            Request::List => {
                let processes = self.processes.list();
                self.reply(Reply::Processes { processes }).await;
            }
            Request::Kill { id, signal } => {
                let reply = match self.processes.find(id) {
                    Ok(process) => {
                        process.signal(signal);
                        Reply::Done
                    }
                    Err(failure) => Reply::Failed(failure),
                };
                self.reply(reply).await;
            }
            Request::Logs { key, tail, follow } => {
                self.send(Outbound::Log { key, tail, follow }).await;
            }
        }
        Ok(())
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

async fn write_all(
    mut write: OwnedWriteHalf,
    mut inbox: mpsc::Receiver<Outbound>,
    credit: Rc<Credit>,
) -> io::Result<()> {
    let mut followed: Option<(Rc<Process>, Reader)> = None;
    let mut is_open = true;
    while is_open || followed.is_some() {
        tokio::select! {
            biased;
            outbound = inbox.recv(), if is_open => match outbound {
                Some(Outbound::Reply(reply)) => send(&mut write, &reply).await?,
                Some(Outbound::Follow(process, reader)) => followed = Some((process, reader)),
                Some(Outbound::Log { key, tail, follow }) => {
                    send_log(&mut write, &key, tail, follow).await?;
                }
                None => { is_open = false; followed = None; }
            },
            bytes = credit.take() => {
                debug_assert!(bytes <= STDIN_WINDOW, "clients keep to their window");
                send(&mut write, &Reply::Credit { bytes }).await?;
            }
            chunk = next(followed.as_ref()) => match chunk {
                Some((kind, bytes)) => {
                    let header = frame::header(kind, bytes.len());
                    write.write_all_buf(&mut Buf::chain(&header[..], bytes)).await?;
                }
                None => if let Some((process, _)) = followed.take() {
                    let exit = process.exit().await;
                    send(&mut write, &Reply::Exited(exit)).await?;
                },
            },
        }
    }
    Ok(())
}

async fn next(followed: Option<&(Rc<Process>, Reader)>) -> Option<(Kind, bytes::Bytes)> {
    match followed {
        Some((_, reader)) => reader.next().await,
        None => std::future::pending().await,
    }
}

async fn send(write: &mut OwnedWriteHalf, reply: &Reply) -> io::Result<()> {
    let json = serde_json::to_vec(reply)?;
    let mut out = BytesMut::new();
    frame::encode(Kind::Reply, &json, &mut out);
    write.write_all(&out).await
}

/// Sends the log before the last rotation, the current one, and, when following, what is added.
async fn send_log(
    write: &mut OwnedWriteHalf,
    key: &str,
    tail: Option<usize>,
    follow: bool,
) -> io::Result<()> {
    let [older, current] = journal::paths(key);
    let Ok(mut file) = std::fs::File::open(&current) else {
        let message = format!("there is no log of `{key}` yet");
        return send(
            write,
            &Reply::Failed(failure(FailureCode::NoProcess, message)),
        )
        .await;
    };
    let mut text = std::fs::read(older).unwrap_or_default();
    file.read_to_end(&mut text)?;
    for chunk in last_lines(&text, tail).chunks(LOG_CHUNK) {
        write
            .write_all(&frame::header(Kind::Stdout, chunk.len()))
            .await?;
        write.write_all(chunk).await?;
    }
    drop(text);
    let mut buffer = vec![0; LOG_CHUNK];
    while follow {
        let count = file.read(&mut buffer)?;
        if count > 0 {
            write.write_all(&frame::header(Kind::Stdout, count)).await?;
            write.write_all(&buffer[..count]).await?;
            continue;
        }
        if was_rotated(&file, &current) {
            file = std::fs::File::open(&current)?;
            continue;
        }
        tokio::time::sleep(FOLLOW).await;
        // An empty frame finds out whether anyone still listens.
        write.write_all(&frame::header(Kind::Stdout, 0)).await?;
    }
    send(write, &Reply::Done).await
}

fn was_rotated(file: &std::fs::File, path: &std::path::Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(open), Ok(named)) => open.ino() != named.ino(),
        _ => false,
    }
}

fn last_lines(text: &[u8], count: Option<usize>) -> &[u8] {
    let Some(count) = count else { return text };
    let body = text.strip_suffix(b"\n").unwrap_or(text);
    let start = body
        .iter()
        .enumerate()
        .rev()
        .filter(|(_, byte)| **byte == b'\n')
        .nth(count.saturating_sub(1))
        .map_or(0, |(at, _)| at + 1);
    if count == 0 { &[] } else { &text[start..] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_of_a_log() {
        let text = b"one\ntwo\nthree\n";
        let table: [(Option<usize>, &[u8]); 5] = [
            (None, text),
            (Some(0), b""),
            (Some(1), b"three\n"),
            (Some(2), b"two\nthree\n"),
            (Some(9), text),
        ];
        for (count, expected) in table {
            assert_eq!(last_lines(text, count), expected, "{count:?}");
        }
    }
}
