//! Several agents on one terminal: each line with the name of who wrote it. Those that are run end
//! together with us, unless they are left running; of those that are listened to only what they
//! wrote is read.

use super::streams::{Told, teller};
use super::{Insistence, Measure, hear};
use crate::guest::client::{Client, ClientError, Event, Input};
use crate::guest::frame::Kind;
use crate::guest::message::{Exit, FailureCode, Request};
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};

/// How much of a line without an end is kept before it is written all the same.
const LONGEST: usize = 64 * 1024;

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
pub async fn run(voices: Vec<Voice>) -> Result<Ended, ClientError> {
    let mut signals = super::Signals::listen()?;
    let width = width(voices.iter().map(|voice| voice.name.as_str()));
    let (input_of, mut inputs_started) = mpsc::unbounded_channel::<Input>();
    let lock = Arc::default();
    let mut work = Vec::new();
    for voice in voices {
        let input_of = input_of.clone();
        let scribe = Scribe::new(&voice.name, width, &lock);
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
/// yet is passed over. `false` when whoever reads has had enough.
///
/// # Errors
/// [`ClientError`] of the first that cannot be heard.
pub async fn listen(voices: Vec<Voice>, width: usize) -> Result<bool, ClientError> {
    let lock = Arc::default();
    let mut work = JoinSet::new();
    for voice in voices {
        let scribe = Scribe::new(&voice.name, width, &lock);
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
pub fn recite(name: &str, width: usize, text: &[u8]) -> Result<bool, ClientError> {
    let mut scribe = Scribe::new(name, width, &Arc::default());
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
    fn new(name: &str, width: usize, turn: &Arc<Mutex<()>>) -> Self {
        Self {
            name: format!("{name:width$} | "),
            turn: Arc::clone(turn),
            out: Lines::default(),
            err: Lines::default(),
        }
    }

    /// The lines that are whole. `false` when whoever reads has had enough.
    fn write(&mut self, kind: Kind, bytes: &[u8]) -> Result<bool, ClientError> {
        if kind == Kind::Stderr {
            self.err.push(bytes);
            let lines = self.err.whole();
            return self.put(lines, &mut io::stderr().lock());
        }
        self.out.push(bytes);
        let lines = self.out.whole();
        self.put(lines, &mut io::stdout().lock())
    }

    /// What came without an end.
    fn finish(&mut self) -> Result<bool, ClientError> {
        let (out, err) = (self.out.rest(), self.err.rest());
        let is_read = self.put(out, &mut io::stdout().lock())?;
        self.put(err, &mut io::stderr().lock())?;
        Ok(is_read)
    }

    fn put(&self, lines: Vec<Vec<u8>>, to: &mut impl Write) -> Result<bool, ClientError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        for mut line in lines {
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            line.push(b'\n');
            let written = to
                .write_all(self.name.as_bytes())
                .and_then(|()| to.write_all(&line));
            match written.and_then(|()| to.flush()) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(false),
                outcome => outcome.map_err(ClientError::Output)?,
            }
        }
        Ok(true)
    }
}

/// Bytes on their way to become lines.
#[derive(Default)]
struct Lines {
    bytes: Vec<u8>,
}

impl Lines {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The lines that are whole, and what is too long to wait for.
    fn whole(&mut self) -> Vec<Vec<u8>> {
        let mut lines = Vec::new();
        while let Some(end) = self.bytes.iter().position(|byte| *byte == b'\n') {
            let rest = self.bytes.split_off(end + 1);
            let mut line = std::mem::replace(&mut self.bytes, rest);
            line.pop();
            lines.push(line);
        }
        if self.bytes.len() > LONGEST {
            lines.append(&mut self.rest());
        }
        lines
    }

    /// What came without an end.
    fn rest(&mut self) -> Vec<Vec<u8>> {
        let rest = std::mem::take(&mut self.bytes);
        if rest.is_empty() {
            Vec::new()
        } else {
            vec![rest]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole_whatever_pieces_they_come_in() {
        let mut lines = Lines::default();
        let mut seen = Vec::new();
        for piece in ["a", "b\nc\r\n", "", "\n", "d"] {
            lines.push(piece.as_bytes());
            seen.extend(lines.whole());
        }
        seen.extend(lines.rest());
        let expected = ["ab", "c\r", "", "d"].map(|line| line.as_bytes().to_vec());
        assert_eq!(seen, expected);
        lines.push(&vec![b'x'; LONGEST + 1]);
        assert_eq!(lines.whole().len(), 1, "memory is bounded");
    }
}
