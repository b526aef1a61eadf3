//! A session: the person's terminal or pipes, connected with a process in a sandbox.
//!
//! Output is the process's byte for byte. Signals reach the process; detach keys and a terminal
//! that goes away leave an agent running. The terminal is restored on every way out.

pub mod crowd;
mod detach;
mod form;
pub mod heed;
mod input;
mod streams;
mod terminal;

pub use detach::{DetachKeys, KeysError};
pub use form::Form;

use crate::guest::client::{Client, ClientError, Event, Events, Input};
use crate::guest::frame::Kind;
use crate::guest::message::{Exit, FailureCode, Prepare, Reply, Request, Size, Start};
use form::Lines;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};
use streams::Told;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

const SIGHUP: i32 = 1;
const SIGINT: i32 = 2;
const SIGTERM: i32 = 15;
/// What is kept of an answer, in bytes.
const COLLECTED: usize = 1024 * 1024;
/// How long an agent may take to end after its client's terminal went away.
const LEAVE: Duration = Duration::from_secs(2);

/// Three signals within this time end `dp` itself.
const INSIST: Duration = Duration::from_secs(5);
/// How long a guest may let us wait for what is written already, all waits together.
const WRITTEN: Duration = Duration::from_secs(60);
/// More than a guest keeps of a log.
const LOG_LIMIT: usize = 64 * 1024 * 1024;

/// What is wanted of a session.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Renewed before the process starts.
    pub prepare: Option<Prepare>,
    /// The process.
    pub start: Start,
    /// Programs to try in place of the first word when it is missing.
    pub alternatives: Vec<String>,
    /// Come back to a detached terminal of the same agent instead, if there is one.
    pub resume: Resume,
    /// Attach to this process instead of starting one.
    pub attach: Option<u64>,
    /// SIGINT leaves the process instead of reaching it: it was there before, and has no terminal
    /// whose keys could leave it.
    pub interrupt_leaves: bool,
    /// The host's certificate authorities, sent when the sandbox asks for them.
    pub authorities: Option<String>,
    /// The keys that leave the session.
    pub detach_keys: DetachKeys,
}

/// Which detached terminals a session may come back to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Resume {
    /// None: a new process it is.
    #[default]
    Never,
    /// One that was started with the same arguments.
    Same,
    /// Any: the person asked for nothing in particular.
    Any,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The process ended.
    Exited(Exit),
    /// The process goes on.
    Detached,
    /// It was started to go on by itself.
    Started,
    /// A signal came before there was a process to pass it to, or the third in a row.
    Interrupted(u8),
    /// Our terminal went away, and the process goes on.
    HungUp,
}

/// What a session tells on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Something that could not be done inside.
    Warning(String),
    /// An agent that was left running is back.
    Resumed {
        /// Seconds since it was started.
        age: u64,
    },
}

/// Both standard streams are terminals.
#[must_use]
pub fn is_interactive() -> bool {
    terminal::is_interactive()
}

/// The size of the person's terminal.
#[must_use]
pub fn size() -> Option<Size> {
    terminal::size()
}

