//! A Docker engine: started, watched, started again when it dies.
//!
//! Beside a sandbox, in a container of its own, the engine runs under rootlesskit in a user namespace
//! of the account's, so whatever it may do the account may do as well; its network is slirp4netns,
//! which works on any network the sandbox itself has. In a sandbox whose runtime or privileges allow
//! it, dockerd runs as it is.

use super::super::beneath::{self, Links};
use super::super::process::Processes;
use super::super::{account, command, journal, socket};
use crate::files;
use crate::guest::message::{Account, Start};
use crate::guest::{INNER_ENGINE_DATA, INNER_ENGINE_KEY};
use rustix::fs::{Gid, Mode, OFlags, Uid};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::sync::Notify;
use tokio::time::Instant;

/// How long an engine may take until it answers.
const START: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(50);
const PING: Duration = Duration::from_secs(5);
/// How often in a row an engine that ended is started again, and after what time.
const RESTARTS: usize = 3;
const PAUSE: Duration = Duration::from_secs(1);
/// An engine that ran for so long has shown that it can.
const PROVED: Duration = Duration::from_secs(60);
const SIGTERM: i32 = 15;
/// How many of its last lines are told when it fails.
const LAST_LINES: usize = 6;
/// What an engine needs while it runs.
const DIR: &str = "/run/dp-dockerd";
/// Where it answers; agents connect to the door in its place.
const SOCKET: &str = "/run/dp-dockerd/docker.sock";
const TUN: &str = "/dev/net/tun";
/// Where `runc` is looked for first: see [`super::runtime`].
const PROGRAMS: &str = "/run/dp-dockerd/bin";

/// How an engine runs.
#[derive(Debug, Clone)]
pub enum Manner {
    /// As root, where the container lets it.
    Root,
    /// In a user namespace of the account's, with these ranges (first, count) of numbers.
    Rootless(Vec<(u32, u32)>),
}

enum State {
    Starting,
    Ready,
    /// Why, in words.
    Failed(String),
}

/// The engine, as far as it has come.
pub struct Supervisor {
    state: RefCell<State>,
    changed: Notify,
}

impl Supervisor {
    /// Starts the engine in the background.
    pub fn start(manner: &Manner, account: &Account, processes: &Rc<Processes>) -> Rc<Self> {
        let supervisor = Rc::new(Self {
            state: RefCell::new(State::Starting),
            changed: Notify::new(),
        });
        let missing = missing(manner);
        if missing.is_empty() {
            let work = Rc::clone(&supervisor).supervise(
                manner.clone(),
                account.clone(),
                Rc::clone(processes),
            );
            tokio::task::spawn_local(work);
        } else {
            let names: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
            let message = format!("the image has no {}", names.join(", "));
            supervisor.set(State::Failed(message));
        }
        supervisor
    }

    /// True once the engine answers, false when it needs more time than `patience`.
    ///
    /// # Errors
    /// In words: what the image lacks, or why the engine does not start.
    pub async fn wait(&self, patience: Duration) -> Result<bool, String> {
        let deadline = Instant::now() + patience;
        loop {
            let changed = self.changed.notified();
            match &*self.state.borrow() {
                State::Ready => return Ok(true),
                State::Failed(why) => return Err(why.clone()),
                State::Starting => {}
            }
            if tokio::time::timeout_at(deadline, changed).await.is_err() {
                return Ok(false);
            }
        }
    }

    fn set(&self, state: State) {
        *self.state.borrow_mut() = state;
        self.changed.notify_waiters();
    }

