//! The processes that were started through the guest, from start to exit.

use super::command::{self, failure};
use super::ends::Ends;
use super::journal::Journal;
use super::mounts::Gate;
use super::output::{Output, RETAINED, Reader};
use super::spawn;
use super::spawn::apart::Numbers;
use super::spawn::descriptor::Descriptor;
use super::stdin::Stdin;
use crate::guest::frame::Kind;
use crate::guest::message::{Account, Exit, Failure, FailureCode, ProcessInfo, Size, Start};
use bytes::Bytes;
use rustix::process::{Pid, Signal, WaitOptions};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::Notify;

/// How much is read from a process at a time.
const READ: usize = 64 * 1024;
/// How many ended agents are remembered.
const REMEMBERED: usize = 16;
/// How much of an ended agent's output is remembered.
const LAST_WORDS: usize = 64 * 1024;

/// One process.
pub struct Process {
    pub id: u64,
    pid: Pid,
    /// How it was started; the environment only of an agent, which may be started again.
    recipe: Start,
    started_at: u64,
    ended: Cell<Option<(Exit, u64)>>,
    reaped: Notify,
    finished: Flag,
    terminal: Option<Rc<Descriptor>>,
    stdout_closed: Flag,
    pub output: Rc<Output>,
    pub stdin: Rc<Stdin>,
}

/// Something that happens once and stays so.
#[derive(Default)]
struct Flag {
    is_raised: Cell<bool>,
    changed: Notify,
}

impl Flag {
    fn raise(&self) {
        self.is_raised.set(true);
        self.changed.notify_waiters();
    }

    async fn wait(&self) {
        while !self.is_raised.get() {
            self.changed.notified().await;
        }
    }
}

/// One buffer for all: an idle process holds none, and memory does not grow with sessions.
struct Shared {
    buffer: RefCell<Vec<u8>>,
}

/// All processes of this sandbox.
pub struct Processes {
    /// Shut until the mounts are known to be right.
    pub gate: Gate,
    shared: Rc<Shared>,
    account: Account,
    workdir: String,
    apart: Option<Numbers>,
    table: RefCell<BTreeMap<u64, Rc<Process>>>,
    next: Cell<u64>,
}

impl Processes {
    pub fn new(account: Account, workdir: String) -> Rc<Self> {
        Self::apart(account, workdir, None)
    }

    /// Those of a container in which each is started in a user namespace apart, with these numbers.
    pub fn apart(account: Account, workdir: String, apart: Option<Numbers>) -> Rc<Self> {
        Rc::new(Self {
            apart,
            gate: Gate::new(),
            shared: Rc::new(Shared {
                buffer: RefCell::new(vec![0; READ]),
            }),
            account,
            workdir,
            table: RefCell::default(),
            next: Cell::new(1),
        })
    }

    /// Starts a process; its output is kept until a reader comes.
    ///
    /// # Errors
    /// [`Failure`] with the code that says which part cannot be had.
    pub fn start(self: &Rc<Self>, start: Start) -> Result<(Rc<Process>, Reader), Failure> {
        self.gate.check()?;
        // Before it starts, so that what it finds there does not depend on who is faster.
        let journal = start.key.as_deref().map(Journal::open);
        let spawned = self.spawn(&start)?;
        let broken = |error: std::io::Error| failure(FailureCode::Other, error.to_string());
        let ends = Ends::of(spawned.streams).map_err(broken)?;
        let mut recipe = start;
        if recipe.key.is_none() {
            recipe.env.clear();
        }
        let id = self.next.replace(self.next.get() + 1);
        let is_terminal = ends.terminal.is_some();
        let process = Rc::new(Process {
            id,
            pid: spawned.pid,
            recipe,
            started_at: now(),
            ended: Cell::new(None),
            reaped: Notify::new(),
            finished: Flag::default(),
            output: Output::new(if is_terminal { RETAINED } else { 0 }),
            terminal: ends.terminal,
            stdout_closed: Flag::default(),
            stdin: Rc::default(),
        });
        let reader = process.output.reader();
        self.table.borrow_mut().insert(id, Rc::clone(&process));
        if let Some(sink) = ends.sink {
            tokio::task::spawn_local(Rc::clone(&process.stdin).pump(sink));
        }
        let supervised = Rc::clone(self).supervise(Rc::clone(&process), ends.sources, journal);
        tokio::task::spawn_local(supervised);
        Ok((process, reader))
    }

