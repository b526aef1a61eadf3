//! PID 1: sets the sandbox up, listens, reaps, and on SIGTERM takes everything down.

use super::connection::{self, Services};
use super::docker::door;
use super::process::Processes;
use super::setup::Workshop;
use super::{account, beneath, command, complain, memory, proc, repository, socket};
use crate::files;
use crate::guest::message::Boot;
use crate::guest::{ANCHOR, RELAY_SOCKET, SOCKET_DIR, offer};
use rustix::fs::{Mode, OFlags};
use rustix::process::{DumpableBehavior, Pid, Signal};
use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;
use tokio::net::UnixListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tokio::task::LocalSet;

/// Between SIGTERM and SIGKILL; the engine itself waits ten seconds.
const GRACE: Duration = Duration::from_secs(8);
/// How long clients may take to hear the end of their processes.
const FAREWELL: Duration = Duration::from_millis(500);
/// After a refused `accept` (no descriptor is free): try again.
const PAUSE: Duration = Duration::from_millis(50);

/// Runs until it is told to end.
///
/// # Errors
/// When the boot text cannot be read or no socket can be opened: without one nobody could ever
/// reach this sandbox.
pub fn run(boot: &str) -> io::Result<()> {
    let boot: Boot = serde_json::from_str(boot)?;
    // What we hold is not for root inside, who may trace whatever can be dumped: the host's socket, the door of the
    // Docker engine.
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    for warning in account::set_up(&boot) {
        complain(&warning);
    }
    if let Some(common) = &boot.git_common
        && let Err(error) = repository::set_up(Path::new(common))
    {
        complain(&format!("git does not work in the worktree: {error}"));
    }
    command::look_for_sudo();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    LocalSet::new().block_on(&runtime, supervise(boot))
}

/// The directory of the sockets, which only root inside may reach. It is a mount, and so are its
/// neighbours: neither is reached by a link.
fn anchor() -> io::Result<OwnedFd> {
    let directory = files::open_absolute(Path::new(ANCHOR), OFlags::RDONLY | OFlags::DIRECTORY);
    let directory = directory.map_err(|error| match error.raw_os_error() {
        Some(number) if number == rustix::io::Errno::LOOP.raw_os_error() => {
            io::Error::other(format!("`{ANCHOR}` leads through a link of the image"))
        }
        _ => error,
    })?;
    rustix::fs::fchmod(&directory, Mode::from_raw_mode(0o700))?;
    Ok(directory)
}

async fn supervise(boot: Boot) -> io::Result<()> {
    let mut children = signal(SignalKind::child())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let processes = Processes::new(boot.account.clone(), boot.workdir);
    if let Some(docker) = &boot.docker {
        door::open(docker, &boot.account, &processes);
    }
    let services = Rc::new(Services {
        processes: Rc::clone(&processes),
        workshop: Workshop::new(Rc::clone(&processes), boot.docker.is_some()),
    });
    let own = anchor()?;
    let mut listeners = vec![listen(&own, RELAY_SOCKET)?];
    if let Ok(shared) = beneath::given(own.as_fd(), name(SOCKET_DIR)) {
        match given(&shared) {
            Ok(listener) => listeners.push(listener),
            // Somebody else than `dp` started us, or a user namespace keeps us out of the host's
            // directory: the relay serves instead.
            Err(error) => complain(&format!("no socket of the host: {error}")),
        }
    }
    let stirred = Rc::<Notify>::default();
    tokio::task::spawn_local(memory::give_back(Rc::clone(&stirred)));
    for listener in listeners {
        tokio::task::spawn_local(accept(listener, Rc::clone(&services), Rc::clone(&stirred)));
    }
    loop {
        tokio::select! {
            _ = children.recv() => processes.reap(),
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
        }
    }
    end_all(&processes, &mut children).await;
    // Nobody else is left who could change it again.
    account::leave_in_order();
    Ok(())
}

/// The last part of a path.
fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The socket that the host made for us in its directory.
fn given(directory: &OwnedFd) -> io::Result<UnixListener> {
    let socket = offer::take(directory.as_fd())?;
    socket.set_nonblocking(true)?;
    UnixListener::from_std(socket)
}

/// Listens at the name of `relay` in a directory, whatever an earlier life of this container left
/// there.
fn listen(directory: &OwnedFd, relay: &str) -> io::Result<UnixListener> {
    // The directory decides who comes this far: only root inside.
    socket::listen(directory.as_fd(), OsStr::new(name(relay)), 0o666, None)
}

async fn accept(listener: UnixListener, services: Rc<Services>, stirred: Rc<Notify>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let (services, stirred) = (Rc::clone(&services), Rc::clone(&stirred));
                tokio::task::spawn_local(async move {
                    stirred.notify_one();
                    connection::serve(stream, services).await;
                    stirred.notify_one();
                });
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// SIGTERM to all, SIGKILL to whoever is left after the grace.
pub(super) async fn end_all(processes: &Rc<Processes>, children: &mut tokio::signal::unix::Signal) {
    let deadline = tokio::time::Instant::now() + GRACE;
    signal_all(Signal::TERM);
    // A stopped process handles nothing until it is continued.
    signal_all(Signal::CONT);
    while has_children() {
        tokio::select! {
            _ = children.recv() => processes.reap(),
            () = tokio::time::sleep_until(deadline) => break,
        }
    }
    signal_all(Signal::KILL);
    processes.reap();
    // Whoever is connected hears how its process ended before the line goes dead.
    let deadline = tokio::time::Instant::now() + FAREWELL;
    while !processes.all_delivered() && tokio::time::Instant::now() < deadline {
        processes.reap();
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn signal_all(signal: Signal) {
    for pid in others() {
        // Gone in the meantime is what we want.
        let _gone = rustix::process::kill_process(pid, signal);
    }
}

fn has_children() -> bool {
    others().next().is_some()
}

/// Every process of the sandbox but ourselves.
fn others() -> impl Iterator<Item = Pid> {
    let own = rustix::process::getpid();
    proc::processes().filter(move |pid| *pid != own && own.is_init())
}
