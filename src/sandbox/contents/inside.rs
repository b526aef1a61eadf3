//! Through the guest of a sandbox that runs: a command of the guest's packs or unpacks.

use super::super::channel;
use super::super::existing::Existing;
use super::{ContentsError, account};
use crate::engine::Engine;
use crate::guest::client::{Client, ClientError, Event, Events, Input};
use crate::guest::frame::Kind;
use crate::guest::message::{Exit, Request, Start};
use crate::guest::{BINARY, NOT_FOUND};
use bytes::Bytes;
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// How long nothing may come.
const IDLE: Duration = Duration::from_secs(60);
const CHUNK: usize = 256 * 1024;
/// What may stand behind the last entry of an archive, in bytes.
const PADDING: u64 = 1 << 20;
/// What is kept of the guest's words, in bytes.
const WORDS: usize = 4096;

pub(super) async fn read<T: Send + 'static>(
    engine: &Engine,
    sandbox: &Existing,
    path: &str,
    read: impl FnOnce(&mut dyn Read) -> io::Result<T> + Send + 'static,
) -> Result<io::Result<T>, ContentsError> {
    command(
        engine,
        sandbox,
        &["pack", path],
        path,
        move |_, mut output| {
            let outcome = read(&mut output);
            // Whether it was all of the archive, the end says.
            let _rest = io::copy(&mut (&mut output).take(PADDING), &mut io::sink());
            (outcome, output.finish())
        },
    )
    .await
}

pub(super) async fn write(
    engine: &Engine,
    sandbox: &Existing,
    directory: &str,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static,
) -> Result<io::Result<()>, ContentsError> {
    let (uid, gid) = account(sandbox);
    let (uid, gid) = (uid.to_string(), gid.to_string());
    let words = ["put", directory, &uid, &gid];
    let put = command(engine, sandbox, &words, directory, move |input, output| {
        // What it says is taken while it is fed, or both would wait for each other.
        let listener = std::thread::spawn(move || output.listen());
        let mut archive = BufWriter::with_capacity(CHUNK, Standard { input });
        let written = write(&mut archive).and_then(|()| archive.flush());
        let is_whole = written.is_ok();
        if is_whole {
            let _heard = input.tell(&Request::CloseStdin);
        } else {
            // Half an archive is not taken for a whole one.
            let _gone = input.close();
        }
        let mut heard = listener.join().unwrap_or_default();
        heard.failure.take_if(|_| !is_whole);
        (written, heard)
    });
    put.await
}

pub(super) async fn is_directory(
    engine: &Engine,
    sandbox: &Existing,
    path: &str,
) -> Result<bool, ContentsError> {
    let words = ["is-directory", path];
    let asked = command(engine, sandbox, &words, path, |_, output| {
        (Ok(()), output.listen())
    });
    match asked.await {
        Ok(_) => Ok(true),
        Err(error) if error.is_missing() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Runs a command of the guest's about `path`, as root. Dropped, it is ended.
async fn command<T: Send + 'static>(
    engine: &Engine,
    sandbox: &Existing,
    words: &[&str],
    path: &str,
    work: impl FnOnce(&Input, Output) -> (io::Result<T>, Heard) + Send + 'static,
) -> Result<io::Result<T>, ContentsError> {
    let stream = channel::open(engine, sandbox, false).await?;
    let words: Vec<_> = words.iter().map(|word| (*word).to_string()).collect();
    let (input, events) = blocking(move || start(stream, words)).await?;
    let _ending = Ending(input.clone());
    let (outcome, heard) = blocking(move || work(&input, Output::of(events))).await;
    if let Some(failure) = heard.failure {
        return Err(failure.into());
    }
    match heard.end.map(Exit::status) {
        None | Some(0) => Ok(outcome),
        Some(NOT_FOUND) => Err(ContentsError::missing(sandbox, path)),
        Some(_) => Err(ContentsError::Failed {
            sandbox: sandbox.name.to_string(),
            path: path.to_string(),
            words: words_of(&heard.words),
        }),
    }
}

fn start(stream: UnixStream, words: Vec<String>) -> Result<(Input, Events), ClientError> {
    let argv = [BINARY.to_string(), "guest".to_string()];
    let mut client = Client::new(stream)?;
    client.call(&Request::Start(Start {
        argv: argv.into_iter().chain(words).collect(),
        cwd: Some("/".into()),
        user: Some("0:0".into()),
        stdin: true,
        ..Start::default()
    }))?;
    client.split_while_busy(IDLE)
}

/// What the guest complained of.
fn words_of(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    let said = said.trim();
    said.strip_prefix("dp guest: ").unwrap_or(said).to_string()
}

/// Runs what blocks beside the event loop.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Nobody waits for the command any more.
struct Ending(Input);

impl Drop for Ending {
    fn drop(&mut self) {
        let _gone = self.0.close();
    }
}

/// What is known of a command that is over.
#[derive(Default)]
struct Heard {
    /// `None` when nobody waited for it.
    end: Option<Exit>,
    words: Vec<u8>,
    failure: Option<ClientError>,
}

/// What a command writes.
struct Output {
    events: Events,
    rest: Bytes,
    heard: Heard,
}

impl Output {
    fn of(events: Events) -> Self {
        Self {
            events,
            rest: Bytes::new(),
            heard: Heard::default(),
        }
    }

    /// Waits for the end, and nothing is sent from here on.
    fn listen(mut self) -> Heard {
        let _known = io::copy(&mut self, &mut io::sink());
        self.finish()
    }

    fn finish(self) -> Heard {
        self.heard
    }

    /// The next piece; empty at the end.
    fn next(&mut self) -> Result<Bytes, ClientError> {
        while self.heard.end.is_none() {
            match self.events.wait()? {
                Some(Event::Output(Kind::Stdout, bytes)) if !bytes.is_empty() => return Ok(bytes),
                Some(Event::Output(Kind::Stderr, bytes)) => {
                    let room = WORDS.saturating_sub(self.heard.words.len());
                    self.heard.words.extend(bytes.iter().take(room));
                }
                Some(Event::Output(..)) => {}
                Some(Event::Exited(exit)) => self.heard.end = Some(exit),
                None => return Err(ClientError::Connection(io::ErrorKind::UnexpectedEof.into())),
            }
        }
        Ok(Bytes::new())
    }
}

impl Read for Output {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.rest.is_empty() {
            match self.next() {
                Ok(bytes) => self.rest = bytes,
                Err(failure) => {
                    self.heard.failure = Some(failure);
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
        }
        let count = buffer.len().min(self.rest.len());
        buffer[..count].copy_from_slice(&self.rest.split_to(count));
        Ok(count)
    }
}

/// Standard input of a command.
struct Standard<'a> {
    input: &'a Input,
}

impl Write for Standard<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.input.stdin(bytes) {
            Ok(()) => Ok(bytes.len()),
            Err(ClientError::Connection(error)) => Err(error),
            Err(error) => Err(io::Error::other(error)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
