//! Clones by the `git` program, so that the person's own credentials work.
//!
//! What is cloned is a stranger's: no hook, no filter and no submodule of it is run, and only the
//! transports of [`super::Remote`] are used. Its server leads git to no other server: the person was
//! asked about this one, and their logins are found by the name of the host.

use super::{Bounds, Remote};
use crate::values::Memory;
use rustix::process::{Pid, Signal, kill_process_group};
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use tokio::io::{AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

/// How many of git's last lines are told when it fails.
const LAST_LINES: usize = 6;

/// Nothing that a server says leads git to another one: no answer of HTTP and no alternate of the dumb
/// protocol, no bundle, no pack of another host, no promisor, no submodule.
const LEADS_NOWHERE: [&str; 5] = [
    "http.followRedirects=false",
    "transfer.bundleURI=false",
    "fetch.uriProtocols=",
    "promisor.acceptFromServer=none",
    "fetch.recurseSubmodules=false",
];

/// Why a repository could not be cloned.
#[derive(Debug, thiserror::Error)]
pub enum CloneError {
    /// There is no `git`.
    #[error("there is no `git` on this machine")]
    NoGit,
    /// It took too long.
    #[error("cloning `{remote}` took longer than {seconds} s")]
    Deadline {
        /// Without its password.
        remote: String,
        /// What was allowed.
        seconds: u64,
    },
    /// It is too large.
    #[error("`{remote}` is larger than {bytes} or has more than {entries} files")]
    TooLarge {
        /// Without its password.
        remote: String,
        /// What was allowed.
        bytes: Memory,
        /// What was allowed.
        entries: usize,
    },
    /// The remote has no such branch, tag or commit.
    #[error("`{remote}` has no branch, tag or commit `{reference}`")]
    NoReference {
        /// Without its password.
        remote: String,
        /// As asked.
        reference: String,
    },
    /// The server leads to another URL.
    #[error("`{remote}` redirects to another URL, which is not followed")]
    Redirected {
        /// Without its password.
        remote: String,
    },
    /// Git failed.
    #[error("cannot clone `{remote}`")]
    Failed {
        /// Without its password.
        remote: String,
        /// Git's last words.
        words: String,
    },
    /// The system refused.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Clones one commit of `remote` into `directory`, which must be empty, telling git's lines as
/// they change. Answers the commit. Nothing of git runs afterwards, also where nobody waits for the end.
///
/// # Errors
/// [`CloneError`]; the directory then holds rubbish.
pub async fn clone(
    remote: &Remote,
    directory: &Path,
    bounds: Bounds,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<String, CloneError> {
    let too_large = || CloneError::TooLarge {
        remote: remote.to_string(),
        bytes: Memory::bytes(bounds.bytes),
        entries: bounds.entries,
    };
    let outcome = tokio::select! {
        outcome = fetch(remote, directory, &bounds, tell) => outcome,
        () = bounds.exceeded(directory) => return Err(too_large()),
        () = tokio::time::sleep(bounds.deadline) => return Err(CloneError::Deadline {
            remote: remote.to_string(),
            seconds: bounds.deadline.as_secs(),
        }),
    };
    // It may have grown since it was measured, and a file that is too large ends git.
    if bounds.has_room(directory) {
        outcome
    } else {
        Err(too_large())
    }
}

async fn fetch(
    remote: &Remote,
    directory: &Path,
    bounds: &Bounds,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<String, CloneError> {
    let run = async |arguments: &[&str]| git(directory, arguments, bounds, tell).await;
    expect(remote, run(&["init", "--quiet", "--template="]).await?)?;
    run_no_filter(directory)?;
    let reference = remote.reference.as_deref().unwrap_or("HEAD");
    let shallow = [
        "fetch",
        "--progress",
        "--no-tags",
        "--depth",
        "1",
        "--",
        &remote.url,
        reference,
    ];
    let fetched = run(&shallow).await?;
    let wanted = if fetched.0.success() {
        "FETCH_HEAD"
    } else if is_commit(reference) && is_missing(&fetched.1) {
        // Not every server gives a commit by its number: then everything is fetched.
        let all = [
            "fetch",
            "--progress",
            "--",
            &remote.url,
            "+refs/*:refs/all/*",
        ];
        expect(remote, run(&all).await?)?;
        reference
    } else {
        return expect(remote, fetched).map(|()| String::new());
    };
    let checked_out = run(&["checkout", "--quiet", "--detach", wanted]).await?;
    if wanted == reference && !checked_out.0.success() {
        return Err(no_reference(remote, reference));
    }
    expect(remote, checked_out)?;
    let head = command(directory)
        .args(["rev-parse", "HEAD"])
        .output()
        .await?;
    Ok(String::from_utf8_lossy(&head.stdout).trim().to_string())
}

/// A filter is a program of the person's configuration, and the repository says which of its files
/// it gets. These attributes come before its own.
fn run_no_filter(directory: &Path) -> std::io::Result<()> {
    let info = directory.join(".git/info");
    std::fs::create_dir_all(&info)?;
    std::fs::write(info.join("attributes"), "* -filter\n")
}

fn expect(remote: &Remote, (status, words): (ExitStatus, String)) -> Result<(), CloneError> {
    if status.success() {
        return Ok(());
    }
    let bare = Remote {
        reference: None,
        ..remote.clone()
    };
    match &remote.reference {
        Some(reference) if is_missing(&words) => Err(no_reference(remote, reference)),
        _ if is_redirection(&words) => Err(CloneError::Redirected {
            remote: bare.to_string(),
        }),
        _ => Err(CloneError::Failed {
            remote: remote.to_string(),
            // Git repeats the URL, which may hold a password.
            words: words.replace(&remote.url, &bare.to_string()),
        }),
    }
}

fn no_reference(remote: &Remote, reference: &str) -> CloneError {
    let remote = Remote {
        reference: None,
        ..remote.clone()
    };
    CloneError::NoReference {
        remote: remote.to_string(),
        reference: reference.to_string(),
    }
}

/// Git's words (in the C locale) for a reference that the remote does not have, or will not give.
fn is_missing(words: &str) -> bool {
    [
        "couldn't find remote ref",
        "not our ref",
        "unadvertised object",
    ]
    .iter()
    .any(|known| words.contains(known))
}

/// Git's words for an answer of HTTP that leads elsewhere. Git says `HTTP 302` of a request that sends
/// something.
fn is_redirection(words: &str) -> bool {
    [
        "The requested URL returned error: 30",
        "RPC failed; HTTP 30",
    ]
    .iter()
    .any(|known| words.contains(known))
}

fn is_commit(reference: &str) -> bool {
    (7..=64).contains(&reference.len()) && reference.chars().all(|c| c.is_ascii_hexdigit())
}

fn command(directory: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(directory)
        .args([
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "core.fsmonitor=false",
        ])
        .args([
            "-c",
            "submodule.recurse=false",
            "-c",
            "advice.detachedHead=false",
        ])
        .args(LEADS_NOWHERE.iter().flat_map(|setting| ["-c", setting]))
        // Each thread has memory of its own.
        .args(["-c", "pack.threads=4"])
        .env("LC_ALL", "C")
        .env("GIT_ALLOW_PROTOCOL", "https:http:ssh:git:file")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_LFS_SKIP_SMUDGE", "1")
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .stdin(Stdio::null())
        // Whatever it starts ends with it.
        .process_group(0)
        .kill_on_drop(true);
    if std::env::var_os("GIT_SSH_COMMAND").is_none() && std::env::var_os("GIT_SSH").is_none() {
        // Nobody answers a question that is asked under a progress line.
        command.env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
    }
    command
}

/// The processes of a child that leads a group; they end with this.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(Pid::from_raw))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // Most of the time all of them have ended.
            let _gone = kill_process_group(group, Signal::KILL);
        }
    }
}

/// Runs git and answers its status and last words, telling every line of its progress.
async fn git(
    directory: &Path,
    arguments: &[&str],
    bounds: &Bounds,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<(ExitStatus, String), CloneError> {
    let mut command = command(directory);
    command.args(arguments).stderr(Stdio::piped());
    let child = bounds.spawn(&mut command);
    let mut child = child.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => CloneError::NoGit,
        _ => error.into(),
    })?;
    // It goes before the child does, so that nobody else has its number when nobody waits for the end.
    let _group = Group::of(&child);
    let mut lines = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        let mut stderr = BufReader::new(stderr);
        let mut line = Vec::new();
        loop {
            let byte = stderr.read_u8().await;
            // Progress overwrites its line.
            if matches!(byte, Ok(b'\n' | b'\r') | Err(_)) {
                let text = String::from_utf8_lossy(&line).trim().to_string();
                line.clear();
                if !text.is_empty() {
                    tell(&text);
                    lines.push(text);
                    if lines.len() > LAST_LINES {
                        lines.remove(0);
                    }
                }
            }
            match byte {
                Ok(b'\n' | b'\r') => {}
                // A line without an end is no reason to keep all of it.
                Ok(byte) if line.len() < 4096 => line.push(byte),
                Ok(_) => {}
                Err(_) => break,
            }
        }
    }
    Ok((child.wait().await?, lines.join("\n")))
}

#[cfg(test)]
mod tests;