/// Runs a session to its end; whatever `signals` heard by then is for it.
///
/// # Errors
/// [`ClientError`]: `Refused` when the process could not be started.
pub async fn run(
    stream: UnixStream,
    wanted: Wanted,
    mut signals: Signals,
    notify: impl Fn(Notice) + Send + 'static,
) -> Result<Outcome, ClientError> {
    let (control, mut controls) = oneshot::channel();
    let is_kept = wanted.start.key.is_some();
    let interrupt_leaves = wanted.interrupt_leaves;
    let mut work = tokio::task::spawn_blocking(move || drive(stream, wanted, control, &notify));
    let begun = loop {
        tokio::select! {
            biased;
            begun = &mut controls => break begun,
            caught = signals.next() => if let Some(signal) = caught.number() {
                return Ok(Outcome::Interrupted(signal));
            },
        }
    };
    let Ok((input, guard)) = begun else {
        // It ended, or failed, before there was a process to talk to.
        return joined(work.await);
    };
    // The window may have changed since its size was asked for the process's start.
    if let Some(size) = terminal::size().filter(|_| guard.is_some()) {
        let _gone = input.tell(&Request::Resize(size));
    }
    let teller = streams::teller(input.clone());
    let tell = |request| {
        // A process that is gone needs to hear nothing: the next event says so.
        let _gone = teller.send(Told::Request(request));
    };
    let mut insistence = Insistence::default();
    let outcome = loop {
        tokio::select! {
            ended = &mut work => break joined(ended),
            outcome = streams::left() => break Ok(outcome),
            caught = signals.next() => match caught {
                Caught::Resize | Caught::Continue => {
                    if let Some(guard) = &guard {
                        guard.renew();
                        if let Some(size) = terminal::size() {
                            tell(Request::Resize(size));
                        }
                    }
                }
                Caught::HangUp if guard.is_some() => break Ok(Outcome::HungUp),
                Caught::HangUp => tell(Request::Signal { signal: SIGHUP }),
                Caught::Interrupt if interrupt_leaves => break Ok(Outcome::Detached),
                Caught::Interrupt | Caught::Terminate if insistence.is_last() => {
                    break Ok(Outcome::Interrupted(caught.number().unwrap_or_default()));
                }
                Caught::Interrupt => tell(Request::Signal { signal: SIGINT }),
                Caught::Terminate => tell(Request::Signal { signal: SIGTERM }),
            },
        }
    };
    let is_left = matches!(outcome, Ok(Outcome::HungUp | Outcome::Detached));
    if is_left && !work.is_finished() {
        // Without a detach, the guest ends what nobody can come back to.
        let _gone = teller.send(if is_kept {
            Told::Request(Request::Detach)
        } else {
            Told::Close
        });
        let _late = tokio::time::timeout(LEAVE, &mut work).await;
    }
    if let Some(guard) = guard {
        guard.leave(match outcome {
            Ok(Outcome::Exited(exit)) if exit.code.is_some() => terminal::Left::Tidy,
            Ok(Outcome::Exited(_)) => terminal::Left::Killed,
            _ => terminal::Left::Behind,
        });
    }
    outcome
}

fn joined<T>(
    joined: Result<Result<T, ClientError>, tokio::task::JoinError>,
) -> Result<T, ClientError> {
    joined.unwrap_or_else(|error| Err(std::io::Error::other(error).into()))
}

/// The blocking half: asks for the process, then copies until it ends.
fn drive(
    stream: UnixStream,
    wanted: Wanted,
    control: oneshot::Sender<(Input, Option<terminal::Raw>)>,
    notify: &impl Fn(Notice),
) -> Result<Outcome, ClientError> {
    let mut client = Client::new(stream)?;
    if let Some(prepare) = &wanted.prepare {
        let warnings = renew(&mut client, prepare, wanted.authorities.as_ref())?;
        warnings.into_iter().map(Notice::Warning).for_each(notify);
    }
    let is_terminal = wanted.start.tty.is_some();
    let mut attach = wanted.attach;
    if attach.is_none() && wanted.resume != Resume::Never && is_terminal {
        attach = detached(&mut client, &wanted, notify)?;
    }
    // Before the first byte is written or typed; restored when there is nothing to start.
    let guard = is_terminal.then(terminal::Raw::enter).transpose()?;
    match attach {
        Some(id) => {
            let size = wanted.start.tty;
            client.call(&Request::Attach { id, size })?;
        }
        None => start(&mut client, &wanted)?,
    }
    if wanted.start.detached {
        return Ok(Outcome::Started);
    }
    if attach.is_some() {
        streams::clear_screen();
    }
    let (input, events) = client.split()?;
    let modes = guard.as_ref().map(terminal::Raw::watched);
    // The other half went away only if the runtime did.
    let _gone = control.send((input.clone(), guard));
    let keys = (is_terminal && wanted.start.key.is_some()).then_some(wanted.detach_keys);
    if wanted.start.stdin || attach.is_some() {
        streams::feed(input.clone(), keys, is_terminal);
    }
    streams::copy(events, &input, modes.as_deref())
}

