//! The sandbox's side: the Docker socket that programs find, and what is behind it: an engine of the
//! sandbox's own, or the door that the engine's container connects to.

use super::dockerd::Dockerd;
use super::life::Own;
use super::supervisor::Manner;
use super::{DATA, LINE, WANTED, client, copy, greet, listen, refusal};
use crate::guest::inside::beneath::{self, Links};
use crate::guest::inside::process::Processes;
use crate::guest::inside::{complain, socket};
use crate::guest::message::{Account, Docker, Door};
use crate::guest::{INNER_ENGINE_DIR, INNER_ENGINE_SOCKET};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ffi::OsStr;
use std::io;
use std::os::fd::AsFd;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Notify, Semaphore, mpsc, oneshot};
use tokio::time::{Instant, timeout, timeout_at};

/// How many programs may be connected at once.
const CONNECTIONS: usize = 256;
const _: () = assert!(
    2 * CONNECTIONS * super::CHUNK <= 8 * 1024 * 1024,
    "they hold little"
);
/// How long a program waits for the engine's container, which starts right after the sandbox.
const ARRIVAL: Duration = Duration::from_secs(20);
/// How long it waits after another one has waited in vain: one command of `docker` connects several times.
const ARRIVAL_AGAIN: Duration = Duration::from_secs(1);
/// How long the engine may take to start.
const START: Duration = Duration::from_secs(75);
/// After a refused `accept` (no descriptor is free): try again.
const PAUSE: Duration = Duration::from_millis(50);
/// Where tools look that do not know `DOCKER_HOST`.
const USUAL_SOCKET: &str = "/var/run/docker.sock";

/// What programs are connected with.
enum Source {
    /// An engine in this container.
    Inside(Rc<Dockerd>),
    /// The engine's container.
    Beside(Rc<Entrance>),
}

/// The door of a sandbox.
struct Entrance {
    door: Door,
    /// Shows the engine's container how long we live.
    own: Own,
    /// Takes what the line is to be asked for; `None` while the engine's container is not there.
    line: RefCell<Option<mpsc::UnboundedSender<()>>>,
    arrived: Notify,
    /// A program has waited for the engine's container in vain.
    is_missed: Cell<bool>,
    /// Programs that were promised a connection, in the order of their asking.
    waiting: RefCell<VecDeque<oneshot::Sender<UnixStream>>>,
}

/// Opens the Docker socket and serves it in the background. What fails is told, and the sandbox
/// starts all the same, without Docker.
pub fn open(docker: &Docker, account: &Account, processes: &Rc<Processes>) {
    client::provide();
    let opened = source(docker, account, processes).and_then(|source| {
        let programs = programs(account)?;
        tokio::task::spawn_local(serve_programs(Rc::new(source), programs));
        Ok(())
    });
    if let Err(error) = opened {
        complain(&format!("no Docker inside: {error}"));
    }
}

fn source(docker: &Docker, account: &Account, processes: &Rc<Processes>) -> io::Result<Source> {
    match docker {
        Docker::Inside => {
            let dockerd = Dockerd::new(Manner::Root, account.clone(), processes);
            Ok(Source::Inside(dockerd))
        }
        Docker::Beside(door) => {
            let listener = listen(door)?;
            let door = Rc::new(Entrance {
                door: door.clone(),
                own: Own::open(),
                line: RefCell::default(),
                arrived: Notify::new(),
                is_missed: Cell::new(false),
                waiting: RefCell::default(),
            });
            tokio::task::spawn_local(Rc::clone(&door).serve_engine(listener));
            Ok(Source::Beside(door))
        }
    }
}

/// The socket that programs connect to; it belongs to the account.
fn programs(account: &Account) -> io::Result<UnixListener> {
    // An image may lack the directory above, or have a link to a mount in its place.
    let (above, name) = split(INNER_ENGINE_DIR);
    let above = beneath::directory(above)?;
    beneath::remove(above.as_fd(), name)?;
    let directory = beneath::make(above.as_fd(), name, Links::None)?;
    let (_, name) = split(INNER_ENGINE_SOCKET);
    let owner = (account.uid, account.gid);
    let listener = socket::listen(directory.as_fd(), name, 0o660, Some(owner))?;
    // A file of the image's own stays, and a link of the image to a mount leads nowhere.
    let _left = beneath::link(Path::new(USUAL_SOCKET), INNER_ENGINE_SOCKET);
    Ok(listener)
}

