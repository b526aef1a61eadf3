//! Starts one process with its own session, its identity and a terminal or pipes.
//!
//! Unsafe code is here and in [`super::memory`]: a controlling terminal and an identity can only be taken
//! between fork and exec (that closure makes system calls and nothing else), and the event loop
//! must be promised that a descriptor stays open while it is watched.

#![expect(
    unsafe_code,
    reason = "`pre_exec` is the only place to take a session, a terminal and an identity"
)]

pub mod apart;
pub mod descriptor;

use crate::guest::message::Size;
use rustix::fs::{Gid, Uid};
use rustix::process::Pid;
use rustix::pty::OpenptFlags;
use rustix::termios::Winsize;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// Who a process runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub uid: u32,
    pub gid: u32,
    pub groups: Vec<u32>,
    /// Whether programs such as sudo may raise it.
    pub may_gain_privileges: bool,
    /// The numbers of a user namespace of its own, where it has one.
    pub apart: Option<apart::Numbers>,
}

/// A process that was started, with our ends of what it reads and writes.
pub struct Spawned {
    pub pid: Pid,
    pub streams: Streams,
}

/// How we talk to it.
pub enum Streams {
    Terminal(OwnedFd),
    Pipes {
        stdin: Option<OwnedFd>,
        stdout: OwnedFd,
        stderr: OwnedFd,
    },
}

/// Starts `program` with `argv` (whose first word is the name it sees).
///
/// # Errors
/// What the system said of the directory, the terminal or the program.
pub fn spawn(
    program: &Path,
    argv: &[String],
    env: &BTreeMap<String, String>,
    cwd: &Path,
    identity: &Identity,
    tty: Option<Size>,
    wants_stdin: bool,
) -> io::Result<Spawned> {
    let mut command = Command::new(program);
    if let [name, arguments @ ..] = argv {
        command.arg0(OsStr::new(name)).args(arguments);
    }
    command.env_clear().envs(env).current_dir(cwd);
    let master = if let Some(size) = tty {
        Some(attach_terminal(&mut command, size, identity)?)
    } else {
        let stdin = if wants_stdin {
            Stdio::piped()
        } else {
            Stdio::null()
        };
        command.stdin(stdin);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        None
    };
    let groups: Vec<Gid> = identity.groups.iter().map(|g| Gid::from_raw(*g)).collect();
    let (uid, gid) = (Uid::from_raw(identity.uid), Gid::from_raw(identity.gid));
    let (has_terminal, locked) = (master.is_some(), !identity.may_gain_privileges);
    let (entrance, mapper) = identity
        .apart
        .as_ref()
        .map(apart::prepare)
        .transpose()?
        .unzip();
    // SAFETY: only system calls on values made before the fork; no allocation, no lock.
    unsafe {
        command.pre_exec(move || {
            rustix::process::setsid()?;
            if has_terminal {
                rustix::process::ioctl_tiocsctty(rustix::stdio::stdin())?;
            }
            if let Some(entrance) = &entrance {
                entrance.enter()?;
            }
            rustix::thread::set_thread_groups(&groups)?;
            rustix::thread::set_thread_res_gid(gid, gid, gid)?;
            rustix::thread::set_thread_res_uid(uid, uid, uid)?;
            if entrance.is_some() {
                apart::Entrance::keep_mapping()?;
            }
            if locked {
                rustix::thread::set_no_new_privs(true)?;
            }
            Ok(())
        });
    }
    let spawned = command.spawn();
    // With it goes our end of what the mapper waits for.
    drop(command);
    let mut child = match mapper {
        None => spawned?,
        Some(mapper) => mapper
            .finish()
            .and(spawned)
            .map_err(|error| apart::refused(&error))?,
    };
    let pid = Pid::from_child(&child);
    let streams = match master {
        Some(master) => Streams::Terminal(master),
        None => Streams::Pipes {
            stdin: child.stdin.take().map(OwnedFd::from),
            stdout: child.stdout.take().map(OwnedFd::from).ok_or_else(lost)?,
            stderr: child.stderr.take().map(OwnedFd::from).ok_or_else(lost)?,
        },
    };
    Ok(Spawned { pid, streams })
}

fn lost() -> io::Error {
    io::Error::other("a pipe was lost")
}

/// Opens a terminal, gives its far end to `command`, and returns ours.
fn attach_terminal(command: &mut Command, size: Size, identity: &Identity) -> io::Result<OwnedFd> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let master = rustix::pty::openpt(flags)?;
    rustix::pty::unlockpt(&master)?;
    let far = rustix::pty::ioctl_tiocgptpeer(&master, flags)?;
    resize(&master, size)?;
    rustix::fs::fchown(&far, Some(Uid::from_raw(identity.uid)), None)?;
    command.stdin(far.try_clone()?);
    command.stdout(far.try_clone()?).stderr(far);
    Ok(master)
}

/// Tells a terminal its size; its foreground process group gets SIGWINCH.
pub fn resize(master: &OwnedFd, size: Size) -> io::Result<()> {
    let winsize = Winsize {
        ws_row: size.rows,
        ws_col: size.cols,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    Ok(rustix::termios::tcsetwinsize(master, winsize)?)
}