    fn spawn(&self, start: &Start) -> Result<spawn::Spawned, Failure> {
        let mut command = command::resolve(start, &self.account, &self.workdir)?;
        command.identity.apart.clone_from(&self.apart);
        let spawned = spawn::spawn(
            &command.program,
            &start.argv,
            &command.env,
            &command.cwd,
            &command.identity,
            start.tty,
            start.stdin,
        );
        spawned.map_err(|error| describe(&error, &command.program.to_string_lossy()))
    }

    /// Reads a process to its end, then forgets or remembers it.
    async fn supervise(
        self: Rc<Self>,
        process: Rc<Process>,
        sources: Vec<(Kind, Rc<Descriptor>)>,
        journal: Option<Journal>,
    ) {
        let journal = Rc::new(RefCell::new(journal));
        let pumps: Vec<_> = sources
            .into_iter()
            .map(|(kind, source)| {
                tokio::task::spawn_local(Rc::clone(&process).pump(
                    kind,
                    source,
                    Rc::clone(&self.shared),
                    Rc::clone(&journal),
                ))
            })
            .collect();
        for pump in pumps {
            drop(pump.await);
        }
        process.exit().await;
        process.stdin.close();
        process.output.complete();
        process.finished.raise();
        if process.recipe.key.is_none() {
            self.table.borrow_mut().remove(&process.id);
            return;
        }
        process.output.shrink(LAST_WORDS);
        self.forget_old();
    }

    /// Forgets what has ended long ago, but never the last of an agent.
    fn forget_old(&self) {
        let mut table = self.table.borrow_mut();
        let mut keys = BTreeSet::new();
        let mut is_old =
            |p: &Rc<Process>| !keys.insert(p.recipe.key.clone()) && p.ended.get().is_some();
        let old: Vec<u64> = table
            .values()
            .rev()
            .filter(|p| is_old(p))
            .map(|p| p.id)
            .collect();
        for id in old.iter().skip(REMEMBERED) {
            table.remove(id);
        }
    }

    /// The newest process of an agent.
    pub fn of_key(&self, key: &str) -> Option<Rc<Process>> {
        let table = self.table.borrow();
        let mut found = table.values().rev();
        found
            .find(|process| process.recipe.key.as_deref() == Some(key))
            .cloned()
    }

    /// The processes of an agent that have not ended.
    pub fn running(&self, key: &str) -> Vec<Rc<Process>> {
        let table = self.table.borrow();
        let is_it = |process: &&Rc<Process>| {
            process.recipe.key.as_deref() == Some(key) && process.ended.get().is_none()
        };
        table.values().filter(is_it).cloned().collect()
    }

    /// The process of this identifier.
    ///
    /// # Errors
    /// `NoProcess` when it is not, or no longer, known.
    pub fn find(&self, id: u64) -> Result<Rc<Process>, Failure> {
        self.table.borrow().get(&id).cloned().ok_or_else(|| {
            failure(
                FailureCode::NoProcess,
                format!("there is no process {id} in the sandbox"),
            )
        })
    }

    pub fn list(&self) -> Vec<ProcessInfo> {
        self.table.borrow().values().map(|p| p.info()).collect()
    }

    /// True once every client has heard how its process ended.
    pub fn all_delivered(&self) -> bool {
        let table = self.table.borrow();
        table.values().all(|process| process.output.readers() == 0)
    }

    /// Takes every child that has ended, ours or adopted.
    pub fn reap(&self) {
        while let Ok(Some((pid, status))) = rustix::process::wait(WaitOptions::NOHANG) {
            if !status.exited() && !status.signaled() {
                continue;
            }
            let table = self.table.borrow();
            if let Some(process) = table
                .values()
                .find(|p| p.pid == pid && p.ended.get().is_none())
            {
                let exit = Exit {
                    code: status.exit_status(),
                    signal: status.terminating_signal(),
                };
                process.ended.set(Some((exit, now())));
                process.reaped.notify_waiters();
            }
        }
    }
}

impl Process {
    pub fn info(&self) -> ProcessInfo {
        ProcessInfo {
            id: self.id,
            key: self.recipe.key.clone(),
            argv: self.recipe.argv.clone(),
            pid: self.pid.as_raw_nonzero().get(),
            tty: self.terminal.is_some(),
            attached: self.output.readers(),
            started_at: self.started_at,
            ended_at: self.ended.get().map(|(_, at)| at),
            exit: self.ended.get().map(|(exit, _)| exit),
        }
    }