    async fn supervise(self: Rc<Self>, manner: Manner, account: Account, processes: Rc<Processes>) {
        processes.gate.opened().await;
        let mut left = RESTARTS;
        loop {
            let began = Instant::now();
            let lived = self.run(&manner, &account, &processes).await;
            if began.elapsed() > PROVED {
                left = RESTARTS;
            }
            let failure = match lived {
                Err(failure) => failure,
                Ok(()) if left == 0 => failed("ended again and again"),
                Ok(()) => {
                    left -= 1;
                    self.set(State::Starting);
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            };
            return self.set(State::Failed(failure));
        }
    }

    /// One life of the engine. One that never answered is an error: a second would go the same way.
    async fn run(
        &self,
        manner: &Manner,
        account: &Account,
        processes: &Rc<Processes>,
    ) -> Result<(), String> {
        prepare(manner, account)
            .map_err(|error| failed(&format!("could not be set up: {error}")))?;
        let started = processes.start(start(manner, account));
        let (process, reader) = started.map_err(|failure| failure.message)?;
        // Nobody looks: its words are in its log.
        drop(reader);
        let deadline = Instant::now() + START;
        tokio::select! {
            _ = process.exit() => return Err(failed("ended before it answered")),
            is_up = until_it_answers(manner, account, deadline) => if !is_up {
                process.signal(SIGTERM);
                let what = format!("did not answer within {} s", START.as_secs());
                return Err(failed(&what));
            },
        }
        self.set(State::Ready);
        process.exit().await;
        Ok(())
    }
}

/// What an engine of this kind needs and the image does not have.
fn missing(manner: &Manner) -> Vec<&'static str> {
    let common = ["dockerd", "containerd", "runc", "iptables"];
    let rootless = ["rootlesskit", "slirp4netns", "newuidmap", "newgidmap"];
    let more: &[&str] = if let Manner::Rootless(_) = manner {
        &rootless
    } else {
        &[]
    };
    let path = command::search_path();
    let is_missing = |name: &&str| command::find(name, &path, Path::new("/")).is_err();
    common
        .into_iter()
        .chain(more.iter().copied())
        .filter(is_missing)
        .collect()
}

/// Clears away what an earlier life left and makes what this one needs.
fn prepare(manner: &Manner, account: &Account) -> io::Result<()> {
    let path = Path::new(DIR);
    let name = path.file_name().unwrap_or_default();
    let above = beneath::directory(path.parent().unwrap_or(Path::new("/")))?;
    beneath::remove(above.as_fd(), name)?;
    let directory = beneath::make(above.as_fd(), name, Links::None)?;
    let volumes = [INNER_ENGINE_DATA.to_string()];
    let (_, volume) = beneath::volume(Path::new(INNER_ENGINE_DATA), &volumes, Path::new("/"))?;
    rustix::fs::fchmod(&volume, Mode::from_raw_mode(0o711))?;
    let name = data(manner, account);
    let data = beneath::make(volume.as_fd(), OsStr::new(&name), Links::None)?;
    if let Manner::Rootless(ranges) = manner {
        put_before_runc(directory.as_fd())?;
        // Only the top: what lies below belongs to the engine's own users.
        let (uid, gid) = (Uid::from_raw(account.uid), Gid::from_raw(account.gid));
        for directory in [&directory, &data] {
            rustix::fs::fchown(directory, Some(uid), Some(gid))?;
        }
        account::give_subordinate_ids(account, ranges)?;
        let tun: OwnedFd = files::open_absolute(Path::new(TUN), OFlags::PATH)?;
        beneath::set_mode(&tun, 0o666)?;
    }
    Ok(())
}

/// Puts our program before `runc`, in a directory that nobody else can write yet.
fn put_before_runc(directory: BorrowedFd<'_>) -> io::Result<()> {
    let guest = std::env::current_exe()?;
    let runc = format!(
        "#!/bin/sh\nexec '{}' guest runtime {PROGRAMS} \"$@\"\n",
        guest.display()
    );
    let programs = beneath::make(directory, OsStr::new("bin"), Links::None)?;
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let mode = Mode::from_raw_mode(0o755);
    let file = rustix::fs::openat(&programs, "runc", flags, mode)?;
    rustix::fs::fchmod(&file, mode)?;
    File::from(file).write_all(runc.as_bytes())
}

