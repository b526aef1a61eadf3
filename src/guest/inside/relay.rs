//! `dp guest relay`: carries one connection over the standard streams of an engine exec, for
//! engines that do not share a directory with `dp`.

use crate::guest::{RELAY_READY, RELAY_SOCKET};
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;

const CHUNK: usize = 64 * 1024;

/// Copies both ways until the guest closes its side.
pub fn run() -> io::Result<()> {
    let stream = UnixStream::connect(RELAY_SOCKET)
        .map_err(|error| io::Error::other(format!("the guest does not answer: {error}")))?;
    let mut inbound = stream.try_clone()?;
    io::stdout().write_all(RELAY_READY)?;
    io::stdout().flush()?;
    std::thread::spawn(move || {
        // The end of our input is the end of the client.
        let _ended = copy(&mut io::stdin().lock(), &mut inbound);
        let _closed = inbound.shutdown(Shutdown::Write);
    });
    copy(&mut &stream, &mut io::stdout().lock())
}

fn copy(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let mut buffer = vec![0; CHUNK];
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        to.write_all(&buffer[..count])?;
        to.flush()?;
    }
}
