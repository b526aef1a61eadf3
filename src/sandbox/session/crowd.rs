//! Several agents on one terminal: each line with the name of who wrote it. Those that are run end
//! together with us, unless they are left running; of those that are listened to only what they
//! wrote is read.

use super::form::{Form, Lines};
use super::streams::{self, Told, teller};
use super::{Insistence, Measure, hear};
use crate::guest::client::{Client, ClientError, Event, Input};
use crate::guest::frame::Kind;
use crate::guest::message::{Exit, FailureCode, Request};
use crate::terminal::words;
use std::io;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};

/// One of them: how it is called, the way to the guest, and how it is heard.
pub struct Voice {
    /// In front of each of its lines.
    pub name: String,
    /// A connection of its own.
    pub stream: UnixStream,
    /// Starts it, or asks for its log.
    pub request: Request,
}

/// How it ended with all of them.
pub enum Ended {
    /// Each by itself, in the order given.
    All(Vec<(String, Exit)>),
    /// The person insisted with this signal, and did not wait for them.
    Left(u8),
}

/// How wide the names are together.
#[must_use]
pub fn width<'a>(names: impl Iterator<Item = &'a str>) -> usize {
    names.map(str::len).max().unwrap_or(0)
}

/// Runs all of them to their ends and answers how each one ended, in the order given. SIGINT and
/// SIGTERM reach all of them; the third within seconds ends the wait for them.
///
/// # Errors
/// [`ClientError`] of the first that could not be started or heard; the others get SIGHUP.
pub async fn run(voices: Vec<Voice>, form: Form) -> Result<Ended, ClientError> {
    let mut signals = super::Signals::listen()?;
    let width = width(voices.iter().map(|voice| voice.name.as_str()));
    let (input_of, mut inputs_started) = mpsc::unbounded_channel::<Input>();
    let lock = Arc::default();
    let mut work = Vec::new();
    for voice in voices {
        let input_of = input_of.clone();
        let scribe = Scribe::new(&voice.name, width, &lock, form, true);
        work.push(tokio::task::spawn_blocking(move || {
            let name = voice.name.clone();
            Ok::<_, ClientError>((name, follow(voice, scribe, &input_of)?))
        }));
    }
    drop(input_of);
    let mut all = tokio::spawn(in_order(work));
    let mut tellers: Vec<Sender<Told>> = Vec::new();
    let mut insistence = Insistence::default();
    // For those that are only starting when it comes.
    let mut heard = Vec::new();
    let pass = |signal: &i32, teller: &Sender<Told>| {
        // One that has ended hears nothing.
        let _gone = teller.send(Told::Request(Request::Signal { signal: *signal }));
    };
    loop {
        tokio::select! {
            ended = &mut all => {
                return ended.map_err(io::Error::other)?.map(Ended::All);
            }
            Some(input) = inputs_started.recv() => {
                let teller = teller(input);
                for signal in &heard {
                    pass(signal, &teller);
                }
                tellers.push(teller);
            }
            caught = signals.next() => if let Some(number) = caught.number() {
                if insistence.is_last() {
                    return Ok(Ended::Left(number));
                }
                let signal = i32::from(number);
                for teller in &tellers {
                    pass(&signal, teller);
                }
                heard.push(signal);
            },
        }
    }
}

/// Writes what they answer until all are done, with names of this width. One that has written nothing
/// yet is passed over. `false` when whoever reads has had enough. Lines of those that are `followed`
/// come as they end.
///
/// # Errors
/// [`ClientError`] of the first that cannot be heard.
pub async fn listen(
    voices: Vec<Voice>,
    width: usize,
    form: Form,
    followed: bool,
) -> Result<bool, ClientError> {
    let lock = Arc::default();
    let mut work = JoinSet::new();
    for voice in voices {
        let scribe = Scribe::new(&voice.name, width, &lock, form, followed);
        work.spawn_blocking(move || take_down(voice, scribe));
    }
    while let Some(done) = work.join_next().await {
        if !done.map_err(io::Error::other)?? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Writes a text as if one of them had said it. `false` when whoever reads has had enough.
///
/// # Errors
/// [`ClientError::Output`].
pub fn recite(name: &str, width: usize, text: &[u8], form: Form) -> Result<bool, ClientError> {
    let mut scribe = Scribe::new(name, width, &Arc::default(), form, false);
    Ok(scribe.write(Kind::Stdout, text)? && scribe.finish()?)
}

async fn in_order<T>(work: Vec<JoinHandle<Result<T, ClientError>>>) -> Result<Vec<T>, ClientError> {
    let mut all = Vec::new();
    for one in work {
        all.push(one.await.map_err(io::Error::other)??);
    }
    Ok(all)
}

fn follow(
    voice: Voice,
    mut scribe: Scribe,
    input_of: &mpsc::UnboundedSender<Input>,
) -> Result<Exit, ClientError> {
    let mut client = Client::new(voice.stream)?;
    client.call(&voice.request)?;
    let (input, mut events) = client.split()?;
    // Nobody listens only when everything is over.
    let _over = input_of.send(input);
    loop {
        match events.wait()? {
            Some(Event::Output(kind, bytes)) => {
                // Whoever read it has had enough, and the agents go on.
                let _is_read = scribe.write(kind, &bytes)?;
            }
            Some(Event::Exited(exit)) => {
                scribe.finish()?;
                return Ok(exit);
            }
            None => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
        }
    }
}

/// `false` when whoever reads has had enough.
fn take_down(voice: Voice, mut scribe: Scribe) -> Result<bool, ClientError> {
    let (_input, mut events) = hear(voice.stream, &voice.request)?;
    let mut measure = Measure::of(&voice.request);
    loop {
        match events.wait() {
            Ok(Some(Event::Output(kind, bytes))) => {
                measure.take(&bytes)?;
                if !scribe.write(kind, &bytes)? {
                    return Ok(false);
                }
            }
            Ok(Some(Event::Exited(_))) => return scribe.finish(),
            Ok(None) => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
            Err(ClientError::Refused(failure)) if failure.code == FailureCode::NoProcess => {
                return Ok(true);
            }
            Err(error) => return Err(error),
        }
    }
}

/// Writes what one of them says, a line at a time, with its name in front.
struct Scribe {
    name: String,
    /// A line of one is never within a line of another.
    turn: Arc<Mutex<()>>,
    out: Lines,
    err: Lines,
}

impl Scribe {
    fn new(name: &str, width: usize, turn: &Arc<Mutex<()>>, form: Form, is_live: bool) -> Self {
        Self {
            name: format!("{:width$} | ", words::cell(name)),
            turn: Arc::clone(turn),
            out: Lines::new(form, is_live),
            err: Lines::new(form, is_live),
        }
    }

    /// The lines that are ready. `false` when whoever reads has had enough.
    fn write(&mut self, kind: Kind, bytes: &[u8]) -> Result<bool, ClientError> {
        let lines = match kind {
            Kind::Stderr => self.err.push(bytes),
            _ => self.out.push(bytes),
        };
        self.put(&lines, kind)
    }

    /// What came without an end.
    fn finish(&mut self) -> Result<bool, ClientError> {
        let (out, err) = (self.out.rest(), self.err.rest());
        let is_read = self.put(&out, Kind::Stdout)?;
        self.put(&err, Kind::Stderr)?;
        Ok(is_read)
    }

    fn put(&self, lines: &[Vec<u8>], to: Kind) -> Result<bool, ClientError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        for line in lines {
            if !streams::print_line(to, self.name.as_bytes(), line)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
