//! Several agents on one terminal: each line with the name of who wrote it. They end together with
//! us, unless they are left running.

use crate::guest::client::{Client, ClientError, Event, Input};
use crate::guest::frame::Kind;
use crate::guest::message::{Exit, Request, Start};
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// How much of a line without an end is kept before it is written all the same.
const LONGEST: usize = 64 * 1024;

/// One of them: how it is called, the way to the guest, and how it is started.
pub struct Voice {
    /// In front of each of its lines.
    pub name: String,
    /// A connection of its own.
    pub stream: UnixStream,
    /// What it runs.
    pub start: Start,
}

/// Runs all of them to their ends and answers how each one ended, in the order given. SIGINT and
/// SIGTERM reach all of them.
///
/// # Errors
/// [`ClientError`] of the first that could not be started or heard; the others get SIGHUP.
pub async fn run(voices: Vec<Voice>) -> Result<Vec<(String, Exit)>, ClientError> {
    let mut signals = super::Signals::listen()?;
    let width = voices
        .iter()
        .map(|voice| voice.name.len())
        .max()
        .unwrap_or(0);
    let (input_of, mut inputs_started) = mpsc::unbounded_channel::<Input>();
    let lock = Arc::new(Mutex::new(()));
    let mut work = Vec::new();
    for voice in voices {
        let (input_of, lock) = (input_of.clone(), Arc::clone(&lock));
        work.push(tokio::task::spawn_blocking(move || {
            let name = voice.name.clone();
            Ok::<_, ClientError>((name, follow(voice, width, &input_of, &lock)?))
        }));
    }
    drop(input_of);
    let mut all = tokio::spawn(async move {
        let mut ended = Vec::new();
        for one in work {
            ended.push(
                one.await
                    .map_err(|error| ClientError::from(io::Error::other(error)))??,
            );
        }
        Ok(ended)
    });
    let mut inputs = Vec::new();
    loop {
        tokio::select! {
            ended = &mut all => {
                return ended.unwrap_or_else(|error| Err(io::Error::other(error).into()));
            }
            Some(input) = inputs_started.recv() => inputs.push(input),
            caught = signals.next() => if let Some(signal) = caught.number() {
                for input in &inputs {
                    // One that has ended hears nothing.
                    let _gone = input.tell(&Request::Signal { signal: i32::from(signal) });
                }
            },
        }
    }
}

fn follow(
    voice: Voice,
    width: usize,
    input_of: &mpsc::UnboundedSender<Input>,
    lock: &Mutex<()>,
) -> Result<Exit, ClientError> {
    let mut client = Client::new(voice.stream)?;
    client.call(&Request::Start(voice.start))?;
    let (input, mut events) = client.split()?;
    // Nobody listens only when everything is over.
    let _over = input_of.send(input);
    let name = format!("{:width$} | ", voice.name);
    let (mut out, mut err) = (Lines::default(), Lines::default());
    loop {
        match events.wait()? {
            Some(Event::Output(Kind::Stderr, bytes)) => {
                err.push(&bytes);
                write(lock, &name, err.whole(), &mut io::stderr().lock())?;
            }
            Some(Event::Output(_, bytes)) => {
                out.push(&bytes);
                write(lock, &name, out.whole(), &mut io::stdout().lock())?;
            }
            Some(Event::Exited(exit)) => {
                write(lock, &name, out.rest(), &mut io::stdout().lock())?;
                write(lock, &name, err.rest(), &mut io::stderr().lock())?;
                return Ok(exit);
            }
            None => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
        }
    }
}

fn write(
    lock: &Mutex<()>,
    name: &str,
    lines: Vec<Vec<u8>>,
    to: &mut impl Write,
) -> Result<(), ClientError> {
    // A line of one agent is never within a line of another.
    let _turn = lock.lock().unwrap_or_else(PoisonError::into_inner);
    for mut line in lines {
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        line.push(b'\n');
        let written = to
            .write_all(name.as_bytes())
            .and_then(|()| to.write_all(&line));
        match written.and_then(|()| to.flush()) {
            // Whoever read it has had enough, and the agents go on.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            outcome => outcome.map_err(ClientError::Output)?,
        }
    }
    Ok(())
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
