//! The Docker engine inside the sandbox: started with it, watched, started again when it dies.
//!
//! Without privileges the engine runs under rootlesskit in a user namespace of the account's, so
//! whatever it may do the account may do as well; its network is slirp4netns, which works on any
//! network the sandbox itself has. With a runtime or privileges that allow it, dockerd runs as it is.

use super::account;
use super::command;
use super::journal;
use super::process::Processes;
use crate::guest::message::{Account, Failure, FailureCode, InnerEngine, Start};
use crate::guest::{INNER_ENGINE_DATA, INNER_ENGINE_DIR, INNER_ENGINE_KEY, INNER_ENGINE_SOCKET};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, lchown, symlink};
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
/// Where tools look that do not know `DOCKER_HOST`.
const USUAL_SOCKET: &str = "/var/run/docker.sock";
const TUN: &str = "/dev/net/tun";

enum State {
    Starting,
    Ready,
    Failed(Failure),
}

/// The engine, as far as it has come.
pub struct Supervisor {
    state: RefCell<State>,
    changed: Notify,
}

impl Supervisor {
    /// Starts the engine in the background.
    pub fn start(engine: &InnerEngine, account: &Account, processes: &Rc<Processes>) -> Rc<Self> {
        let supervisor = Rc::new(Self {
            state: RefCell::new(State::Starting),
            changed: Notify::new(),
        });
        let missing = missing(engine);
        if missing.is_empty() {
            let work = Rc::clone(&supervisor).supervise(
                engine.clone(),
                account.clone(),
                Rc::clone(processes),
            );
            tokio::task::spawn_local(work);
        } else {
            let names: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
            let message = format!("the image has no {}", names.join(", "));
            supervisor.set(State::Failed(command::failure(
                FailureCode::NoInnerEngine,
                message,
            )));
        }
        supervisor
    }

    /// True once the engine answers, false when it needs more time than `patience`.
    ///
    /// # Errors
    /// `NoInnerEngine` when the image lacks one, `InnerEngine` when it does not start.
    pub async fn wait(&self, patience: Duration) -> Result<bool, Failure> {
        let deadline = Instant::now() + patience;
        loop {
            let changed = self.changed.notified();
            match &*self.state.borrow() {
                State::Ready => return Ok(true),
                State::Failed(failure) => return Err(failure.clone()),
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

    async fn supervise(
        self: Rc<Self>,
        engine: InnerEngine,
        account: Account,
        processes: Rc<Processes>,
    ) {
        processes.gate.opened().await;
        let mut left = RESTARTS;
        loop {
            let began = Instant::now();
            let lived = self.run(&engine, &account, &processes).await;
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
        engine: &InnerEngine,
        account: &Account,
        processes: &Rc<Processes>,
    ) -> Result<(), Failure> {
        prepare(engine, account)
            .map_err(|error| failed(&format!("could not be set up: {error}")))?;
        let (process, reader) = processes.start(start(engine, account))?;
        // Nobody looks: its words are in its log.
        drop(reader);
        let deadline = Instant::now() + START;
        tokio::select! {
            _ = process.exit() => return Err(failed("ended before it answered")),
            is_up = until_it_answers(deadline) => if !is_up {
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
fn missing(engine: &InnerEngine) -> Vec<&'static str> {
    let common = ["dockerd", "containerd", "runc", "iptables"];
    let rootless = ["rootlesskit", "slirp4netns", "newuidmap", "newgidmap"];
    let more: &[&str] = if engine.rootless { &rootless } else { &[] };
    let path = command::search_path();
    let is_missing = |name: &&str| command::find(name, &path, Path::new("/")).is_err();
    common
        .into_iter()
        .chain(more.iter().copied())
        .filter(is_missing)
        .collect()
}

/// Clears away what an earlier life left and makes what this one needs.
fn prepare(engine: &InnerEngine, account: &Account) -> io::Result<()> {
    match fs::remove_dir_all(INNER_ENGINE_DIR) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::create_dir_all(INNER_ENGINE_DATA)?;
    fs::set_permissions(INNER_ENGINE_DATA, fs::Permissions::from_mode(0o711))?;
    for directory in [INNER_ENGINE_DIR, &data(engine, account)] {
        fs::create_dir_all(directory)?;
        if engine.rootless {
            // Only the top: what lies below belongs to the engine's own users.
            lchown(directory, Some(account.uid), Some(account.gid))?;
        }
    }
    if fs::symlink_metadata(USUAL_SOCKET).is_err() {
        symlink(INNER_ENGINE_SOCKET, USUAL_SOCKET)?;
    }
    if engine.rootless {
        account::give_subordinate_ids(account)?;
        fs::set_permissions(TUN, fs::Permissions::from_mode(0o666))?;
    }
    Ok(())
}

/// Whoever runs the engine owns its data, so each has a directory of its own in the volume.
fn data(engine: &InnerEngine, account: &Account) -> String {
    if engine.rootless {
        format!("{INNER_ENGINE_DATA}/rootless-{}", account.uid)
    } else {
        format!("{INNER_ENGINE_DATA}/root")
    }
}

fn start(engine: &InnerEngine, account: &Account) -> Start {
    let data = data(engine, account);
    let dockerd = format!(
        "exec dockerd --host unix://{INNER_ENGINE_SOCKET} --data-root {data} \
         --exec-root {INNER_ENGINE_DIR}/exec --pidfile {INNER_ENGINE_DIR}/docker.pid"
    );
    let script = if engine.rootless {
        format!(
            "exec rootlesskit --net=slirp4netns --mtu=65520 --disable-host-loopback \
             --copy-up=/etc --copy-up=/run --port-driver=builtin \
             --state-dir={INNER_ENGINE_DIR}/rootlesskit sh -c \
             'rm -rf /run/docker /run/containerd /run/xtables.lock; \
             {dockerd} --exec-opt native.cgroupdriver=cgroupfs'"
        )
    } else {
        format!("{ROOM_FOR_CGROUPS}{dockerd} --group {}", account.gid)
    };
    let runtime = ("XDG_RUNTIME_DIR".to_string(), INNER_ENGINE_DIR.to_string());
    Start {
        argv: vec!["sh".into(), "-c".into(), script],
        env: BTreeMap::from([runtime]),
        cwd: Some("/".into()),
        user: (!engine.rootless).then(|| "0:0".into()),
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

async fn until_it_answers(deadline: Instant) -> bool {
    loop {
        if let Ok(Ok(true)) = tokio::time::timeout(PING, ping()).await {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        tokio::time::sleep(POLL).await;
    }
}

async fn ping() -> io::Result<bool> {
    let mut stream = UnixStream::connect(INNER_ENGINE_SOCKET).await?;
    stream
        .write_all(b"GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n")
        .await?;
    let mut answer = [0; 64];
    let count = stream.read(&mut answer).await?;
    let status = String::from_utf8_lossy(&answer[..count]);
    Ok(status.split_whitespace().nth(1) == Some("200"))
}

fn failed(what: &str) -> Failure {
    let last = journal::last_lines(INNER_ENGINE_KEY, LAST_LINES);
    let message = format!("the Docker engine inside {what}\n{last}");
    command::failure(FailureCode::InnerEngine, message.trim_end())
}
