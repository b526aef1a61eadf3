//! What `dp` and the guest say to each other, as JSON in `Request` and `Reply` frames.
//!
//! Wire types: unknown fields are ignored and new fields have defaults, so that an old guest and a
//! newer `dp` understand each other; an unknown request is answered with `unknown-request`.

pub mod mounts;
pub mod set_up;

use mounts::MountsSeen;
use serde::{Deserialize, Serialize};
use set_up::{SetUp, StepReport};
use std::collections::BTreeMap;

/// How many bytes of standard input a client may have under way before it needs [`Reply::Credit`].
pub const STDIN_WINDOW: u32 = 1024 * 1024;

/// How PID 1 is to set the sandbox up; handed over on its command line, so never a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Boot {
    /// Who the agents run as.
    pub account: Account,
    /// Where commands start that name no directory.
    pub workdir: String,
    /// Mounted directories whose top must belong to the account (login and home volumes).
    #[serde(default)]
    pub owned: Vec<String>,
    /// The common git directory of the workspace, where that is a linked worktree.
    #[serde(default)]
    pub git_common: Option<String>,
    /// The Docker engine for the agents.
    #[serde(default)]
    pub docker: Option<Docker>,
}

/// Where the Docker engine for the agents runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Docker {
    /// In the sandbox itself, as root, where its runtime or its privileges allow that.
    Inside,
    /// In a container of its own, which connects to this door.
    Beside(Door),
}

/// The door of a sandbox, where the container of its engine connects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Door {
    /// The abstract name of the socket, in the network namespace that both share.
    pub name: String,
    /// What both sides show each other first, half each: on the host's network others could use the
    /// name. It opens nothing else, and whoever reads it can do more.
    pub token: String,
}

/// How PID 1 of an engine's container is to serve a sandbox; on its command line, so never a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineBoot {
    /// Who the agents of the sandbox run as.
    pub account: Account,
    /// The sandbox's door.
    pub door: Door,
    /// The kernel that the host runs on, as [`MountsSeen::kernel`](mounts::MountsSeen).
    #[serde(default)]
    pub kernel: String,
    /// What must be mounted where.
    #[serde(default)]
    pub places: Vec<mounts::Place>,
}

/// A user that the guest makes resolvable inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Login name, `root` or `agent`.
    pub name: String,
    /// Numeric user.
    pub uid: u32,
    /// Numeric primary group.
    pub gid: u32,
    /// Home directory.
    pub home: String,
    /// Further groups, such as the one of the engine's socket.
    #[serde(default)]
    pub groups: Vec<u32>,
}

/// What a client asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Request {
    /// The first frame of every connection.
    Hello {
        /// The client's [`crate::guest::PROTOCOL`].
        protocol: u16,
        /// The client's release, for people.
        #[serde(default)]
        version: String,
    },
    /// Ask what is mounted: the first question to a sandbox that was started just now.
    Mounts {
        /// Paths inside.
        targets: Vec<String>,
    },
    /// The mounts are right. Until this comes the guest starts nothing.
    Confirm,
    /// Renew what may differ from run to run: git identity and certificates.
    Prepare(Prepare),
    /// Give these variables to every command from now on, for as long as the container lives.
    Keep {
        /// May hold secrets.
        env: BTreeMap<String, String>,
    },
    /// Ask which sources of templates are there.
    Sources,
    /// Make templates ready to run. Each step is told by [`Reply::Step`], the end by
    /// [`Reply::Done`].
    SetUp(SetUp),
    /// Start a process and stay with it.
    Start(Start),
    /// Stay with a process that runs already.
    Attach {
        /// From [`ProcessInfo::id`].
        id: u64,
        /// The size of the client's terminal.
        #[serde(default)]
        size: Option<Size>,
    },
    /// The client's terminal changed.
    Resize(Size),
    /// Signal the process (its whole group) of this connection.
    Signal {
        /// The signal's number on Linux.
        signal: i32,
    },
    /// Nothing more comes for standard input.
    CloseStdin,
    /// The client's standard output is closed: close the process's side of it too.
    CloseStdout,
    /// Leave the process running and end this connection.
    Detach,
    /// List the processes that were started through the guest.
    List,
    /// Signal a process by its identifier.
    Kill {
        /// From [`ProcessInfo::id`].
        id: u64,
        /// The signal's number on Linux.
        signal: i32,
    },
    /// End an agent: SIGTERM, and SIGKILL after a grace.
    Stop {
        /// The agent.
        key: String,
    },
    /// Start an agent again as it was started the last time, ending it first if it runs.
    Restart {
        /// The agent.
        key: String,
    },
    /// Send the log of an agent.
    Logs {
        /// The agent.
        key: String,
        /// At most this many lines from the end; all of them without.
        #[serde(default)]
        tail: Option<usize>,
        /// Go on sending what is added.
        #[serde(default)]
        follow: bool,
    },
}

