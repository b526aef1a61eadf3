//! A socket between `dp` and the engine that counts the calls and spoils one of them.

use super::forward::copy;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The connection ends before the engine hears of it.
    Cut,
    /// The engine does it, and its answer is lost.
    Swallow,
    /// It is held back.
    Delay(Duration),
    /// It is answered with this status, and the engine does not hear of it.
    Answer(u16),
    /// Its answer begins, goes on by a byte now and then, and never ends. The engine does not hear of it.
    Trickle,
    /// It is answered with this status and more than anybody has room for. The engine does not hear of it.
    Flood(u16),
}

#[derive(Default)]
struct State {
    calls: Vec<String>,
    faults: Vec<(usize, Fault)>,
    deeds: Vec<Deed>,
}

/// What is done before the engine hears of a call that contains a text.
type Deed = (String, Arc<dyn Fn() + Send + Sync>);

/// The socket. Its threads end with the test program.
pub struct Proxy {
    path: PathBuf,
    state: Arc<Mutex<State>>,
}

impl Proxy {
    /// Opens a socket in `directory`.
    ///
    /// # Panics
    /// When that cannot be.
    #[must_use]
    pub fn new(directory: &Path) -> Self {
        let path = directory.join("proxy.sock");
        let listener = UnixListener::bind(&path).expect("a socket");
        let state = Arc::<Mutex<State>>::default();
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || serve(&stream, &shared));
            }
        });
        Self { path, state }
    }

    /// As `DOCKER_HOST` has it.
    #[must_use]
    pub fn address(&self) -> String {
        format!("unix://{}", self.path.display())
    }

    /// From now, the call of this number (from 1) is spoiled; the count begins anew.
    pub fn spoil(&self, number: usize, fault: Fault) {
        self.spoil_all(vec![(number, fault)]);
    }

    /// From now, the calls of these numbers (from 1) are spoiled; the count begins anew.
    pub fn spoil_all(&self, faults: Vec<(usize, Fault)>) {
        *self.lock() = State {
            faults,
            ..State::default()
        };
    }

    /// From now, something is done before the engine hears of a call whose method and path contain
    /// `call`; the count begins anew.
    pub fn before(&self, call: &str, deed: impl Fn() + Send + Sync + 'static) {
        *self.lock() = State {
            deeds: vec![(call.to_string(), Arc::new(deed))],
            ..State::default()
        };
    }

    /// From now, nothing is spoiled; the count begins anew.
    pub fn heal(&self) {
        *self.lock() = State::default();
    }

    /// The calls since then: method and path.
    #[must_use]
    pub fn calls(&self) -> Vec<String> {
        self.lock().calls.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection, which carries one call.
fn serve(client: &UnixStream, state: &Mutex<State>) {
    let Some(head) = head(client) else { return };
    let line = String::from_utf8_lossy(&head);
    let line = line.split(" HTTP/").next().unwrap_or_default().to_string();
    let (fault, deeds) = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let deeds: Vec<Deed> = { state.deeds.iter() }
            .filter(|(call, _)| line.contains(call))
            .cloned()
            .collect();
        state.calls.push(line);
        let number = state.calls.len();
        let mut faults = state.faults.iter();
        let fault = { faults.find(|(at, _)| *at == number) }.map(|(_, fault)| *fault);
        (fault, deeds)
    };
    for (_, deed) in &deeds {
        deed();
    }
    match fault {
        Some(Fault::Cut) => {
            let _gone = client.shutdown(Shutdown::Both);
        }
        Some(Fault::Answer(status)) => answer(client, status),
        Some(Fault::Trickle) => trickle(client),
        Some(Fault::Flood(status)) => flood(client, status),
        Some(Fault::Delay(time)) => {
            std::thread::sleep(time);
            // A call of somebody who is gone by now never reaches the engine.
            if !is_gone(client) {
                carry(client, &head, false);
            }
        }
        Some(Fault::Swallow) => carry(client, &head, true),
        None => carry(client, &head, false),
    }
}

fn is_gone(client: &UnixStream) -> bool {
    let mut ends = [PollFd::new(client, PollFlags::RDHUP)];
    let now = Timespec::default();
    poll(&mut ends, Some(&now)).is_ok_and(|count| count > 0)
}

fn head(mut client: &UnixStream) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        let count = client.read(&mut buffer).ok().filter(|count| *count > 0)?;
        head.extend_from_slice(&buffer[..count]);
    }
    Some(head)
}

fn answer(mut client: &UnixStream, status: u16) {
    let body = r#"{"message":"the proxy lets nothing through"}"#;
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status} Spoiled\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    let _gone = client.write_all(answer.as_bytes());
    // Who is still sending gets to the end of it, and not a broken pipe.
    let _gone = client.shutdown(Shutdown::Write);
    copy(client, std::io::sink());
}

/// Spaces, which any answer may begin with, until the client has enough.
fn trickle(mut client: &UnixStream) {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
         Content-Length: 1000000\r\n\r\n";
    let _gone = client.write_all(head.as_bytes());
    let pause = client.set_read_timeout(Some(Duration::from_millis(200)));
    pause.expect("it is more than nothing");
    // The client says nothing more: a pause passes without a word, and its end is an end at once.
    while client.write_all(b" ").is_ok() {
        match client.read(&mut [0]) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            _ => return,
        }
    }
}

/// Spaces, as fast as the client takes them, as long as it does.
fn flood(mut client: &UnixStream, status: u16) {
    let head = format!(
        "HTTP/1.1 {status} Flood\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    let mut sent = client.write_all(head.as_bytes());
    while sent.is_ok() {
        sent = client.write_all(chunk.as_bytes());
    }
}

fn carry(client: &UnixStream, head: &[u8], swallow: bool) {
    let Ok(mut engine) = UnixStream::connect(super::engine_socket()) else {
        return;
    };
    if engine.write_all(head).is_err() {
        return;
    }
    let (Ok(from), Ok(to)) = (client.try_clone(), engine.try_clone()) else {
        return;
    };
    std::thread::spawn(move || {
        copy(&from, &to);
        let _ended = to.shutdown(Shutdown::Write);
    });
    if swallow {
        let _begun = engine.read(&mut [0; 1]);
        let _gone = client.shutdown(Shutdown::Both);
        let _gone = engine.shutdown(Shutdown::Both);
        return;
    }
    copy(&engine, client);
    let _ended = client.shutdown(Shutdown::Write);
}