/// Sends what is renewed, and the authorities when they are asked for; answers with warnings.
fn renew(
    client: &mut Client,
    prepare: &Prepare,
    authorities: Option<&String>,
) -> Result<Vec<String>, ClientError> {
    let mut answer = client.call(&Request::Prepare(prepare.clone()))?;
    if let (
        Reply::Prepared {
            wants_authorities: true,
            ..
        },
        Some(pem),
    ) = (&answer, authorities)
    {
        answer = client.call(&Request::Prepare(Prepare {
            authorities_pem: Some(pem.clone()),
            ..prepare.clone()
        }))?;
    }
    match answer {
        Reply::Prepared { warnings, .. } => Ok(warnings),
        _ => Ok(Vec::new()),
    }
}

/// The newest terminal of this agent that nobody looks at.
fn detached(
    client: &mut Client,
    wanted: &Wanted,
    notify: &impl Fn(Notice),
) -> Result<Option<u64>, ClientError> {
    let Reply::Processes { processes } = client.call(&Request::List)? else {
        return Ok(None);
    };
    let found = processes
        .into_iter()
        .filter(|process| process.is_detached_session() && process.key == wanted.start.key)
        // The first word may be an alternative.
        .rfind(|process| {
            wanted.resume == Resume::Any || process.argv.get(1..) == wanted.start.argv.get(1..)
        });
    if let Some(process) = &found {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let now = now.map_or(0, |since| since.as_secs());
        let age = now.saturating_sub(process.started_at);
        notify(Notice::Resumed { age });
    }
    Ok(found.map(|process| process.id))
}

fn start(client: &mut Client, wanted: &Wanted) -> Result<(), ClientError> {
    let mut start = wanted.start.clone();
    let mut alternatives = wanted.alternatives.iter();
    loop {
        match client.call(&Request::Start(start.clone())) {
            Ok(_) => return Ok(()),
            Err(ClientError::Refused(failure)) if failure.code == FailureCode::NotFound => {
                let Some(other) = alternatives.next() else {
                    return Err(failure.into());
                };
                start.argv[0].clone_from(other);
            }
            Err(error) => return Err(error),
        }
    }
}

/// Prints what a request answers with on standard output, until it is done or nobody reads it. Lines
/// of what `is_followed` come as they end.
///
/// # Errors
/// [`ClientError`].
pub async fn print(
    stream: UnixStream,
    request: Request,
    form: Form,
    is_followed: bool,
) -> Result<(), ClientError> {
    let work = tokio::task::spawn_blocking(move || {
        let (_input, mut events) = hear(stream, &request)?;
        let mut measure = Measure::of(&request);
        let mut lines = Lines::new(form, is_followed);
        loop {
            match events.wait()? {
                Some(Event::Output(_, bytes)) => {
                    measure.take(&bytes)?;
                    let is_read = match form {
                        Form::Raw => streams::print(&bytes)?,
                        Form::Text { .. } => print_lines(&lines.push(&bytes))?,
                    };
                    if !is_read {
                        return Ok(());
                    }
                }
                Some(Event::Exited(_)) => return print_lines(&lines.rest()).map(|_| ()),
                None => return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into()),
            }
        }
    });
    joined(work.await)
}

/// Prints a text on standard output.
///
/// # Errors
/// [`ClientError::Output`].
pub fn recite(text: &[u8], form: Form) -> Result<(), ClientError> {
    if form == Form::Raw {
        return streams::print(text).map(|_| ());
    }
    let mut lines = Lines::new(form, false);
    if print_lines(&lines.push(text))? {
        print_lines(&lines.rest())?;
    }
    Ok(())
}