/// What is renewed at each run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prepare {
    /// The committer's identity; `None` leaves git without one.
    #[serde(default)]
    pub git_name: Option<String>,
    /// See `git_name`.
    #[serde(default)]
    pub git_email: Option<String>,
    /// SHA-256, in hex, of the host's certificate authorities; `None` where they are not wanted.
    #[serde(default)]
    pub authorities: Option<String>,
    /// The PEM bundle itself; sent only after [`Reply::Prepared`] asked for it.
    #[serde(default)]
    pub authorities_pem: Option<String>,
}

/// A process to start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// Program and arguments; at least one.
    pub argv: Vec<String>,
    /// Added to the image's environment.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Working directory; the sandbox's own without.
    #[serde(default)]
    pub cwd: Option<String>,
    /// Another user than the sandbox's account: `uid[:gid]`, or a name inside.
    #[serde(default)]
    pub user: Option<String>,
    /// A terminal of this size; pipes without.
    #[serde(default)]
    pub tty: Option<Size>,
    /// Keep standard input open for [`crate::guest::frame::Kind::Stdin`] frames.
    #[serde(default)]
    pub stdin: bool,
    /// The agent that this process is: logged, listed, and left running when the client goes.
    #[serde(default)]
    pub key: Option<String>,
    /// Do not stay connected: reply `Started` and end.
    #[serde(default)]
    pub detached: bool,
    /// Where an agent of this key runs already, answer with that one.
    #[serde(default)]
    pub unless_running: bool,
}

/// A terminal's size in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Lines.
    pub rows: u16,
    /// Columns.
    pub cols: u16,
}

/// What the guest answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Reply {
    /// The first frame back.
    Hello {
        /// The guest's [`crate::guest::PROTOCOL`].
        protocol: u16,
        /// The guest's release, for people.
        #[serde(default)]
        version: String,
    },
    /// The answer to [`Request::Mounts`].
    Mounts(MountsSeen),
    /// [`Request::Prepare`] was carried out.
    Prepared {
        /// The authorities are not known here yet: send them.
        #[serde(default)]
        wants_authorities: bool,
        /// What could not be done, in words.
        #[serde(default)]
        warnings: Vec<String>,
    },
    /// The answer to [`Request::Sources`].
    Sources {
        /// By template, as they were given to `dp guest unpack`.
        fingerprints: BTreeMap<String, String>,
    },
    /// How far a step of [`Request::SetUp`] has come.
    Step(StepReport),
    /// The process runs.
    Started {
        /// Its identifier in this sandbox.
        id: u64,
    },
    /// So many bytes of standard input were taken.
    Credit {
        /// How many more may be sent.
        bytes: u32,
    },
    /// The process ended; nothing follows.
    Exited(Exit),
    /// The answer to [`Request::List`].
    Processes {
        /// Oldest first.
        processes: Vec<ProcessInfo>,
    },
    /// Done, with nothing to tell.
    Done,
    /// It did not work.
    Failed(Failure),
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Said")]
pub struct Exit {
    /// The exit code, or `None` when a signal ended it.
    pub code: Option<i32>,
    /// The signal's number.
    pub signal: Option<i32>,
}

/// An exit as a guest says it: that may be anything.
#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    code: Option<i32>,
    #[serde(default)]
    signal: Option<i32>,
}

impl TryFrom<Said> for Exit {
    type Error = &'static str;