/// The directory and the name of an absolute path of ours.
fn split(path: &'static str) -> (&'static Path, &'static OsStr) {
    let path = Path::new(path);
    let above = path.parent().unwrap_or(Path::new("/"));
    (above, path.file_name().unwrap_or_default())
}

impl Entrance {
    async fn serve_engine(self: Rc<Self>, listener: UnixListener) {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    tokio::task::spawn_local(Rc::clone(&self).admit(stream));
                }
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// A connection of the engine's container.
    async fn admit(self: Rc<Self>, mut stream: UnixStream) {
        match greet(&self.door, &mut stream).await {
            Some(LINE) => self.hold(stream).await,
            Some(DATA) => {
                // Whoever gave up meanwhile is passed over.
                let mut stream = Some(stream);
                while let Some(one) = stream.take()
                    && let Some(program) = self.next()
                {
                    stream = program.send(one).err();
                }
            }
            _ => {}
        }
    }

    fn next(&self) -> Option<oneshot::Sender<UnixStream>> {
        self.waiting.borrow_mut().pop_front()
    }

    /// Holds the line until its other end goes.
    async fn hold(&self, mut line: UnixStream) {
        if self.own.give(&mut line).await.is_err() {
            return;
        }
        let (ask, mut asked) = mpsc::unbounded_channel();
        *self.line.borrow_mut() = Some(ask.clone());
        self.is_missed.set(false);
        self.arrived.notify_waiters();
        let mut said = [0];
        loop {
            let written = tokio::select! {
                Some(()) = asked.recv() => line.write_u8(WANTED).await,
                read = line.read(&mut said) => match read {
                    Ok(1..) => Ok(()),
                    _ => break,
                },
            };
            if written.is_err() {
                break;
            }
        }
        let is_last = |last: &mut mpsc::UnboundedSender<()>| last.same_channel(&ask);
        if self.line.borrow_mut().take_if(is_last).is_some() {
            // Their connections will not come.
            self.waiting.borrow_mut().clear();
        }
    }

    async fn engine(&self) -> Result<UnixStream, &'static str> {
        const ABSENT: &str = "the container of the Docker engine inside does not run; \
            `dp sandbox start` or `dp run` on the host starts it";
        let ask = self.line().await.ok_or(ABSENT)?;
        let (promise, coming) = oneshot::channel();
        self.waiting.borrow_mut().push_back(promise);
        ask.send(()).map_err(|_| ABSENT)?;
        match timeout(START, coming).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(_)) => Err("the Docker engine inside has ended"),
            Err(_) => Err("the Docker engine inside did not start in time"),
        }
    }

    /// The line, once the engine's container is there.
    async fn line(&self) -> Option<mpsc::UnboundedSender<()>> {
        let is_missed = self.is_missed.get();
        let patience = if is_missed { ARRIVAL_AGAIN } else { ARRIVAL };
        let deadline = Instant::now() + patience;
        loop {
            let arrived = self.arrived.notified();
            if let Some(line) = self.line.borrow().as_ref() {
                return Some(line.clone());
            }
            if timeout_at(deadline, arrived).await.is_err() {
                self.is_missed.set(true);
                return None;
            }
        }
    }
}

async fn serve_programs(source: Rc<Source>, listener: UnixListener) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        // Those that find no place wait to be accepted.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((program, _)) => {
                let source = Rc::clone(&source);
                tokio::task::spawn_local(async move {
                    connect(&source, program).await;
                    drop(place);
                });
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Connects a program with dockerd, or tells it why that cannot be.
async fn connect(source: &Source, program: UnixStream) {
    let engine = match source {
        Source::Inside(dockerd) => dockerd.connect().await,
        Source::Beside(door) => door.engine().await.map_err(str::to_string),
    };
    match engine {
        Ok(engine) => copy(program, engine).await,
        Err(why) => refusal::answer(program, &why).await,
    }
}