/// `false` when whoever reads has had enough.
fn print_lines(lines: &[Vec<u8>]) -> Result<bool, ClientError> {
    for line in lines {
        if !streams::print_line(Kind::Stdout, b"", line)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Asks for something that is answered by output: only what is followed has no end.
fn hear(stream: UnixStream, request: &Request) -> Result<(Input, Events), ClientError> {
    let mut client = Client::new(stream)?;
    client.greet()?;
    client.send(request)?;
    match request {
        Request::Logs { follow: true, .. } => client.split(),
        _ => client.split_within(WRITTEN),
    }
}

/// How much of what [`hear`] hears is passed on.
struct Measure {
    left: usize,
}

impl Measure {
    fn of(request: &Request) -> Self {
        let is_followed = matches!(request, Request::Logs { follow: true, .. });
        Self {
            left: if is_followed { usize::MAX } else { LOG_LIMIT },
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), ClientError> {
        match self.left.checked_sub(bytes.len()) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(ClientError::Garbage("a log without an end".into())),
        }
    }
}

/// Renews what may differ from run to run, before anything is started, and answers with what could
/// not be done.
///
/// # Errors
/// [`ClientError`].
pub async fn prepare(
    stream: UnixStream,
    prepare: Prepare,
    authorities: Option<String>,
) -> Result<Vec<String>, ClientError> {
    let work = tokio::task::spawn_blocking(move || {
        let mut client = Client::new(stream)?;
        renew(&mut client, &prepare, authorities.as_ref())
    });
    joined(work.await)
}

/// What a request answers with, at most [`COLLECTED`] bytes of it.
///
/// # Errors
/// [`ClientError`].
pub async fn collect(stream: UnixStream, request: Request) -> Result<Vec<u8>, ClientError> {
    let work = tokio::task::spawn_blocking(move || {
        let (_input, mut events) = hear(stream, &request)?;
        let mut bytes = Vec::new();
        while let Some(Event::Output(_, more)) = events.wait()? {
            bytes.extend_from_slice(&more);
            if bytes.len() > COLLECTED {
                break;
            }
        }
        Ok(bytes)
    });
    joined(work.await)
}

/// Counts the signals that ask a process to end: whoever sends three within seconds wants `dp` to
/// end, whether the process, or what has taken its guest's place, heeds them or not.
#[derive(Default)]
pub(super) struct Insistence {
    sent: Vec<Instant>,
}

impl Insistence {
    /// This one is the third.
    pub(super) fn is_last(&mut self) -> bool {
        let now = Instant::now();
        self.sent.retain(|sent| now.duration_since(*sent) < INSIST);
        self.sent.push(now);
        self.sent.len() >= 3
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Caught {
    Resize,
    Continue,
    HangUp,
    Interrupt,
    Terminate,
}

impl Caught {
    /// The signal that asks us to end.
    fn number(self) -> Option<u8> {
        match self {
            Self::Resize | Self::Continue => None,
            Self::HangUp => Some(1),
            Self::Interrupt => Some(2),
            Self::Terminate => Some(15),
        }
    }
}

/// The signals that a session hears: it begins to listen before there is a session.
pub struct Signals {
    resize: Signal,
    resume: Signal,
    hang_up: Option<Signal>,
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Listens from now on.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn listen() -> std::io::Result<Self> {
        const CONTINUE: i32 = 18;
        heed::watch();
        Ok(Self {
            resize: signal(SignalKind::window_change())?,
            resume: signal(SignalKind::from_raw(CONTINUE))?,
            // Under nohup it is ignored, and stays so.
            hang_up: (!is_ignored(SIGHUP))
                .then(|| signal(SignalKind::hangup()))
                .transpose()?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// The exit code of the first signal that asks us to end.
    pub async fn end(&mut self) -> u8 {
        loop {
            if let Some(number) = self.next().await.number() {
                return 128 + number;
            }
        }
    }

    async fn next(&mut self) -> Caught {
        let hang_up = async {
            match &mut self.hang_up {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        let caught = tokio::select! {
            _ = self.resize.recv() => Caught::Resize,
            _ = self.resume.recv() => Caught::Continue,
            _ = hang_up => Caught::HangUp,
            _ = self.interrupt.recv() => Caught::Interrupt,
            _ = self.terminate.recv() => Caught::Terminate,
        };
        if caught.number().is_some() {
            heed::heeded();
        }
        caught
    }
}

fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & (1 << (signal - 1)) != 0)
}