    /// A code is one byte, and there are 64 signals.
    fn try_from(said: Said) -> Result<Self, &'static str> {
        let is_code = said.code.is_none_or(|code| (0..=255).contains(&code));
        let is_signal = said.signal.is_none_or(|signal| (1..=64).contains(&signal));
        if !is_code || !is_signal {
            return Err("no process exits like this");
        }
        Ok(Self {
            code: said.code,
            signal: said.signal,
        })
    }
}

impl Exit {
    /// As a shell says it: the code, or 128 and the signal.
    #[must_use]
    pub fn status(self) -> u8 {
        let status = self.code.unwrap_or(128 + self.signal.unwrap_or(0));
        u8::try_from(status & 0xff).unwrap_or(u8::MAX)
    }
}

/// A process that was started through the guest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProcessInfo {
    /// Unique in this sandbox since its start.
    pub id: u64,
    /// The agent, if it is one.
    #[serde(default)]
    pub key: Option<String>,
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Inside the sandbox.
    pub pid: i32,
    /// Has a terminal.
    #[serde(default)]
    pub tty: bool,
    /// How many clients are attached.
    #[serde(default)]
    pub attached: usize,
    /// Seconds since 1970.
    pub started_at: u64,
    /// Seconds since 1970.
    #[serde(default)]
    pub ended_at: Option<u64>,
    /// Set once it has ended.
    #[serde(default)]
    pub exit: Option<Exit>,
}

impl ProcessInfo {
    /// Runs with a terminal that nobody looks at.
    #[must_use]
    pub fn is_detached_session(&self) -> bool {
        self.exit.is_none() && self.tty && self.attached == 0
    }
}

/// Why a request was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What kind of failure.
    pub code: FailureCode,
    /// In words, naming the thing.
    pub message: String,
}

/// The kinds of [`Failure`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureCode {
    /// The command is not there.
    NotFound,
    /// The command is there and cannot be executed.
    NotExecutable,
    /// The working directory is not there or cannot be entered.
    NoDirectory,
    /// No such user inside.
    NoUser,
    /// No such process, or no log of it.
    NoProcess,
    /// A step of the set-up failed.
    StepFailed,
    /// The host has not said yet that the mounts are right.
    Unproven,
    /// The guest does not know this request: it is older than the client.
    UnknownRequest,
    /// The two protocols have nothing in common.
    Protocol,
    /// Anything else.
    #[serde(other)]
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_reader_ignores_new_fields_and_a_new_one_fills_the_gaps() {
        let info: ProcessInfo =
            serde_json::from_str(r#"{"id":1,"argv":["a"],"pid":2,"started_at":3,"new":true}"#)
                .expect("unknown fields are allowed");
        assert!(info.key.is_none() && info.exit.is_none());
        let code: FailureCode = serde_json::from_str("\"never-heard\"").expect("other");
        assert_eq!(code, FailureCode::Other);
    }

    #[test]
    fn an_exit_that_no_process_has_is_not_understood() {
        let exit = serde_json::from_str::<Exit>;
        for said in [
            "{}",
            r#"{"code":0}"#,
            r#"{"code":255}"#,
            r#"{"signal":9,"code":null}"#,
        ] {
            assert!(exit(said).is_ok(), "{said}");
        }
        for said in [
            r#"{"code":256}"#,
            r#"{"code":-1}"#,
            r#"{"code":999999}"#,
            r#"{"signal":0}"#,
            r#"{"signal":65}"#,
        ] {
            assert!(exit(said).is_err(), "{said}");
        }
        let reply = serde_json::from_str::<Reply>;
        assert!(reply(r#"{"is":"exited","code":3}"#).is_ok());
        assert!(reply(r#"{"is":"exited","code":999999}"#).is_err());
    }

    #[test]
    fn statuses_are_those_of_a_shell() {
        let table = [
            (Some(0), None, 0),
            (Some(3), None, 3),
            (None, Some(9), 137),
            (None, Some(2), 130),
        ];
        for (code, signal, status) in table {
            assert_eq!(Exit { code, signal }.status(), status);
        }
    }
}
