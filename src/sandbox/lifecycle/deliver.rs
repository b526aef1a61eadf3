//! Brings a template's source into a sandbox: an archive through the guest, unpacked there.

use super::pack::{PackError, Source};
use crate::guest::client::{Client, ClientError, Event};
use crate::guest::message::{Account, Request, Start};
use crate::guest::{BINARY, TEMPLATES_DIR};
use std::io::{self, BufWriter, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// What is sent at a time.
const CHUNK: usize = 256 * 1024;

/// How long the sandbox may keep us waiting while it unpacks.
const UNPACK: Duration = Duration::from_secs(600);

/// Why a source did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// It cannot be packed.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The guest could not be talked to.
    #[error(transparent)]
    Guest(#[from] ClientError),
    /// It could not be unpacked.
    #[error("the template could not be unpacked in the sandbox")]
    Unpack {
        /// The guest's words.
        words: String,
    },
}

/// Makes `/agents/NAME` hold what `source` holds, owned by `account`, and known by `fingerprint`.
/// Blocking.
///
/// # Errors
/// [`DeliverError`]; the next delivery repairs what one that failed left.
pub fn deliver(
    stream: UnixStream,
    source: &Source,
    name: &str,
    fingerprint: &str,
    account: &Account,
) -> Result<(), DeliverError> {
    let mut client = Client::new(stream)?;
    client.call(&Request::Start(Start {
        argv: vec![
            BINARY.into(),
            "guest".into(),
            "unpack".into(),
            format!("{TEMPLATES_DIR}/{name}"),
            account.uid.to_string(),
            account.gid.to_string(),
            fingerprint.to_string(),
        ],
        cwd: Some("/".into()),
        user: Some("0:0".into()),
        stdin: true,
        ..Start::default()
    }))?;
    let (input, mut events) = client.split_within(UNPACK)?;
    // What it says is taken while it is fed, or both would wait for each other.
    let listener = std::thread::spawn(move || {
        let mut words = Vec::new();
        loop {
            match events.wait()? {
                Some(Event::Output(_, bytes)) if words.len() < CHUNK => words.extend(bytes),
                Some(Event::Output(..)) => {}
                Some(Event::Exited(exit)) => return Ok((exit, words)),
                None => return Err(ClientError::Connection(io::ErrorKind::UnexpectedEof.into())),
            }
        }
    });
    let packed = source.write(BufWriter::with_capacity(CHUNK, Standard { input: &input }));
    let closed = input.tell(&Request::CloseStdin);
    let (exit, words) = listener
        .join()
        .unwrap_or_else(|_| Err(ClientError::Connection(io::ErrorKind::Other.into())))?;
    if exit.status() != 0 {
        let words = String::from_utf8_lossy(&words).trim().to_string();
        return Err(DeliverError::Unpack { words });
    }
    packed?;
    Ok(closed?)
}

/// Standard input of the process inside.
struct Standard<'a> {
    input: &'a crate::guest::client::Input,
}

impl Write for Standard<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.input.stdin(bytes).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