    /// An agent with a terminal outlives its client, as a shell in a terminal multiplexer does, and
    /// one that was started to go on by itself outlives whoever came to it later.
    pub fn survives_its_client(&self) -> bool {
        self.recipe.key.is_some() && (self.terminal.is_some() || self.recipe.detached)
    }

    /// The session that it began: what it starts is in it, unless that begins one of its own.
    pub fn session(&self) -> Pid {
        self.pid
    }

    /// How it was started.
    pub fn recipe(&self) -> Start {
        self.recipe.clone()
    }

    /// Waits for the end, and until everything it wrote is in its log.
    pub async fn finished(&self) -> Exit {
        self.finished.wait().await;
        self.exit().await
    }

    /// Waits for the end.
    pub async fn exit(&self) -> Exit {
        loop {
            if let Some((exit, _)) = self.ended.get() {
                return exit;
            }
            self.reaped.notified().await;
        }
    }

    pub fn resize(&self, size: Size) {
        if let Some(terminal) = &self.terminal {
            // A terminal that is gone has no size; its process is about to be reaped.
            let _gone = spawn::resize(terminal.as_fd(), size);
        }
    }

    /// Signals the process and everything in its session's first group.
    pub fn signal(&self, number: i32) {
        let Some(signal) = Signal::from_named_raw(number) else {
            return;
        };
        if self.ended.get().is_none() {
            // It may have ended a moment ago: then there is nothing left to signal.
            let _gone = rustix::process::kill_process_group(self.pid, signal);
        }
    }

    /// The client's standard output is closed, so the process's is too.
    pub fn close_stdout(&self) {
        self.stdout_closed.raise();
    }

    /// The process ended, yet something that it left behind holds its output: let that go on
    /// writing into nothing rather than die of a broken pipe.
    fn leave(&self, source: Rc<Descriptor>, shared: Rc<Shared>) {
        if self.terminal.is_some() {
            return;
        }
        tokio::task::spawn_local(async move {
            while source.ready().await.is_ok() {
                let read = source.read_now(&mut shared.buffer.borrow_mut());
                if matches!(read, Ok(Some(0)) | Err(_)) {
                    return;
                }
            }
        });
    }

    async fn pump(
        self: Rc<Self>,
        kind: Kind,
        source: Rc<Descriptor>,
        shared: Rc<Shared>,
        journal: Rc<RefCell<Option<Journal>>>,
    ) {
        let mut is_ending = false;
        loop {
            tokio::select! {
                () = self.output.room() => {}
                () = self.stdout_closed.wait(), if kind == Kind::Stdout => return,
            }
            if !is_ending {
                tokio::select! {
                    ready = source.ready() => if ready.is_err() { return; },
                    _ = self.exit() => is_ending = true,
                    () = self.stdout_closed.wait(), if kind == Kind::Stdout => return,
                }
            }
            let bytes = {
                let mut buffer = shared.buffer.borrow_mut();
                match source.read_now(&mut buffer) {
                    Ok(Some(count @ 1..)) => Bytes::copy_from_slice(&buffer[..count]),
                    Ok(None) if is_ending => return self.leave(source, Rc::clone(&shared)),
                    Ok(None) => continue,
                    Ok(Some(_)) | Err(_) => return,
                }
            };
            if let Some(journal) = journal.borrow_mut().as_mut() {
                journal.append(&bytes);
            }
            self.output.push(kind, bytes);
        }
    }
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

fn describe(error: &std::io::Error, program: &str) -> Failure {
    match error.kind() {
        std::io::ErrorKind::NotFound => failure(
            FailureCode::NotFound,
            format!("`{program}` needs an interpreter that is not in the sandbox"),
        ),
        std::io::ErrorKind::PermissionDenied => failure(
            FailureCode::NotExecutable,
            format!("`{program}` may not be executed"),
        ),
        _ if error.raw_os_error() == Some(8) => failure(
            FailureCode::NotExecutable,
            format!("`{program}` is not a program for this machine"),
        ),
        _ => failure(
            FailureCode::Other,
            format!("cannot start `{program}`: {error}"),
        ),
    }
}
