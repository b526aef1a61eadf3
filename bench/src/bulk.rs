//! A lot of data through `cat` in a container and back: every byte is compared with what went in.

use crate::Result;
use crate::api::Hijacked;
use crate::machine::memory;
use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How much goes through: 1 GiB.
pub const TOTAL: usize = 1 << 30;
const BLOCK: usize = 1 << 20;

/// What one pass through a program took.
#[derive(Debug, Clone, Copy)]
pub struct Pass {
    /// From its start to its end.
    pub took: Duration,
    /// The most memory it held, in MiB.
    pub peak: f64,
}

/// The block that is sent again and again: no two of its pages are alike.
fn block() -> Vec<u8> {
    let mut state = 1_u64;
    let next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(BLOCK).collect()
}

/// Compares what comes back with what went in.
struct Check<'a> {
    block: &'a [u8],
    seen: usize,
}

impl Check<'_> {
    fn take(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let expected = &self.block[self.seen % BLOCK..];
            let part = expected.len().min(bytes.len());
            if bytes[..part] != expected[..part] || self.seen + part > TOTAL {
                return Err(format!("what came back differs after {} bytes", self.seen).into());
            }
            self.seen += part;
            bytes = &bytes[part..];
        }
        Ok(())
    }
}

/// Sends everything; a reader that has gone away says so itself.
fn send(block: &[u8], to: &mut impl Write) -> Result<()> {
    for _ in 0..TOTAL / BLOCK {
        match to.write_all(block) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
            outcome => outcome?,
        }
    }
    Ok(())
}

/// Reads until all has come back, or to the end.
fn receive(from: &mut impl Read, check: &mut Check<'_>) -> Result<()> {
    let mut buffer = vec![0; BLOCK];
    loop {
        let count = from.read(&mut buffer)?;
        check.take(&buffer[..count])?;
        if check.seen == TOTAL {
            return Ok(());
        }
        if count == 0 {
            return Err(format!("only {} bytes came back", check.seen).into());
        }
    }
}

/// Through a program's stdin and stdout.
pub fn through_program(command: &mut Command) -> Result<Pass> {
    let block = block();
    let mut check = Check {
        block: &block,
        seen: 0,
    };
    let began = Instant::now();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()?;
    let (mut stdin, mut stdout) = (
        child.stdin.take().ok_or("no stdin")?,
        child.stdout.take().ok_or("no stdout")?,
    );
    let outcome = std::thread::scope(|scope| -> Result<f64> {
        let writer = scope.spawn(|| send(&block, &mut stdin).map(|()| stdin));
        let received = receive(&mut stdout, &mut check);
        // It still runs: its stdin is open.
        let peak = memory(child.id().into(), "VmHWM");
        if received.is_err() {
            child.kill()?;
        }
        drop(writer.join().map_err(|_| "the writer broke")??);
        received?;
        // Nothing may come after it.
        let mut rest = Vec::new();
        stdout.read_to_end(&mut rest)?;
        check.take(&rest)?;
        peak
    });
    let status = child.wait()?;
    let took = began.elapsed();
    let peak = outcome?;
    if !status.success() {
        return Err(format!("{command:?}: {status}").into());
    }
    Ok(Pass { took, peak })
}

/// Through a connection of the engine.
pub fn through_engine(mut session: Hijacked) -> Result<()> {
    let block = block();
    let mut check = Check {
        block: &block,
        seen: 0,
    };
    let mut stdin = session.stream.get_ref().try_clone()?;
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| -> Result<()> {
            send(&block, &mut stdin)?;
            Ok(stdin.shutdown(Shutdown::Write)?)
        });
        session.read(|bytes| check.take(bytes))?;
        writer.join().map_err(|_| "the writer broke")?
    })?;
    if check.seen != TOTAL {
        return Err(format!("only {} bytes came back", check.seen).into());
    }
    Ok(())
}

/// The most memory that a program holds while its session waits for input, in MiB.
pub fn idle(mut command: Command) -> Result<f64> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()?;
    let (mut stdin, mut stdout) = (
        child.stdin.take().ok_or("no stdin")?,
        child.stdout.take().ok_or("no stdout")?,
    );
    stdin.write_all(b"!")?;
    stdout.read_exact(&mut [0])?;
    // The session is up. What it does on a timer happens within this.
    std::thread::sleep(Duration::from_millis(500));
    let peak = memory(child.id().into(), "VmHWM");
    drop(stdin);
    child.wait()?;
    peak
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_back_is_compared() {
        let block = block();
        let mut check = Check {
            block: &block,
            seen: BLOCK - 2,
        };
        assert!(
            check
                .take(&[block[BLOCK - 2], block[BLOCK - 1], block[0]])
                .is_ok()
        );
        assert!(check.take(&[!block[1]]).is_err());
        assert_eq!(check.seen, BLOCK + 1);
    }
}