/// Whoever runs the engine owns its data, so each has a directory of its own in the volume: its name.
fn data(manner: &Manner, account: &Account) -> String {
    if let Manner::Rootless(_) = manner {
        format!("rootless-{}", account.uid)
    } else {
        "root".into()
    }
}

fn start(manner: &Manner, account: &Account) -> Start {
    let data = format!("{INNER_ENGINE_DATA}/{}", data(manner, account));
    let dockerd = format!(
        "exec dockerd --host unix://{SOCKET} --data-root {data} \
         --exec-root {DIR}/exec --pidfile {DIR}/docker.pid"
    );
    let is_rootless = matches!(manner, Manner::Rootless(_));
    let script = if is_rootless {
        format!(
            "PATH={PROGRAMS}:$PATH; exec rootlesskit --net=slirp4netns --mtu=65520 --disable-host-loopback \
             --copy-up=/etc --copy-up=/run --port-driver=builtin \
             --state-dir={DIR}/rootlesskit sh -c \
             'rm -rf /run/docker /run/containerd /run/xtables.lock; \
             {dockerd} --exec-opt native.cgroupdriver=cgroupfs --default-cgroupns-mode=host'"
        )
    } else {
        format!("{ROOM_FOR_CGROUPS}{dockerd} --group {}", account.gid)
    };
    let text = |name: &str, value: &str| (name.to_string(), value.to_string());
    let runtime = text("XDG_RUNTIME_DIR", DIR);
    // `/proc/sys` cannot be written here, and so it stays on in containers.
    let ipv6 = text("DOCKER_ALLOW_IPV6_ON_IPV4_INTERFACE", "1");
    Start {
        argv: vec!["sh".into(), "-c".into(), script],
        env: BTreeMap::from([runtime, ipv6]),
        cwd: Some("/".into()),
        user: (!is_rootless).then(|| "0:0".into()),
        key: Some(INNER_ENGINE_KEY.into()),
        ..Start::default()
    }
}

/// With cgroup v2, controllers reach groups below only from a group that holds no process itself.
const ROOM_FOR_CGROUPS: &str = "if [ -w /sys/fs/cgroup/cgroup.subtree_control ]; then \
    mkdir -p /sys/fs/cgroup/init; \
    xargs -rn1 < /sys/fs/cgroup/cgroup.procs > /sys/fs/cgroup/init/cgroup.procs 2>/dev/null || :; \
    sed -e 's/ / +/g' -e 's/^/+/' < /sys/fs/cgroup/cgroup.controllers \
    > /sys/fs/cgroup/cgroup.subtree_control; fi; ";

/// Connects to the engine. Its directory is the account's, so an agent may have put anything there.
///
/// # Errors
/// The system's, and for a socket of somebody else.
pub async fn connect(manner: &Manner, account: &Account) -> io::Result<UnixStream> {
    let owner = match manner {
        Manner::Root => 0,
        Manner::Rootless(_) => account.uid,
    };
    socket::connect(Path::new(SOCKET), owner).await
}

async fn until_it_answers(manner: &Manner, account: &Account, deadline: Instant) -> bool {
    loop {
        if let Ok(Ok(true)) = tokio::time::timeout(PING, ping(manner, account)).await {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        tokio::time::sleep(POLL).await;
    }
}

async fn ping(manner: &Manner, account: &Account) -> io::Result<bool> {
    let mut stream = connect(manner, account).await?;
    stream
        .write_all(b"GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n")
        .await?;
    let mut answer = [0; 64];
    let count = stream.read(&mut answer).await?;
    let status = String::from_utf8_lossy(&answer[..count]);
    Ok(status.split_whitespace().nth(1) == Some("200"))
}

fn failed(what: &str) -> String {
    let last = journal::last_lines(INNER_ENGINE_KEY, LAST_LINES);
    let message = format!("the Docker engine inside {what}\n{last}");
    message.trim_end().to_string()
}
