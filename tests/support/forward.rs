//! The engine's socket over TCP: whoever comes this way cannot share a directory with a sandbox,
//! so `dp` must relay.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A listener on loopback. Its threads end with the test program.
pub struct Forward {
    port: u16,
    clients: Arc<Mutex<Vec<TcpStream>>>,
}

impl Forward {
    /// Opens any free port in front of the engine.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn new() -> Self {
        Self::to(super::engine_socket())
    }

    /// Opens any free port in front of this socket.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn to(socket: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let clients = Arc::<Mutex<Vec<TcpStream>>>::default();
        let known = Arc::clone(&clients);
        let socket = Arc::new(socket);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let socket = Arc::clone(&socket);
                let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
                known.extend(stream.try_clone());
                std::thread::spawn(move || carry(&stream, &socket));
            }
        });
        Self { port, clients }
    }

    /// Ends every connection, as a network does that goes away.
    pub fn cut(&self) {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        for client in clients.drain(..) {
            let _gone = client.shutdown(Shutdown::Both);
        }
    }

    /// As `DOCKER_HOST` has it.
    #[must_use]
    pub fn address(&self) -> String {
        format!("tcp://127.0.0.1:{}", self.port)
    }
}

fn carry(client: &TcpStream, socket: &Path) {
    let _ended = client.set_nodelay(true);
    let Ok(engine) = UnixStream::connect(socket) else {
        return;
    };
    let (Ok(from), Ok(to)) = (client.try_clone(), engine.try_clone()) else {
        return;
    };
    std::thread::spawn(move || {
        copy(&from, &to);
        let _ended = to.shutdown(Shutdown::Write);
    });
    copy(&engine, client);
    let _ended = client.shutdown(Shutdown::Write);
}

/// Copies until the end of either side.
pub(super) fn copy(mut from: impl Read, mut to: impl Write) {
    let mut buffer = vec![0; 128 * 1024];
    loop {
        match from.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(count @ 1..) if to.write_all(&buffer[..count]).is_ok() => {}
            _ => return,
        }
    }
}
